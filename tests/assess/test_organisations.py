"""Organisations: one name, kind and country for what many sources write, and nothing for what only looks like it.

The names are facts, checked by hand; those that stay as they are were chosen to look like public bodies.
"""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from harvester.assess.organisations import folded
from harvester.assess.phrases import load
from harvester.model import ORGANISATION_KINDS, Organisation

DINUM = ("Direction interministérielle du numérique", "national", "FR")
TRASFORMAZIONE = ("Dipartimento per la trasformazione digitale", "national", "IT")
GSA = ("General Services Administration", "national", "US")
NASA = ("National Aeronautics and Space Administration", "national", "US")
CNR = ("Consiglio Nazionale delle Ricerche", "national", "IT")
UNICEF = ("UNICEF", "international", None)
FAO = ("Food and Agriculture Organization of the United Nations", "international", None)
COMMISSION = ("European Commission", "international", None)

KNOWN = [
    ("DINUM", DINUM),
    ("Etalab", DINUM),
    ("dinsic", DINUM),
    ("beta.gouv.fr", DINUM),
    ("INSEE", ("Institut national de la statistique et des études économiques", "national", "FR")),
    ("CNRS", ("Centre national de la recherche scientifique", "national", "FR")),
    ("INRIA", ("Inria", "national", "FR")),
    ("DGFiP", ("Direction générale des finances publiques", "national", "FR")),
    ("ADULLACT", ("ADULLACT", "civil-society", "FR")),
    ("AgID", ("Agenzia per l'Italia Digitale", "national", "IT")),
    ("Agenzia per l’Italia Digitale", ("Agenzia per l'Italia Digitale", "national", "IT")),
    ("Team Digitale", TRASFORMAZIONE),
    ("Developers Italia", TRASFORMAZIONE),
    ("PagoPA S.p.A.", ("PagoPA", "national", "IT")),
    ("Consiglio Nazionale delle Ricerche (CNR)", CNR),
    ("ISPRA", ("Istituto Superiore per la Protezione e la Ricerca Ambientale", "national", "IT")),
    ("REGIONE EMILIA ROMAGNA", ("Regione Emilia-Romagna", "regional", "IT")),
    ("GSA", GSA),
    ("U.S. General Services Administration", GSA),
    ("NASA", NASA),
    ("USAID", ("United States Agency for International Development", "national", "US")),
    ("U.S. Department of Energy", ("U.S. Department of Energy", "national", "US")),
    ("United States Department of Veterans Affairs", ("U.S. Department of Veterans Affairs", "national", "US")),
    ("Statistique Canada", ("Statistics Canada", "national", "CA")),
    ("Agence spatiale canadienne", ("Canadian Space Agency", "national", "CA")),
    ("Ville de Montréal", ("Ville de Montréal", "local", "CA")),
    ("City of Montreal", ("Ville de Montréal", "local", "CA")),
    ("Province of British Columbia", ("Government of British Columbia", "regional", "CA")),
    ("alphagov", ("Government Digital Service", "national", "GB")),
    ("HMRC", ("HM Revenue & Customs", "national", "GB")),
    ("VNG Realisatie", ("Vereniging van Nederlandse Gemeenten", "civil-society", "NL")),
    ("City of Amsterdam", ("Gemeente Amsterdam", "local", "NL")),
    ("ITZBund", ("Informationstechnikzentrum Bund", "national", "DE")),
    ("it@M", ("Landeshauptstadt München", "local", "DE")),
    ("Chancellerie fédérale", ("Bundeskanzlei", "national", "CH")),
    ("SMHI", ("Swedish Meteorological and Hydrological Institute", "national", "SE")),
    ("Statistisk sentralbyrå", ("Statistics Norway", "national", "NO")),
    ("City of Helsinki", ("Helsingin kaupunki", "local", "FI")),
    ("數位發展部", ("數位發展部", "national", "TW")),
    ("Commission européenne", COMMISSION),
    ("Europäische Kommission", COMMISSION),
    ("The World Bank", ("World Bank", "international", None)),
    ("United Nations Children's Fund (UNICEF)", UNICEF),
    ("UNICEF Innovation", UNICEF),
    ("FAO", FAO),
    ("The World Health Organization", ("World Health Organization", "international", None)),
    ("mysociety", ("mySociety", "civil-society", "GB")),
    ("OKFN", ("Open Knowledge Foundation", "civil-society", None)),
    ("Ciudadania Inteligente", ("Fundación Ciudadanía Inteligente", "civil-society", "CL")),
    ("The Apache Software Foundation", ("The Apache Software Foundation", "civil-society", "US")),
]
"""(as written, what it is) without any country or address."""

