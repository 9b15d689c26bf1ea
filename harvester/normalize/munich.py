"""A page of opensource.muenchen.de (format "munich"): Markdown with front matter {title or application, code?,
developer?, developerlink?, license?, licensingmodel?, linkapplication?, tags[]}; the words before the first rule are
the summary."""

from __future__ import annotations

import re

from markdown_it import MarkdownIt

from harvester.errors import InputError
from harvester.model import Fields, Issue, Organisation, Outcome, RawItem, Reading
from harvester.normalize.draft import Where, language_of, reading, said, skipped
from harvester.normalize.licenses import licence
from harvester.normalize.metadata_file import refusal
from harvester.normalize.readers import reads
from harvester.normalize.values import country_of, text, texts
from harvester.normalize.yaml_safe import decode, read_mapping

_FRONT = re.compile(r"\A\ufeff?---[ \t]*\r?\n(.*?)^---[ \t]*\r?$(.*)\Z", re.DOTALL | re.MULTILINE)
_RULE = re.compile(r"^[ \t]*---+[ \t]*\r?$", re.MULTILINE)
_OWN = "eigenentwicklung"
_CITY = "LHM"


@reads("munich", version=3)
def read(raw: RawItem) -> Reading:
    """One record. What the city built is its own; what it runs is used by it.

    context: {"number": the page's name in the catalogue, "publisher": the city, "language", "country"?}.
    """
    page = _FRONT.match(decode(raw.payload)[0])
    if page is None:
        return skipped("a page without front matter")
    try:
        about = read_mapping(page[1]).value if page[1].strip() else {}
    except InputError as error:
        return Reading(outcome=Outcome.REFUSED, issues=(refusal(error, place="front matter"),))
    name = text(about.get("title")) or text(about.get("application"))
    if name is None:
        return skipped("a page that names no application")
    model = text(about.get("licensingmodel"))
    if model and "open" not in model.lower():
        return skipped(f"its licensing model is {model[:80]!r}")
    tags = texts(about.get("tags"))
    code, developer = text(about.get("code")), text(about.get("developer"))
    city, country = text(raw.context.get("publisher")), country_of(raw)
    own = bool(code) and (_OWN in tags or developer == _CITY)
    body = (Organisation(city, None, country),) if own and city else _developer(developer)
    issues: list[Issue] = []
    stated = licence([about.get("license")], issues, place="license")
    fields = Fields(
        name=name,
        short_description=said(_words(_RULE.split(page[2], maxsplit=1)[0]), language_of(raw)),
        **stated,
        organisations=body,
        countries=(country,) if own and country else (),
        topics=tags,
        used_by=(city,) if city else (),
    )
    where = Where(
        repository=code,
        website=text(about.get("developerlink")),
        number=text(raw.context.get("number")),
        place="code",
        site_names=False,  # a developer's site may be that of several applications
    )
    return reading(fields, reader=read.name, where=where, issues=issues)


def _developer(name: str | None) -> tuple[Organisation, ...]:
    return (Organisation(name),) if name and name != _CITY else ()


def _words(markdown: str) -> str:
    """The text of Markdown, without markup, images and raw HTML."""
    found = []
    for block in MarkdownIt("commonmark", {"maxNesting": 20}).parse(markdown):
        inside = (block.children or ()) if block.type == "inline" else ()
        found += [
            token.content or " " for token in inside if token.type in ("text", "code_inline", "softbreak", "hardbreak")
        ]
        found.append(" ")
    return " ".join("".join(found).split())
