"""The simulated Gogs answers as recorded instances and the published router do."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from starlette.responses import Response

from simulators.exchange import Ask
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.sim_gogs import Gogs

HOST = "gogs.example"


def ask(path: str, *, token: str | None = None) -> Response:
    where, _, query = path.partition("?")
    tools = [Repository(id=n, owner="town", name=f"tool-{n}", files={"README.md": "# Tool\n"}) for n in (1, 2)]
    tools.append(Repository(id=3, owner="town", name="a.b", files={"x": "y"}, former=("town/old",)))
    headers = {"authorization": f"token {token}"} if token else {}
    asked = Ask(host=HOST, path=f"/api/v1{where}", query=dict(parse_qsl(query)), headers=headers)
    return Gogs(HOST, ForgejoStore(tools)).answer(asked)


def told(answer: Response) -> Any:
    return json.loads(bytes(answer.body))


def test_a_search_has_the_attributes_that_were_recorded(corpus: Path) -> None:
    folder = corpus / "api/forge-pages-swh-lister/gogs/tests/data/https_try.gogs.io"
    recorded = json.loads((folder / "repos_page1").read_text())
    ours = told(ask("/repos/search?q=_&limit=2"))
    assert set(ours) == set(recorded)
    assert set(ours["data"][0]) == set(recorded["data"][0])
    assert set(ours["data"][0]["owner"]) == set(recorded["data"][0]["owner"])


def test_a_search_for_nothing_finds_names_with_a_dot_alone() -> None:
    assert [one["name"] for one in told(ask("/repos/search"))["data"]] == ["a.b"]
    assert len(told(ask("/repos/search?q=_"))["data"]) == 3


def test_pages_are_linked_and_not_counted() -> None:
    answer = ask("/repos/search?q=_&limit=2")
    assert 'rel="next"' in answer.headers["link"]
    assert "x-total-count" not in answer.headers


def test_trees_and_files_want_a_token() -> None:
    for path in ("/repos/town/tool-1/git/trees/main", "/repos/town/tool-1/contents/README.md"):
        assert ask(path).status_code == 401
        assert ask(path, token="any").status_code == 200
    assert ask("/repos/town/tool-1").status_code == 200
    assert ask("/repos/town/tool-1/releases").status_code == 200


def test_a_former_name_is_not_there() -> None:
    assert ask("/repos/town/old").status_code == 404
