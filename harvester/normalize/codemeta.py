"""codemeta.json (format "codemeta"): CodeMeta 1 to 3 and what looks like it, whatever its @context says.

Names and meanings are the official crosswalk's (codemeta/crosswalk.csv: the columns codemeta-V1, codemeta-V2 and
publiccode). JSON-LD is read by the last part of each key, without resolving contexts: published files name contexts
that never existed. People are not read; organisations are, where the type says that they are some.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from harvester.model import DEVELOPMENT_STATUSES, Issue, RawItem, Reading
from harvester.normalize.draft import Draft, FoundAt, skipped
from harvester.normalize.json_ld import JsonNode
from harvester.normalize.metadata_file import Content, Unread, json_value, read_file
from harvester.normalize.readers import reads
from harvester.normalize.values import type_of

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
_READ = (
    *("name", "description", "codeRepository", "url", "license", "developmentStatus", "keywords", "softwareVersion"),
    *("applicationCategory", "operatingSystem", "programmingLanguage", "softwareHelp", "isBasedOn"),
    *("datePublished", "dateCreated", "dateModified"),
)
_MAKERS = ("publisher", "producer", "maintainer", "author", "copyrightHolder")
_NOT_SOFTWARE = frozenset(("dataset", "scholarlyarticle", "article", "book"))


@reads("codemeta", version=4)
def read(raw: RawItem) -> Reading:
    """One record. context: {"repository": where the file was found, or null}. What names nothing is refused."""
    return read_file(raw, reading_of)


def reading_of(content: Content, found: FoundAt) -> Reading:
    """One record; what is about no software is skipped. Raises InputError when the file cannot be read."""
    value, issues = json_value(content)
    get = JsonNode(_software(value), _OF_OLD)
    if not _NOT_SOFTWARE.isdisjoint(kind.lower() for kind in get.types()):
        return skipped("it is about no software")
    draft = Draft.of_file(found)
    draft.issues += issues
    draft.declared(get.address("codeRepository") or get.address("hasSourceCode"), place="codeRepository")
    draft.suggests += get.wikidata()
    draft.pages(get.page("url"), *(node.page("url") for node in get.nodes("isSourceCodeOf")))
    draft.texts(get.texts("description"))
    draft.licenses(get.licences(), place="license")
    draft.bodies(get.bodies(*_MAKERS))
    _status(draft, get.labels("developmentStatus"))
    draft.day("release_date", get.text("datePublished"), place="datePublished")
    draft.moment("date_created", get.text("dateCreated"), place="dateCreated")
    draft.moment("date_modified", get.text("dateModified"), place="dateModified")
    draft.values |= {
        "documentation": get.page("softwareHelp"),
        "logo": get.page("logo"),
        "software_type": _software_type(get),
        "software_version": get.text("softwareVersion") or get.text("version"),
        "is_based_on": get.page("isBasedOn"),
        "categories": (*get.labels("applicationCategory"), *get.labels("applicationSubCategory")),
        "topics": get.labels("keywords"),
        "platforms": get.labels("operatingSystem"),
        "programming_languages": get.labels("programmingLanguage"),
    }
    for key, unread in get.unread(_READ):
        draft.doubt("bad-value", place=key, value=unread)
    draft.called(get.text("name"))
    return draft.filed(read.name, key="codemeta.json", priority=PRIORITY)


def _software(value: Any) -> Mapping[str, Any]:
    """The one object that describes software, in a graph or a list of one, too."""
    if isinstance(value, Mapping) and isinstance(value.get("@graph"), list):
        value = value["@graph"]
    if isinstance(value, list):
        nodes = [node for node in value if isinstance(node, Mapping)]
        alike = [node for node in nodes if any("oftware" in kind for kind in JsonNode(node).types())] or nodes
        if len(alike) == 1:
            value = alike[0]
        else:
            raise Unread(Issue.of("several-things", place="@graph", count=len(alike)))
    if not isinstance(value, Mapping):
        raise Unread(Issue.of("json-form", line=1, column=1, found=type_of(value)))
    return value


def _status(draft: Draft, written: tuple[str, ...]) -> None:
    """The first status that is known; a word of repostatus.org or its address."""
    words = [re.split(r"[/#]", said.rstrip("/"))[-1].strip().lower() for said in written]
    known = next((word for word in words if word in _STATUSES), None)
    told = known or (written[0] if words and words[0] not in _NO_STATUS else None)
    terms = "active, wip, concept, inactive, unsupported, abandoned"
    draft.status(told, _STATUSES, place="developmentStatus", terms=terms)


def _software_type(get: JsonNode) -> str | None:
    kinds = [
        *get.types(),
        *(kind for key in ("isSourceCodeOf", "targetProduct") for n in get.nodes(key) for kind in n.types()),
    ]
    return next((_SOFTWARE_TYPES[kind.lower()] for kind in kinds if kind.lower() in _SOFTWARE_TYPES), None)
