"""GNU recutils text, and the entries of Sweden's offentligkod.se in it (format "offentligkod").

Records are blocks of `Field: value` lines; `+` continues a value on a new line of its own, a backslash at a line's end
joins the next one; `#` begins a comment; a block that begins with `%rec` describes those that follow it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from harvester.model import Fields, Issue, RawItem, Reading
from harvester.normalize.draft import Where, language_of, reading, refused, said, skipped
from harvester.normalize.licenses import licence
from harvester.normalize.readers import reads
from harvester.normalize.urls import web_address
from harvester.normalize.values import country_of, text
from harvester.normalize.yaml_safe import decode

_FIELD = re.compile(r"([%A-Za-z][A-Za-z0-9_]*):[ \t]?(.*)")
_SOFTWARE = "programvara"


@dataclass(frozen=True, slots=True)
class Block:
    """One record's text, the line it begins at, and the type that the last `%rec` before it gave."""

    text: str
    line: int
    type: str | None
    describes: bool = False


def blocks(text: str) -> Iterator[Block]:
    """The blocks of a file in their order, the descriptions among them; comments alone are none."""
    kind: str | None = None
    lines: list[str] = []
    begins = 1
    for number, line in enumerate([*text.replace("\r\n", "\n").split("\n"), ""], 1):
        if line.strip():
            begins = begins if lines else number
            lines.append(line)
            continue
        kept, lines = lines, []
        if not any(not each.startswith("#") for each in kept):
            continue
        block = "\n".join(kept)
        described = next((value for name, value in fields(block)[0] if name.lower() == "%rec"), None)
        if described is not None:
            kind = described.split()[0] if described.split() else None
        yield Block(block, begins, kind, described is not None)


def fields(block: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The (field, value) pairs of a block, and the lines that are none."""
    found: list[tuple[str, str]] = []
    strange: list[str] = []
    for line in re.sub(r"\\\n", "", block).split("\n"):
        if line.startswith("#") or not line.strip():
            continue
        field = _FIELD.fullmatch(line)
        if field is not None:
            found.append((field[1], field[2].strip()))
        elif line.startswith("+") and found:
            name, value = found[-1]
            found[-1] = (name, f"{value}\n{line[1:].removeprefix(' ')}".strip())
        else:
            strange.append(line)
    return found, strange


@reads("offentligkod", version=3)
def read(raw: RawItem) -> Reading:
    """One record of a block. context: {"type": the `%rec` before it, "country"?, "language"?}."""
    pairs, strange = fields(decode(raw.payload)[0])
    if strange or not pairs:
        value = strange[0] if strange else None
        return refused("recutils-syntax", value=value)
    kind = text(raw.context.get("type"))
    values: dict[str, list[str]] = {}
    for name, value in pairs:
        if found := text(value):
            values.setdefault(name.lower(), []).append(found)

    def first(*names: str) -> str | None:
        return next((values[name][0] for name in names if name in values), None)

    title = first("name", "namn")
    if title is None:
        if kind is not None and not kind.lower().startswith(_SOFTWARE):
            return skipped(f"a record of the type {kind}, which is no software")
        return refused("no-name", place="Name")
    issues: list[Issue] = []
    stated = licence([*values.get("license", ()), *values.get("licens", ())], issues, place="License")
    country = country_of(raw)
    keywords = tuple(dict.fromkeys(word for line in values.get("keyword", ()) for word in re.split(r"[\s,;]+", line)))
    record = Fields(
        name=title,
        short_description=said(first("description", "beskrivning"), language_of(raw)),
        **stated,
        countries=(country,) if country else (),
        topics=tuple(word for word in keywords if word),
        has_publiccode=True if web_address(first("publiccode")) else None,
        used_by=tuple(dict.fromkeys(values.get("user", ()))),
    )
    where = Where(repository=first("url", "repository"), website=first("homepage", "website"), place="Url")
    return reading(record, reader=read.name, where=where, issues=issues)
