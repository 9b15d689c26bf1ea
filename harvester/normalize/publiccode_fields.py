"""The values of a publiccode.yml with today's keys, each checked for its type and vocabulary."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from harvester.assess.use_cases import infer
from harvester.model import DEVELOPMENT_STATUSES, SOFTWARE_TYPES, Basis, Fields, LangMap, Organisation
from harvester.normalize.categories import use_cases_of
from harvester.normalize.countries import alpha2
from harvester.normalize.languages import tag
from harvester.normalize.licenses import spdx
from harvester.normalize.publiccode_keys import SOFTWARE_TYPES_OF_OLD, STATUSES_OF_OLD, todays
from harvester.normalize.urls import web_address

_LONGEST_TEXT = 20_000  # characters
_ITALIAN_BODY = re.compile(r"^urn:x-italian-pa:", re.IGNORECASE)
_MAIL = re.compile(r"\S+@\S+")

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong at a path of the modern file."""

    code: str
    message: str
    path: Path
    error: bool
    value: str | None
    remedy: str | None


@dataclass(slots=True)
class Faults:
    """Collects what is wrong."""

    found: list[Fault] = field(default_factory=list)

    def add(
        self, code: str, message: str, path: Path, *, error: bool = False, value: Any = None, remedy: str | None = None
    ) -> None:
        """Add one; values are cut, and mail addresses are not repeated."""
        shown = None if value is None else _MAIL.sub("(address)", str(value))[:200]
        self.found.append(Fault(code, message, path, error, shown, remedy))


def fields_of(value: Mapping[str, Any], faults: Faults) -> tuple[Fields, dict[str, Basis], dict[str, str]]:
    """The fields, the basis of those that were not declared, and the words that decided those."""
    get = _Getter(value, faults)
    texts = _Descriptions(get.mapping("description"), faults)
    legal = get.mapping("legal")
    name = get.text("name") or texts.any("localisedName")
    categories = get.texts("categories")
    use_cases, because = _use_cases(name, texts, categories, get.texts("tags"))
    license_text = _plain(legal.get("license"))
    license_id = spdx(license_text)
    if license_text and license_id is None:
        faults.add(
            "unknown-licence",
            "legal.license is no SPDX expression",
            ("legal", "license"),
            error=True,
            value=license_text,
            remedy="use an identifier of spdx.org/licenses",
        )
    found = Fields(
        name=name,
        url=get.text("url"),
        landing_url=get.address("landingURL"),
        documentation=texts.address("documentation"),
        logo=_logo(get),
        short_description=texts.map("shortDescription"),
        long_description=texts.map("longDescription"),
        features=texts.lists("features"),
        license=license_id,
        license_text=license_text,
        development_status=get.word("developmentStatus", DEVELOPMENT_STATUSES, STATUSES_OF_OLD),
        software_type=get.word("softwareType", SOFTWARE_TYPES, SOFTWARE_TYPES_OF_OLD),
        software_version=get.text("softwareVersion"),
        release_date=get.date("releaseDate"),
        is_based_on=next((text for text in get.texts("isBasedOn") if web_address(text)), None),
        organisations=_organisations(value, legal),
        countries=_countries(value, get.mapping("intendedAudience"), faults),
        use_cases=use_cases,
        categories=categories,
        platforms=get.texts("platforms"),
        available_languages=_languages(get.mapping("localisation"), faults),
        used_by=tuple(text for text in get.texts("usedBy") if not _MAIL.search(text)),
    )
    basis = {"use_cases": Basis.INFERRED} if use_cases else {}
    return found, basis, {"use_cases": because} if because else {}


class _Getter:
    """Typed values of a mapping; a wrong type is a fault, and unknown."""

    def __init__(self, value: Mapping[str, Any], faults: Faults) -> None:
        self._value = value
        self._faults = faults

    def mapping(self, key: str) -> Mapping[str, Any]:
        found = self._value.get(key)
        if isinstance(found, Mapping):
            return found
        if found not in (None, [], ""):
            self._wrong(key, "a mapping", found)
        return {}

    def text(self, key: str) -> str | None:
        found = self._value.get(key)
        if isinstance(found, dict | list):
            self._wrong(key, "text", found)
        return _plain(found)

    def texts(self, key: str) -> tuple[str, ...]:
        found = self._value.get(key)
        if isinstance(found, str):
            if key not in ("isBasedOn",):
                self._wrong(key, "a list", found)
            found = [found]
        elif isinstance(found, Mapping):
            self._wrong(key, "a list", found)
            return ()
        items = found if isinstance(found, list) else []
        return tuple(dict.fromkeys(text for text in map(_plain, items) if text))

    def address(self, key: str) -> str | None:
        text = self.text(key)
        address = web_address(text)
        if text and address is None:
            self._faults.add(
                "bad-url",
                f"{key} is no http or https address",
                (key,),
                error=True,
                value=text,
                remedy="write https://…",
            )
        return address

    def word(self, key: str, vocabulary: Mapping[str, Any], of_old: Mapping[str, str]) -> str | None:
        text = self.text(key)
        if text is None:
            return None
        if text in vocabulary:
            return text
        known = {code.lower(): code for code in vocabulary} | dict(of_old)
        modern = known.get(text.lower())
        self._faults.add(
            "unknown-term",
            f"{key} is none of the standard's terms",
            (key,),
            error=modern is None,
            value=text,
            remedy="one of " + ", ".join(vocabulary),
        )
        return modern

    def date(self, key: str) -> date | None:
        text = self.text(key)
        if text is None:
            return None
        try:
            return date.fromisoformat(text[:10])
        except ValueError:
            self._faults.add("bad-date", f"{key} is no date", (key,), error=True, value=text, remedy="YYYY-MM-DD")
            return None

    def _wrong(self, key: str, wanted: str, found: Any) -> None:
        kind = "a mapping" if isinstance(found, Mapping) else "a list" if isinstance(found, list) else "text"
        self._faults.add("wrong-type", f"{key} is {kind}, not {wanted}", (key,), error=True, remedy=f"write {wanted}")


