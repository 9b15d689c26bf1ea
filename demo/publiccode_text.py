"""publiccode.yml texts made from the tools' facts: valid ones, and ones broken on purpose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import yaml

from demo.tools import Broken, Entry, Tool
from harvester.model import USE_CASES
from harvester.words import ENGLISH, packaged

_CATEGORIES: Mapping[str, str] = {
    "open-data-portal": "data-visualization",
    "consultation": "survey",
    "participatory-budgeting": "budgeting",
    "law-making": "regulations-and-directives",
    "deliberation": "online-community",
    "petition": "digital-citizenship",
    "freedom-of-information": "digital-citizenship",
    "issue-reporting": "feedback-and-reviews-management",
    "election-monitoring": "digital-citizenship",
    "transparency-monitoring": "whistleblowing",
    "budget-and-procurement": "procurement",
    "mapping": "geographic-information-systems",
    "crowdsourcing": "data-collection",
    "civic-education": "educational-content",
    "digital-identity": "identity-management",
    "forms-and-procedures": "workflow-management",
    "website-and-design": "design-system",
    "data-tools": "data-analytics",
    "back-office": "document-management",
}
_MORE: Mapping[str, str] = {
    "en": "This description was written for a demonstration. It tells in a few words what the software does, so that "
    "public bodies and citizens find it, look at its source code, and use it again where it suits them.",
    "fr": "Cette description a été écrite pour une démonstration. Elle dit en quelques mots ce que fait le logiciel, "
    "pour que les administrations et les citoyens le trouvent, en lisent le code et le réutilisent s’il leur convient.",
    "it": "Questa descrizione è stata scritta per una dimostrazione. Dice in poche parole che cosa fa il software, "
    "perché enti pubblici e cittadini lo trovino, ne leggano il codice e lo riusino dove serve loro.",
    "de": "Diese Beschreibung wurde für eine Vorführung geschrieben. Sie sagt in wenigen Worten, was die Software tut, "
    "damit Verwaltungen und Bürger sie finden, ihren Quelltext lesen und sie nachnutzen, wo sie ihnen passt.",
    "es": "Esta descripción se escribió para una demostración. Dice en pocas palabras qué hace el programa, para que "
    "las administraciones y la ciudadanía lo encuentren, lean su código y lo reutilicen donde les convenga.",
    "nl": "Deze beschrijving is geschreven voor een demonstratie. Zij zegt in enkele woorden wat de software doet, "
    "zodat overheden en burgers haar vinden, de broncode lezen en haar hergebruiken waar het hun uitkomt.",
}
EMPTY = "# nothing is declared here yet\n"


def publiccode(tool: Tool, *, entry: Entry | None = None) -> str:
    """A valid publiccode.yml of a tool, under the name and address that `entry` gives it.

    The standard's version is 0.4 for every other tool, else 0.5.0, so that both are read.
    """
    return _written(_document(tool, entry or Entry(tool=tool.slug)))


def broken_publiccode(tool: Tool, broken: Broken, *, entry: Entry | None = None) -> str:
    """The tool's publiccode.yml, broken as `broken.how` says."""
    document = _document(tool, entry or Entry(tool=tool.slug, name=broken.name, url=broken.url))
    if broken.how == "empty-publiccode":
        return EMPTY
    if broken.how == "url-mismatch":
        document["url"] = broken.value or "https://github.com/somebody/else"
    elif broken.how == "wrong-type":
        document["description"] = broken.value or "a text where texts by language belong"
    elif broken.how == "unknown-licence":
        document["legal"] = {"license": broken.value or "Free for all"}
    elif broken.how == "yaml-syntax":
        return _written(document) + 'roadmap: "a quotation that never ends\n'
    return _written(document)


def _document(tool: Tool, entry: Entry) -> dict[str, Any]:
    name = entry.name or tool.name
    url = tool.repository or entry.url or ""
    older = sum(tool.slug.encode()) % 2 == 0
    document: dict[str, Any] = {
        "publiccodeYmlVersion": "0.4" if older else "0.5.0",
        "name": name,
        "url": url,
        "landingURL": tool.landing_url,
        "softwareVersion": tool.release.version if tool.release else None,
        "releaseDate": tool.release.date.isoformat() if tool.release and tool.release.date else None,
        "platforms": ["web"],
        "categories": sorted({_CATEGORIES.get(code, "other") for code in tool.use_cases}) or ["other"],
        "usedBy": list(tool.used_by) or None,
        "developmentStatus": tool.status or "stable",
        "softwareType": "standalone/web",
        "intendedAudience": {"countries": list(tool.countries)} if tool.countries else None,
        "description": {tag: _description(tool, tag) for tag in tool.description},
        "legal": {"license": tool.license},
        # a role, and nobody's name: the standard wants somebody who answers
        "maintenance": {"type": "community", "contacts": [{"name": f"Maintainers of {tool.name}"}]},
        "localisation": {
            "localisationReady": len(tool.languages) > 1,
            "availableLanguages": list(tool.languages or tool.description),
        },
    }
    if tool.organisation and not older:
        owner = urlsplit(url)
        home = f"https://{owner.netloc}/{owner.path.strip('/').split('/')[0]}"
        document["organisation"] = {"name": tool.organisation.name, "uri": home}
    elif tool.organisation:
        document["legal"]["repoOwner"] = tool.organisation.name
    return {key: value for key, value in document.items() if value is not None}


def _description(tool: Tool, tag: str) -> dict[str, Any]:
    short, long = tool.description[tag], tool.long.get(tag, "")
    text = f"{short} {long}".strip()
    if len(text) < 200:
        text = f"{text} {_MORE.get(tag, _MORE['en'])}"
    words = packaged().get(tag, packaged()[ENGLISH])
    features = [words(f"use_case.{code}") for code in tool.use_cases if code in USE_CASES]
    return {"shortDescription": short[:150], "longDescription": text + "\n", "features": features or [tool.name]}


def _written(document: Mapping[str, Any]) -> str:
    text: str = yaml.safe_dump(dict(document), allow_unicode=True, sort_keys=False, width=100)
    return text
