"""A forge that was harvested and then fails, twice: the run says so, and everything it showed is still published."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from starlette.responses import Response
from support.runs import running

import harvester.net
from harvester.model import Judgement
from harvester.net.limits import SIMULATED
from harvester.words import say
from simulators import github_store, gitlab_store
from simulators.exchange import Ask, Host, as_json
from simulators.forgejo_store import ForgejoStore, Repository
from simulators.sim_forgejo import Forgejo
from simulators.sim_github import GitHub
from simulators.sim_gitlab import GitLab

_COUNT = 12
_TIMES = {"created_at": "2020-01-01T00:00:00Z", "updated_at": "2026-01-01T00:00:00Z"}


@dataclass
class Failing:
    """A forge that from some moment on `hangs`, says of whoever asks that his token `expired`, or knows nothing by the
    names that are asked for: the organisation was `renamed`."""

    host: Host
    emptied: Host
    how: str = ""
    over: threading.Event = field(default_factory=threading.Event)

    def answer(self, ask: Ask) -> Response:
        if self.how == "hangs":
            self.over.wait(30)
        elif self.how == "expired":
            return as_json({"message": "Bad credentials"}, 401)
        return (self.emptied if self.how == "renamed" else self.host).answer(ask)


def _github() -> tuple[str, Host, Host, Mapping[str, Any]]:
    params = {"owners": ["org-0"], "api_url": "http://api.github.com"}
    store = github_store.synthetic(_COUNT, owners=1)
    source = {"spider": "github", "params": params}
    return "api.github.com", GitHub(store), GitHub(github_store.GitHubStore.of([])), source


def _gitlab() -> tuple[str, Host, Host, Mapping[str, Any]]:
    host = "gitlab.example"
    params = {"url": f"http://{host}", "groups": ["org"]}
    source = {"spider": "gitlab", "params": params}
    return host, GitLab(host, gitlab_store.synthetic(_COUNT)), GitLab(host, []), source


def _forgejo() -> tuple[str, Host, Host, Mapping[str, Any]]:
    host = "forge.example"
    store = ForgejoStore(
        Repository(id=n, owner="town", name=f"tool-{n}", files={"README.md": f"# Tool {n}\n"}, **_TIMES)
        for n in range(1, _COUNT + 1)
    )
    params = {"url": f"http://{host}", "organisations": ["town"]}
    source = {"spider": "forgejo", "params": params}
    return host, Forgejo(host, store), Forgejo(host, ForgejoStore([])), source


@pytest.mark.parametrize("how", ["hangs", "expired", "renamed"])
@pytest.mark.parametrize("made", [_github, _gitlab, _forgejo])
def test_a_forge_that_fails_hides_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, made: Any, how: str) -> None:
    name, host, emptied, source = made()
    forge = Failing(host, emptied)
    with running({name: forge}, tmp_path, {**source, "trusted": True}) as runs:
        first = runs.harvest()
        assert (first.judgement, first.counts.new) == (Judgement.GOOD, _COUNT)
        before = sorted(one.slug for one in runs.catalogue.software.published(1000))
        assert len(before) == _COUNT
        # only from here on, as the machine of a test may be slow to answer
        monkeypatch.setattr(harvester.net, "SIMULATED", replace(SIMULATED, read_s=0.3, answer_s=0.3, back_off_s=0.0))
        forge.how = how
        for _ in range(2):
            run = runs.harvest()
            assert run.judgement in (Judgement.FAILED, Judgement.SUSPICIOUS)
            assert run.counts.gone == 0
            told = " ".join(say(reason) for reason in run.reasons)
            assert ("401" in told or "credential" in told.lower()) if how == "expired" else told
        forge.over.set()
        assert sorted(one.slug for one in runs.catalogue.software.published(1000)) == before
        assert len(runs.stored()) == _COUNT
