"""What only the embedded engine does: live in a folder that several processes share."""

from __future__ import annotations

import copy
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

import pytest
from search_corpus import document_of, filled
from support.builders import harvest, item

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import IndexOutdated, IndexUnavailable, SearchError
from harvester.search import Document, Query, open_engine, tantivy_engine, tantivy_reader
from harvester.search.sync import sync
from harvester.search.tantivy_engine import TantivyEngine
from index_mappings import software


def _documents(count: int) -> Sequence[Document]:
    return [document_of(f"{n:04d}", name=f"Tool {n}") for n in range(count)]


def test_the_settings_name_the_folder(tmp_path: Path) -> None:
    engine = open_engine(Settings(data=tmp_path))
    filled_engine = filled(engine, _documents(1))
    assert filled_engine.name == "tantivy"
    assert (tmp_path / "index" / "current").read_text() == engine.current()


def test_an_http_address_is_elasticsearch() -> None:
    engine = open_engine(Settings(index="http://127.0.0.1:9"))
    assert engine.name == "elasticsearch"
    engine.close()


def test_a_reader_sees_what_another_process_commits_and_activates(tmp_path: Path) -> None:
    writer, reader = TantivyEngine(tmp_path), TantivyEngine(tmp_path)
    filled(writer, _documents(1))
    assert reader.search(Query()).total == 1
    writer.apply(writer.current() or "", _documents(3))
    assert reader.search(Query()).total == 3
    filled(writer, _documents(5))
    assert reader.search(Query()).total == 5


def test_a_reader_goes_on_while_generations_are_swapped_away(tmp_path: Path) -> None:
    writer, reader = TantivyEngine(tmp_path), TantivyEngine(tmp_path)
    filled(writer, _documents(5))
    assert reader.search(Query()).total == 5
    for _ in range(3):
        filled(writer, _documents(5))
        assert len(reader.search(Query("tool")).hits) == 5
    assert len([path for path in tmp_path.iterdir() if path.is_dir()]) == 2, "the one in use and the one before"


def test_a_far_page_goes_on_where_the_near_ones_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    engine = filled(TantivyEngine(tmp_path), _documents(50))
    engine.apply(engine.current() or "", _documents(60)[30:])  # in several files, and some anew

    def told(sort: str, text: str) -> list[str]:
        pages = [engine.search(Query(text, sort=sort, page=page, size=7)) for page in range(1, 11)]
        assert {page.total for page in pages} == {60}
        return [hit.id for page in pages for hit in page.hits]

    asked = [(sort, text) for sort in ("relevance", "name", "activity") for text in ("", "tool")]
    near = [told(*one) for one in asked]
    monkeypatch.setattr(tantivy_reader, "_NEAR", 20)
    assert [told(*one) for one in asked] == near
    assert [one["id"] for one in engine.every(Query(sort="name"))] == near[2]


def test_an_index_of_another_mapping_has_to_be_rebuilt(tmp_path: Path) -> None:
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"]["more"] = {"type": "keyword"}
    filled(TantivyEngine(tmp_path, declaration=declaration), _documents(1))
    engine = TantivyEngine(tmp_path)
    for ask in (engine.current, lambda: engine.search(Query())):
        with pytest.raises(IndexOutdated, match="index rebuild"):
            ask()
    assert not engine.healthy().ok
    assert filled(engine, _documents(2)).search(Query()).total == 2


def test_a_second_writer_is_told_to_wait(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tantivy_engine, "_LOCK_WAIT_S", 0.2)
    first, second = TantivyEngine(tmp_path), TantivyEngine(tmp_path)
    filled(first, _documents(1))
    generation = first.current() or ""
    with first._writer(first._index(generation)), pytest.raises(SearchError, match="another process"):
        second.apply(generation, _documents(2))
    second.apply(generation, _documents(2))
    assert first.search(Query()).total == 2


def test_a_declaration_that_the_engine_cannot_obey_is_refused(tmp_path: Path) -> None:
    declaration = copy.deepcopy(software())
    declaration["mappings"]["properties"]["fr"]["analyzer"] = "french"
    with pytest.raises(SearchError, match="'fr'"):
        TantivyEngine(tmp_path, declaration=declaration)


