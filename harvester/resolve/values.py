"""Values of fields as JSON and back, and what makes two of them the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from harvester.errors import InputError
from harvester.model import FIELD_KINDS, FieldKind, Organisation


def to_json(value: Any) -> Any:
    """A field's value, or one of a union's, as JSON: dates and times as ISO 8601, an organisation as an object."""
    if isinstance(value, str | bool | int | float) or value is None:
        return value
    if isinstance(value, Organisation):
        return {"name": value.name, "uri": value.uri, "country": value.country, "kind": value.kind}
    if isinstance(value, date):  # datetime is one too
        return value.isoformat()
    if isinstance(value, Mapping):
        return dict(value)
    return [to_json(one) for one in value]


def sameness(value: Any) -> Any:
    """What two values of a union share when they are the same one: neither case nor spacing makes a second.

    Organisations are the same by name here; telling two of one name apart by country is for who compares them.
    """
    if isinstance(value, Organisation):
        value = value.name
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


def _text(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise ValueError("a text that is not empty")
    return value.strip()


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise ValueError("true or false")
    return value


def _number(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise ValueError("a whole number")
    return value


def _day(value: Any) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    return date.fromisoformat(_text(value))


def _moment(value: Any) -> datetime:
    moment = value if isinstance(value, datetime) else datetime.fromisoformat(_text(value))
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _organisation(value: Any) -> Organisation:
    if isinstance(value, Organisation):
        return value
    if isinstance(value, Mapping) and value.keys() <= {"name", "uri", "country", "kind"}:
        return Organisation(_text(value.get("name")), value.get("uri"), value.get("country"), value.get("kind"))
    return Organisation(_text(value))


_READERS: Mapping[str, Callable[[Any], Any]] = {
    "archived": _flag,
    "fork": _flag,
    "mirror": _flag,
    "template": _flag,
    "has_publiccode": _flag,
    "stars": _number,
    "release_date": _day,
    "date_created": _moment,
    "date_modified": _moment,
    "organisations": _organisation,
}


def from_json(field: str, value: Any) -> Any:
    """What `to_json` made of a scalar, of one value of a union or of texts by language, as `Fields` holds it.

    InputError: there is no such field, or the value cannot be one of it; the message says what could.
    """
    kind = FIELD_KINDS.get(field)
    if kind is None:
        raise InputError(f"there is no field {field!r}", place=field, remedy=f"one of {', '.join(FIELD_KINDS)}")
    try:
        if kind is FieldKind.TEXT:
            return _texts(value)
        reader: Callable[[Any], Any] = _READERS.get(field, _text)
        return reader(value)
    except ValueError as error:
        raise InputError(f"{field}: {value!r} cannot be its value", place=field, remedy=str(error)) from None


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError('texts by language, like {"fr": "…"}')
    return {_text(tag): _text(text) for tag, text in value.items()}
