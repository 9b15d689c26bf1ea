"""Operators are told what went wrong with a source, once on each way, and that it is right again."""

from __future__ import annotations

import email
import email.policy
import json
import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.client import BadStatusLine
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr
from support.builders import EPOCH, begin, harvest, item, source

from harvester.catalogue import Catalogue
from harvester.config import Settings
from harvester.errors import FetchError
from harvester.model import Checked, CheckFinding, Judgement, NoticeEnd, Reason
from harvester.runs import notices
from harvester.runs.notices import Teller, look, send
from harvester.words import packaged


class Letters(socketserver.ThreadingTCPServer):
    """A mail server on loopback that keeps what it is given, or refuses the addresses."""

    allow_reuse_address = daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Talk)
        self.kept: list[str] = []
        self.refuses, self.leave = "", "221 bye"


class _Talk(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self) -> None:
        server: Any = self.server
        self.say("220 letters")
        while line := self.rfile.readline(1000).decode().strip():
            word = line.split()[0].upper()
            if word == "DATA":
                self.say("354 go on")
                lines = []
                while (part := self.rfile.readline(10_000).decode()) not in (".\r\n", ""):
                    lines.append(part)
                server.kept.append("".join(lines))
                self.say("250 kept")
            elif word == "QUIT":
                self.say(server.leave)
                return
            else:
                refuses = word == "RCPT" and server.refuses and server.refuses in line
                self.say("550 nobody of that name" if refuses else "250 fine")

    def say(self, line: str) -> None:
        self.wfile.write(f"{line}\r\n".encode())


@contextmanager
def serving(server: Any) -> Iterator[Any]:
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@pytest.fixture
def letters() -> Iterator[Letters]:
    with serving(Letters()) as server:
        yield server


