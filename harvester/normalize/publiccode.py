"""publiccode.yml, versions 0.1 to the current one: a file in, its fields and its faults out.

A file that breaks the standard's rules still gives a record, with an issue for each fault; only what is no mapping, or
no YAML, is refused. Contacts are personal data and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields

from harvester.model import Fields, Issue, RawItem, Reading
from harvester.normalize.draft import Draft, FoundAt
from harvester.normalize.metadata_file import Content, duplicate_keys, read_file
from harvester.normalize.publiccode_fields import fields_of
from harvester.normalize.publiccode_keys import modernized
from harvester.normalize.publiccode_values import Faults, Path
from harvester.normalize.readers import reads
from harvester.normalize.urls import repository_url
from harvester.normalize.yaml_safe import YamlDocument, decode, read_mapping

Written = Mapping[tuple[str, ...], tuple[str, ...]]

PRIORITY = 80


@dataclass(frozen=True, slots=True)
class Parsed:
    """A file's fields (without what the repository says), and its faults. `written` are old keys by current ones."""

    fields: Fields
    issues: tuple[Issue, ...]
    document: YamlDocument = field(repr=False)
    written: Written = field(repr=False)


def parse(payload: bytes | str) -> Parsed:
    """The fields and faults of a file. Raises InputError, with line and column, when it is no YAML mapping."""
    faults = Faults()
    if isinstance(payload, bytes):
        text, guessed = decode(payload)
        if guessed:
            faults.add("charset", ())
    else:
        text = payload
    document = read_mapping(text)
    modern, written = modernized(document.value)
    return Parsed(fields_of(modern, faults), _placed(faults, document, written), document, written)


def drafted(parsed: Parsed, found: FoundAt) -> Draft:
    """The draft of a parsed file, with the faults that only its place shows.

    A declared url that is no name of the repository only suggests a pair. A bare file's url says where the source is,
    and names nothing for certain: whose word it is nobody knows.
    """
    known = {each.name: value for each in fields(Fields) if (value := getattr(parsed.fields, each.name))}
    draft = Draft.of_file(found, where=lambda place: parsed.document.where(_as_written((place,), parsed.written)))
    draft.values |= known
    draft.issues += parsed.issues
    if found.repository or found.identifiers:
        draft.elsewhere(parsed.fields.url or "", place="url")
    address = found.repository or (None if found.identifiers else parsed.fields.url)
    draft.values["code_repository"] = repository_url(address) if address else None
    draft.values["kind"] = "software" if draft.values["code_repository"] else "service"
    draft.values["has_publiccode"] = True
    return draft


def reading_of(content: Content, found: FoundAt) -> Reading:
    """One record. Raises InputError, with line and column, when the file is no YAML mapping."""
    return filed(drafted(parse(content), found))


def filed(draft: Draft, *, priority: int = PRIORITY) -> Reading:
    """The one record of a file, without a name where it says none."""
    return draft.filed(read.name, key="publiccode.yml", priority=priority, named_at=None)


@reads("publiccode", version=5)
def read(raw: RawItem) -> Reading:
    """A bare file as an item of its own (format "publiccode"). context: {"repository": its address, or null}."""
    return read_file(raw, reading_of)


def _spelled(path: Path) -> str | None:
    """A path as people write it: "description.it.features[2]"."""
    steps = (f"[{step}]" if isinstance(step, int) else f".{step}" for step in path)
    return "".join(steps).lstrip(".")[:200] or None


def _as_written(path: Path, written: Written) -> Path:
    """A path of the current version in the words of the file."""
    for length in (2, 1):
        head = written.get(tuple(str(step) for step in path[:length]))
        if head is not None:
            return (*head, *path[length:])
    return path


def _placed(faults: Faults, document: YamlDocument, written: Written) -> tuple[Issue, ...]:
    issues = []
    for fault in faults.found:
        path = tuple(fault.path)
        line, column = document.where(_as_written(path, written))
        issues.append(
            Issue.of(fault.code, place=_spelled(path), line=line, column=column, value=fault.value, **fault.args)
        )
    issues += duplicate_keys(document)
    return tuple(issues)
