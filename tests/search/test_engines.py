"""What both engines promise, asked of each."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from search_corpus import document_of, filled

from harvester.errors import IndexUnavailable
from harvester.model import Appraisal, Identifier, Organisation, Shelf
from harvester.search import MARK_END, MARK_START, UNKNOWN, Document, Engine, Facet, Query
from harvester.search.ladder import climb
from harvester.search.query import DEFAULT_SIZE

pytestmark = pytest.mark.xdist_group("elasticsearch")


def _document(identity: str, name: str = "", /, version: int = 1, **fields: Any) -> Document:
    return document_of(identity, version=version, **{"name": name or f"Tool {identity}"} | fields)


def _ids(engine: Engine, query: Query) -> list[str]:
    return [hit.id for hit in engine.search(query).hits]


def test_an_export_holds_everything_in_order_and_no_page(engine: Engine) -> None:
    filled(engine, [_document(str(n), f"Tool {n % 1000:03}", license="MIT" if n % 2 else None) for n in range(1200)])
    whole = [one["name"] for one in engine.every(Query(sort="name", page=3, size=1))]
    assert len(whole) == 1200
    assert whole == sorted(whole)
    chosen = [one["id"] for one in engine.every(Query(text="tool", selections={"license": ("MIT",)}))]
    assert sorted(map(int, chosen)) == list(range(1, 1200, 2))
    assert list(engine.every(Query(text="nothing"))) == []


def test_all_values_of_a_facet_can_be_asked_for(engine: Engine) -> None:
    filled(engine, [_document(str(n), organisations=(Organisation(f"Body {n:02}"),)) for n in range(40)])
    few, all_of_them = (engine.search(query).facets for query in (Query(), Query(values=1000)))
    assert [len(_counts(facets, "organisation")) for facets in (few, all_of_them)] == [30, 40]
    others = [{one.name: one.others for one in facets} for facets in (few, all_of_them)]
    assert [one["organisation"] for one in others] == [10, 0]


def _counts(facets: Sequence[Facet], name: str) -> dict[str, int]:
    return {value.value: value.count for facet in facets if facet.name == name for value in facet.values}


MADRID = Organisation("Madrid")
CITIES = [
    _document("a", "Budget participatif", short_description={"fr": "L’été des données ouvertes"}, countries=("FR",)),
    _document("b", "Open budgets", short_description={"en": "Organizing datasets"}, countries=("FR", "IT")),
    _document(
        "c",
        "Consul",
        short_description={"es": "Presupuestos"},
        countries=("ES",),
        organisations=(MADRID,),
    ),
    _document("d", "Decidim", short_description={"und": "Participatory budgets"}, license="AGPL-3.0-only"),
]


def test_before_the_first_generation_there_is_nothing_to_search(engine: Engine) -> None:
    assert engine.current() is None
    assert engine.count() == 0
    assert not engine.healthy().ok
    with pytest.raises(IndexUnavailable, match="index rebuild"):
        engine.search(Query())


def test_a_generation_is_searched_once_it_is_activated(engine: Engine) -> None:
    filled(engine, CITIES[:1])
    second = engine.begin()
    engine.apply(second, CITIES)
    assert engine.count() == 1
    engine.activate(second)
    assert (engine.current(), engine.count()) == (second, 4)
    assert engine.healthy().ok


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("budget", {"a", "b", "d"}),
        ("BUDGETS", {"a", "b", "d"}),
        ("ete donnee", {"a"}),
        ("l'été", {"a"}),
        ("budget dataset", {"b"}),
        ("organized", {"b"}),
        ("presupuestos", {"c"}),
        ("presupuesto", {"c"}),
        ("madrid consul", {"c"}),
        ("budget nonsense", set()),
        ('"participatory budget"', {"d"}),
        ('"budget participatory"', set()),
        ("...", set()),
    ],
)
def test_every_word_is_found_in_some_field(engine: Engine, text: str, found: set[str]) -> None:
    filled(engine, CITIES)
    result = engine.search(Query(text))
    assert {hit.id for hit in result.hits} == found
    assert (result.total, result.of_all) == (len(found), 4)


def test_a_word_in_the_name_weighs_more(engine: Engine) -> None:
    documents = [_document("a", "Xyz", short_description={"en": "budget"}), _document("b", "Budget")]
    assert _ids(filled(engine, documents), Query("budget")) == ["b", "a"]


def test_equal_scores_are_in_the_order_of_ids_over_pages(engine: Engine) -> None:
    identities = [f"{n * 7919 % 997:03d}" for n in range(1, 250)]
    filled(engine, [_document(identity, "Same name") for identity in identities])
    paged = [identity for page in range(1, 26) for identity in _ids(engine, Query("name", page=page, size=10))]
    assert paged == sorted(identities)


def test_without_words_the_most_relevant_come_first(engine: Engine) -> None:
    documents = [_document("a"), _document("b", standing=0.9), _document("c", standing=0.25), _document("d")]
    assert _ids(filled(engine, documents), Query()) == ["b", "c", "a", "d"]


def test_by_activity_the_newest_come_first_and_unknown_ones_last(engine: Engine) -> None:
    early, late = (datetime.fromtimestamp(seconds, UTC) for seconds in (5, 2**31))
    changed = {"b": early, "c": late, "d": early}
    documents = [_document("a"), *(_document(one, date_modified=when) for one, when in changed.items())]
    assert _ids(filled(engine, documents), Query(sort="activity")) == ["c", "b", "d", "a"]


def test_by_name_accents_and_case_do_not_count(engine: Engine) -> None:
    documents = [_document("a", "zeta"), _document("b", "Éclair"), _document("c", "eclairs"), _document("d", "éclair")]
    assert _ids(filled(engine, documents), Query(sort="name")) == ["b", "d", "c", "a"]


def test_a_chosen_value_keeps_its_siblings_counts(engine: Engine) -> None:
    result = filled(engine, CITIES).search(Query(selections={"country": ("IT",)}))
    assert result.total == 1
    assert _counts(result.facets, "country") == {"FR": 2, "IT": 1, "ES": 1, UNKNOWN: 1}
    assert _counts(result.facets, "organisation") == {UNKNOWN: 1}


def test_values_of_a_facet_widen_and_facets_narrow(engine: Engine) -> None:
    filled(engine, CITIES)
    assert set(_ids(engine, Query(selections={"country": ("IT", "ES")}))) == {"b", "c"}
    assert _ids(engine, Query(selections={"country": ("IT", "ES"), "organisation": ("Madrid",)})) == ["c"]
    assert _ids(engine, Query(selections={"license": ("AGPL-3.0-only",), "country": (UNKNOWN,)})) == ["d"]


def test_a_selected_value_at_zero_stays(engine: Engine) -> None:
    result = filled(engine, CITIES).search(Query("consul", selections={"country": ("IT", "nowhere")}))
    assert result.total == 0
    assert _counts(result.facets, "country") == {"ES": 1, "IT": 0, "nowhere": 0}


def test_a_long_facet_lists_thirty_values_the_chosen_ones_and_how_many_more(engine: Engine) -> None:
    documents = [_document(f"{n:02d}", organisations=(Organisation(f"Body {n:02d}"),)) for n in range(40)]
    result = filled(engine, documents).search(Query(selections={"organisation": ("Body 39",)}))
    facet = next(facet for facet in result.facets if facet.name == "organisation")
    assert [value.value for value in facet.values] == [*(f"Body {n:02d}" for n in range(30)), "Body 39"]
    assert facet.others == 9


def test_found_words_are_marked_in_the_language_asked_for(engine: Engine) -> None:
    texts = {"en": "Organized <b>data</b>", "fr": "Données organisées"}
    filled(engine, [_document("a", "Données", short_description=texts)])
    english = engine.search(Query("organize data")).hits[0].highlights
    french = engine.search(Query("donnee organisee", language="fr")).hits[0].highlights
    assert english == {"description": f"{MARK_START}Organized{MARK_END} <b>{MARK_START}data{MARK_END}</b>"}
    assert french == {
        "name": f"{MARK_START}Données{MARK_END}",
        "description": f"{MARK_START}Données{MARK_END} {MARK_START}organisées{MARK_END}",
    }


def test_a_long_description_is_cut_around_the_first_word_found(engine: Engine) -> None:
    text = "filler " * 100 + "needle " + "filler " * 100
    filled(engine, [_document("a", short_description={"en": text})])
    shown = engine.search(Query("needle")).hits[0].highlights["description"]
    assert f"{MARK_START}needle{MARK_END}" in shown
    assert shown.startswith("…")
    assert shown.endswith("…")
    assert len(shown) < 350


def test_a_late_write_never_wins(engine: Engine) -> None:
    filled(engine, [_document("a", "New", 5)])
    generation = engine.current()
    assert generation
    applied = engine.apply(generation, [_document("a", "Old", 4)], [("a", 4)])
    assert applied.done == (("a", 4), ("a", 4))
    assert not applied.failed
    assert engine.search(Query()).hits[0].document["name"] == "New"
    engine.apply(generation, [_document("a", "Newer", 6)])
    assert engine.search(Query()).hits[0].document["name"] == "Newer"


@pytest.mark.parametrize("writes", [1_000, pytest.param(10_000, marks=pytest.mark.long)])
def test_shuffled_writes_end_where_the_newest_of_each_left_it(engine: Engine, writes: int) -> None:
    """Twenty versions of each tool, every fifth a deletion, in any order and in batches of any size."""
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    chance = random.Random(seed)
    versions = {f"tool-{n}": chance.sample(range(1, 1_000), 20) for n in range(writes // 20)}
    every = [(name, version) for name, some in versions.items() for version in some]
    chance.shuffle(every)
    filled(engine, [])
    generation = engine.current()
    assert generation
    while every:
        batch = [every.pop() for _ in range(min(len(every), chance.randint(1, 400)))]
        kept = [_document(name, f"{name} {version}", version) for name, version in batch if version % 5]
        applied = engine.apply(generation, kept, [(name, version) for name, version in batch if not version % 5])
        assert not applied.failed
    newest = {name: max(some) for name, some in versions.items()}
    expected = {name: f"{name} {version}" for name, version in newest.items() if version % 5}
    assert {one["id"]: one["name"] for one in engine.every(Query())} == expected
    assert engine.versions(generation) == {name: newest[name] for name in expected}


def test_a_late_write_does_not_bring_back_what_was_deleted(engine: Engine) -> None:
    filled(engine, [_document("a", version=5), _document("b")])
    generation = engine.current()
    assert generation
    engine.apply(generation, [], [("a", 7), ("never-there", 1)])
    engine.apply(generation, [_document("a", "Old", 6)])
    assert _ids(engine, Query()) == ["b"]
    engine.apply(generation, [_document("a", version=8)])
    assert _ids(engine, Query()) == ["a", "b"]


def test_the_newest_of_several_writes_of_one_batch_stands(engine: Engine) -> None:
    filled(engine, [])
    generation = engine.current()
    assert generation
    engine.apply(generation, [_document("a", "Second", 2), _document("a", "First", 1)])
    assert [hit.document["name"] for hit in engine.search(Query()).hits] == ["Second"]


def test_a_document_that_cannot_be_written_fails_alone(engine: Engine) -> None:
    generation = engine.begin()
    bad = [_document("surrogate", "\ud800"), _document("version", version=2**70)]
    applied = engine.apply(generation, [*bad, _document("a"), _document("c")])
    engine.activate(generation)
    assert sorted(applied.failed) == ["surrogate", "version"]
    assert [identity for identity, _ in applied.done] == ["a", "c"]
    assert _ids(engine, Query()) == ["a", "c"]


def test_a_search_sees_what_was_just_written(engine: Engine) -> None:
    filled(engine, CITIES[:1])
    generation = engine.current()
    assert generation
    assert engine.search(Query()).total == 1
    engine.apply(generation, CITIES[1:])
    result = engine.search(Query())
    assert (result.total, _counts(result.facets, "country")["FR"]) == (4, 2)


def test_pages_in_reach_are_counted(engine: Engine) -> None:
    filled(engine, [_document(f"{n:02d}") for n in range(45)])
    result = engine.search(Query(page=3, size=20))
    assert (result.page, result.pages, len(result.hits)) == (3, 3, 5)
    assert engine.search(Query(page=4, size=20)).hits == ()


def test_suggestions_go_on_from_the_last_word(engine: Engine) -> None:
    filled(engine, CITIES)
    assert [each.name for each in engine.suggest("budg")] == ["Budget participatif", "Open budgets"]
    assert [(each.id, each.slug) for each in engine.suggest("budget PÀR")] == [("a", "slug-a")]
    assert list(engine.suggest("  ")) == []
    assert len(engine.suggest("o", limit=1)) == 1


ASKED_AS = [
    _document("en", "Agora", short_description={"en": "A platform for participatory budgeting"}),
    _document("tagged", "Forum", use_cases=("participatory-budgeting",)),
    _document("de", "Marktplatz", short_description={"de": "Der Bürgerhaushalt unserer Stadt"}),
    _document("other", "Budgets", short_description={"en": "Household budgets, and whom they concern"}),
]


@pytest.mark.parametrize("text", ["budget participatif", "Bürgerhaushalt", "participatory budgeting"])
def test_a_concept_is_found_by_all_its_names_and_as_a_use_case(engine: Engine, text: str) -> None:
    filled(engine, ASKED_AS)
    assert sorted(_ids(engine, Query(text))) == ["de", "en", "tagged"]
    assert sorted(one["id"] for one in engine.every(Query(text))) == ["de", "en", "tagged"]
    assert _ids(engine, Query('"Bürgerhaushalt"')) == ["de"]  # quoted: these words and no others


def test_a_question_is_loosened_step_by_step_until_something_is_found(engine: Engine) -> None:
    filled(engine, ASKED_AS)
    whole = climb(engine, Query("household budgets"))
    assert (whole.query.step, whole.totals, whole.loosened, whole.left_out) == ("all", {"all": 1}, False, ())
    said = climb(engine, Query("best tool for household budgets"))
    assert (said.query.step, said.totals) == ("said", {"all": 0, "said": 1})
    assert said.left_out == ("best", "tool")
    most = climb(engine, Query("zzyzx household budgets"))
    assert (most.query.step, most.totals) == ("most", {"all": 0, "aside": 0, "most": 1})
    assert [hit.id for hit in most.result.hits] == ["other"]
    nothing = climb(engine, Query("zzyzx qwertz"))
    assert (nothing.query.step, nothing.totals) == ("all", {"all": 0, "aside": 0, "most": 0})
    quoted = climb(engine, Query('"zzyzx" household budgets'))
    assert not any(quoted.totals.values())


def test_what_is_set_aside_is_shown_where_it_is_asked_for_or_alone_answers(engine: Engine) -> None:
    copy = Appraisal(shelf=Shelf.COPIES, folded=())
    origin = Appraisal(copied_by=1, folded=(Identifier("repo", "https://forge.example/town/petitions"),))
    filled(
        engine,
        [
            _document("origin", "Petitions", appraisal=origin),
            _document("copy", "Petitions of a town", appraisal=copy),
            _document("docs", "Handbook of petitions", appraisal=Appraisal(shelf=Shelf.OTHER)),
        ],
    )
    assert _ids(engine, Query("petitions")) == ["origin"]
    assert engine.search(Query()).of_all == 1
    both = engine.search(Query("petitions", {"also": ("copies",)}))
    assert sorted(hit.id for hit in both.hits) == ["copy", "origin"]
    counts = {one.value: one.count for facet in both.facets if facet.name == "also" for one in facet.values}
    assert counts == {"listed": 1, "copies": 1, "other": 1}
    assert {hit.id: hit.document["folded"] for hit in both.hits}["origin"] == [
        "repo:https://forge.example/town/petitions"
    ]
    alone = climb(engine, Query("handbook"))
    assert (alone.step, [hit.id for hit in alone.result.hits], alone.loosened) == ("aside", ["docs"], True)
    assert sorted(one["id"] for one in engine.every(alone.query)) == ["docs"]


@pytest.mark.parametrize(("listed", "total"), [(DEFAULT_SIZE - 1, DEFAULT_SIZE + 2), (DEFAULT_SIZE, DEFAULT_SIZE)])
def test_what_follows_the_toolbox_is_the_same_whatever_the_page_and_its_size(
    engine: Engine, listed: int, total: int
) -> None:
    aside = Appraisal(shelf=Shelf.OTHER)
    tools = [_document(f"tool-{n:02}", f"Petition {n}") for n in range(listed)]
    filled(engine, [*tools, *(_document(f"aside-{n}", f"Petition notes {n}", appraisal=aside) for n in range(3))])
    asked = [
        climb(engine, Query("petition", page=page, size=size)) for page, size in ((1, 100), (1, 5), (2, 10), (1, 20))
    ]
    assert {one.result.total for one in asked} == {total}
    ranked = [hit.document["shelf"] for hit in asked[0].result.hits]
    assert ranked == ["listed"] * listed + ["other"] * (total - listed)


def test_filters_alone_never_loosen_a_question(engine: Engine) -> None:
    filled(engine, ASKED_AS)
    reached = climb(engine, Query("household", {"license": ("MIT",)}))
    assert (reached.query.step, reached.result.total, reached.totals) == ("all", 0, {"all": 0})
    loosened = climb(engine, Query("zzyzx household", {"license": ("MIT",)}))
    assert (loosened.query.step, loosened.result.total) == ("most", 0)


def test_what_answers_less_follows_marked_and_filters_change_nothing_of_it(engine: Engine) -> None:
    aside = Appraisal(shelf=Shelf.OTHER)
    filled(
        engine,
        [
            _document("part", "Household tools", license="MIT"),
            _document("notes", "Household budgets, notes", appraisal=aside),
            _document("whole", "A calculator", short_description={"en": "For the budgets of a household"}),
            _document("else", "Something else", license="MIT"),
        ],
    )
    reached = climb(engine, Query("household budgets"))
    assert (reached.step, reached.totals, reached.listed, reached.result.total) == ("all", {"all": 1}, 1, 3)
    hits = reached.result.hits
    assert [(hit.id, hit.step) for hit in hits] == [("whole", "all"), ("notes", "all"), ("part", "most")]
    assert [reached.looser(hit) for hit in hits] == [False, False, True]
    assert all(0 < hit.score < 100 for hit in hits)  # the words' own, without the tier that they stand in
    among = climb(engine, Query("household budgets", {"license": ("MIT",)}))
    assert (among.step, among.totals, [hit.id for hit in among.result.hits]) == ("all", {"all": 0}, ["part"])
    assert [hit.id for hit in climb(engine, Query("household budgets", sort="name")).result.hits] == ["whole"]


def test_both_read_the_box_alike(engine: Engine) -> None:
    """Minus, names with dots, words written together, words misspelt, and pages in the order of ids."""
    filled(
        engine,
        [
            _document("a", "LibreOffice", short_description={"en": "Writes letters and petitions"}),
            _document("b", "Pol.is", short_description={"en": "Deliberation of many"}),
            _document("c", "Pol", short_description={"en": "What it is: a list of petitions"}),
            _document("d", "Child-care finder", short_description={"en": "Places for children"}),
        ],
    )

    def found(text: str) -> list[str]:
        return [hit.id for hit in climb(engine, Query(text, as_typed=True)).result.hits]

    assert found("petitions -letters") == found('petitions -"letters and"') == ["c"]
    assert sorted(found("-petitions")) == ["b", "d"]
    assert found("pol.is") == ["b"]
    assert found("libre office") == ["a"]
    assert found("child-care") == ["d"]
    misspelt = climb(engine, Query("pettions"))
    assert (misspelt.query.text, misspelt.instead_of) == ("petitions", Query("pettions"))
    assert sorted(hit.id for hit in misspelt.result.hits) == ["a", "c"]
    assert climb(engine, Query("pettions", as_typed=True)).result.total == 0
    assert climb(engine, Query("zzyzxq")).instead_of is None
    assert [hit.id for hit in engine.after(Query(size=2), "")] == ["a", "b"]
    assert [hit.id for hit in engine.after(Query(size=2), "b")] == ["c", "d"]
    assert engine.after(Query("petitions"), "c") == []
    assert engine.total(Query("petitions")) == 2