@pytest.mark.parametrize("name", ["", "../elsewhere", "a/b", "."])
def test_a_generation_is_never_outside_of_the_folder(tmp_path: Path, name: str) -> None:
    with pytest.raises(SearchError):
        TantivyEngine(tmp_path).activate(name)


def test_a_writer_killed_while_it_writes_leaves_the_last_commit(tmp_path: Path) -> None:
    filled(TantivyEngine(tmp_path), _documents(10))
    script = textwrap.dedent("""
        import sys
        from pathlib import Path
        sys.path.append(sys.argv[2])
        from search_corpus import document_of
        from harvester.search.sync import sync
from harvester.search.tantivy_engine import TantivyEngine

        engine = TantivyEngine(Path(sys.argv[1]))
        generation = engine.current()
        for version in range(2, 10_000):
            batch = [document_of(f"{n:04d}", version=version, name="Again") for n in range(10)]
            engine.apply(generation, batch)
            print(version, flush=True)
    """)
    for _ in range(3):
        with subprocess.Popen(
            [sys.executable, "-c", script, str(tmp_path), str(Path(__file__).parent)], stdout=subprocess.PIPE
        ) as child:
            assert child.stdout
            child.stdout.readline()
            time.sleep(0.05)
            child.send_signal(signal.SIGKILL)
        engine = TantivyEngine(tmp_path)
        assert engine.search(Query()).total == 10
        engine.apply(engine.current() or "", [document_of("0000", version=10**6, name="After")])
        assert "After" in {hit.document["name"] for hit in engine.search(Query("after")).hits}


def _overwritten(file: Path) -> None:
    """Its end, which says how long it is and of what kind, stays: only reading it shows that it is nonsense."""
    whole = file.read_bytes()
    _replace(file, b"\xa5" * max(0, len(whole) - 200) + whole[-200:])


def _shortened(file: Path) -> None:
    _replace(file, file.read_bytes()[: file.stat().st_size // 2])


def _nonsense(file: Path) -> None:
    _replace(file, b"\xff" * 40)


def _replace(file: Path, body: bytes) -> None:
    """Another file in its place: who has it open, mapped into memory, goes on with the old one."""
    file.unlink()
    file.write_bytes(body)


HARMED = [("*.idx", _overwritten), ("*.term", _overwritten), ("*.store", _overwritten), ("*.pos", Path.unlink)]
HARMED += [("*.fast", _shortened), ("*.store", Path.unlink), ("meta.json", Path.unlink), ("meta.json", _nonsense)]
HARMED += [("../current", _nonsense), ("../*-*.json", _shortened), ("../*.gone", _nonsense)]


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Catalogue, Path]]:
    """A catalogue, and the folder of its index."""
    folder = tmp_path_factory.mktemp("published")
    with closing(Catalogue.open(f"sqlite:///{folder / 'catalogue.sqlite'}")) as catalogue:
        harvest(catalogue, [item(f"tool-{n}", name=f"A tool {n}") for n in range(60)], trusted=True)
        sync(catalogue, TantivyEngine(folder / "index"))
        yield catalogue, folder / "index"


@pytest.mark.parametrize(("name", "harm"), HARMED, ids=lambda part: part if isinstance(part, str) else part.__name__)
def test_an_index_that_is_damaged_is_unavailable_and_made_anew_by_itself(
    published: tuple[Catalogue, Path], name: str, harm: Callable[[Path], None]
) -> None:
    catalogue, folder = published
    generation = folder / (TantivyEngine(folder).current() or "")
    harmed = list(generation.glob(name))
    assert harmed
    for file in harmed:
        harm(file)
    opened = TantivyEngine(folder)
    if not name.endswith(".gone"):  # which is for writing alone
        with pytest.raises((IndexUnavailable, IndexOutdated), match="index rebuild"):
            opened.search(Query("a tool"))
        assert not opened.healthy().ok
        with pytest.raises((IndexUnavailable, IndexOutdated)):
            list(opened.every(Query('"a tool"')))
    sync(catalogue, opened)
    assert opened.search(Query("a tool")).total == 60
    assert opened.healthy().ok
