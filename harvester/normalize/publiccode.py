"""publiccode.yml, versions 0.1 to the current one: a file in, its fields and its faults out.

A file that breaks the standard's rules still gives a record, with an issue for each fault; only what is no mapping, or
no YAML, is refused. Contacts are personal data and are not read.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from harvester.errors import InputError
from harvester.model import Fields, Identifier, Issue, Outcome, RawItem, Reading, Record
from harvester.normalize import metadata_file
from harvester.normalize.metadata_file import duplicate_keys
from harvester.normalize.publiccode_fields import fields_of
from harvester.normalize.publiccode_keys import modernized
from harvester.normalize.publiccode_values import Faults, Path
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository, repository_url
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


def refusal(error: InputError, *, place: str | None = None) -> Issue:
    """The issue of a file that could not be read at all."""
    return metadata_file.refusal(error, place=place, form="yaml-form")


def record_of(
    parsed: Parsed,
    *,
    repository: str | None,
    identifiers: Sequence[Identifier],
    aliases: Sequence[str] = (),
    defaults: Mapping[str, Any] | None = None,
    priority: int = PRIORITY,
) -> tuple[Record, tuple[Issue, ...]]:
    """A record of a parsed file that was found in `repository`, with the faults that only the place shows.

    `aliases` are other addresses of the repository. A declared url that is none of them only suggests a pair.
    `defaults` fill fields that the file leaves open.
    """
    issues: tuple[Issue, ...] = ()
    suggests: tuple[Identifier, ...] = ()
    declared = canonical_repository(parsed.fields.url) if parsed.fields.url else None
    here = {canonical_repository(address) for address in (repository, *aliases) if address}
    if declared and here and declared not in here:
        suggests = (Identifier("repo", declared),)
        line, column = parsed.document.where(_as_written(("url",), parsed.written))
        issues = (
            Issue.of(
                "url-mismatch", place="url", line=line, column=column, value=parsed.fields.url, repository=repository
            ),
        )
    changes: dict[str, Any] = {
        name: value for name, value in (defaults or {}).items() if not getattr(parsed.fields, name)
    }
    address = repository or (parsed.fields.url if not here else None)
    changes["code_repository"] = repository_url(address) if address else None
    changes["kind"] = "software" if changes["code_repository"] else "service"
    changes["has_publiccode"] = True
    record = Record(
        key="publiccode.yml",
        reader=read.name,
        fields=replace(parsed.fields, **changes),
        identifiers=tuple(dict.fromkeys(identifiers)),
        suggests=suggests,
        priority=priority,
    )
    return record, issues


@reads("publiccode", version=3)
def read(raw: RawItem) -> Reading:
    """A bare file as an item of its own (format "publiccode"). context: {"repository": its address, or null}."""
    try:
        parsed = parse(raw.payload)
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error),))
    repository = raw.context.get("repository")
    canonical = canonical_repository(repository) if repository else None
    identifiers = (Identifier("repo", canonical),) if canonical else ()
    record, issues = record_of(parsed, repository=repository, identifiers=identifiers)
    return Reading(outcome=Outcome.READ, records=(record,), issues=(*parsed.issues, *issues))


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
