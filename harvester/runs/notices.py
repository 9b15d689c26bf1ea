"""Tells operators what went wrong with a source, and that it is right again: by mail and by a webhook.

What went wrong is kept as notices, one for each trouble; each way tells all that is new in one message, and nothing
twice. Where a way fails, what it had to tell waits for the next time.
"""

from __future__ import annotations

import json
import logging
import smtplib
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime
from email.message import EmailMessage
from email.utils import make_msgid
from http.client import HTTPException
from typing import Any
from urllib.parse import unquote, urlsplit

from harvester.catalogue import Catalogue
from harvester.catalogue.notices import Untold
from harvester.config import Settings
from harvester.errors import FetchError
from harvester.log import masked, printable
from harvester.model import CheckFinding, Judgement, Notice, NoticeEnd, NoticeKind, Source, Trouble
from harvester.runs.execute import child_environment
from harvester.words import ENGLISH, Formatter, packaged

MAIL, WEBHOOK = "mail", "webhook"
_LIMIT_S = 20
_ENDS_S = 3
_RUNS = 14  # of a source, in which the last that was judged is looked for
_LISTED = 200  # in one message; it says how many more there are

_EVERY_S = 60.0
_REST_S = 900.0  # after a way failed

_log = logging.getLogger(__name__)


class Teller:
    """What a worker does of it, beside its runs: it looks once a minute, and has told what is new."""

    def __init__(self, catalogue: Catalogue, settings: Settings) -> None:
        self._catalogue, self._settings = catalogue, settings
        self._child: subprocess.Popen[bytes] | None = None
        self._look_at = time.monotonic()

    def turn(self, moment: datetime) -> None:
        """Look where it is time to."""
        if self._child is not None and self._child.poll() is None:
            return
        if self._child is not None and self._child.returncode:
            self._look_at = time.monotonic() + _REST_S  # the child said why
        self._child = None
        if time.monotonic() < self._look_at:
            return
        self._look_at = time.monotonic() + _EVERY_S
        look(self._catalogue, moment)
        if due(self._catalogue, self._settings):
            self._child = begin(self._settings)

    def end(self) -> None:
        """Wait for a message that is being sent, no longer than its limit."""
        if self._child is not None:
            try:
                self._child.wait(_LIMIT_S)
            except subprocess.TimeoutExpired:
                self._child.terminate()  # it gives back what it did not tell
                try:
                    self._child.wait(_ENDS_S)
                except subprocess.TimeoutExpired:
                    self._child.kill()
                    self._child.wait()


def look(catalogue: Catalogue, moment: datetime) -> None:
    """Begin notices of what is wrong with sources now, and end those of what is right again."""
    runs, checks = catalogue.runs.last_by_source(_RUNS), catalogue.checks.all()
    watched, found = set[str](), dict[str, dict[NoticeKind, Trouble]]()
    unknown = set[tuple[str, NoticeKind]]()
    for source in catalogue.sources.all():
        if not source.enabled or source.removed is not None or source.pauses(moment):
            continue
        watched.add(source.name)
        troubles = found.setdefault(source.name, {})
        judged = next((run for run in runs.get(source.name, ()) if run.judgement is not None), None)
        if judged is not None and judged.judgement in (Judgement.FAILED, Judgement.SUSPICIOUS):
            state = judged.judgement.value
            troubles[NoticeKind.RUN] = Trouble(
                kind=NoticeKind.RUN, state=state, reasons=tuple(judged.reasons), run=judged.id
            )
        elif judged is None:  # stopped, missed or not over: they say nothing of how it is
            unknown.add((source.name, NoticeKind.RUN))
        checked = checks.get(source.name)
        if checked is not None and checked.finding is CheckFinding.SILENT:
            unknown.add((source.name, NoticeKind.ADDRESS))
        elif checked is not None and checked.finding is not CheckFinding.FINE:
            state = checked.finding.value
            troubles[NoticeKind.ADDRESS] = Trouble(kind=NoticeKind.ADDRESS, state=state, reasons=checked.told)
    catalogue.notices.keep(found, moment, watched=watched, unknown=unknown)


