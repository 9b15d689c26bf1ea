"""No file ends the validator, takes long, or is judged otherwise the second time."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples
from support.timing import costs_less_than
from validate_texts import VALID

from harvester.normalize.yaml_safe import MOST_BYTES
from harvester.validate import Report, validate

_MARKS = [*"\t:{}[],-#'\"|>!&*%@` \n\r?<.~\\é\ufeff\x00", "---", "...", "<<: ", "&a ", "*a", "!!bool "]
_LINES = VALID.splitlines(keepends=True)


def judged(payload: bytes) -> Report:
    """The report, which is well formed."""
    report = validate(payload)
    lines = payload.count(b"\n") + payload.count(b"\r") + 2
    for result in report.results:
        assert 0 <= result.line <= lines
        assert result.column >= 0
        assert result.description
        assert result.remedy
        json.dumps(result.as_json())
    assert validate(payload) == report
    return report


@examples(200)
@given(st.binary(max_size=300))
def test_any_bytes(payload: bytes) -> None:
    assert not judged(payload).valid


@examples(200)
@given(st.text(alphabet=st.sampled_from("ab:- \n\t'\"[]{}|>&*!#%,?<0."), max_size=200))
def test_any_text_of_yaml_s_own_characters(text: str) -> None:
    judged(text.encode())


@examples(300)
@given(st.integers(0, len(VALID)), st.sampled_from(_MARKS), st.integers(0, 12))
def test_a_character_put_into_a_valid_file(place: int, mark: str, gone: int) -> None:
    judged((VALID[:place] + mark + VALID[place + gone :]).encode())


@examples(100)
@given(st.integers(0, len(VALID)))
def test_a_file_that_was_cut(place: int) -> None:
    judged(VALID[:place].encode())


@examples(200)
@given(st.lists(st.tuples(st.integers(0, len(_LINES) - 1), st.integers(-3, 3)), max_size=4))
def test_lines_that_moved(moves: list[tuple[int, int]]) -> None:
    lines = list(_LINES)
    for place, by in moves:
        lines[place] = " " * by + lines[place] if by >= 0 else lines[place][-by:]
    judged("".join(lines).encode())


@examples(200)
@given(
    st.sampled_from([line for line in _LINES if ":" in line]),
    st.sampled_from(["1", "1.5", "true", "null", "[]", "{}", "[a]", "{a: b}", "'x'", "|\n  t", "!!int 3", "!!bool x"]),
)
def test_a_value_of_another_type(line: str, value: str) -> None:
    judged(VALID.replace(line, line.partition(":")[0] + ": " + value + "\n").encode())


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-32", "latin-1"])
def test_other_encodings(encoding: str) -> None:
    judged(VALID.replace("Agora", "Agorà").encode(encoding))


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        "{a: " * 50_000,
        "- " * 100_000,
        "? " * 100_000,
        "a: &a [*a]\nb: *a\n",
        "a: &a {b: *a}\n<<: *a\n",
        "a: '" + "\t" * 200_000,
        'a: "' + "\t" * 200_000,
        "a: |\n" + "  x\n" * 50_000,
        "a: >\n" + "  x\n" * 50_000,
        "a: x\n" + "  x\n" * 50_000,
        "x\n" * 100_000,
        "".join(f"k{n}: v\n" for n in range(20_000)),
        "a: [" + "x," * 100_000 + "]",
        'publiccodeYmlVersion: "0"\ndescription:\n' + "".join(f"  x{n}: {{}}\n" for n in range(15_000)),
        'publiccodeYmlVersion: "0"\nlocalisation: {availableLanguages: [' + "xx," * 60_000 + "]}",
        "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
        + "".join(f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)),
    ],
)
def test_a_hostile_file_is_judged_in_seconds(text: str) -> None:
    with costs_less_than(15):
        assert not validate(text.encode()[:MOST_BYTES]).valid


_HEAD = 'publiccodeYmlVersion: "0"\n'


@pytest.mark.parametrize(
    ("text", "line"),
    [
        (_HEAD + "softwareVersion: " + "1" * 5_000, 1),  # more digits than Python makes a number of: it is a text
        (_HEAD + "softwareVersion: " + "1_" * 5_000, 1),
        (_HEAD + "softwareVersion: -" + "9" * 200_000, 1),
        (_HEAD + "name: " + "!!str " * 10_000, 2),
        (_HEAD + "name: " + "!!str " * 10_000 + "x", 2),
        (_HEAD + 'name: "' + " \t" * 30_000 + 'x"', 1),
        (_HEAD + 'name: "' + "\t" * 60_000 + "x", 2),
        (_HEAD + 'name: "' + " \t" * 30_000, 2),
    ],
)
def test_what_would_break_or_hold_the_reader_is_a_fault_with_its_place(text: str, line: int) -> None:
    with costs_less_than(1):
        report = judged(text.encode())
    assert report.results[0].line == line


def test_a_file_above_the_limit_is_not_read() -> None:
    (result,) = judged(b"#" * (MOST_BYTES + 1)).results
    assert str(MOST_BYTES) in str(result.remedy)
