"""`harvester assess`: conclude of every software anew what it is, and say what is listed from which threshold."""

from __future__ import annotations

import click

from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import messages, opened, show
from harvester.cli.progress import bar
from harvester.errors import InputError

_STEPS = (0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8)


@click.command()
@click.option("--listed-from", type=float, metavar="SHARE", help="List what is of use to other bodies from 0 to 1 on.")
@click.option("--dry", is_flag=True, help="Only say how many would be listed from which threshold.")
def assess(listed_from: float | None, dry: bool) -> None:
    """Conclude of every software anew what it is, whether it belongs, and where lists show it.

    It is needed after an upgrade that brings other weights, and takes about a minute for 25,000 softwares. What
    reviewers decided stays as they decided it.

    \b
    Example:
      harvester assess --dry
    """
    if listed_from is not None and not 0 <= listed_from <= 1:
        raise InputError(f"--listed-from {listed_from} is no share", remedy="a number from 0 to 1, such as 0.4")
    with opened() as (_, catalogue):
        now = catalogue.policy.listed_from()
        steps = sorted({*_STEPS, now, *([listed_from] if listed_from is not None else [])})
        rows = [
            {"from": f"{step:.2f}", "softwares": catalogue.policy.would_list(step), "": "today" if step == now else ""}
            for step in steps
        ]
        show(rows, ("from", "softwares", ""), json_wanted=False, empty="nothing is published yet")
        if dry:
            return
        if listed_from is not None:
            catalogue.policy.list_from(listed_from, actor=COMMAND_LINE)
        else:
            catalogue.policy.appraise_all()
        done = 0
        with bar() as progress:
            task = progress.add_task("assess", total=catalogue.resolver.pending())

            def tell(records: int) -> None:
                nonlocal done
                done += records
                progress.update(task, completed=done)

            changed = catalogue.resolver.resolve(tell)
    messages.print(f"{changed} softwares changed; a worker brings the index there")
