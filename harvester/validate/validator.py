"""A file's bytes in, its report out."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from harvester.errors import InputError
from harvester.normalize.yaml_safe import MOST_BYTES
from harvester.validate import deprecated, rules
from harvester.validate.decode import WRONG_TYPE, decode
from harvester.validate.places import key_at
from harvester.validate.reading import nodes
from harvester.validate.reading.nodes import Scalar, YamlNode
from harvester.validate.reading.parser import parse
from harvester.validate.report import Finding, Report, placed
from harvester.validate.schema import LATEST, PUBLICCODE, VERSIONS, ByLanguage, Field, Items, Keys, Rule

_VERSION = "publiccodeYmlVersion"
_PLAIN_KEY = re.compile(r"\[([A-Za-z]+)\]")


def validate(payload: bytes) -> Report:
    """What is wrong with a publiccode.yml. Never raises."""
    if len(payload) > MOST_BYTES:
        return _single("", f"the file has {len(payload)} bytes", f"at most {MOST_BYTES} are read")
    try:
        text = payload.decode("utf-8")
    except UnicodeDecodeError:
        return _single("", "Invalid UTF-8", "save the file as UTF-8")
    try:
        documents = parse(text)
    except InputError as error:
        result = Finding(
            key="",
            description=error.message,
            line=error.line or 0,
            column=1,
            remedy="mend the syntax at this line or just above it",
        )
        return Report((result,))
    if len(documents) > 1 and documents[0] is not None:
        return _single("", "multiple YAML documents in one file are not supported", "keep the first")
    root = documents[0]
    refused = _check_version(root)
    if refused is not None or root is None:
        return Report((refused,) if refused else ())
    return _check(root, named=any(mark in text for mark in ("&", "*", "<<", "!!")))


def _single(key: str, description: str, remedy: str) -> Report:
    return Report((Finding(key=key, description=description, remedy=remedy),))


def _check_version(root: YamlNode | None) -> Finding | None:
    """Why the file cannot be judged."""
    node = _version(root)
    if node is None:
        return Finding(
            key=_VERSION, description=f"{_VERSION} is a required field", remedy=f'write {_VERSION}: "{LATEST}.0"'
        )
    if not isinstance(node, Scalar) or not node.is_text:
        remedy = f'put the version between quotes: "{LATEST}"'
        return placed(root, Finding(key=_VERSION, description=WRONG_TYPE, remedy=remedy))
    if node.content.value not in VERSIONS:
        listed = ", ".join(VERSIONS)
        return Finding(
            key=_VERSION,
            description=f"unsupported version: '{node.content.value}'. Supported versions: {listed}",
            remedy=f'write {_VERSION}: "{LATEST}.0", and bring the file up to date',
        )
    return None


def _version(root: YamlNode | None) -> YamlNode | None:
    if not isinstance(root, nodes.Mapping):
        return None
    return next((value for key, value in root.entries if key.token.value == _VERSION), None)


def _check(root: YamlNode, *, named: bool) -> Report:
    version = _version(root)
    written = version.content.value if isinstance(version, Scalar) else ""
    found: list[Finding] = []
    if written != "0" and not written.startswith(LATEST):
        text = f"v{written} is not the latest version, use '0'. Parsing this file as v{LATEST}."
        found.append(placed(root, deprecated.warning(_VERSION, text, 'write "0"')))
    values, fault = decode(PUBLICCODE, root, named=named)
    if fault is not None:
        found.append(_type_fault(root, fault))
    judged = (*_broken(PUBLICCODE, values, ""), *deprecated.check(values))
    return Report(tuple(found), values, root).with_results(judged)


def _type_fault(root: YamlNode, fault: InputError) -> Finding:
    line = fault.line or 0
    key = key_at(root, line) if line else ""
    if fault.message == WRONG_TYPE:
        remedy = "write the kind of value that the standard wants here"
    elif fault.value is not None:
        remedy = "drop the key, or mend its spelling or indentation"
    else:
        remedy = "write a whole address, https://…"
    return Finding(key=key, description=fault.message, line=line, column=1 if line else 0, remedy=remedy)


def _broken(record: Keys, values: Mapping[str, Any], prefix: str) -> Iterator[Finding]:
    """The rules that the values break, by key, without places."""
    for name, field in record.fields.items():
        yield from _field(f"{prefix}{name}", field, values.get(name), values)


def _field(key: str, field: Field, value: Any, owner: Mapping[str, Any]) -> Iterator[Finding]:
    if isinstance(field.type, Keys):
        if value is not None or field.always:
            yield from _broken(field.type, value or {}, f"{key}.")
        return
    for rule in field.rules:
        if not _keeps(rule, field, value, owner):
            yield _result(key, rule, value)
            return
    if value is None:
        return
    if isinstance(field.type, ByLanguage):
        for language, description in value.items():
            yield from _broken(field.type.of, description, _PLAIN_KEY.sub(r".\1", f"{key}[{language}]") + ".")
    elif field.each or isinstance(field.type, Items):
        yield from _items(key, field, value)


def _items(key: str, field: Field, values: list[Any]) -> Iterator[Finding]:
    inner = field.type.of if isinstance(field.type, Items) else None
    for at, value in enumerate(values):
        name = f"{key}[{at}]"
        if isinstance(inner, Keys):
            yield from _broken(inner, value, f"{name}.")
        for rule in field.each:
            if (value is not None or rule.name == "address") and not rules.RULES[rule.name].holds(value, rule.argument):
                yield _result(name, rule, value)
                break


_OF_NOTHING = frozenset(("required", "some"))
_OF_OWNER = frozenset(("required_if", "only_if"))


def _keeps(rule: Rule, field: Field, value: Any, owner: Mapping[str, Any]) -> bool:
    """Whether a value keeps a rule; what is not there keeps all but those that ask for it."""
    kept = rules.RULES[rule.name]
    if rule.name in _OF_OWNER:
        key, wanted = rule.argument.split()
        return (owner.get(key) == wanted) is (rule.name == "only_if") or kept.holds(value, wanted)
    if rule.name in _OF_NOTHING:
        return kept.holds(value, rule.argument)
    absent = value is None or (value == "" and not field.present)
    return absent or kept.holds(value, rule.argument)


def _result(key: str, rule: Rule, value: Any) -> Finding:
    message, remedy = rules.said(rule, key.rpartition(".")[2], value)
    return Finding(key=key, description=message, remedy=remedy)
