"""codemeta.json (format "codemeta"): CodeMeta 1 to 3 and what looks like it, whatever its @context says.

Names and meanings are the official crosswalk's (codemeta/crosswalk.csv: the columns codemeta-V1, codemeta-V2 and
publiccode). JSON-LD is read by the last part of each key, without resolving contexts: published files name contexts
that never existed. People are not read; organisations are, where the type says that they are some.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harvester.model import (
    DEVELOPMENT_STATUSES,
    Fields,
    Issue,
    RawItem,
    Reading,
    Record,
)
from harvester.normalize.json_ld import Node
from harvester.normalize.licenses import licence
from harvester.normalize.metadata_file import (
    Content,
    FoundAt,
    Unread,
    day,
    described,
    json_value,
    loose_moment,
    read_file,
    record_of_file,
    standing,
)
from harvester.normalize.readers import reads
from harvester.normalize.urls import canonical_repository

PRIORITY = 70
_OF_OLD = {
    "title": "name",
    "licenseId": "license",
    "licenseid": "license",
    "controlledTerms": "keywords",
    "operatingSystems": "operatingSystem",
    "URL": "url",
}  # codemeta-V1, by the crosswalk
_STATUSES = {
    **{code: code for code in DEVELOPMENT_STATUSES},
    "wip": "development",
    "active": "stable",
    "inactive": "stable",
    "abandoned": "obsolete",
    "unsupported": "obsolete",
    "experimental": "development",
}
"""repostatus.org by its definitions: active and inactive software is usable, abandoned and unsupported has no future.
Suspended and moved say nothing of how mature the software is."""
_NO_STATUS = frozenset(("suspended", "moved", ""))
_SOFTWARE_TYPES = {
    "webapplication": "standalone/web",
    "mobileapplication": "standalone/mobile",
    "desktopapplication": "standalone/desktop",
    "commandlineapplication": "standalone/other",
    "serverapplication": "standalone/backend",
    "softwarelibrary": "library",
}
_DATES = ("datePublished", "dateCreated", "dateModified")
_READ = (
    *("name", "description", "codeRepository", "url", "license", "developmentStatus", "keywords", "softwareVersion"),
    *("applicationCategory", "operatingSystem", "programmingLanguage", "softwareHelp", "isBasedOn", *_DATES),
)
_MAKERS = ("publisher", "producer", "maintainer", "author", "copyrightHolder")
_NOT_SOFTWARE = frozenset(("dataset", "scholarlyarticle", "article", "book"))


@reads("codemeta", version=2)
def read(raw: RawItem) -> Reading:
    """One record. context: {"repository": where the file was found, or null}. What names nothing is refused."""
    return read_file(raw, record_of)


def record_of(content: Content, place: FoundAt) -> tuple[Record | None, tuple[Issue, ...]]:
    """The record of a file (None when it is about no software), and its faults. Raises InputError."""
    value, issues = json_value(content)
    get = Node(_software(value), _OF_OLD)
    if not _NOT_SOFTWARE.isdisjoint(kind.lower() for kind in get.types()):
        return None, issues
    declared = get.address("codeRepository") or get.address("hasSourceCode")
    about = standing(declared, place, key="codeRepository")
    name = get.text("name") or (about.code_repository or "").rpartition("/")[2] or None
    if name is None:
        raise Unread(Issue.of("no-name", place="name"))
    short, long = described(get.texts("description"))
    categories = (*get.labels("applicationCategory"), *get.labels("applicationSubCategory"))
    topics = get.labels("keywords")
    doubts: list[Issue] = []
    stated = licence(get.licences(), doubts, place="license")
    status, faults = _status(get.labels("developmentStatus"))
    fields = Fields(
        name=name[:200],
        kind="software" if about.code_repository else None,
        code_repository=about.code_repository,
        url=declared if place.repository and declared and canonical_repository(declared) else None,
        landing_url=_landing(get, about.code_repository),
        documentation=get.page("softwareHelp"),
        logo=get.page("logo"),
        short_description=short,
        long_description=long,
        **stated,
        development_status=status,
        software_type=_software_type(get),
        software_version=get.text("softwareVersion") or get.text("version"),
        release_date=day(get.text("datePublished")),
        date_created=loose_moment(get.text("dateCreated")),
        date_modified=loose_moment(get.text("dateModified")),
        is_based_on=get.page("isBasedOn"),
        organisations=get.bodies(*_MAKERS),
        countries=(place.country,) if place.country else (),
        categories=categories,
        topics=topics,
        platforms=get.labels("operatingSystem"),
        programming_languages=get.labels("programmingLanguage"),
    )
    unread = [Issue.of("bad-value", place=key, value=value) for key, value in get.unread(_READ)]
    dates = [
        Issue.of("bad-date", place=key, value=said)
        for key in _DATES
        if (said := get.text(key)) and loose_moment(said) is None
    ]
    faults += (*unread, *dates, *doubts)
    record = record_of_file("codemeta.json", read.name, fields, about, suggests=get.wikidata(), priority=PRIORITY)
    return record, (*issues, *about.issues, *faults)


def _software(value: Any) -> Mapping[str, Any]:
    """The one object that describes software, in a graph or a list of one, too."""
    if isinstance(value, Mapping) and isinstance(value.get("@graph"), list):
        value = value["@graph"]
    if isinstance(value, list):
        nodes = [node for node in value if isinstance(node, Mapping)]
        alike = [node for node in nodes if any("oftware" in kind for kind in Node(node).types())] or nodes
        if len(alike) == 1:
            value = alike[0]
        else:
            raise Unread(Issue.of("several-things", place="@graph", count=len(alike)))
    if not isinstance(value, Mapping):
        raise Unread(Issue.of("json-form", line=1, column=1, found="a single value"))
    return value


def _status(written: tuple[str, ...]) -> tuple[str | None, tuple[Issue, ...]]:
    """The first status that is known; a word of repostatus.org or its address."""
    words = [re.split(r"[/#]", said.rstrip("/"))[-1].strip().lower() for said in written]
    found = next((_STATUSES[word] for word in words if word in _STATUSES), None)
    if found or not words or words[0] in _NO_STATUS:
        return found, ()
    return None, (
        Issue.of(
            "unknown-term",
            place="developmentStatus",
            value=written[0],
            terms="active, wip, concept, inactive, unsupported, abandoned",
        ),
    )


def _software_type(get: Node) -> str | None:
    kinds = [
        *get.types(),
        *(kind for key in ("isSourceCodeOf", "targetProduct") for n in get.nodes(key) for kind in n.types()),
    ]
    return next((_SOFTWARE_TYPES[kind.lower()] for kind in kinds if kind.lower() in _SOFTWARE_TYPES), None)


def _landing(get: Node, code_repository: str | None) -> str | None:
    """The software's own page, which is not the repository's."""
    own = canonical_repository(code_repository) if code_repository else None
    found = [get.page("url"), *(node.page("url") for node in get.nodes("isSourceCodeOf"))]
    return next((one for one in found if one and (own is None or canonical_repository(one) != own)), None)
