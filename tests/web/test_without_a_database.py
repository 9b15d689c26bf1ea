"""What people and programs meet while the database is gone."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from pages_site import Site, served

from harvester.web.security import HEADERS


def taken_away(file: Path) -> None:
    file.unlink()


def one_page_damaged(file: Path) -> None:
    """A page that every page asks for, in the middle of the file; beginning and end stay as they are."""
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        (root,) = connection.execute("SELECT rootpage FROM sqlite_master WHERE name = 'source'").fetchone()
        (size,) = connection.execute("PRAGMA page_size").fetchone()
    whole = bytearray(file.read_bytes())
    whole[(root - 1) * size : root * size] = b"\xa5" * size
    other = file.with_name("other")
    other.write_bytes(whole)
    other.replace(file)


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


def test_the_log_names_what_failed_and_no_link_that_lets_somebody_in(
    fresh_site: Site, caplog: pytest.LogCaptureFixture
) -> None:
    taken_away(fresh_site.settings.data / "catalogue.sqlite")
    for path in ("/en/join/a-secret-of-somebody", "/en/sources"):
        assert fresh_site.get(path).status_code == 503
    ours = "\n".join(one.getMessage() for one in caplog.records if one.name.startswith("harvester"))
    assert "a-secret-of-somebody" not in ours
    assert "/{language}/join/{token}" in ours
    assert "/en/sources" in ours


def test_one_damaged_page_is_told_wherever_it_is_met_and_by_the_health(fresh_site: Site) -> None:
    file = fresh_site.settings.data / "catalogue.sqlite"
    one_page_damaged(file)
    assert fresh_site.get("/en/sources").status_code == 503
    assert fresh_site.get("/api/v1/runs").status_code == 200
    health = fresh_site.get("/healthz")
    assert (health.status_code, health.json()["database"]) == (503, "its file is damaged or no database")


def test_a_database_that_a_stranger_holds_answers_again_once_it_is_free(tmp_path: Path) -> None:
    with served(tmp_path, answer_s=0.05) as site:
        stranger = sqlite3.connect(tmp_path / "catalogue.sqlite", isolation_level=None)
        site.catalogue.database.engine.dispose()
        stranger.execute("PRAGMA locking_mode = EXCLUSIVE")
        stranger.execute("BEGIN EXCLUSIVE")
        page, health = site.get("/en/sources"), site.get("/healthz")
        assert (page.status_code, health.status_code) == (503, 503)
        assert "The catalogue is not available right now" in page.text
        assert health.json()["database"] == "another process holds it"
        stranger.execute("COMMIT")
        stranger.close()
        assert site.get("/en/sources").status_code == site.get("/healthz").status_code == 200
