"""Dated dumps of French public repositories, replayed as simulated GitLabs: what a harvest finds is what changed."""

from __future__ import annotations

import csv
import gzip
import io
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from support import gitlab_harvest
from support.gitlab_harvest import harvests

from demo.github_store import number
from demo.gitlab_store import GitLabStore, Project
from demo.sim_gitlab import GitLab
from harvester.model import Judgement

pytestmark = [pytest.mark.corpus, pytest.mark.timeout(600)]

Dump = dict[int, Project]


def dumps(corpus: Path, host: str) -> list[Dump]:
    """The projects of one host by number, dump by dump; of a project that stands twice the first row counts."""
    paths = sorted((corpus / "catalogues" / "fr-codes-sources").glob("repositories-*.csv.gz"))
    assert len(paths) == 5
    return [_of_host(path, host) for path in paths]


def _of_host(path: Path, host: str) -> Dump:
    found: Dump = {}
    text = gzip.decompress(path.read_bytes()).decode()
    for row in csv.DictReader(io.StringIO(text, newline="")):
        at = urlsplit(row["repository_url"])
        if row["platform"] == "GitLab" and at.netloc.lower() == host:
            project = _project(row, at.path.strip("/"))
            found.setdefault(project.id, project)
    return found


def _project(row: dict[str, str], path: str) -> Project:
    return Project(
        id=number(path),
        path=path,
        name=row["name"] or path.rsplit("/", 1)[-1],
        description=row["description"] or None,
        created_at=row["creation_date"] or None,
        active_at=row["last_modification"] or row["last_update"] or None,
        archived=row["is_archived"] == "True",
        stars=int(row["stars_count"] or 0),
        forks=int(row["forks_count"] or 0),
        issues=int(row["open_issues_count"] or 0),
        topics=tuple(topic.strip() for topic in row["topics"].split(",") if topic.strip()),
    )


def told(payload: dict[str, Any], like: Project) -> Project:
    """What is stored of a project, in the dumps' words. Times are compared to the second, as they are stored."""
    return replace(
        like,
        path=payload["path_with_namespace"],
        name=payload["name"],
        description=payload["description"],
        archived=payload["archived"],
        stars=payload["star_count"],
        forks=payload["forks_count"],
        issues=payload["open_issues_count"],
        topics=tuple(payload["topics"]),
    )


@pytest.mark.parametrize("graphql", [True, False], ids=["graphql", "rest"])
def test_additions_changes_and_removals_are_those_of_the_dumps(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, host: str, graphql: bool
) -> None:
    monkeypatch.setattr(gitlab_harvest, "HOST", host)
    store = GitLabStore(())
    stored: Dump = {}  # what a harvester knows after each step
    missed: set[int] = set()
    steps = 0
    with harvests(GitLab(host, store, limit=1_000_000), tmp_path) as lab:
        for dump in dumps(corpus, host):
            for identifier in {project.id for project in store} - set(dump):
                store.delete(identifier)
            for project in dump.values():
                store.put(project)
            run = lab.run(whole_instance=True, graphql=graphql)
            assert run.judgement is Judgement.GOOD, run.reasons
            added = set(dump) - set(stored)
            changed = {one for one in set(dump) & set(stored) if dump[one] != stored[one]}
            absent = set(stored) - set(dump)
            gone = absent & missed
            assert (run.counts.new, run.counts.changed) == (len(added), len(changed))
            assert run.counts.gone == len(gone)
            assert run.counts.unseen == len(absent - missed)
            stored = {one: project for one, project in (stored | dump).items() if one not in gone}
            missed = absent - gone
            payloads = lab.payloads(list(stored))
            assert {one: told(payloads[one], stored[one]) for one in stored} == stored
            steps += bool(added or changed or absent)
    assert steps >= 2  # the dumps differ