class _Hook(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server: Any = self.server
        body = self.rfile.read(int(self.headers["content-length"]))
        server.posted.append(json.loads(body))
        server.reached.set()
        if server.stalls is not None:
            server.stalls.wait(30)
            return
        self.send_response(server.answers.pop(0) if server.answers else 204)
        self.send_header("location", "/elsewhere")
        self.end_headers()

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def hook() -> Iterator[Any]:
    server: Any = ThreadingHTTPServer(("127.0.0.1", 0), _Hook)
    server.posted, server.answers = [], []
    server.stalls, server.reached = None, threading.Event()
    with serving(server):
        yield server


@pytest.fixture
def settings(letters: Letters, hook: Any, tmp_path: Path) -> Settings:
    return Settings(
        data=tmp_path,
        notice_mail="desk@town.example",
        notice_smtp=f"smtp://127.0.0.1:{letters.server_address[1]}",
        notice_webhook=f"http://127.0.0.1:{hook.server_address[1]}/hook",
        public_url="https://tools.example",
    )


def broken(catalogue: Catalogue, name: str, why: str = "certificate expired") -> int:
    run = begin(catalogue, name)
    reason = Reason.of("judged.unit-failed", unit="page 1", why=why)
    judged = {"judgement": Judgement.FAILED, "reasons": (reason,), "spent": {}}
    catalogue.runs.finish(run.id, run.attempt, counts=catalogue.harvest.counts(run.id), **judged)
    return run.id


def states(catalogue: Catalogue) -> list[tuple[str, str, str | None]]:
    return [(one.source, one.trouble.state, one.end) for one in catalogue.notices.recent(50)]


def test_a_trouble_is_told_once_in_one_message_and_its_end_once(
    catalogue: Catalogue, settings: Settings, letters: Letters, hook: Any
) -> None:
    harvest(catalogue, [item("a")], "fine")
    run = broken(catalogue, "alpha")
    broken(catalogue, "beta")
    for _ in range(3):
        look(catalogue, EPOCH)
        send(catalogue, settings, EPOCH)
    (letter,) = letters.kept
    assert "Subject: Civic Harvester: 2 sources went wrong" in letter
    assert f"https://tools.example/en/operations/runs/{run}" in letter
    assert letter.index("Alpha: failed") < letter.index("Beta: failed")
    assert "fine" not in letter.lower()
    (posted,) = hook.posted
    assert [(one["source"], one["state"]) for one in posted["began"]] == [("alpha", "failed"), ("beta", "failed")]
    broken(catalogue, "alpha", "something else")
    look(catalogue, EPOCH)
    assert send(catalogue, settings, EPOCH) == {}, "it is the same trouble"

    harvest(catalogue, [item("b")], "alpha")
    catalogue.sources.change("beta", "ada", enabled=False)
    look(catalogue, EPOCH)
    assert send(catalogue, settings, EPOCH) == {"mail": 2, "webhook": 2}
    assert send(catalogue, settings, EPOCH) == {}
    assert [(one["source"], one["end"]) for one in hook.posted[1]["ended"]] == [
        ("alpha", "mended"),
        ("beta", "unwatched"),
    ]
    assert "Alpha: failed: right again" in letters.kept[1]
    assert "Beta: failed: not watched any more" in letters.kept[1]
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    assert send(catalogue, settings, EPOCH) == {"mail": 1, "webhook": 1}, "what went wrong again is another trouble"


def test_a_way_that_fails_is_told_keeps_no_other_back_and_is_tried_again(
    catalogue: Catalogue, settings: Settings, letters: Letters, hook: Any
) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    letters.refuses, hook.answers = "@", [302]
    with pytest.raises(FetchError) as told:
        send(catalogue, settings, EPOCH)
    assert "by mail: the mail server refused 1 of the addresses" in str(told.value)
    assert "by webhook: it answered 302" in str(told.value), "a hook that leads on is not followed"
    assert "town.example" not in str(told.value)
    assert len(hook.posted) == 1
    letters.refuses, hook.answers = "", []
    assert send(catalogue, settings, EPOCH) == {"mail": 1, "webhook": 1}
    assert len(letters.kept) == 1


@pytest.mark.parametrize("error", [BadStatusLine("x"), KeyError("words"), KeyboardInterrupt()])
def test_whatever_a_way_fails_by_nothing_is_lost(
    catalogue: Catalogue, settings: Settings, monkeypatch: pytest.MonkeyPatch, error: BaseException
) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)

    def fails(*_: object) -> None:
        raise error

    monkeypatch.setattr(notices, "ways", lambda _: {"webhook": fails})
    with pytest.raises((FetchError, type(error))):
        send(catalogue, settings, EPOCH)
    assert len(catalogue.notices.untold("webhook").began) == 1


def test_no_error_repeats_the_address_of_a_hook(catalogue: Catalogue, settings: Settings) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    secret = SecretStr("http://127.0.0.1:9/hooks/a secret of ours")
    with pytest.raises(FetchError) as told:
        send(catalogue, settings.model_copy(update={"notice_mail": None, "notice_webhook": secret}), EPOCH)
    assert "secret" not in str(told.value)


def test_a_mail_that_some_refuse_is_told_once_and_the_log_says_how_many(
    catalogue: Catalogue, settings: Settings, letters: Letters, caplog: pytest.LogCaptureFixture
) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    letters.refuses, letters.leave = "gone@", "421 in a hurry"
    some = settings.model_copy(update={"notice_mail": "desk@town.example, gone@town.example", "notice_webhook": None})
    assert send(catalogue, some, EPOCH) == {"mail": 1}
    assert send(catalogue, some, EPOCH) == {}
    assert "refused 1 of 2 addresses" in caplog.text
    assert "gone@" not in caplog.text


def test_no_password_is_sent_to_a_mail_server_in_the_clear(
    catalogue: Catalogue, settings: Settings, letters: Letters
) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    server = SecretStr(f"smtp://ada:pass@127.0.0.1:{letters.server_address[1]}")
    with pytest.raises(FetchError, match="STARTTLS"):
        send(catalogue, settings.model_copy(update={"notice_smtp": server, "notice_webhook": None}), EPOCH)
    assert letters.kept == []


