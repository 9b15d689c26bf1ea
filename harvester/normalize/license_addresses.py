"""Licences by address: the pages that licences themselves, or their stewards, have."""

from __future__ import annotations

import re

from harvester.normalize.license_ids import ids
from harvester.normalize.license_names import named

_HAS_IDS = re.compile(
    r"(?:spdx\.org/licenses|opensource\.org/licenses?|choosealicense\.com/licenses|api\.github\.com/licenses"
    r"|licenses\.nuget\.org)/([\w.+-]+?)(?:\.(?:html|txt|json|php))?"
)
_GNU = re.compile(
    r"(?:gnu\.org/(?:licenses|copyleft)|fsf\.org/licensing/licenses)/(?:old-licenses/)?(agpl|lgpl|gpl|fdl)-(\d\.\d)"
    r"(?:-standalone)?(?:\.[a-z]{2}(?:-[a-z]{2})?)?(?:\.(?:html|txt|md|rst|tex|texi))?"
)
_R_PROJECT = re.compile(r"r-project\.org/licenses/(agpl|lgpl|gpl)-(\d(?:\.\d)?)")
_COMMONS = re.compile(
    r"creativecommons\.org/licenses/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?:/([a-z]{2,4}))?"
    r"(?:/(?:legalcode|deed)(?:\.[a-z]{2}(?:[-_]\w{2,4})?|\.txt)?)?"
)
_VERSIONED = (
    (re.compile(r"apache\.org/licenses/license-(\d\.\d)(?:\.(?:html|txt))?"), "Apache-{}"),
    (re.compile(r"mozilla\.org/(?:[a-z]{2}(?:-[a-z]{2})?/)?mpl/(\d\.\d)(?:/index\.txt)?"), "MPL-{}"),
    (re.compile(r"eclipse\.org/(?:legal|org/documents)/epl-(\d\.\d)(?:/epl-\d\.\d)?(?:\.html|\.txt)?"), "EPL-{}"),
    (re.compile(r"eclipse\.org/(?:legal|org/documents)/epl-v(\d)0\.(?:html|php|txt)"), "EPL-{}.0"),
    (re.compile(r"eupl\.eu/(\d\.\d)(?:/[a-z]{2})?"), "EUPL-{}"),
    (
        re.compile(r"(?:joinup|interoperable-europe)\.ec\.europa\.eu/\S{0,200}?eupl[-_]?(?:text[-_])?(?:eupl[-_]?)?v?1\.?([12])"
                   r"(?:[-_/.][\w.-]{0,80})?"),
        "EUPL-1.{}",
    ),
    (re.compile(r"cecill\.info/licen[cs]es/licence_cecill_v(\d(?:\.\d)?)-(?:en|fr)\.(?:html|txt)"), "CECILL-{}"),
    (re.compile(r"cecill\.info/licen[cs]es/licence_cecill-([bc])_v1-(?:en|fr)\.(?:html|txt)"), "CECILL-{}"),
    (re.compile(r"\S{0,80}\betalab\.gouv\.fr/\S{0,200}licence-ouverte-v(2\.0)\.pdf"), "etalab-{}"),
    (re.compile(r"opendatacommons\.org/licenses/odbl/(\d)[.-]0"), "ODbL-{}.0"),
)  # fmt: skip
_PAGES = {
    "boost.org/license_1_0.txt": "BSL-1.0",
    "creativecommons.org/publicdomain/zero/1.0": "CC0-1.0",
    "mit-license.org": "MIT",
    "unlicense.org": "Unlicense",
    "wtfpl.net": "WTFPL",
}


def of_address(written: str) -> str | None:
    """The SPDX id of the licence whose own page an address is, or None; a project's page or file is none."""
    bare = re.sub(r"^https?://", "", written.strip().lower()).removeprefix("www.").partition("#")[0].rstrip("/")
    if bare in _PAGES:
        return _PAGES[bare]
    listed = _HAS_IDS.fullmatch(bare)
    if listed:
        slug = re.sub(r"-(\d+)-(\d+)(?=$|-)", r"-\1.\2", listed[1])
        return ids().get(listed[1]) or ids().get(slug) or named(slug)
    gnu = _GNU.fullmatch(bare)
    if gnu:
        return ids().get(f"{'gfdl' if gnu[1] == 'fdl' else gnu[1]}-{gnu[2]}")
    r_project = _R_PROJECT.fullmatch(bare)
    if r_project:
        return named(f"{r_project[1]} {r_project[2]}")
    commons = _COMMONS.fullmatch(re.sub(r"(?<=/publicdomain/zero/1\.0)/(?:legalcode|deed).*", "", bare))
    if commons:
        return ids().get("-".join(part for part in ("cc", *commons.groups()) if part))
    if bare.startswith("creativecommons.org/publicdomain/zero/1.0/"):
        return "CC0-1.0"
    for pattern, form in _VERSIONED:
        found = pattern.fullmatch(bare)
        if found:
            number = f"{found[1]}.0" if found[1].isdigit() and "." not in form.format("") else found[1]
            return ids().get(form.format(number).lower())
    return None
