"""YAML as the official validator's reader takes it, which is not as libyaml does."""

from __future__ import annotations

import pytest
from validate_texts import VALID, errors

from harvester.errors import InputError
from harvester.validate.reading.nodes import Mapping, Scalar, Sequence
from harvester.validate.reading.parser import parse


def values(node: object) -> object:
    """A tree's plain values."""
    if isinstance(node, Mapping):
        return {key.token.value: values(value) for key, value in node.entries}
    if isinstance(node, Sequence):
        return [values(item) for item in node.items]
    return node.text if isinstance(node, Scalar) else node


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a: b\n", {"a": "b"}),
        ("a: b # c\n", {"a": "b"}),
        ("a: b#c\n", {"a": "b#c"}),
        ("a: https://b.example:80/c\n", {"a": "https://b.example:80/c"}),
        ("a: one\n  two\n\n  three\n", {"a": "one two\nthree"}),
        ("a:\n- b\n- c\n", {"a": ["b", "c"]}),
        ("a:\n  - b: 1\n    c: 2\n  -\n", {"a": [{"b": "1", "c": "2"}, None]}),
        ("a: |\n  one\n   two\n\nb: c\n", {"a": "one\n two\n", "b": "c"}),
        ("a: >-\n  one\n  two\n\n  three\n", {"a": "one two\nthree"}),
        ("a: |2-\n     one\nb: c\n", {"a": "   one", "b": "c"}),
        ("a: 'it''s'\nb: \"\\u00e9\\t\\x41\"\n", {"a": "it's", "b": "é\tA"}),
        ("{a: [1, 2.50, true], b: {c: ~}}\n", {"a": ["1", "2.5", "true"], "b": {"c": None}}),
        ("a: 0x1F\nb: 010\nc: 0o17\nd: 1_000\ne: 1.2.3\n", {"a": "31", "b": "8", "c": "15", "d": "1000", "e": "1.2.3"}),
        ("a:\r\n  - b\r\n", {"a": ["b"]}),
        ("? a\n: b\n", {"?": "b"}),
        ("---\na: b\n...\n", {"a": "b"}),
    ],
)
def test_values_are_those_that_are_written(text: str, expected: object) -> None:
    assert values(parse(text)[0]) == expected


@pytest.mark.parametrize(
    ("text", "message", "line"),
    [
        ("a: b: c\n", "mapping value is not allowed in this context", 1),
        ("a: 'b'\n  c\n", "value is not allowed in this context. map key-value is pre-defined", 2),
        ("a: b\nc\n", "non-map value is specified", 2),
        ("a: b\na: c\n", 'mapping key "a" already defined at [1:1]', 2),
        ("a:\n\tb: c\n", "found character '\t' that cannot start any token", 2),
        ('a: "b\nc: d\n', "could not find end character of double-quoted text", 1),
        ("a: 'b\n", "could not find end character of single-quoted text", 1),
        ("a: [b, c\nd: e\n", "',' or ']' must be specified", 2),
        ("a: [b, c\n", "sequence end token ']' not found", 1),
        ("a: |2+\n   one\n\n", "invalid number of indent is specified in the multi-line header", 3),
        ("a: {b: c\n", "could not find flow mapping end token '}'", 1),
        ("a: b]\n- c\n", "non-map value is specified", 2),
        ("a: @b\n", "'@' is a reserved character", 1),
        ("a: - b\n", "block sequence entries are not allowed in this context", 1),
        ("- a\nb: c\n", "value is not allowed in this context", 2),
        ("a: &b\n", "undefined anchor value", 1),
        ('a: "\\q"\n', "found unknown escape character 'q'", 1),
        ("a: |x\n  b\n", 'invalid header option: "x"', 1),
        (": a\n", "unexpected key name", 1),
        ("a\nb: c\n", "unexpected key name", 1),
    ],
)
def test_a_broken_text_is_refused_where_the_official_reader_refuses_it(text: str, message: str, line: int) -> None:
    with pytest.raises(InputError) as refused:
        parse(text)
    assert (refused.value.message, refused.value.line) == (message, line)


def test_more_than_one_document_is_refused() -> None:
    assert errors(VALID + "---\nname: other\n") == [("", 0, 0, "multiple YAML documents in one file are not supported")]


def test_a_file_that_is_not_utf_8_is_refused() -> None:
    assert errors(VALID.replace("Agora", "Agorà").encode("latin-1")) == [("", 0, 0, "Invalid UTF-8")]


def test_aliases_and_merged_mappings_are_followed() -> None:
    text = VALID.replace("  en:\n", "  en: &text\n").replace("legal:", "  fr: *text\n  it:\n    <<: *text\nlegal:")
    assert errors(text) == []
    nobody = errors(VALID.replace("EUPL-1.2", "*nobody"))
    assert nobody[0] == ("legal.license", 17, 1, "wrong type for this field")


def test_windows_line_ends_do_not_move_places() -> None:
    broken = VALID.replace("stable", "done")
    assert errors(broken.replace("\n", "\r\n")) == errors(broken)
