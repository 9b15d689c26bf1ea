"""The embedded engine: tantivy in a folder. One process writes at a time, any number read."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tantivy

from harvester.errors import IndexDamaged, IndexUnavailable, SearchError
from harvester.search.analysis import stamp
from harvester.search.document import Document
from harvester.search.generations import REBUILD, WRITABLE, Generations
from harvester.search.query import Query
from harvester.search.result import Applied, EngineHealth, Hit, Result, Suggestion
from harvester.search.tantivy_query import SPACES, Asker, schema
from harvester.search.tantivy_reader import TantivyReader
from index_mappings import RAW_FIELD, software

_HEAP_BYTES = 50_000_000
_LOCK_WAIT_S = 10.0


@dataclass(slots=True)
class _Open:
    """A generation held open, the commit that is read of it, and how to tell that there is a newer one."""

    generation: str
    index: tantivy.Index
    commit: object
    reader: TantivyReader


class TantivyEngine:
    """See harvester.search.engine.Engine. `declaration` is index_mappings' own unless a test changes it."""

    name = "tantivy"

    def __init__(self, folder: Path, *, declaration: Mapping[str, Any] | None = None) -> None:
        declaration = declaration or software()
        self._folder = folder
        self._schema = schema(declaration)
        self._asker = Asker(self._schema)
        self._generations = Generations(folder, stamp=stamp(declaration))
        self._lock = threading.Lock()
        self._open: _Open | None = None

    def begin(self) -> str:
        generation = self._generations.begin()
        tantivy.Index(self._schema, path=str(self._generations.path(generation)))
        return generation

    def activate(self, generation: str) -> None:
        self._generations.activate(generation)

    def current(self) -> str | None:
        generation = self._generations.current()
        if generation is not None:
            self._answers()
        return generation

    def previous(self) -> str | None:
        return self._generations.previous()

    def discard(self, generation: str) -> None:
        self._generations.discard(generation)

    def versions(self, generation: str) -> Mapping[str, int]:
        self._generations.check(generation)
        return self._read(self._index(generation)).versions()

    def apply(self, generation: str, upserts: Sequence[Document], deletes: Sequence[tuple[str, int]] = ()) -> Applied:
        self._generations.check(generation)
        try:
            return self._apply(generation, upserts, deletes)
        except (ValueError, OSError) as error:
            raise SearchError(f"the index in {self._folder} cannot be written: {error}", remedy=WRITABLE) from error

    def _apply(self, generation: str, upserts: Sequence[Document], deletes: Sequence[tuple[str, int]]) -> Applied:
        index = self._index(generation)
        done: list[tuple[str, int]] = []
        failed: dict[str, str] = {}
        with self._writer(index) as writer:
            standing = TantivyReader(index.searcher(), self._asker)
            gone = self._generations.deleted(generation)
            batch = _Batch(writer, self._schema, standing, gone)
            for document in upserts:
                try:
                    batch.upsert(document)
                except (ValueError, TypeError, OverflowError) as error:
                    failed[document.id] = str(error)
                else:
                    done.append((document.id, document.version))
            for software_id, gone_at in deletes:
                batch.delete(software_id, gone_at)
                done.append((software_id, gone_at))
            self._generations.keep_deleted(generation, gone)  # first: what is remembered too early does no harm
            writer.commit()
        return Applied(tuple(done), failed)

    def search(self, query: Query) -> Result:
        with self._sound():
            return self._reader().search(query)

    def total(self, query: Query) -> int:
        with self._sound():
            return self._reader().total(query)

    def every(self, query: Query) -> Iterator[Mapping[str, Any]]:
        with self._sound():
            yield from self._reader().every(query)

    def after(self, query: Query, cursor: str) -> Sequence[Hit]:
        with self._sound():
            return self._reader().after(query, cursor)

    def suggest(self, text: str, *, limit: int = 8) -> Sequence[Suggestion]:
        with self._sound():
            return self._reader().suggest(text, limit)

    def near(self, word: str, *, distance: int, limit: int = 200) -> Sequence[Mapping[str, Any]]:
        with self._sound():
            return self._reader().near(word, distance, limit)

    def count(self, generation: str | None = None) -> int:
        if generation is not None:
            self._generations.check(generation)
            return self._read(self._index(generation)).count()
        with self._sound():
            return self._reader().count() if self._generations.named() else 0

    def healthy(self) -> EngineHealth:
        try:
            return EngineHealth(True, f"{self._answers():,} softwares in {self._folder}")
        except SearchError as error:
            return EngineHealth(False, str(error))

    def close(self) -> None:
        with self._lock:
            self._open = None

    def _answers(self) -> int:
        """How many softwares there are, after a search that reads every kind of the index's files."""
        return self.search(Query(text="a", size=1)).of_all

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Tells damaged files: tantivy reads some of them only when a query needs them, and may panic on what is in
        them."""
        try:
            yield
        except (ValueError, OSError) as error:
            raise self._damaged(error) from error
        except BaseException as error:
            if type(error).__name__ != "PanicException":  # which is no Exception, and which nobody exports
                raise
            raise self._damaged(error) from error

    def _damaged(self, error: BaseException) -> IndexDamaged:
        with self._lock:
            self._open = None  # it is opened anew once somebody mended it
        return IndexDamaged(f"the index in {self._folder} is damaged: {error}", remedy=REBUILD)

    def _reader(self) -> TantivyReader:
        """The newest commit of the generation in use."""
        generation = self._generations.named()
        if generation is None:
            raise IndexUnavailable(f"there is no index in {self._folder} yet", remedy=REBUILD)
        with self._lock:
            held = self._open
            if held is None or held.generation != generation:
                self._generations.check(generation)
                index, commit = self._index(generation), self._commit(generation)
                held = self._open = _Open(generation, index, commit, self._read(index))
            elif (commit := self._commit(generation)) != held.commit:
                held.index.reload()
                held.commit, held.reader = commit, self._read(held.index)
            return held.reader

    def _read(self, index: tantivy.Index) -> TantivyReader:
        return TantivyReader(index.searcher(), self._asker)

    def _commit(self, generation: str) -> object:
        """What changes with every commit: tantivy replaces its list of segments."""
        try:
            status = (self._generations.path(generation) / "meta.json").stat()
        except FileNotFoundError:
            return None  # swapped away between two looks: what is held open goes on until the next one
        return status.st_ino, status.st_mtime_ns, status.st_size

    def _index(self, generation: str) -> tantivy.Index:
        folder = self._generations.path(generation)
        if not (folder / "meta.json").is_file():  # tantivy would begin an empty index there
            raise IndexDamaged(f"the index in {folder} has lost its list of files", remedy=REBUILD)
        index = tantivy.Index(self._schema, path=str(folder))
        spaces = tantivy.TextAnalyzerBuilder(tantivy.Tokenizer.whitespace()).build()
        index.register_tokenizer(SPACES, spaces)  # it is not stored with the index
        index.config_reader("manual")
        index.reload()
        return index

    @contextmanager
    def _writer(self, index: tantivy.Index) -> Iterator[tantivy.IndexWriter]:
        """The only writer there is, for one batch: no other process can hold what we hold for longer."""
        writer = self._locked(index)
        index.reload()  # another process may have committed before we got the lock
        try:
            yield writer
        finally:
            writer.wait_merging_threads()

    def _locked(self, index: tantivy.Index) -> tantivy.IndexWriter:
        deadline = time.monotonic() + _LOCK_WAIT_S
        while True:
            try:
                return index.writer(_HEAP_BYTES, 1)
            except ValueError as error:
                if "LockBusy" not in str(error):
                    raise  # it becomes ours where it is caught
                if time.monotonic() > deadline:
                    raise SearchError(
                        f"another process has been writing the index in {self._folder} for {_LOCK_WAIT_S:.0f} s",
                        remedy="stop it, or try again later",
                    ) from None
                time.sleep(0.05)


class _Batch:
    """Writes of one batch. The last of several writes of one software counts as newest only if its version does."""

    def __init__(
        self, writer: tantivy.IndexWriter, schema: tantivy.Schema, standing: TantivyReader, gone: dict[str, int]
    ) -> None:
        self._writer = writer
        self._schema = schema
        self._standing = standing
        self._gone = gone
        self._written: dict[str, int] = {}

    def upsert(self, document: Document) -> None:
        if self._late(document.id, document.version):
            return
        fields = document.body()
        del fields[RAW_FIELD]  # which nobody asks this engine for
        fields["document"] = json.dumps(fields["document"], ensure_ascii=False, separators=(",", ":")).encode()
        made = tantivy.Document.from_dict(fields, self._schema)
        self._remove(document.id)
        self._writer.add_document(made)
        self._gone.pop(document.id, None)
        self._written[document.id] = document.version

    def delete(self, software_id: str, version: int) -> None:
        if self._late(software_id, version):
            return
        self._remove(software_id)
        self._gone[software_id] = version
        self._written[software_id] = version

    def _remove(self, software_id: str) -> None:
        self._writer.delete_documents_by_term("id", software_id)

    def _late(self, software_id: str, version: int) -> bool:
        known = self._written.get(software_id)
        if known is None:
            known = max(self._standing.version(software_id) or 0, self._gone.get(software_id, 0))
        return known > version
