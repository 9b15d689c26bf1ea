"""`harvester index` and `harvester user`."""

from __future__ import annotations

import click

from harvester.cli.common import messages, opened, prepare
from harvester.cli.progress import bar
from harvester.errors import InputError
from harvester.search import open_engine
from harvester.search.sync import rebuild

_SHORTEST_PASSWORD = 8


@click.group()
def index() -> None:
    """The search index: a projection of the catalogue, always disposable.

    \b
    Example:
      harvester index rebuild
    """


@index.command("rebuild")
def rebuild_index() -> None:
    """Build the index anew from the catalogue beside the old one, then swap. Searches go on meanwhile.

    \b
    Example:
      harvester index rebuild
    """
    settings = prepare()
    with opened(settings) as (_, catalogue):
        engine = open_engine(settings)
        try:
            with bar() as progress:
                task = progress.add_task(f"{engine.name} index", total=None)

                def tell(done: int, total: int) -> None:
                    progress.update(task, completed=done, total=total)

                count = rebuild(catalogue, engine, progress=tell)
        finally:
            engine.close()
    messages.print(f"{count} softwares indexed")


@click.group()
def user() -> None:
    """Accounts of reviewers and operators.

    \b
    Example:
      harvester user add ada --role reviewer
    """


@user.command("add")
@click.argument("login")
@click.option("--role", type=click.Choice(["reviewer", "operator"]), required=True)
@click.option("--password", help="Asked for when it is not given.", envvar="HARVESTER_NEW_PASSWORD")
def add_user(login: str, role: str, password: str | None) -> None:
    """Add an account, or give an existing one a new role and password.

    \b
    Example:
      harvester user add ada --role reviewer
    """
    from harvester.web.passwords import hash_password

    if password is None:
        password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
    if len(password) < _SHORTEST_PASSWORD:
        raise InputError(f"the password has {len(password)} characters", remedy=f"use at least {_SHORTEST_PASSWORD}")
    with opened() as (_, catalogue):
        catalogue.accounts.add(login, hash_password(password), role)
    messages.print(f"{login} may sign in as {role}")


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """Refuse an account from now on; whoever is signed in with it is signed out. `user add` lets it in again.

    \b
    Example:
      harvester user disable ada
    """
    with opened() as (_, catalogue):
        catalogue.accounts.disable(login, actor="command line")
    messages.print(f"{login} may not sign in any more")
