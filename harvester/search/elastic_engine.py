"""Elasticsearch behind the same contract: one index a generation, an alias that names the one in use."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.client import HTTPResponse
from pathlib import Path
from secrets import token_hex
from typing import Any

from elastic_transport import NodeConfig, TlsError, Urllib3HttpNode
from elastic_transport.client_utils import DEFAULT
from elasticsearch import ApiError, Elasticsearch, NotFoundError, TransportError, UnsupportedProductError, helpers

from harvester.errors import IndexOutdated, IndexUnavailable, SearchError, SettingsError
from harvester.log import masked
from harvester.model import FACETS
from harvester.net.session import ended_after
from harvester.search import elastic_query, facets
from harvester.search.analysis import stamp
from harvester.search.document import Document
from harvester.search.highlight import Highlighter
from harvester.search.hits import made
from harvester.search.query import MAX_REACH, Query
from harvester.search.result import Applied, EngineHealth, Hit, Result, Suggestion
from harvester.search.words import question
from index_mappings import software

ANSWER_S = 2.0  # a page waits no longer than this
WRITE_S = 60.0
_THREADS = 40  # that serve pages: none waits for another's connection
_LONGEST = 64 * 1024 * 1024  # bytes of an answer
_IS_IT_THERE = "is it running, and is HARVESTER_INDEX its address?"
_VOUCHED = "HARVESTER_INDEX_CERTIFICATE names the PEM file of who vouches for its certificate"
_BUSY = "it is overloaded or not ready; try again in a moment"
_STREAM = "1m"  # how long a node keeps a state of the index between two pages of an export
REBUILD = "`harvester index rebuild` makes it anew from the catalogue"

_VERSIONS = 1000  # asked for at once
_CONFLICT = 409  # a newer version stands: the late write lost, as it has to


class ElasticEngine:
    """See harvester.search.engine.Engine. `declaration` is index_mappings' own unless a test changes it.

    `address` may hold a name and password (https://name:password@host:9200). `answer_s` is a page's wait.
    `certificate` is a PEM file of who vouches for the node's own; None: whom everybody trusts.
    """

    name = "elasticsearch"

    def __init__(
        self,
        address: str,
        *,
        alias: str,
        declaration: Mapping[str, Any] | None = None,
        answer_s: float = ANSWER_S,
        certificate: Path | None = None,
    ) -> None:
        self._declaration = declaration or software()
        self._stamp = stamp(self._declaration)
        self._alias = alias
        self._kept = f"{alias}.previous"
        try:
            self._client = Elasticsearch(
                address,
                request_timeout=answer_s,
                max_retries=0,
                retry_on_timeout=False,
                connections_per_node=_THREADS,
                node_class=_BoundedNode,
                ca_certs=str(certificate) if certificate and address.startswith("https:") else DEFAULT,
            )
        except ValueError:  # what it says repeats the address, and with it the password
            what = f"HARVESTER_INDEX={masked(address)!r} is no address of an Elasticsearch"
            raise SettingsError(what, remedy="for example https://name:password@host:9200") from None
        self._answer_s = answer_s
        self._writing = self._client.options(request_timeout=WRITE_S, max_retries=3, retry_on_timeout=True)
        self._address = _without_password(address)
        self._checked = False

    def begin(self) -> str:
        generation = f"{datetime.now(UTC):%Y%m%d-%H%M%S}-{token_hex(3)}"
        mappings = {**self._declaration["mappings"], "_meta": {"stamp": self._stamp}}
        with self._speaking():
            self._writing.indices.create(
                index=self._index(generation), settings=self._declaration["settings"], mappings=mappings
            )
        return generation

    def activate(self, generation: str) -> None:
        index = self._index(generation)
        with self._speaking():
            held, kept = self._holding(self._alias), self._holding(self._kept)
            before = [name for name in held if name != index] or [name for name in kept if name != index]
            others = [name for name in self._generations() if name != index and name not in before]
            actions: list[dict[str, Any]] = [{"add": {"index": index, "alias": self._alias}}]
            actions += [{"add": {"index": name, "alias": self._kept}} for name in before]
            actions += [{"remove": {"index": name, "alias": self._alias}} for name in before if name in held]
            actions += [{"remove": {"index": name, "alias": self._kept}} for name in kept if name == index]
            actions += [{"remove_index": {"index": name}} for name in others]
            self._writing.indices.update_aliases(actions=actions)
        self._checked = False

    def previous(self) -> str | None:
        with self._speaking():
            kept = self._holding(self._kept)
        return max(kept).removeprefix(f"{self._alias}-") if kept else None

    def discard(self, generation: str) -> None:
        with self._speaking():
            self._writing.indices.delete(index=self._index(generation), ignore_unavailable=True)

    def versions(self, generation: str) -> Mapping[str, int]:
        asked: dict[str, Any] = {
            "index": self._index(generation),
            "query": {"match_all": {}},
            "sort": ["id"],
            "size": _VERSIONS,
        }
        found: dict[str, int] = {}
        after: dict[str, Any] = {}
        with self._speaking():
            while True:
                answer = self._writing.search(**asked, **after, source=False, version=True)["hits"]["hits"]
                found.update((hit["_id"], int(hit["_version"])) for hit in answer)
                if len(answer) < _VERSIONS:
                    return found
                after = {"search_after": answer[-1]["sort"]}

    def current(self) -> str | None:
        return self._current(self._asked())

    def _current(self, asked: Callable[[], Elasticsearch]) -> str | None:
        with self._speaking():
            try:
                held = asked().indices.get_alias(name=self._alias)
            except NotFoundError:
                return None
            index = max(held)
            meta = asked().indices.get_mapping(index=index)[index]["mappings"].get("_meta", {})
        if meta.get("stamp") != self._stamp:
            raise IndexOutdated(f"the index {index} was written for another mapping", remedy=REBUILD)
        return index.removeprefix(f"{self._alias}-")

    def apply(self, generation: str, upserts: Sequence[Document], deletes: Sequence[tuple[str, int]] = ()) -> Applied:
        index = self._index(generation)
        actions, failed = _actions(index, upserts, deletes)
        done: list[tuple[str, int]] = []
        with self._speaking():
            if not self._writing.indices.exists(index=index):  # writing would make it, without our mapping
                raise IndexUnavailable(f"there is no index {index!r} at {self._address}", remedy=REBUILD)
            answers = helpers.streaming_bulk(
                self._writing,
                [action for _, _, action in actions],
                raise_on_error=False,
                max_retries=3,
                initial_backoff=0.5,
                max_backoff=5,
            )
            for (software_id, version, _), (_, answer) in zip(actions, answers, strict=True):
                why = _failure(answer)
                if why:
                    failed[software_id] = why
                else:
                    done.append((software_id, version))
            self._writing.indices.refresh(index=index)
        return Applied(tuple(done), failed)

    def search(self, query: Query) -> Result:
        started = time.perf_counter()
        asked = self._asked()
        self._check(asked)
        with self._speaking():
            answer = asked().search(index=self._alias, **elastic_query.search(query))
            highlighter = Highlighter(question(query.text, "all").clauses)
            total = int(answer["hits"]["total"]["value"])
            counted = {name: answer["aggregations"][name]["values"]["buckets"] for name in FACETS}
            return Result(
                total=total,
                of_all=int(answer["aggregations"]["everything"]["listed"]["doc_count"]),
                hits=tuple(self._hit(hit, highlighter, query) for hit in answer["hits"]["hits"]),
                facets=facets.facets(query, counted),
                took_ms=(time.perf_counter() - started) * 1000,
                page=query.page,
                pages=-(-min(total, MAX_REACH) // query.size),
            )

    def total(self, query: Query) -> int:
        asked = self._asked()
        self._check(asked)
        with self._speaking():
            return int(asked().count(index=self._alias, query=elastic_query.counted(query))["count"])

    def every(self, query: Query) -> Iterator[Mapping[str, Any]]:
        self._check(self._asked())
        with self._speaking():
            pit = self._writing.open_point_in_time(index=self._alias, keep_alive=_STREAM)["id"]
            try:
                yield from self._pages(elastic_query.every(query), pit)
            finally:
                self._writing.close_point_in_time(id=pit)

    def _pages(self, body: Mapping[str, Any], pit: str) -> Iterator[Mapping[str, Any]]:
        """The documents of one moment of the index, page after page."""
        after: dict[str, Any] = {}
        while True:
            held = {"id": pit, "keep_alive": _STREAM}
            hits = self._writing.search(pit=held, **body, **after)["hits"]["hits"]
            if not hits:
                return
            yield from (hit["_source"]["document"] for hit in hits)
            after = {"search_after": hits[-1]["sort"]}

    def after(self, query: Query, cursor: str) -> Sequence[Hit]:
        asked = self._asked()
        self._check(asked)
        with self._speaking():
            found = asked().search(index=self._alias, **elastic_query.after(query, cursor))["hits"]["hits"]
            highlighter = Highlighter(())
            return [made(query, 0.0, hit["_source"]["document"], highlighter) for hit in found]

    def suggest(self, text: str, *, limit: int = 8) -> Sequence[Suggestion]:
        request = elastic_query.typed(text, limit)
        asked = self._asked()
        self._check(asked)
        if request is None:
            return []
        with self._speaking():
            found = asked().search(index=self._alias, **request)["hits"]["hits"]
            documents = [hit["_source"]["document"] for hit in found]
            return [Suggestion(d["id"], d["slug"], d["name"]) for d in documents]

    def near(self, word: str, *, distance: int, limit: int = 200) -> Sequence[Mapping[str, Any]]:
        asked = self._asked()
        self._check(asked)
        with self._speaking():
            request = elastic_query.near(word, distance, limit)
            found = asked().search(index=self._alias, **request)["hits"]["hits"]
            return [hit["_source"]["document"] for hit in found]

    def count(self, generation: str | None = None) -> int:
        return self._count(self._asked(), self._index(generation) if generation else self._alias)

    def _count(self, asked: Callable[[], Elasticsearch], index: str) -> int:
        with self._speaking():
            try:
                return int(asked().count(index=index)["count"])
            except NotFoundError:
                return 0

    def healthy(self) -> EngineHealth:
        asked = self._asked()
        try:
            generation = self._current(asked)
            if generation is None:
                return EngineHealth(False, f"there is no index {self._alias!r} at {self._address} yet")
            return EngineHealth(True, f"{self._count(asked, self._alias):,} softwares at {self._address}")
        except SearchError as error:
            return EngineHealth(False, str(error))

    def close(self) -> None:
        self._client.close()

    def _asked(self) -> Callable[[], Elasticsearch]:
        """The client for one page's requests, which all have to be answered within the time that it waits."""
        ends = time.monotonic() + self._answer_s
        return lambda: self._client.options(request_timeout=max(0.05, ends - time.monotonic()))

    def _index(self, generation: str) -> str:
        return f"{self._alias}-{generation}"

    def _holding(self, alias: str) -> list[str]:
        """The indexes that bear an alias."""
        try:
            return sorted(self._client.indices.get_alias(name=alias))
        except NotFoundError:
            return []

    def _generations(self) -> list[str]:
        return sorted(
            self._writing.indices.get(index=f"{self._alias}-*", expand_wildcards="open", filter_path="*.aliases")
        )

    def _check(self, asked: Callable[[], Elasticsearch]) -> None:
        """Once a generation: is there an index, and is it written for our mapping?"""
        if self._checked:
            return
        if self._current(asked) is None:
            raise IndexUnavailable(f"there is no index {self._alias!r} at {self._address} yet", remedy=REBUILD)
        self._checked = True

    def _hit(self, hit: Mapping[str, Any], highlighter: Highlighter, query: Query) -> Hit:
        document = hit["_source"]["document"]
        score = hit["_score"] if query.text and query.sort == "relevance" else None
        return made(query, float(score or 0.0), document, highlighter)

    @contextmanager
    def _speaking(self) -> Iterator[None]:
        """Turns the client's errors into ours."""
        try:
            yield
        except NotFoundError as error:
            self._checked = False
            raise IndexUnavailable(f"Elasticsearch at {self._address}: {_said(error)}", remedy=REBUILD) from None
        except ApiError as error:
            told = f"Elasticsearch at {self._address} answered {error.meta.status}: {_said(error)}"
            raise IndexUnavailable(told, remedy=_remedy(error)) from None
        except TlsError as error:
            told = f"Elasticsearch at {self._address} cannot be trusted: {error.message}"
            raise IndexUnavailable(told, remedy=_VOUCHED) from None
        except TransportError as error:
            raise IndexUnavailable(
                f"Elasticsearch at {self._address} does not answer: {error.message}",
                remedy=_IS_IT_THERE,
            ) from None
        except (KeyError, TypeError, ValueError, IndexError) as error:
            told = f"{self._address} answered what no Elasticsearch 9 answers ({type(error).__name__}: {error})"
            raise IndexUnavailable(told, remedy=_IS_IT_THERE) from error


class _ShortResponse(HTTPResponse):
    """An answer that is refused when it is longer than any that we ask for."""

    def read(self, amt: int | None = None) -> bytes:
        body = super().read(_LONGEST + 1 if amt is None else amt)
        if amt is None and len(body) > _LONGEST:
            raise OSError(f"the answer is longer than {_LONGEST} bytes")
        return body


class _BoundedNode(Urllib3HttpNode):
    """A node of which every answer, from its first to its last byte, is there within the time limit: the client itself
    only limits the silence between two bytes."""

    def __init__(self, config: NodeConfig) -> None:
        super().__init__(config)

        class Bounded(self.pool.ConnectionCls):  # type: ignore[misc, name-defined]
            response_class = _ShortResponse

            def getresponse(self) -> Any:
                with ended_after(self.sock, self.timeout or WRITE_S):
                    return super().getresponse()

        Bounded.__name__ = "Connection"  # which is what errors say
        self.pool.ConnectionCls = Bounded


_Action = tuple[str, int, dict[str, Any]]


def _actions(
    index: str, upserts: Sequence[Document], deletes: Sequence[tuple[str, int]]
) -> tuple[list[_Action], dict[str, str]]:
    """Bulk actions with our own versions, which the node compares (external_gte lets an equal one through).

    What would spoil the whole request is kept out of it and told, by id: text that is no Unicode, no 64-bit version.
    """
    actions: list[_Action] = []
    failed: dict[str, str] = {}
    for document in upserts:
        try:
            source = document.body()
            json.dumps(source, ensure_ascii=False).encode()
            document.version.to_bytes(8, signed=True)
        except (ValueError, TypeError, OverflowError) as error:
            failed[document.id] = str(error)
        else:
            action = _action("index", index, document.id, document.version) | {"_source": source}
            actions.append((document.id, document.version, action))
    actions += [(gone, version, _action("delete", index, gone, version)) for gone, version in deletes]
    return actions, failed


def _action(kind: str, index: str, software_id: str, version: int) -> dict[str, Any]:
    return {"_op_type": kind, "_index": index, "_id": software_id, "version": version, "version_type": "external_gte"}


def _failure(answer: Mapping[str, Any]) -> str | None:
    """Why a bulk item failed; None: it is done, or a newer version stands, or there was nothing to delete."""
    item = next(iter(answer.values()))
    error = item.get("error")
    if not error or item.get("status") == _CONFLICT:
        return None
    return str(error.get("reason") or error) if isinstance(error, Mapping) else str(error)


def _remedy(error: ApiError) -> str:
    if isinstance(error, UnsupportedProductError):
        return "is HARVESTER_INDEX the address of an Elasticsearch?"
    if error.meta.status in (401, 403):
        return "HARVESTER_INDEX has to name an account that may use the index: https://name:password@host:9200"
    return _BUSY if error.meta.status in (429, 502, 503, 504) else "is it an Elasticsearch 9?"


def _said(error: ApiError) -> str:
    reason = error.info.get("error") if isinstance(error.info, Mapping) else None
    return json.dumps(reason)[:300] if reason else error.message


def _without_password(address: str) -> str:
    scheme, _, rest = address.partition("://")
    return f"{scheme}://{rest.rpartition('@')[2]}"
