"""Checks answers against a Swagger 2 definition: types, formats, required and referenced parts."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

_TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "integer": (int,),
    "number": (int, float),
    "boolean": (bool,),
    "array": (list,),
    "object": (dict,),
}


_NULL_AS_RECORDED = frozenset(("download_url",))
"""Attributes that real instances serve as null although the definition does not say so: of folders."""


class Swagger:
    """A definition. Where it has placeholders of the Go templates that it is made from, any text stands."""

    def __init__(self, path: Path) -> None:
        with gzip.open(path, "rt", encoding="utf-8") as text:
            self._told = json.loads(re.sub(r"\{\{.*?\}\}", "placeholder", text.read()))

    def faults(self, method: str, path: str, status: int, body: bytes, *, stranger: bool = False) -> list[str]:
        """What is wrong with an answer; `stranger`: attributes that the definition does not know are told, too."""
        operation = self._operation(method, path)
        if operation is None:
            return [f"{method} {path} is no operation"]
        response = operation["responses"].get(str(status))
        if response is None:
            return [f"{method} {path} never answers {status}"]
        if "$ref" in response:
            response = self._at(response["$ref"])
        if "schema" not in response:
            return []
        return list(self._check(json.loads(body), response["schema"], "$", stranger=stranger))

    def faults_of(self, value: Any, definition: str, *, stranger: bool = False) -> list[str]:
        """What is wrong with a value that should be of this definition."""
        return list(self._check(value, {"$ref": f"#/definitions/{definition}"}, "$", stranger=stranger))

    def _operation(self, method: str, path: str) -> Mapping[str, Any] | None:
        """The operation whose address fits, the one with the fewest parameters."""
        for template in sorted(self._told["paths"], key=lambda one: (one.count("{"), one)):
            parts = re.sub(r"\{filepath\}", ".+", template)
            pattern = re.sub(r"\{\w+\}", "[^/]+", parts)
            if re.fullmatch(pattern, path) and method.lower() in self._told["paths"][template]:
                found: Mapping[str, Any] = self._told["paths"][template][method.lower()]
                return found
        return None

    def _at(self, reference: str) -> Any:
        found = self._told
        for part in reference.removeprefix("#/").split("/"):
            found = found[part]
        return found

    def _check(self, value: Any, schema: Mapping[str, Any], place: str, *, stranger: bool) -> Iterator[str]:
        if "$ref" in schema:
            if value is None:  # Go's pointers; Swagger 2 has no word for what may be null
                return
            schema = self._at(schema["$ref"])
        if value is None and ("otherwise null" in schema.get("description", "") or schema.get("type") == "array"):
            return
        kind = schema.get("type")
        if kind and (not isinstance(value, _TYPES[kind]) or (kind != "boolean" and isinstance(value, bool))):
            yield f"{place} is {type(value).__name__}, not {kind}"
            return
        yield from _format(value, schema, place)
        if isinstance(value, list):
            for number, item in enumerate(value):
                yield from self._check(item, schema.get("items", {}), f"{place}[{number}]", stranger=stranger)
        elif isinstance(value, dict):
            yield from self._members(value, schema, place, stranger=stranger)

    def _members(
        self, value: Mapping[str, Any], schema: Mapping[str, Any], place: str, *, stranger: bool
    ) -> Iterator[str]:
        known = schema.get("properties", {})
        for name in schema.get("required", ()):
            if name not in value:
                yield f"{place}.{name} is missing"
        for name, item in value.items():
            if name in known and not (value[name] is None and name in _NULL_AS_RECORDED):
                yield from self._check(item, known[name], f"{place}.{name}", stranger=stranger)
            elif "additionalProperties" in schema:
                yield from self._check(item, schema["additionalProperties"], f"{place}.{name}", stranger=stranger)
            elif stranger and name not in known:
                yield f"{place}.{name} is unknown"


def _format(value: Any, schema: Mapping[str, Any], place: str) -> Iterator[str]:
    if schema.get("format") == "date-time":
        try:
            datetime.fromisoformat(value)
        except ValueError:
            yield f"{place} is no time: {value!r}"
    if "enum" in schema and value not in schema["enum"]:
        yield f"{place} is none of {schema['enum']}: {value!r}"