def due(catalogue: Catalogue, settings: Settings) -> bool:
    """Whether one of the ways that are set up has something to tell."""
    return any(catalogue.notices.untold(way) for way in ways(settings))


def begin(settings: Settings) -> subprocess.Popen[bytes]:
    """Tell it in a process of its own: a mail server may keep whoever asks it waiting."""
    return subprocess.Popen(
        [sys.executable, "-m", "harvester", "notices", "send"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        env=child_environment(settings),
    )


def send(catalogue: Catalogue, settings: Settings, moment: datetime) -> Mapping[str, int]:
    """Tell what is new on every way that is set up; how many beginnings and ends each told.

    Raises FetchError where a way failed, after the others.
    """
    told: dict[str, int] = {}
    failed: list[str] = []
    for way, tell in ways(settings).items():
        untold = catalogue.notices.take(way, moment)
        if not untold:
            continue
        try:
            tell(Message(catalogue, settings, untold))
        except BaseException as error:  # whatever it is, and be it asked to stop: nothing taken is lost
            catalogue.notices.back(way, untold)
            if not isinstance(error, OSError | smtplib.SMTPException | HTTPException | ValueError):
                raise
            failed.append(f"operators could not be told by {way}: {_why(error)}")
            continue
        told[way] = len(untold.began) + len(untold.ended)
    if failed:
        raise FetchError(
            "; ".join(failed),
            remedy="HARVESTER_NOTICE_SMTP and HARVESTER_NOTICE_WEBHOOK say where to; it is tried again",
        )
    return told


def _why(error: Exception) -> str:
    """What an error says, without the addresses of whom it was for and what a server wrote beside its code."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"the mail server answered {error.smtp_code}"
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return f"the mail server refused {len(error.recipients)} of the addresses"
    if isinstance(error, urllib.error.HTTPError):
        return f"it answered {error.code}"
    if isinstance(error, smtplib.SMTPException | HTTPException):  # theirs repeat what was sent, or where to
        return type(error).__name__
    return masked(printable(str(error)))[:200]


def ways(settings: Settings) -> dict[str, Callable[[Message], None]]:
    """The ways that are set up."""
    found: dict[str, Callable[[Message], None]] = {}
    if settings.notice_mail and settings.notice_smtp:
        found[MAIL] = lambda message: _mail(settings, message)
    if settings.notice_webhook:
        found[WEBHOOK] = lambda message: _post(settings, message)
    return found


class Message:
    """What one message says, in words and as plain values."""

    def __init__(self, catalogue: Catalogue, settings: Settings, untold: Untold) -> None:
        catalogs = packaged()
        language = settings.notice_language if settings.notice_language in catalogs else ENGLISH
        self.formatter = Formatter(catalogs[language], timezone=settings.timezone)
        self._untold = untold
        self._sources = {source.name: source for source in catalogue.sources.all()}
        self._site = (settings.public_url or f"http://{settings.bind}").rstrip("/")
        self._language = language
        self._name = settings.site_name or self.formatter.words("site.name")

    @property
    def subject(self) -> str:
        """How many sources went wrong, or are right again."""
        words, began, ended = self.formatter.words, self._untold.began, self._untold.ended
        said = [words("notices.subject.began", n=len(began))] if began else []
        said += [words("notices.subject.ended", n=len(ended))] if ended else []
        return printable(words("pair", first=self._name, second=", ".join(said)))

    def text(self) -> str:
        """A line for each, with where to look."""
        lines = []
        for some in (self._untold.began, self._untold.ended):
            for one in some[:_LISTED]:
                lines += [f"- {printable(self._line(one))}", f"  {self._link(one)}"]
            if len(some) > _LISTED:
                lines.append(self.formatter.words("notices.more", n=len(some) - _LISTED))
        return "\n".join([*lines, "", f"{self._site}/{self._language}/operations/notices", ""])

    def plain(self) -> dict[str, Any]:
        """For programs."""
        return {
            "text": self.subject,
            "began": [self._plain(one) for one in self._untold.began[:_LISTED]],
            "ended": [self._plain(one) for one in self._untold.ended[:_LISTED]],
            "began_n": len(self._untold.began),
            "ended_n": len(self._untold.ended),
        }

    def _line(self, one: Notice) -> str:
        return line_of(one, self._sources.get(one.source), self.formatter)

    def _link(self, one: Notice) -> str:
        return self._site + link_of(one, self._language)

    def _plain(self, one: Notice) -> dict[str, Any]:
        return {
            "id": one.id,
            "source": one.source,
            "kind": one.trouble.kind.value,
            "state": one.trouble.state,
            "text": self._line(one),
            "began_at": one.began_at.isoformat(),
            "ended_at": one.ended_at.isoformat() if one.ended_at else None,
            "end": one.end.value if one.end else None,
            "url": self._link(one),
        }


def line_of(one: Notice, source: Source | None, formatter: Formatter) -> str:
    """A notice in a line: of which source, what, why."""
    words, title = formatter.words, source.title if source is not None else one.source
    state = words(f"run.{one.trouble.state}" if one.trouble.kind is NoticeKind.RUN else f"check.{one.trouble.state}")
    said = words("pair", first=title, second=state)
    if one.ended_at is not None:
        return words("notices.over" if one.end is NoticeEnd.MENDED else "notices.unwatched", what=said)
    why = formatter.reason(one.trouble.reasons[0]) if one.trouble.reasons else ""
    return words("pair", first=said, second=why) if why else said


def link_of(one: Notice, language: str) -> str:
    """Where an operator looks: at the run, or at the source."""
    if one.trouble.run is not None:
        return f"/{language}/operations/runs/{one.trouble.run}"
    return f"/{language}/operations/sources/{one.source}"


def _mail(settings: Settings, message: Message) -> None:
    assert settings.notice_smtp is not None
    assert settings.notice_mail is not None
    server = urlsplit(settings.notice_smtp.get_secret_value())
    people = [one.strip() for one in settings.notice_mail.split(",")]
    letter = EmailMessage()
    letter["Subject"] = message.subject
    letter["From"] = f"civic-harvester@{people[0].rpartition('@')[2]}"
    letter["To"] = ", ".join(people)
    letter["Message-ID"] = make_msgid(domain="civic-harvester.invalid")
    letter["Auto-Submitted"] = "auto-generated"  # RFC 3834: no holiday answers
    letter.set_content(message.text())
    host, context = server.hostname or "", ssl.create_default_context()
    opened: smtplib.SMTP
    if server.scheme == "smtps":
        opened = smtplib.SMTP_SSL(host, server.port or 465, timeout=_LIMIT_S, context=context)
    else:
        opened = smtplib.SMTP(host, server.port or 25, timeout=_LIMIT_S)
    with opened as smtp:
        smtp.ehlo()
        if server.scheme == "smtp" and smtp.has_extn("starttls"):
            smtp.starttls(context=context)
            smtp.ehlo()
        if server.username:
            if not isinstance(smtp.sock, ssl.SSLSocket):
                raise ValueError("the mail server offers no STARTTLS, and a password is sent to none without")
            smtp.login(unquote(server.username), unquote(server.password or ""))
        refused = smtp.send_message(letter)
        with suppress(OSError, smtplib.SMTPException):  # it has the letter, however it takes leave
            smtp.quit()
    if refused:  # by whoever answers for some of them: the others have it
        _log.warning("the mail server refused %d of %d addresses of HARVESTER_NOTICE_MAIL", len(refused), len(people))


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Whoever is posted to may not send it elsewhere."""

    def redirect_request(self, *_: Any) -> None:
        return None


def _post(settings: Settings, message: Message) -> None:
    assert settings.notice_webhook is not None
    body = json.dumps(message.plain(), ensure_ascii=False).encode()
    request = urllib.request.Request(
        settings.notice_webhook.get_secret_value(),
        data=body,
        headers={"Content-Type": "application/json", "User-Agent": settings.user_agent},
        method="POST",
    )
    with urllib.request.build_opener(_NoRedirect).open(request, timeout=_LIMIT_S):
        pass  # taken: what else it says, or fails to, is not waited for
