"""`harvester withdraw`: take a software off everything that visitors see, at once and for good; or undo that."""

from __future__ import annotations

import click

from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import messages, opened
from harvester.errors import NotFound
from harvester.model import Operation


@click.command()
@click.argument("software_id", metavar="ID")
@click.option("--why", help="The reason, which the audit keeps and no page shows to visitors.")
@click.option("--undo", is_flag=True, help="Show it again, as what is harvested and decided has it.")
def withdraw(software_id: str, why: str | None, undo: bool) -> None:
    """Take a software off pages, index and exports, whatever is harvested, until that is undone.

    ID is its id, or the last part of its address. Its page and the API answer 410 at once; a worker takes it out of the
    index, and with that out of lists and exports.

    \b
    Example:
      harvester withdraw 3kx9v2m4t7qa --why "its makers ask for it"
    """
    with opened() as (_, catalogue):
        found = catalogue.software.get(software_id)
        if not undo:
            catalogue.review.decide(found.id, Operation.WITHDRAW, COMMAND_LINE, why=why)
            messages.print(f"{found.id} is withdrawn; harvester withdraw {found.id} --undo shows it again")
            return
        standing = [
            one
            for one in catalogue.review.history(found.id)
            if one.operation is Operation.WITHDRAW and one.undone_at is None
        ]
        if not standing:
            raise NotFound(f"{found.id} is not withdrawn", remedy=f"harvester audit --subject software:{found.id}")
        for one in standing:
            catalogue.review.undo(one.id, COMMAND_LINE)
        state = catalogue.software.get(found.id).state.value
    messages.print(f"{found.id} is no longer withdrawn: {state}")
