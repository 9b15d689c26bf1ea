"""`harvester sources check`: whether the addresses of sources still lead to what they once did."""

from __future__ import annotations

from typing import Any

import click

from harvester.catalogue import codec
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, echo_json, messages, opened, prepare, terminal
from harvester.cli.exits import EXIT_SUSPICIOUS
from harvester.cli.source_settings import sources
from harvester.model import Checked, CheckFinding
from harvester.words import packaged, say

__all__ = ["sources"]

_QUIET = (CheckFinding.FINE, CheckFinding.SILENT)


@sources.command("check")
@click.argument("names", nargs=-1, metavar="[NAME...]")
@as_json
def check_sources(names: tuple[str, ...], as_json: bool) -> None:
    """Ask each source's addresses once, politely, and say: fine, moved, frozen, emptied, walled, refuses us, dead
    (after a second look an hour later), shape changed. Without a NAME all that are accepted and switched on.

    Exits with 7 where one is in decay.

    \b
    Example:
      harvester sources check developers-italia
    """
    from harvester.runs.check import check_source

    settings = prepare()
    with opened(settings) as (_, catalogue):
        chosen = names or [one.name for one in catalogue.sources.all() if one.enabled and one.accepted]
        found = []
        for name in chosen:
            checked = check_source(catalogue, settings, name, by=COMMAND_LINE)
            found.append(checked)
            if not as_json:
                _tell(checked)
    if as_json:
        echo_json([_plain(one) for one in found])
    if any(one.finding not in _QUIET for one in found):
        raise click.exceptions.Exit(EXIT_SUSPICIOUS)


@sources.command("mend")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
def mend_sources(names: tuple[str, ...]) -> None:
    """Change sources as their last check proposes: one that moved is asked where it is now, a dead one is switched off.

    \b
    Example:
      harvester sources mend developers-italia
    """
    with opened() as (_, catalogue):
        for name in names:
            before, after = catalogue.checks.accept(name, COMMAND_LINE)
            what = "switched off" if before.enabled and not after.enabled else f"{before.params} -> {after.params}"
            messages.print(f"{name}: {what}")


def _tell(checked: Checked) -> None:
    words, out = packaged()["en"], terminal()
    out.print(f"{checked.source}: {words(f'check.{checked.finding}')}")
    if checked.finding is CheckFinding.FINE:
        return
    for reason in checked.told:
        out.print(f"  {say(reason)}")
    out.print(f"  {words(f'check.remedy.{checked.finding}')}")
    for name, value in checked.proposed.items():
        out.print(f"  proposed: {name}: {value}; harvester sources mend {checked.source}")


def _plain(checked: Checked) -> dict[str, Any]:
    told = [say(reason) for reason in checked.told]
    return {**codec.plain(checked), "finding": checked.finding.value, "told": told}