class _Descriptions:
    """description: by language, or (in the oldest files) for no stated one."""

    def __init__(self, value: Mapping[str, Any], faults: Faults) -> None:
        self.by_tag: dict[str, dict[str, Any]] = {}
        loose = {todays(key): inner for key, inner in value.items() if not isinstance(inner, Mapping)}
        for key, inner in value.items():
            if not isinstance(inner, Mapping):
                continue
            language = tag(key)
            if language is None:
                faults.add(
                    "unknown-language",
                    f"description.{key[:40]} is no language tag",
                    ("description", key),
                    error=True,
                    remedy="use a BCP 47 tag such as en or fr",
                )
            texts = {todays(sub): text for sub, text in inner.items()}
            self.by_tag.setdefault(language or "und", texts)
        if loose:
            self.by_tag.setdefault("und", loose)

    def map(self, key: str) -> LangMap:
        found = {language: _plain(texts.get(key)) for language, texts in self.by_tag.items()}
        return {language: text[:_LONGEST_TEXT] for language, text in found.items() if text}

    def lists(self, key: str) -> LangMap:
        found: dict[str, str] = {}
        for language, texts in self.by_tag.items():
            items = texts.get(key)
            lines = [line for line in map(_plain, items if isinstance(items, list) else []) if line]
            if lines:
                found[language] = "\n".join(line.replace("\n", " ") for line in lines)[:_LONGEST_TEXT]
        return found

    def any(self, key: str) -> str | None:
        return next((text for texts in self.by_tag.values() if (text := _plain(texts.get(key)))), None)

    def address(self, key: str) -> str | None:
        return next((found for texts in self.by_tag.values() if (found := web_address(texts.get(key)))), None)


def _plain(value: Any) -> str | None:
    """A scalar as text without outer spaces and NULs; None for nothing, a list or a mapping."""
    if value is None or isinstance(value, dict | list):
        return None
    return str(value).replace("\0", "").strip() or None


def _use_cases(
    name: str | None, texts: _Descriptions, categories: Sequence[str], tags: Sequence[str]
) -> tuple[tuple[str, ...], str]:
    by_category = use_cases_of(categories)
    if by_category:
        return tuple(code for code, _ in by_category), "; ".join(f"category {why}" for _, why in by_category)
    described = {**texts.map("longDescription"), **texts.map("shortDescription")}
    inferred = infer(name, described, tags)
    return tuple(code for code, _ in inferred), "; ".join(why for _, why in inferred)


def _logo(get: _Getter) -> str | None:
    return web_address(get.text("logo"))  # a path inside the repository is allowed, and of no use to a page


def _organisations(value: Mapping[str, Any], legal: Mapping[str, Any]) -> tuple[Organisation, ...]:
    body = value.get("organisation")
    body = body if isinstance(body, Mapping) else {}
    uri = _plain(body.get("uri"))
    name = _plain(body.get("name")) or _plain(legal.get("repoOwner")) or _plain(legal.get("mainCopyrightOwner"))
    if uri is None:
        code = _ipa_code(value)
        uri = f"urn:x-italian-pa:{code}" if code else None
    if not name or _MAIL.search(name):
        return ()
    country = "IT" if uri and _ITALIAN_BODY.match(uri) else None
    return (Organisation(name[:200], uri, country),)


def _ipa_code(value: Mapping[str, Any]) -> str | None:
    for key in ("it", "IT"):
        italian = value.get(key)
        reuse = italian.get("riuso") if isinstance(italian, Mapping) else None
        code = reuse.get("codiceIPA") if isinstance(reuse, Mapping) else None
        if _plain(code):
            return _plain(code)
    return None


def _countries(value: Mapping[str, Any], audience: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    found: dict[str, None] = {}
    declared = audience.get("countries")
    for place, text in enumerate(declared if isinstance(declared, list) else []):
        code = alpha2(_plain(text))
        if code:
            found[code] = None
        else:
            faults.add(
                "unknown-country",
                "intendedAudience.countries: no ISO 3166-1 code",
                ("intendedAudience", "countries", place),
                error=True,
                value=text,
                remedy="two letters, such as IT",
            )
    body = value.get("organisation")
    uri = _plain(body.get("uri")) if isinstance(body, Mapping) else None
    if (
        (uri and _ITALIAN_BODY.match(uri))
        or isinstance(value.get("it"), Mapping)
        or isinstance(value.get("IT"), Mapping)
    ):
        found.setdefault("IT")
    return tuple(found)


def _languages(localisation: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    declared = localisation.get("availableLanguages")
    found: dict[str, None] = {}
    for place, text in enumerate(declared if isinstance(declared, list) else [declared]):
        written = _plain(text)
        code = tag(written)
        if code:
            found[code] = None
        elif written:
            faults.add(
                "unknown-language",
                "localisation.availableLanguages: no BCP 47 tag",
                ("localisation", "availableLanguages", place),
                error=True,
                value=written,
                remedy="use a BCP 47 tag such as en or fr",
            )
    return tuple(found)
