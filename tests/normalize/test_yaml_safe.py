"""YAML from strangers costs little, runs nothing, and is refused with its place."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.apart import apart
from support.cost import cost_of_reading
from support.examples import examples
from support.timing import costs_less_than

from harvester.errors import InputError
from harvester.normalize.yaml_safe import MOST_BYTES, YamlDocument, decode, read_mapping

MOST_SECONDS = 0.5
MOST_MB = 50


def timed(text: str) -> YamlDocument | InputError:
    found: YamlDocument | InputError
    with costs_less_than(MOST_SECONDS):
        try:
            found = read_mapping(text)
        except InputError as error:
            found = error
    assert isinstance(found, YamlDocument) or (found.line is not None and found.column is not None)
    return found


def refused(text: str) -> InputError:
    found = timed(text)
    assert isinstance(found, InputError), found
    return found


def value(text: str) -> dict[str, object]:
    found = timed(text)
    assert isinstance(found, YamlDocument), found
    return found.value


def laughs(levels: int, each: int) -> str:
    lines = ["a0: &a0 [x]"]
    lines += [f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * each)}]" for level in range(1, levels)]
    return "\n".join(lines)


def test_a_billion_laughs_are_refused() -> None:
    assert "too many" in refused(laughs(9, 9)).message


def test_few_aliases_that_repeat_much_are_refused() -> None:
    big = "big: &big [" + ", ".join(["1"] * 10_000) + "]\n"
    assert "too many values" in refused(big + "\n".join(f"k{place}: *big" for place in range(50))).message


def test_a_modest_alias_repeats_its_value() -> None:
    assert value("a: &a {b: [1]}\nc: *a\n") == {"a": {"b": ["1"]}, "c": {"b": ["1"]}}


def test_an_alias_of_itself_is_refused() -> None:
    assert "before it is defined" in refused("a: &a [*a]").message


def test_an_unknown_alias_is_refused_at_its_place() -> None:
    error = refused("a: 1\nb: *nowhere\n")
    assert (error.line, error.column) == (2, 4)


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_twenty_thousand_levels_are_refused(opening: str) -> None:
    refused("a:\n  " + opening * 20_000)


def test_deep_block_mappings_are_refused() -> None:
    assert "nested too deeply" in refused("\n".join(" " * depth + "k:" for depth in range(400))).message


def test_depth_through_aliases_counts() -> None:
    lines = ["a0: &a0 [x]"] + [f"a{level}: &a{level} [*a{level - 1}]" for level in range(1, 60)]
    assert "nested too deeply" in refused("\n".join(lines)).message


def test_a_megabyte_is_refused_by_its_size() -> None:
    error = refused("a: " + "x" * 2**20)
    assert str(MOST_BYTES) in str(error)


@pytest.mark.parametrize(
    "filler", ["k{}: v\n", "- {}\n", "# {}\n", "[{}], ", "k{}: &x{} v\n", "? k{}\n", "a{}: |\n  b\n"]
)
def test_as_much_as_is_read_is_read_in_time(filler: str) -> None:
    head = "a: [" if filler.startswith("[") else "l:\n" if filler.startswith("-") else ""
    text = head + "".join(filler.replace("{}", str(place)) for place in range(MOST_BYTES // (len(filler) + 4)))
    timed(text[:MOST_BYTES])


@pytest.mark.parametrize(
    "payload",
    [
        "'" * 1000,
        '"' * 1001,
        "a: >\n" + " \n" * 100_000,
        "%" * 1000,
        "a: " + "!" * 5000,
        "&" * 9999,
        "*" * 9999,
        "\t" * 9999,
    ],
)
def test_odd_repetitions_are_answered_in_time(payload: str) -> None:
    timed(payload)


def test_a_key_that_stands_twice_is_told_and_the_last_holds() -> None:
    found = timed("a: 1\nb: 2\na: 3\n")
    assert isinstance(found, YamlDocument)
    assert found.value == {"a": "3", "b": "2"}
    assert found.duplicates == [("a", 3, 1)]


def test_merge_keys_fill_what_is_not_said() -> None:
    text = "base: &base {a: 1, b: 2}\nmore: &more {b: 9, c: 3}\none:\n  <<: *base\n  b: 5\ntwo:\n  <<: [*base, *more]\n"
    found = value(text)
    assert found["one"] == {"a": "1", "b": "5"}
    assert found["two"] == {"a": "1", "b": "2", "c": "3"}


@pytest.mark.parametrize("said", ["<<: 1", "<<: [1, 2]", "<<: ", "<<: {a: 1}"])
def test_odd_merge_keys_do_no_harm(said: str) -> None:
    assert value(f"{said}\nb: 2\n")["b"] == "2"


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system ['true']",
        "!!python/name:os.system",
        "!!python/tuple [1]",
        "!!python/object/new:type {}",
        "!<tag:yaml.org,2002:python/none> x",
        "!own x",
        "!!set {a}",
        "!!omap []",
    ],
)
def test_tags_that_make_things_are_refused_at_their_place(tag: str) -> None:
    error = refused(f"name: x\nbad: {tag}\n")
    assert error.line == 2
    assert "tag" in error.message


@pytest.mark.parametrize("tag", ["!!str 5", "! 5", "!!int 5", "!!float 5", "!!timestamp 5"])
def test_tags_of_plain_values_leave_the_text(tag: str) -> None:
    assert value(f"a: {tag}") == {"a": "5"}


def test_scalars_stay_as_they_were_written() -> None:
    text = (
        "v: 1.10\nd: 2020-01-02\nc: NO\no: 0o17\ne: 1e3\nt: true\nf: False\nn: ~\nm:\nq: 'true'\nx: 0x1F\ns: 12:30:45\n"
    )
    assert value(text) == {
        "v": "1.10",
        "d": "2020-01-02",
        "c": "NO",
        "o": "0o17",
        "e": "1e3",
        "t": True,
        "f": False,
        "n": None,
        "m": None,
        "q": "true",
        "x": "0x1F",
        "s": "12:30:45",
    }


@pytest.mark.parametrize("text", ["", "   ", "# only a comment\n", "---\n", "---\n...\n", "~", "null"])
def test_nothing_is_refused_as_nothing(text: str) -> None:
    assert "empty" in refused(text).message


@pytest.mark.parametrize(("text", "what"), [("- a\n- b\n", "a list"), ("words", "a single value"), ("[]", "a list")])
def test_no_mapping_is_refused(text: str, what: str) -> None:
    error = refused(text)
    assert what in error.message
    assert (error.line, error.column) == (1, 1)


def test_a_second_document_is_refused_at_its_place() -> None:
    error = refused("a: 1\n---\nb: 2\n")
    assert error.line == 2


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("a: 1\nb: [1, 2\nc: 3\n", 3, 2),
        ("a: 1\n\tb: 2\n", 2, 1),
        ("a: b: c\n", 1, 5),
        ("a: 'open\n", 2, 1),
        ("a: 1\nb\nc: 2\n", 3, 1),
        ("é: 1\nb: @x\n", 2, 4),
    ],
)
def test_broken_syntax_is_refused_at_its_place(text: str, line: int, column: int) -> None:
    error = refused(text)
    assert error.message.startswith("not YAML")
    assert (error.line, error.column) == (line, column)


@pytest.mark.parametrize("control", ["\0", "\x01", "\x1b", "\x7f", "\ufffe"])
def test_control_characters_are_a_value_or_refused_at_their_place(control: str) -> None:
    found = timed(f"é: 1\nb: 2{control}\n")
    if isinstance(found, InputError):
        assert (found.line, found.column) == (2, 5)


def test_lone_surrogates_do_not_end_the_parser() -> None:
    said = value("a: x\ud800y\n")["a"]
    assert isinstance(said, str)
    assert said in ("x?y", "x\ufffdy")


@pytest.mark.parametrize(
    "payload",
    [
        "name: Gestão".encode(),
        codecs.BOM_UTF8 + "name: Gestão".encode(),
        codecs.BOM_UTF16_LE + "name: Gestão".encode("utf-16-le"),
        codecs.BOM_UTF16_BE + "name: Gestão".encode("utf-16-be"),
        "name: Gestão".encode("utf-16-le"),
        "name: Gestão".encode("utf-16-be"),
        "name: Gestão".encode("cp1252"),
        "name: Gestão".encode("latin-1"),
    ],
)
def test_every_usual_encoding_gives_the_same_text(payload: bytes) -> None:
    text, _ = decode(payload)
    assert value(text) == {"name": "Gestão"}


def test_only_a_guessed_encoding_is_called_guessed() -> None:
    assert decode("é".encode()) == ("é", False)
    assert decode(codecs.BOM_UTF16_LE + "é".encode("utf-16-le")) == ("é", False)
    assert decode("é".encode("cp1252")) == ("é", True)
    assert decode("name".encode("utf-16-le"))[1] is True


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ((), (1, 1)),
        (("a",), (1, 1)),
        (("a", "b"), (2, 3)),
        (("a", "b", 1), (2, 10)),
        (("a", "missing"), (1, 1)),
        (("c", 0), (4, 5)),
        (("c", 0, "d"), (4, 5)),
        (("c", 1), (5, 5)),
        (("missing", "x"), (1, 1)),
    ],
)
def test_places_are_those_of_keys_and_items(path: tuple[str | int, ...], place: tuple[int, int]) -> None:
    found = timed("a:\n  b: [1, 2]\nc:\n  - d: 1\n  - e: 2\n")
    assert isinstance(found, YamlDocument)
    assert found.where(path) == place


def test_places_exist_where_keys_are_odd() -> None:
    found = timed("? [a, b]\n: 1\n? {c: d}\n: 2\n? &k e\n: &v [*k, *k]\nf: *v\n")
    assert isinstance(found, YamlDocument)
    assert found.where(("f", 0)) == (7, 1)


HOSTILE = {
    "a billion laughs": laughs(9, 9),
    "few aliases of much": "big: &big ["
    + ", ".join(["1"] * 10_000)
    + "]\n"
    + "\n".join(f"k{n}: *big" for n in range(50)),
    "20,000 lists": "a:\n  " + "[" * 20_000,
    "20,000 mappings": "a:\n  " + "{a: " * 20_000,
    "20,000 questions": "a:\n  " + "? " * 20_000,
    "a megabyte": "a: " + "x" * 2**20,
    "a list of as much as is read": "a: [" + "1," * (MOST_BYTES // 2 - 10) + "]",
    "keys of as much as is read": "".join(f"k{n}: v\n" for n in range(MOST_BYTES // 11)),
    "one key again and again": "k: v\n" * (MOST_BYTES // 5 - 1),
    "merge keys": "a: &a {b: 1}\n" + "".join(f"k{n}: {{<<: *a}}\n" for n in range(MOST_BYTES // 20)),
    "an object of Python": "a: !!python/object/apply:os.system ['true']",
    "NUL": "a: " + "\0" * 100_000,
    "blanks": "a: >\n" + " \n" * 100_000,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_what_is_hostile_costs_half_a_second_and_50_mb_at_most(name: str) -> None:
    seconds, grew_mb = apart(cost_of_reading, HOSTILE[name])
    print(f"{name}: {seconds:.2f} s, {grew_mb:.0f} MB")
    assert seconds <= MOST_SECONDS
    assert grew_mb <= MOST_MB


YAMLISH = st.text(alphabet="ab: -[]{}&*!?|>'\"%@#,\n\t~<.\\0é\ud800\0", max_size=120)


@given(YAMLISH | st.text(max_size=120))
@examples(300)
def test_any_text_is_a_mapping_or_refused(text: str) -> None:
    found = timed(text)
    if isinstance(found, YamlDocument):
        assert isinstance(found.value, dict)
        line, column = found.where(("a", 0))
        assert line >= 1
        assert column >= 1


@given(st.binary(max_size=200))
@examples(200)
def test_any_bytes_are_text(payload: bytes) -> None:
    text, _ = decode(payload)
    text.encode()
