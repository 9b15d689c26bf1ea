"""YAML is read with a place for every complaint, and no text ends the process or eats it."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.examples import examples

from harvester.errors import InputError
from harvester.normalize.yaml_safe import MOST_BYTES, YamlDocument, decode, read_mapping

BOMB = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 10)}]\n" for n in range(1, 10)
)


@pytest.mark.parametrize(
    "text",
    ["[" * 200_000, "{" * 200_000, "- " * 100_000, "? " * 100_000, "a: {" * 50_000, "[{" * 60_000],
    ids=["lists", "mappings", "items", "keys", "values", "both"],
)
def test_deep_nesting_is_refused_and_does_not_end_the_process(text: str) -> None:
    code = (
        "import sys\nfrom harvester.errors import InputError\nfrom harvester.normalize.yaml_safe import read_mapping\n"
        "try:\n    read_mapping(sys.stdin.read())\n"
        "except InputError as error:\n    print('refused', error.line, error.column is not None)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.returncode, done.stdout) == (0, "refused 1 True\n"), done.stderr


def test_what_aliases_repeat_is_counted() -> None:
    begun = time.process_time()
    with pytest.raises(InputError, match="too many"):
        read_mapping(BOMB)
    assert time.process_time() - begun < 1


def test_an_alias_cannot_hold_itself() -> None:
    with pytest.raises(InputError, match="alias"):
        read_mapping("a: &a [*a]")


def test_an_alias_does_not_hide_depth() -> None:
    with pytest.raises(InputError, match="deep"):
        read_mapping("a: &a [[[[[[[[[[x]]]]]]]]]]\nb: [[[[[[[[[[[*a]]]]]]]]]]]")


@pytest.mark.parametrize(
    ("text", "line", "column", "said"),
    [
        ("# nothing\n", 1, 1, "only comments"),
        ("", 1, 1, "empty"),
        ("\n- one\n", 2, 1, "a list"),
        ("\n\n  word", 3, 3, "a single value"),
        ("a: 1\nb: 'x\n", 3, 1, "not YAML"),
        ("a: 1\n\tb: 2\n", 2, 1, "not YAML"),
        ("é: 1\nbé: \x01", 2, 5, "not YAML"),
        ("a: \x00", 1, 4, "not YAML"),
        ("a: 1\nb: *nowhere", 2, 4, "alias"),
        ("a: !!python/object/apply:os.getcwd []", 1, 4, "tag"),
        ("a: !mine x", 1, 4, "tag"),
        ("a: 1\n---\nb: 2", 2, 1, "more than one document"),
    ],
)
def test_what_is_no_mapping_is_refused_with_its_place(text: str, line: int, column: int, said: str) -> None:
    with pytest.raises(InputError) as refused:
        read_mapping(text)
    assert said in refused.value.message
    assert (refused.value.line, refused.value.column) == (line, column)


def test_scalars_stay_as_they_were_written() -> None:
    text = "a: 0.50\nb: 2020-01-01\nc: NO\nd: true\ne: ~\nf: 'true'\ng: 0x1F\nh:\ni: !!str 7\nj: yes\n"
    assert read_mapping(text).value == {
        "a": "0.50",
        "b": "2020-01-01",
        "c": "NO",
        "d": True,
        "e": None,
        "f": "true",
        "g": "0x1F",
        "h": None,
        "i": "7",
        "j": "yes",
    }


def test_merge_keys_fill_what_is_open() -> None:
    text = "base: &base {a: 1, b: 2}\nother:\n  <<: *base\n  b: 3\n"
    assert read_mapping(text).value["other"] == {"a": "1", "b": "3"}


def test_a_key_that_stands_twice_is_told_with_its_second_place() -> None:
    document = read_mapping("a: 1\nb:\n  c: 1\n  c: 2\na: 2\n")
    assert document.value == {"a": "2", "b": {"c": "2"}}
    assert document.duplicates == [("c", 4, 3), ("a", 5, 1)]


def test_places_are_those_of_keys_and_items() -> None:
    document: YamlDocument = read_mapping("# head\na: 1\nb:\n  c:\n    - x\n    - y\n? [k]\n: v\n")
    assert document.where(("a",)) == (2, 1)
    assert document.where(("b", "c", 1)) == (6, 7)
    assert document.where(("b", "nothing")) == (3, 1)
    assert document.where(("nothing",)) == (2, 1)


@pytest.mark.parametrize(
    ("payload", "guessed"),
    [
        ("name: Café".encode(), False),
        ("name: Café".encode("utf-8-sig"), False),
        ("name: Café".encode("utf-16"), False),
        ("name: Café".encode("utf-16-le"), True),
        ("name: Café".encode("utf-16-be"), True),
        ("name: Café".encode("latin-1"), True),
    ],
)
def test_every_usual_encoding_gives_the_same_text(payload: bytes, guessed: bool) -> None:
    text, was_guessed = decode(payload)
    assert read_mapping(text).value == {"name": "Café"}
    assert was_guessed is guessed


def test_a_file_that_is_too_large_is_refused() -> None:
    with pytest.raises(InputError, match="characters"):
        read_mapping("a: " + "x" * MOST_BYTES)


@examples(300)
@given(st.text(st.sampled_from("ab:-?[]{}&*!|>'\"#%@, \n\t<0é\ufeff\x85\ud800"), max_size=60))
def test_any_text_is_a_mapping_or_an_input_error_with_a_place(text: str) -> None:
    try:
        document = read_mapping(text)
    except InputError as refused:
        places = [(refused.line or 0, refused.column or 0)]
    else:
        places = [document.where((key,)) for key in document.value]
    assert all(place >= (1, 1) for place in places)


@examples(200)
@given(st.binary(max_size=80))
def test_any_bytes_are_text(payload: bytes) -> None:
    text, _ = decode(payload)
    text.encode()
