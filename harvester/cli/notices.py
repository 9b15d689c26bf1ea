"""`harvester notices`: what operators are told without asking."""

from __future__ import annotations

import click

from harvester.catalogue.database import now
from harvester.cli.common import as_json, interruptible, messages, opened, show
from harvester.errors import SettingsError
from harvester.runs import notices as telling
from harvester.words import ENGLISH, Formatter, packaged

_SHOWN = 200


@click.group()
def notices() -> None:
    """What went wrong with sources, and when it was right again.

    \b
    Example:
      harvester notices list
    """


@notices.command("list")
@as_json
def list_(as_json: bool) -> None:
    """The last 200: those that last first, then those that ended.

    \b
    Example:
      harvester notices list --json
    """
    formatter = Formatter(packaged()[ENGLISH])
    with opened() as (_, catalogue):
        telling.look(catalogue, now())
        sources = {source.name: source for source in catalogue.sources.all()}
        rows = [
            {
                "source": one.source,
                "began": one.began_at.isoformat(timespec="seconds"),
                "ended": one.ended_at.isoformat(timespec="seconds") if one.ended_at else None,
                "what": telling.line_of(one, sources.get(one.source), formatter),
            }
            for one in catalogue.notices.recent(_SHOWN)
        ]
    show(rows, ("source", "began", "ended", "what"), json_wanted=as_json, empty="nothing went wrong so far")


@notices.command()
def send() -> None:
    """Tell what is new by mail and webhook, as HARVESTER_NOTICE_... say; a worker does so by itself.

    \b
    Example:
      harvester notices send
    """
    interruptible()  # what was not told yet is given back
    with opened() as (settings, catalogue):
        if not telling.ways(settings):
            raise SettingsError(
                "nobody is told: no way is set up",
                remedy="HARVESTER_NOTICE_MAIL with HARVESTER_NOTICE_SMTP, or HARVESTER_NOTICE_WEBHOOK",
            )
        telling.look(catalogue, now())
        told = telling.send(catalogue, settings, now())
    messages.print(", ".join(f"{n} told by {way}" for way, n in told.items()) or "there is nothing new to tell")
