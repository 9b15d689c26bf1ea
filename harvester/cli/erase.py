"""`harvester erase`: delete all that was harvested and decided of a software, and store none of it again."""

from __future__ import annotations

import click

from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import messages, opened

_LEFT = (
    "a worker takes it out of the index; the index kept from before, logs of crawls and backups are not touched: "
    "harvester index rebuild, run twice, makes both indexes anew"
)


@click.command()
@click.argument("software_id", metavar="ID")
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@click.option("--yes", is_flag=True, help="Do not ask first.")
def erase(software_id: str, dry_run: bool, yes: bool) -> None:
    """Delete all that was harvested and decided of a software, for good, and store none of it again.

    ID is its id, or the last part of its address. What was merged into it goes as well. Digests of its identifiers
    stay, by which later harvests know what not to store. `harvester withdraw` only takes it off
    pages, and can be undone.

    \b
    Example:
      harvester erase 3kx9v2m4t7qa --dry-run
    """
    with opened() as (settings, catalogue):
        found = catalogue.erasure.would_erase(software_id)
        messages.print(f"{found.name}: {found.records} records of {found.entries} entries, {found.versions} versions")
        if found.shared:
            messages.print(f"{found.shared} more entries hold other softwares too, and keep their payloads")
        if dry_run:
            return
        if not yes:
            click.confirm("erase all of that? It cannot be undone", abort=True, err=True)
        catalogue.erasure.erase(found.software, COMMAND_LINE)
        settings.dump_file.unlink(missing_ok=True)  # it held the words too; a worker makes it anew
    messages.print(f"{found.software} is erased; {_LEFT}")
