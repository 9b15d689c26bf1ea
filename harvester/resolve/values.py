"""Values of fields as JSON and back, and what makes two of them the same value."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Any

from pydantic_core import to_jsonable_python

from harvester.errors import InputError
from harvester.model import FIELDS, FieldKind, Organisation, ValueType


def to_json(value: Any) -> Any:
    """A field's value, or one of a union's, as JSON: dates and times as ISO 8601, an organisation as an object.

    It is the encoder that the catalogue and the API write with, too.
    """
    return value if isinstance(value, str) else to_jsonable_python(value)


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
    if isinstance(value, Mapping) and value.keys() <= Organisation.__dataclass_fields__.keys():
        return Organisation(**{**value, "name": _text(value.get("name"))})
    return Organisation(_text(value))


_READERS: Mapping[ValueType, Callable[[Any], Any]] = {
    ValueType.FLAG: _flag,
    ValueType.NUMBER: _number,
    ValueType.DAY: _day,
    ValueType.MOMENT: _moment,
    ValueType.ORGANISATION: _organisation,
}


def from_json(field: str, value: Any) -> Any:
    """What `to_json` made of a scalar, of one value of a union or of texts by language, as `Fields` holds it.

    InputError: there is no such field, or the value cannot be one of it; the message says what could.
    """
    declared = FIELDS.get(field)
    if declared is None:
        raise InputError(f"there is no field {field!r}", place=field, remedy=f"one of {', '.join(FIELDS)}")
    try:
        if declared.kind is FieldKind.TEXT:
            return _texts(value)
        reader: Callable[[Any], Any] = _READERS.get(declared.type, _text)
        return reader(value)
    except ValueError as error:
        raise InputError(f"{field}: {value!r} cannot be its value", place=field, remedy=str(error)) from None


def _texts(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise ValueError('texts by language, like {"fr": "…"}')
    return {_text(tag): _text(text) for tag, text in value.items()}