BY_NAME = [
    ("Comune di Cagliari", "local", "IT"),
    ("Comune dell'Aquila", "local", "IT"),
    ("Unione dei Comuni della Bassa Romagna", "local", "IT"),
    ("Regione Puglia", "regional", "IT"),
    ("Consiglio regionale della Lombardia", "regional", "IT"),
    ("Provincia Autonoma di Trento", "regional", "IT"),
    ("Ministero dell'Interno", "national", "IT"),
    ("Azienda Sanitaria Locale di Brindisi", "regional", "IT"),
    ("Opencontent SCARL", "company", "IT"),
    ("Link.it S.r.l.", "company", "IT"),
    ("Mairie de Lyon", "local", None),
    ("Ville d'Angers", "local", None),
    ("Communauté urbaine de Dunkerque", "local", "FR"),
    ("Conseil départemental du Calvados", "regional", "FR"),
    ("Conseil régional d'Île-de-France", "regional", "FR"),
    ("Région Bretagne", "regional", "FR"),
    ("Ministère de l'Intérieur", "national", None),
    ("Préfecture de police", "national", "FR"),
    ("Stadt Köln", "local", None),
    ("Landkreis Göttingen", "local", None),
    ("Freistaat Bayern", "regional", "DE"),
    ("Land Tirol", "regional", "AT"),
    ("Kanton Zürich", "regional", "CH"),
    ("Bundesministerium der Finanzen", "national", None),
    ("Gemeente Rotterdam", "local", None),
    ("Provincie Utrecht", "regional", None),
    ("Ministerie van Financiën", "national", None),
    ("City of Boston", "local", None),
    ("Leeds City Council", "local", None),
    ("London Borough of Camden", "local", "GB"),
    ("State of California", "regional", "US"),
    ("Commonwealth of Massachusetts", "regional", "US"),
    ("Ministry of Finance", "national", None),
    ("Ministry for the Environment", "national", None),
    ("Ayuntamiento de Madrid", "local", "ES"),
    ("Ajuntament de Barcelona", "local", "ES"),
    ("Junta de Andalucía", "regional", "ES"),
    ("Ministerio de Educación", "national", None),
    ("Câmara Municipal de Lisboa", "local", None),
    ("Prefeitura de São Paulo", "local", None),
    ("Sundsvalls kommun", "local", "SE"),
    ("Region Skåne", "regional", "SE"),
    ("Aarhus Kommune", "local", None),
    ("Tampereen kaupunki", "local", "FI"),
    ("Valtiovarainministeriö", "national", "FI"),
    ("Code for Nepal", "civil-society", None),
    ("Open Knowledge Finland", "civil-society", None),
    ("OK Lab Berlin", "civil-society", "DE"),
    ("Open Raleigh Brigade", "civil-society", "US"),
    ("Prototype e.V.", "civil-society", "DE"),
    ("Bertelsmann Stiftung", "civil-society", None),
    ("Aam Digital GmbH", "company", None),
    ("Dew CIS Solutions Ltd", "company", None),
    ("United Nations Statistics Division", "international", None),
]
"""(name, kind, country) told by words alone."""

STRANGERS = [
    "ASL Brindisi",
    "ASL Recognition",
    "Apperta Foundation CIC",
    "City of Heroes",
    "City of Hope",
    "City of Angels",
    "City of London Investment Group",
    "City of Glasgow College",
    "Town of Makers Club",
    "Ministry of Testing",
    "Ministry of Sound",
    "Ministry of Silly Walks",
    "Department of Computer Science",
    "Département d'informatique",
    "Département de mathématiques",
    "State of the Art",
    "State of JS",
    "Bene Comune",
    "In Comune",
    "Comune",
    "Regione",
    "Land Rover",
    "Land Registry Tools",
    "Promised Land",
    "Stadt Land Fluss",
    "Region of Interest",
    "Regional Express",
    "Ville de demain",
    "Association Rules",
    "Foundation",
    "Foundation for Sites",
    "ZURB Foundation",
    "Windows Presentation Foundation",
    "Code for Fun",
    "Code for Food",
    "Code for Everyone",
    "Code Formatter",
    "codeforces",
    "codeforge",
    "Open Data Kit",
    "Open Austin Powers",
    "Open Knowledge Graph",
    "Medic Mobile, Inc.",  # so are non-profit bodies
    "VA",
    "VNG",
    "Digg",
    "OS2",
    "Home Office",
    "Nav",
    "ED",
    "ARC",
    "EPA",
    "DOE",
    "CSA",
    "HC",
    "CNR",
    "IGN",
    "etalab-fans",
    "agid-theme",
    "Unicefolio",
    "World Banknotes",
    "Gemeenteraad Tools",
    "Min kommun",
    "The Village Voice",
    "Township Tycoon",
    "Lovelace Inclusion",
    "Incubator",
    "Learn SAS",
    "Ada Lovelace",
    "Commonwealth Games",
    "Provincial Archive Fans",
    "NASA Fan Club",
    "Municipality Simulator",
]
"""Names that stay as they are, without kind and country."""


