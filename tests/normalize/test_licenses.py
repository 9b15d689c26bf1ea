"""Licences: what certainly means an SPDX expression, and what must stay unknown."""

from __future__ import annotations

import csv
import gzip
import json
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st
from license_expression import get_spdx_licensing
from support.examples import examples

from harvester.normalize import licenses
from harvester.normalize.license_ids import listed
from harvester.normalize.licenses import family, spdx

# As real catalogues, inventories and files write them.
WRITTEN: list[tuple[str, str]] = [
    ("MIT", "MIT"),
    ("mit", "MIT"),
    (" MIT ", "MIT"),
    ("MIT License", "MIT"),
    ("MIT license", "MIT"),
    ("The MIT License", "MIT"),
    ("MIT License (MIT)", "MIT"),
    ("Apache-2.0", "Apache-2.0"),
    ("apache V2.0", "Apache-2.0"),
    ("Apache 2.0", "Apache-2.0"),
    ("Apache License 2.0", "Apache-2.0"),
    ("Apache License, Version 2.0", "Apache-2.0"),
    ("The Apache Software License, Version 2.0", "Apache-2.0"),
    ("https://www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
    ("http://www.apache.org/licenses/LICENSE-2.0.html", "Apache-2.0"),
    ("www.apache.org/licenses/LICENSE-2.0", "Apache-2.0"),
    ("GPL-3.0", "GPL-3.0"),
    ("GPL-3.0+", "GPL-3.0-or-later"),
    ("GPL-3.0-or-later", "GPL-3.0-or-later"),
    ("GPL v3", "GPL-3.0"),
    ("GPL-V3", "GPL-3.0"),
    ("GPL3", "GPL-3.0"),
    ("GNU GPLv3", "GPL-3.0"),
    ("GNU General Public License v3.0", "GPL-3.0"),
    ("GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("GPL2+", "GPL-2.0-or-later"),
    ("gpl_2", "GPL-2.0"),
    ("GPL V2.0", "GPL-2.0"),
    ("GNU General Public License v2 (GPLv2)", "GPL-2.0"),
    ("GPL-1.0", "GPL-1.0"),
    ("LGPL (≥ 3)", "LGPL-3.0-or-later"),
    ("LGPL-v2.1", "LGPL-2.1"),
    ("LGPLv2.1+", "LGPL-2.1-or-later"),
    ("GNU LESSER GENERAL PUBLIC LICENSE, Version 3", "LGPL-3.0"),
    ("AGPL 3.0", "AGPL-3.0"),
    ("AGPL3+", "AGPL-3.0-or-later"),
    ("Affero GPLv3", "AGPL-3.0"),
    ("GNU AGPLv3+", "AGPL-3.0-or-later"),
    ("GNU Affero General Public License v3", "AGPL-3.0"),
    ("AGPL-3.0-or-later", "AGPL-3.0-or-later"),
    ("EUPL-1.2", "EUPL-1.2"),
    ("eupl-1.2", "EUPL-1.2"),
    ("EUPL-1.2 License", "EUPL-1.2"),
    ("EUPL v1.2", "EUPL-1.2"),
    ("European Union Public License 1.1", "EUPL-1.1"),
    ("European Union Public Licence 1.2", "EUPL-1.2"),
    ("EUPL-1.2-or-later", "EUPL-1.2+"),
    ("MPL2", "MPL-2.0"),
    ("MPLv2", "MPL-2.0"),
    ("Mozilla Public License 2.0", "MPL-2.0"),
    ("Eclipse Public License - v 1.0", "EPL-1.0"),
    ("Eclipse Public License v2.0", "EPL-2.0"),
    ('BSD 3-Clause "New" or "Revised" License', "BSD-3-Clause"),
    ("BSD 3-Clause License", "BSD-3-Clause"),
    ('BSD 2-Clause "Simplified" License', "BSD-2-Clause"),
    ("BSD Zero Clause License", "0BSD"),
    ("CeCILL-B", "CECILL-B"),
    ("CeCILL Free Software License Agreement v2.1", "CECILL-2.1"),
    ("CC0", "CC0-1.0"),
    ("Creative Commons Zero (CC0)", "CC0-1.0"),
    ("Creative Commons Zero v1.0 Universal", "CC0-1.0"),
    ("https://creativecommons.org/publicdomain/zero/1.0/", "CC0-1.0"),
    ("https://creativecommons.org/licenses/by-sa/3.0/legalcode", "CC-BY-SA-3.0"),
    ("https://creativecommons.org/licenses/by-nc-sa/4.0/", "CC-BY-NC-SA-4.0"),
    ("Creative Commons Attribution Share Alike 4.0 International", "CC-BY-SA-4.0"),
    ("https://spdx.org/licenses/MIT", "MIT"),
    ("https://spdx.org/licenses/GPL-3.0.html", "GPL-3.0"),
    ("https://opensource.org/licenses/BSD-2-Clause", "BSD-2-Clause"),
    ("https://opensource.org/licenses/NASA-1.3", "NASA-1.3"),
    ("http://unlicense.org", "Unlicense"),
    ("The Unlicense", "Unlicense"),
    ("Do What The Fuck You Want To Public License", "WTFPL"),
    ("PostgreSQL License", "PostgreSQL"),
    ("Licence Ouverte 2.0", "etalab-2.0"),
    # four languages more
    ("Licence MIT", "MIT"),
    ("Licence Apache 2.0", "Apache-2.0"),
    ("Licence publique générale GNU version 3 ou ultérieure", "GPL-3.0-or-later"),
    ("Licenza MIT", "MIT"),
    ("Licenza Apache, versione 2.0", "Apache-2.0"),
    ("Licenza pubblica dell'Unione europea 1.2", "EUPL-1.2"),
    ("MIT-Lizenz", "MIT"),
    ("Apache-Lizenz 2.0", "Apache-2.0"),
    ("Open-Source-Lizenz für die Europäische Union 1.2", "EUPL-1.2"),
    ("Licencia MIT", "MIT"),
    ("Licencia Pública General de GNU versión 3", "GPL-3.0"),
    ("Licencia Pública de la Unión Europea 1.2", "EUPL-1.2"),
]

# Sentences that say nothing but the licence.
SAID: list[tuple[str, str]] = [
    ("This software is released under the MIT License.", "MIT"),
    ("This project is licensed under the MIT License - see the LICENSE file for details", "MIT"),
    ("Licensed under the EUPL, Version 1.2 or later", "EUPL-1.2+"),
    (
        "you can redistribute it and/or modify it under the terms of the GNU General Public License as published by the"
        " Free Software Foundation, either version 3 of the License, or (at your option) any later version.",
        "GPL-3.0-or-later",
    ),
    ("License :: OSI Approved :: GNU General Public License v3 or later (GPLv3+)", "GPL-3.0-or-later"),
    ("Ce logiciel est distribué sous licence AGPL v3", "AGPL-3.0"),
    ("Code source sous licence EUPL 1.2", "EUPL-1.2"),
    ("Licence publique générale GNU v3 ou toute version ultérieure", "GPL-3.0-or-later"),
    ("Licence Publique Générale GNU Affero, version 3 uniquement", "AGPL-3.0-only"),
    ("Questo software è rilasciato con licenza EUPL 1.2", "EUPL-1.2"),
    ("Licenza pubblica generica GNU versione 2 o successive", "GPL-2.0-or-later"),
    ("Licenza Creative Commons Attribuzione - Condividi allo stesso modo 4.0 Internazionale", "CC-BY-SA-4.0"),
    ("Diese Software steht unter der EUPL 1.2", "EUPL-1.2"),
    ("GNU Allgemeine Öffentliche Lizenz Version 3 oder später", "GPL-3.0-or-later"),
    ("Creative Commons Namensnennung - Weitergabe unter gleichen Bedingungen 4.0 International", "CC-BY-SA-4.0"),
    ("Este software se distribuye bajo la licencia GPL versión 3 o posterior", "GPL-3.0-or-later"),
    ("Licencia Creative Commons Reconocimiento-CompartirIgual 4.0 Internacional", "CC-BY-SA-4.0"),
    # pages of the licences themselves
    ("https://opensource.org/license/apache-2-0", "Apache-2.0"),
    ("https://opensource.org/licenses/mit-license.php", "MIT"),
    ("https://api.github.com/licenses/agpl-3.0", "AGPL-3.0"),
    ("https://www.gnu.org/licenses/old-licenses/gpl-2.0.fr.html", "GPL-2.0"),
    ("https://creativecommons.org/licenses/by-sa/4.0/deed.fr", "CC-BY-SA-4.0"),
    ("https://creativecommons.org/licenses/by/3.0/de/", "CC-BY-3.0-DE"),
    ("https://joinup.ec.europa.eu/collection/eupl/eupl-text-eupl-12", "EUPL-1.2"),
    ("https://cecill.info/licences/Licence_CeCILL_V2.1-fr.html", "CECILL-2.1"),
]

NOT_SAID = """
The code is MIT, the docs CC-BY | Documentation is under CC BY 4.0 | Not licensed under GPL v3 | MIT unless noted
under GPL | sous EUPL | unter einer freien Lizenz | bajo licencia libre | con licenza open source | sans licence MIT
Dual licensed under MIT and GPL v2 | LGPL v2.1 or v3 | GPL version 2 or 3 | GPL 2, 3 | GPL v3 (or v2) | EUPL 1.1 or 1.2
A-GPL 3 | L-GPL 3 | BSD 2.0 | modified MIT | MIT (frontend) | GPL-3.0-or-later? | AGPL 3 + commercial | CC BY 3.0 FR
GNU GPLv3 or later with OpenSSL exception | GNU GPL 3.0 (GPL-3.0-or-later) | Apache 2.0 with Commons Clause | CC-BY
License :: OSI Approved :: Apache Software License | Open Government Licence v3.0 | GPL v3 only or later
https://www.gnu.org/licenses/gpl.html | https://opensource.org/licenses/bsd-license.php | https://www.mozilla.org/MPL/
https://joinup.ec.europa.eu/collection/eupl | https://api.github.com/licenses/gpl-2.1
https://creativecommons.org/licenses/by/3.0/fr/
"""

FAMILIES: list[tuple[str | None, str | None]] = [
    ("MIT", "permissive"),
    ("etalab-2.0", "permissive"),
    ("0BSD", "permissive"),
    ("CC0-1.0", "public-domain"),
    ("Unlicense", "public-domain"),
    ("MPL-2.0", "weak-copyleft"),
    ("LGPL-2.1-or-later", "weak-copyleft"),
    ("CECILL-C", "weak-copyleft"),
    ("GPL-2.0-only", "strong-copyleft"),
    ("GPL-2.0+", "strong-copyleft"),
    ("AGPL-3.0-or-later", "strong-copyleft"),
    ("CECILL-2.1", "strong-copyleft"),
    ("EUPL-1.2", "eupl"),
    ("EUPL-1.2+", "eupl"),
    ("MIT OR GPL-3.0-only", "permissive"),
    ("EUPL-1.2 OR MIT", "permissive"),
    ("EUPL-1.2 OR GPL-3.0-only", "eupl"),
    ("MIT AND GPL-3.0-only", "strong-copyleft"),
    ("EUPL-1.2 AND LGPL-3.0-only", "eupl"),
    ("CC0-1.0 AND MIT", "permissive"),
    ("(MIT OR GPL-3.0-only) AND MPL-2.0", "weak-copyleft"),
    ("GPL-2.0-only WITH Classpath-exception-2.0", "weak-copyleft"),
    ("GPL-2.0-only WITH Font-exception-2.0", "strong-copyleft"),
    ("CC-BY-NC-4.0", None),
    ("BUSL-1.1", None),
    ("MIT OR CC-BY-NC-4.0", None),
    ("GPL", None),
    ("MIT AND (", None),
    ("()LicenseRef-x", None),
    ("", None),
    (None, None),
]

UNCERTAIN = """
GPL | LGPL | AGPL | BSD | BSD License | BSD-style | Apache | Apache License | MPL | Mozilla Public License | EPL
Eclipse Public License | EUPL | CeCILL | Artistic | Creative Commons | CC BY | CC-BY-NC | CC | GNU | PSF
GNU General Public License | Licence Ouverte | SIL Open Font License | OGL
Other | other | NOASSERTION | NONE | none | None | null | n/a | N/A | unknown | UNKNOWN | ? | - | custom | 0
see LICENSE | SEE LICENSE IN LICENSE.md | LICENSE | LICENSE.md | MIT + file LICENSE | Licence | Lizenz | The License
open source | Open Source | Free software | freeware | Source-available | non-standard | commercial
Public domain | public domain | Public Domain, CC0-1.0 | All rights reserved | Copyright 2020
proprietary | Proprietary | ⊘ Proprietary | Pending Release | Oracle MySQL | Microsoft | Drupal/PHP | Commons-Clause
LicenseRef-x | LicenseRef-MIT | LicenseRef-scancode-bsl-1.1 | MIT AND LicenseRef-x | DocumentRef-a:LicenseRef-b
MIT or similar | MIT-like | MIT style | MIT/X11 | MIT/Apache-2.0 | MIT, GPL | GPL compatible | GPLv3 with exceptions
GPL2 / LGPL2 | GPL 2 or 3 | LGPL/GPL/MPL | GPL-2.0, LGPL-3.0 | MPL 2.0 et EPL 1.0 | CeCILL-C,MIT | Dual license
GPL-2.1 | GPLv6 | GPL v4 | EUPL 2.0 | UPL-1.2 License | Unicense | NASA v3 | perl_5
MIT OR | AND MIT | MIT MIT | () | (MIT OR ISC | MIT) | MIT WITH | MIT WITH ISC | Classpath-exception-2.0 | MIT+ | WITH
doc | json | intel | fair | loop | Intel License | 1.0 | v3 | 2
https://choosealicense.com | https://spdx.org/licenses/ | https://spdx.org/licenses/What license is it under?
https://www.gnu.org/licenses/ | https://github.com/owner/name/blob/main/LICENSE | https://software.nasa.gov/faq
https://sourceforge.net/directory/license:bsd/ | https://path.to/license | http://unlicense.org.example/MIT
"""


@pytest.mark.parametrize(("text", "meaning"), WRITTEN)
def test_a_certain_text_gives_its_expression(text: str, meaning: str) -> None:
    assert spdx(text) == meaning


@pytest.mark.parametrize(("text", "meaning"), SAID)
def test_a_sentence_or_page_that_says_nothing_else_gives_its_licence(text: str, meaning: str) -> None:
    assert spdx(text) == meaning


@pytest.mark.parametrize("text", [part.strip() for line in NOT_SAID.split("\n") for part in line.split(" | ") if part])
def test_a_sentence_that_leaves_something_over_gives_none(text: str) -> None:
    assert spdx(text) is None


@pytest.mark.parametrize(("expression", "expected"), FAMILIES)
def test_an_expression_has_a_family_where_every_licence_has(expression: str | None, expected: str | None) -> None:
    assert family(expression) == expected


@pytest.mark.parametrize("text", [part.strip() for line in UNCERTAIN.split("\n") for part in line.split(" | ") if part])
def test_an_uncertain_text_stays_unknown(text: str) -> None:
    assert spdx(text) is None


@pytest.mark.parametrize("text", [None, "", "   ", "MIT " * 60, "\0", "\ud800", "(" * 200])
def test_nothing_and_noise_are_unknown(text: str | None) -> None:
    assert spdx(text) is None


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("MIT OR Apache-2.0", "MIT OR Apache-2.0"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("(MIT)", "MIT"),
        ("((MIT OR (ISC)))", "MIT OR ISC"),
        ("MIT OR MIT", "MIT"),
        ("MIT AND BSD-3-Clause OR ISC", "MIT AND BSD-3-Clause OR ISC"),
        ("MIT AND (BSD-3-Clause OR ISC)", "MIT AND (BSD-3-Clause OR ISC)"),
        ("(MIT OR ISC) AND (Zlib OR 0BSD)", "(MIT OR ISC) AND (Zlib OR 0BSD)"),
        ("(MIT AND ISC) AND Zlib", "MIT AND ISC AND Zlib"),
        ("(GPL-2.0+ OR MIT) AND ISC", "(GPL-2.0-or-later OR MIT) AND ISC"),
        ("GPL-2.0 WITH classpath-exception-2.0", "GPL-2.0 WITH Classpath-exception-2.0"),
        ("Apache-2.0 WITH LLVM-exception OR MIT", "Apache-2.0 WITH LLVM-exception OR MIT"),
        ("EUPL-1.2+", "EUPL-1.2+"),
    ],
)
def test_expressions_keep_their_meaning(text: str, meaning: str) -> None:
    assert spdx(text) == meaning
    assert spdx(meaning) == meaning


@pytest.mark.parametrize(
    ("deprecated", "todays"),
    [
        ("AGPL-3.0", "AGPL-3.0"),
        ("GFDL-1.3", "GFDL-1.3"),
        ("GPL-2.0+", "GPL-2.0-or-later"),
        ("LGPL-2.1", "LGPL-2.1"),
        ("BSD-2-Clause-NetBSD", "BSD-2-Clause"),
        ("StandardML-NJ", "SMLNJ"),
    ],
)
def test_deprecated_ids_become_todays(deprecated: str, todays: str) -> None:
    assert spdx(deprecated) == todays


@pytest.mark.parametrize("kind", ["licenses", "exceptions"])
def test_every_id_of_spdx_means_itself_and_no_exception_is_a_licence(kind: str) -> None:
    assert [key for key in listed()[kind] if spdx(key) != (key if kind == "licenses" else None)] == []


def test_the_library_of_families_knows_no_licence_that_our_list_lacks() -> None:
    known = {name for name in get_spdx_licensing().known_symbols if not name.startswith("LicenseRef-")}
    assert known <= set(chain.from_iterable(listed().values()))


@pytest.mark.parametrize(
    ("text", "meaning", "group"),
    [
        ("MPL-2.0-no-copyleft-exception", "MPL-2.0-no-copyleft-exception", "weak-copyleft"),
        ("GPL-2.0-with-classpath-exception", "GPL-2.0-with-classpath-exception", "weak-copyleft"),
        ("GPL-2.0-with-bison-exception", "GPL-2.0-with-bison-exception", "strong-copyleft"),
        ("MIT OR MPL-2.0-no-copyleft-exception", "MIT OR MPL-2.0-no-copyleft-exception", "permissive"),
        ("OpenMDW-1.0", "OpenMDW-1.0", None),
        ("AGPL-3.0-only OR LicenseRef-Commercial", "AGPL-3.0-only OR LicenseRef-Commercial", "strong-copyleft"),
        ("LicenseRef-Commercial", None, None),
        ("LicenseRef-a OR LicenseRef-b", None, None),
        ("GPL-3.0", "GPL-3.0", "strong-copyleft"),
        ("GPL-3.0+", "GPL-3.0-or-later", "strong-copyleft"),
        ("AGPL-3.0+", "AGPL-3.0-or-later", "strong-copyleft"),
        ("GPL-2.0 WITH Classpath-exception-2.0", "GPL-2.0 WITH Classpath-exception-2.0", "weak-copyleft"),
    ],
)
def test_ids_that_sound_like_exceptions_newer_ones_and_bare_versions(
    text: str, meaning: str | None, group: str | None
) -> None:
    assert (spdx(text), family(meaning)) == (meaning, group)


def test_no_alias_contradicts_an_id_or_another_alias() -> None:
    folder = Path(licenses.__file__).parent / "data"
    aliases = json.loads((folder / "license_aliases.json").read_text(encoding="utf-8"))
    meant: dict[str, str] = {}
    for expression, names in aliases.items():
        assert spdx(expression) == expression
        for name in names:
            assert spdx(name) == expression, name
            assert meant.setdefault(name.casefold(), expression) == expression


@given(st.text(alphabet="MITGPLisc-+.0123()ANDORWH v/", max_size=60) | st.text(max_size=220))
@examples(200)
def test_whatever_is_understood_is_understood_again_the_same(text: str) -> None:
    meaning = spdx(text)
    family(text)
    if meaning is not None:
        assert spdx(meaning) == meaning
        assert "LicenseRef" not in meaning


def publiccode_licences(corpus: Path) -> Iterator[str]:
    with gzip.open(corpus / "publiccode" / "history.jsonl.gz", "rt", encoding="utf-8") as lines:
        for line in lines:
            try:
                plain: Any = yaml.load(json.loads(line)["text"], Loader=yaml.CSafeLoader)
            except yaml.YAMLError:
                continue
            legal = plain.get("legal") if isinstance(plain, dict) else None
            if isinstance(legal, dict) and isinstance(legal.get("license"), str):
                yield legal["license"]


def french_licences(corpus: Path) -> Iterator[str]:
    for path in sorted((corpus / "catalogues" / "fr-codes-sources").glob("repositories-*.csv.gz")):
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            yield from filter(None, (row["license"] for row in csv.DictReader(lines)))


@pytest.mark.corpus
def test_most_licences_of_published_files_are_understood(corpus: Path) -> None:
    texts = list(publiccode_licences(corpus))
    distinct = set(texts)
    assert len(texts) > 2400
    assert sum(spdx(text) is not None for text in texts) / len(texts) >= 0.98
    assert sum(spdx(text) is not None for text in distinct) / len(distinct) >= 0.9


@pytest.mark.corpus
def test_a_forge_s_names_of_licences_are_understood(corpus: Path) -> None:
    distinct = set(french_licences(corpus))
    missed = {text for text in distinct if spdx(text) is None}
    assert len(distinct) > 20
    assert missed <= {"Other", "None", "null", "Creative Commons", "Open Source"}


@pytest.mark.corpus
def test_most_of_a_catalogue_s_free_words_for_licences_are_understood(corpus: Path) -> None:
    programs = json.loads((corpus / "catalogues" / "fr-sill" / "sill.json").read_bytes())
    distinct = {program["l"] for program in programs if isinstance(program.get("l"), str)}
    assert len(distinct) > 50
    assert sum(spdx(text) is not None for text in distinct) / len(distinct) >= 0.7
