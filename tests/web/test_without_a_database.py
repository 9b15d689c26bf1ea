"""What people and programs meet while the database is gone."""

from __future__ import annotations

from pathlib import Path

import pytest
from pages_site import Site

from harvester.web.security import HEADERS


def taken_away(file: Path) -> None:
    file.unlink()


def replaced_by_garbage(file: Path) -> None:
    other = file.with_name("other")
    other.write_bytes(b"nonsense " * 2000)
    other.replace(file)
    for name in ("-wal", "-shm"):  # they hold what was written last, and SQLite would read it from there
        file.with_name(file.name + name).unlink(missing_ok=True)


@pytest.mark.parametrize("harm", [taken_away, replaced_by_garbage])
def test_pages_and_programs_are_told_to_come_back_and_strangers_learn_no_place(fresh_site: Site, harm) -> None:
    signed_in = fresh_site.visitor("operator")
    harm(fresh_site.settings.data / "catalogue.sqlite")
    pages = ("/fr/sources", "/fr/software/agora-libre", "/fr/operations", "/fr/review")
    for path in (*pages, "/api/v1/runs", "/healthz"):
        answer = signed_in.get(fresh_site.url + path, timeout=10)
        assert answer.status_code == 503, path
        assert int(answer.headers["retry-after"]) > 0, path
        for place in ("sqlite", str(fresh_site.settings.data), "Traceback", "Error"):
            assert place not in answer.text, (path, place)
        for name, value in HEADERS.items():
            assert answer.headers.get(name) == value, (path, name)
        if path in pages:
            assert "Le catalogue est indisponible" in answer.text
            assert "Réessayez dans une minute" in answer.text
    health = fresh_site.get("/healthz").json()
    assert health["status"] == "failing"
    assert health["database"] in ("its file was taken away", "its file is damaged or no database")
    assert health["index"] == "ok"
    sent = signed_in.post(f"{fresh_site.url}/fr/operations/sources/silent/run", allow_redirects=False, timeout=10)
    assert sent.status_code == 503