def test_nothing_is_right_again_of_which_nothing_is_known(catalogue: Catalogue) -> None:
    broken(catalogue, "alpha")
    catalogue.checks.keep(Checked(source="alpha", at=EPOCH, by="clock", finding=CheckFinding.MOVED))
    look(catalogue, EPOCH)
    catalogue.checks.keep(Checked(source="alpha", at=EPOCH, by="clock", finding=CheckFinding.SILENT))
    for minute in range(15):
        queued = catalogue.runs.queue("alpha", datetime(2040, 1, 1, 0, minute, tzinfo=UTC))
        assert queued is not None
        catalogue.runs.stop(queued.id, "ada")
    broken(catalogue, "beta")
    look(catalogue, EPOCH)
    assert sorted(states(catalogue)) == [("alpha", "failed", None), ("alpha", "moved", None), ("beta", "failed", None)]


def test_two_who_tell_at_once_tell_each_trouble_once(catalogue: Catalogue) -> None:
    for name in ("alpha", "beta", "gamma"):
        broken(catalogue, name)
    look(catalogue, EPOCH)
    took, begun = [], threading.Barrier(4)

    def take() -> None:
        begun.wait(20)
        took.extend(one.source for one in catalogue.notices.take("mail", EPOCH).began)

    threads = [threading.Thread(target=take) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert sorted(took) == ["alpha", "beta", "gamma"]


def test_an_address_in_decay_is_a_trouble_and_a_silent_one_is_none(catalogue: Catalogue) -> None:
    for name, finding in (("moved", CheckFinding.MOVED), ("silent", CheckFinding.SILENT)):
        catalogue.sources.put(source(name), "test")
        catalogue.checks.keep(Checked(source=name, at=EPOCH, by="clock", finding=finding))
    look(catalogue, EPOCH)
    assert states(catalogue) == [("moved", "moved", None)]
    catalogue.checks.keep(Checked(source="moved", at=EPOCH, by="clock", finding=CheckFinding.FINE))
    look(catalogue, EPOCH)
    assert states(catalogue) == [("moved", "moved", NoticeEnd.MENDED)]


def test_a_paused_source_is_not_watched(catalogue: Catalogue) -> None:
    broken(catalogue, "alpha")
    paused = replace(catalogue.sources.get("alpha"), paused=True, paused_until=datetime.now(UTC) + timedelta(days=2))
    catalogue.sources.put(paused, "ada")
    look(catalogue, datetime.now(UTC))
    assert states(catalogue) == []


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_has_it_told_by_a_process_of_its_own(
    catalogue: Catalogue, settings: Settings, database_url: str, hook: Any
) -> None:
    broken(catalogue, "alpha")
    alone = settings.model_copy(update={"database": database_url, "notice_mail": None})
    teller = Teller(catalogue, alone)
    teller.turn(EPOCH)
    teller.end()
    assert [one["source"] for one in hook.posted[0]["began"]] == ["alpha"]
    teller.turn(EPOCH)
    assert len(hook.posted) == 1


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_worker_that_ends_while_a_hook_stalls_loses_no_notice(
    catalogue: Catalogue, settings: Settings, database_url: str, hook: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken(catalogue, "alpha")
    hook.stalls = threading.Event()
    teller = Teller(catalogue, settings.model_copy(update={"database": database_url, "notice_mail": None}))
    teller.turn(EPOCH)
    assert hook.reached.wait(30)
    monkeypatch.setattr(notices, "_LIMIT_S", 0.1)
    teller.end()
    hook.stalls.set()
    assert len(catalogue.notices.untold("webhook").began) == 1


@pytest.mark.parametrize("language", sorted(packaged()))
def test_a_mail_speaks_the_language_that_is_set(
    catalogue: Catalogue, settings: Settings, letters: Letters, language: str
) -> None:
    broken(catalogue, "alpha")
    look(catalogue, EPOCH)
    send(catalogue, settings.model_copy(update={"notice_language": language, "notice_webhook": None}), EPOCH)
    assert f"https://tools.example/{language}/operations/notices" in letters.kept[0]
    subject = str(email.message_from_string(letters.kept[0], policy=email.policy.default)["subject"])
    assert packaged()[language]("pair", first="", second="").strip() in subject
    assert ("\xa0:" in subject) == (language == "fr")
