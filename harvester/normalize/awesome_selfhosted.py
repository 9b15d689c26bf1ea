"""A program of awesome-selfhosted-data (format "awesome-selfhosted"): software/NAME.yml {name, website_url,
source_code_url, description, licenses[], platforms[], tags[], archived?, stargazers_count?, updated_at?,
current_release?{tag, published_at}}."""

from __future__ import annotations

from datetime import date
from typing import Any

from harvester.errors import InputError
from harvester.model import Basis, Fields, Issue, Outcome, RawItem, Reading
from harvester.normalize.draft import Where, language_of, reading, refused, said, skipped
from harvester.normalize.licenses import licence
from harvester.normalize.metadata_file import refusal
from harvester.normalize.readers import reads
from harvester.normalize.values import flag, mapping, moment, text, texts
from harvester.normalize.yaml_safe import decode, read_mapping

_LANGUAGES = frozenset(
    (
        ".net assembly c c# c++ commonlisp crystal dart elixir erlang go haskell haxe java javascript lua nim"
        " objective-c ocaml perl php plpgsql python ruby rust scala shell typescript"
    ).split()
)
"""Of what the list calls platforms; the others (Docker, K8S, deb, Nodejs) are where it runs."""
_NOT_FREE = "proprietary"  # the list's word for programs whose source may not be used
_FORGE = ("archived", "date_modified", "release_date", "software_version", "stars")


@reads("awesome-selfhosted", version=3)
def read(raw: RawItem) -> Reading:
    """One record. context: {"number": the file's name in the catalogue, "language"?}."""
    try:
        entry = read_mapping(decode(raw.payload)[0]).value
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error),))
    name = text(entry.get("name"))
    if name is None:
        return refused("no-name", place="name", value=entry.get("name"))
    issues: list[Issue] = []
    stated = licence(_list(entry.get("licenses")), issues, place="licenses")
    if _NOT_FREE in (stated["license_text"] or "").lower():
        return skipped(f"its licence is {(stated['license_text'] or '')[:80]!r}")
    platforms = texts(_list(entry.get("platforms")))
    release = mapping(entry.get("current_release"))
    fields = Fields(
        name=name,
        short_description=said(entry.get("description"), language_of(raw)),
        **stated,
        software_version=text(release.get("tag")),
        release_date=_day(release.get("published_at")),
        date_modified=moment(entry.get("updated_at")),
        archived=flag(entry.get("archived")),
        stars=_count(entry.get("stargazers_count")),
        categories=texts(_list(entry.get("tags"))),
        platforms=tuple(each for each in platforms if each.lower() not in _LANGUAGES),
        programming_languages=tuple(each for each in platforms if each.lower() in _LANGUAGES),
    )
    source, website = text(entry.get("source_code_url")), text(entry.get("website_url"))
    where = Where(repository=source, website=website, number=text(raw.context.get("number")), place="source_code_url")
    return reading(fields, reader=read.name, where=where, issues=issues, basis=dict.fromkeys(_FORGE, Basis.FORGE))


def _list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _count(value: Any) -> int | None:
    """A count; YAML's numbers are kept as they were written."""
    written = str(value).replace(",", "") if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return int(written) if written.isascii() and written.isdigit() and len(written) < 12 else None


def _day(value: Any) -> date | None:
    found = moment(value)
    return found.date() if found else None