@pytest.mark.parametrize(("name", "body"), KNOWN)
def test_a_name_of_a_known_organisation_becomes_its_one_name(name: str, body: tuple[str, str, str | None]) -> None:
    found = folded(Organisation(name))
    assert (found.name, found.kind, found.country) == body


@pytest.mark.parametrize(("name", "kind", "country"), BY_NAME)
def test_the_words_of_a_name_tell_what_kind_of_body_it_is(name: str, kind: str | None, country: str | None) -> None:
    assert folded(Organisation(name)) == Organisation(name, None, country, kind)


@pytest.mark.parametrize("name", STRANGERS)
def test_what_only_looks_like_a_public_body_stays_as_it_is(name: str) -> None:
    assert folded(Organisation(name)) == Organisation(name)


@pytest.mark.parametrize(
    ("name", "country", "one"),
    [
        ("VA", "US", "U.S. Department of Veterans Affairs"),
        ("DOE", "US", "U.S. Department of Energy"),
        ("Department of Energy", "US", "U.S. Department of Energy"),
        ("EPA", "US", "U.S. Environmental Protection Agency"),
        ("JPL", "US", "National Aeronautics and Space Administration"),
        ("NRC", "US", "Nuclear Regulatory Commission"),
        ("NRC", "CA", "National Research Council Canada"),
        ("CNR", "IT", "Consiglio Nazionale delle Ricerche"),
        ("Department of Energy", "PH", "Department of Energy"),
        ("EPA", "IE", "EPA"),
        ("VNG", "NL", "Vereniging van Nederlandse Gemeenten"),
        ("VNG", "VN", "VNG"),
        ("Home Office", "GB", "UK Home Office"),
        ("Cour des comptes", "FR", "Cour des comptes (France)"),
        ("Cour des comptes", "MA", "Cour des comptes"),
    ],
)
def test_a_short_name_means_a_body_only_in_its_country(name: str, country: str, one: str) -> None:
    assert folded(Organisation(name, None, country)).name == one


@pytest.mark.parametrize(
    ("uri", "one"),
    [
        ("https://github.com/codeforboston", "Code for Boston"),
        ("https://github.com/CodeForBoston/", "Code for Boston"),
        ("http://www.insee.fr", "Institut national de la statistique et des études économiques"),
        ("https://gitlab.com/codeforboston", "codeforboston"),
        ("https://github.com/codeforboston-fans", "codeforboston"),
        (None, "codeforboston"),
    ],
)
def test_an_account_is_a_known_organisation_by_its_address_and_never_by_its_login(uri: str | None, one: str) -> None:
    found = folded(Organisation("codeforboston", uri))
    assert found.name == one
    assert found.uri == uri, "what the source says goes first"
    assert (found.kind is None) is (one == "codeforboston")


@pytest.mark.parametrize("login", ["NASA", "etalab", "code-for-nepal", "comune-di-prova"])
def test_who_took_the_login_of_a_known_organisation_on_another_forge_is_not_it(login: str) -> None:
    account = Organisation(login, f"https://forge.example/{login}")
    assert folded(account) == account
    assert folded(replace(account, uri=None)).kind, "the same name, from somebody who says it of a body"


def test_an_address_counts_for_nothing_where_the_country_contradicts() -> None:
    said = Organisation("codeforboston", "https://github.com/codeforboston", "FR")
    assert folded(said) == said


def test_the_table_is_sorted_and_says_everything_once() -> None:
    table = load("organisations.json")
    names = [row["name"] for row in table["known"]]
    assert all(one.casefold() < other.casefold() for one, other in pairwise(names))
    addresses = [address.lower() for row in table["known"] for address in row.get("at", ())]
    assert len(addresses) == len(set(addresses))
    there = [(name.casefold(), row["country"]) for row in table["known"] for name in row.get("only_there", ())]
    assert len(there) == len(set(there))
    assert {row["kind"] for row in (*table["known"], *table["patterns"])} <= set(ORGANISATION_KINDS)
    assert len(KNOWN) + len(BY_NAME) + len(STRANGERS) >= 120
