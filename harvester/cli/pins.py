"""`harvester pins`: the tools that an editor puts first among the answers of a question."""

from __future__ import annotations

import click

from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, messages, opened, show
from harvester.errors import NotFound
from harvester.model import Operation
from harvester.search.words import squeezed


@click.group()
def pins() -> None:
    """Tools that stand first among what answers a question, each with a reason.

    \b
    Example:
      harvester pins put "participatory budgeting" decidim-2 --why "most cities use it"
    """


@pins.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every pin that holds, with its question, tool and reason.

    \b
    Example:
      harvester pins list --json
    """
    with opened() as (_, catalogue):
        rows = [
            {"question": one.value["question"], "tool": one.software, "by": one.actor, "why": one.why}
            for one in catalogue.review.pins()
        ]
    show(rows, ("question", "tool", "by", "why"), json_wanted=as_json, empty="nothing is pinned")


@pins.command()
@click.argument("question")
@click.argument("tool")
@click.option("--why", required=True, help="The reason, which the log keeps.")
def put(question: str, tool: str, why: str) -> None:
    """Put a TOOL first among what answers a QUESTION. TOOL is its id, or the last part of its address.

    Accents, case and spaces of the question are set aside. A worker brings it into the index.

    \b
    Example:
      harvester pins put "participatory budgeting" decidim-2 --why "most cities use it"
    """
    with opened() as (_, catalogue):
        found = catalogue.software.get(tool)
        catalogue.review.decide(found.id, Operation.PIN, COMMAND_LINE, value=question, why=why)
    messages.print(f"{found.id} is pinned for {question!r}")


@pins.command()
@click.argument("question")
@click.argument("tool")
def remove(question: str, tool: str) -> None:
    """Take a pin away: the TOOL stands where its words and standing put it.

    \b
    Example:
      harvester pins remove "participatory budgeting" decidim-2
    """
    with opened() as (_, catalogue):
        found = catalogue.software.get(tool)
        mine = [one for one in catalogue.review.pins() if one.software == found.id]
        standing = [one for one in mine if squeezed(one.value["question"]) == squeezed(question)]
        if not standing:
            raise NotFound(f"{found.id} is not pinned for {question!r}", remedy="harvester pins list")
        for one in standing:
            catalogue.review.undo(one.id, COMMAND_LINE)
    messages.print(f"{found.id} is no longer pinned for {question!r}")
