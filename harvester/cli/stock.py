"""`harvester index`, `harvester user` and `harvester audit`."""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import click

from harvester.catalogue import Catalogue
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, counted, echo_json, messages, opened, prepare, show
from harvester.cli.exits import EXIT_SUSPICIOUS
from harvester.cli.progress import bar
from harvester.errors import NotFound
from harvester.search import Engine, open_engine
from harvester.search.sync import check, rebuild, revert

_LOOK_AGAIN_S = 1.0


@click.group()
def index() -> None:
    """The search index: a projection of the catalogue, always disposable.

    \b
    Example:
      harvester index rebuild
    """


@index.command("rebuild")
@click.option("--force", is_flag=True, help="Take its place although it lost much, or some could not be written.")
def rebuild_index(force: bool) -> None:
    """Build the index anew from the catalogue beside the old one, then swap. Searches go on meanwhile.

    One that lost more than a fifth, or that some softwares could not be written to, takes no place. The index before is
    kept until the next rebuild: `harvester index revert` takes it back.

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

                count = rebuild(catalogue, engine, progress=tell, force=force, actor=COMMAND_LINE)
        finally:
            engine.close()
    messages.print(f"{count} softwares indexed")


@index.command("revert")
def revert_index() -> None:
    """Search the index before the last rebuild again, brought up to date. Called twice, it is as it was.

    \b
    Example:
      harvester index revert
    """
    with _indexed() as (catalogue, engine):
        generation = revert(catalogue, engine, actor=COMMAND_LINE)
        messages.print(f"{engine.count()} softwares are searched, in the index {generation}")


@index.command("check")
@as_json
def check_index(as_json: bool) -> None:
    """Compare the index with the catalogue, software by software. What differs is told, with exit code 7.

    A worker does so as it starts, and mends what differs.

    \b
    Example:
      harvester index check
    """
    with _indexed() as (catalogue, engine):
        found = check(catalogue, engine)
        if found.differ:  # a worker may write while this reads: what differs still is told
            time.sleep(_LOOK_AGAIN_S)
            found = check(catalogue, engine)
    if as_json:
        echo_json(asdict(found))
    else:
        messages.print(found.told)
    if found.differ:
        raise click.exceptions.Exit(EXIT_SUSPICIOUS)


@contextmanager
def _indexed() -> Iterator[tuple[Catalogue, Engine]]:
    """The catalogue and its index, closed afterwards."""
    with opened() as (settings, catalogue):
        engine = open_engine(settings)
        try:
            yield catalogue, engine
        finally:
            engine.close()


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
def add_user(login: str, role: str) -> None:
    """Add an account, or give an existing one a new role and password, which is asked for or read from standard input.

    \b
    Example:
      harvester user add ada --role reviewer
    """
    hashed = _new_password(login)
    with opened() as (_, catalogue):
        catalogue.accounts.add(login, hashed, role)
    messages.print(f"{login} may sign in as {role}")


@user.command("password")
@click.argument("login")
def new_password(login: str) -> None:
    """Give an account a new password, asked for or read from standard input; whoever is signed in is signed out.

    \b
    Example:
      harvester user password ada
    """
    with opened() as (_, catalogue):
        if catalogue.accounts.get(login) is None:
            raise NotFound(f"no account {login!r}")
        catalogue.accounts.change(login, "account password", password_hash=_new_password(login))
    messages.print(f"{login} has a new password")


user.add_command(new_password, "reset")


def _new_password(login: str) -> str:
    """The hash of a password that was typed twice, of the first line of standard input, or for scripts of
    HARVESTER_NEW_PASSWORD; never an argument, which other users of the machine see. Raises InputError."""
    from harvester.web.passwords import check_choice, hash_password

    if (password := os.environ.get("HARVESTER_NEW_PASSWORD")) is None:
        if sys.stdin.isatty():
            password = click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True)
        else:
            password = sys.stdin.readline().rstrip("\r\n")
    check_choice(login, password)
    return hash_password(password)


@user.command("list")
@as_json
def list_users(as_json: bool) -> None:
    """List the accounts: login, role, whether they may sign in, and in how many browsers they are signed in.

    \b
    Example:
      harvester user list
    """
    with opened() as (_, catalogue):
        accounts = catalogue.accounts.all()
        sessions = Counter(one.login for one in catalogue.accounts.sessions())
    rows = [
        {
            "login": one.login,
            "role": one.role,
            "may sign in": "yes" if one.active else "no",
            "sessions": sessions[one.login],
        }
        for one in accounts
    ]
    show(
        rows,
        ("login", "role", "may sign in", "sessions"),
        json_wanted=as_json,
        empty="no accounts yet: harvester user add NAME",
    )


@user.command("role")
@click.argument("login")
@click.argument("role", type=click.Choice(["reviewer", "operator"]))
def give_role(login: str, role: str) -> None:
    """Give an account another role and leave its password; whoever is signed in with it is signed out.

    \b
    Example:
      harvester user role ada operator
    """
    with opened() as (_, catalogue):
        catalogue.accounts.give_role(login, role, actor=COMMAND_LINE)
    messages.print(f"{login} may sign in as {role}")


@user.command("sign-out")
@click.argument("login")
def sign_out(login: str) -> None:
    """End the sessions of an account at once, in every browser; it may sign in again.

    \b
    Example:
      harvester user sign-out ada
    """
    with opened() as (_, catalogue):
        if catalogue.accounts.get(login) is None:
            raise NotFound(f"no account {login!r}")
        ended = catalogue.accounts.end_sessions(login, actor=COMMAND_LINE)
    messages.print(f"{login}: {counted(ended, 'session', 'sessions')} ended")


@user.command("enable")
@click.argument("login")
def enable_user(login: str) -> None:
    """Let a disabled account sign in again, with the password that it had.

    \b
    Example:
      harvester user enable ada
    """
    with opened() as (_, catalogue):
        catalogue.accounts.change(login, "account enabled", active=True)
    messages.print(f"{login} may sign in again")


@user.command("disable")
@click.argument("login")
def disable_user(login: str) -> None:
    """Refuse an account from now on; whoever is signed in with it is signed out. `user enable` lets it in again.

    \b
    Example:
      harvester user disable ada
    """
    with opened() as (_, catalogue):
        catalogue.accounts.disable(login, actor=COMMAND_LINE)
    messages.print(f"{login} may not sign in any more")


@click.command()
@click.option("--subject", help="Only what was done to this, for example source:NAME.")
@click.option("--limit", default=50, show_default=True, type=click.IntRange(1, 10_000), help="Lines to show.")
@as_json
def audit(subject: str | None, limit: int, as_json: bool) -> None:
    """Show who changed what, newest first. The actor "harvester" is the machine, "command line" whoever ran a command.

    \b
    Example:
      harvester audit --subject source:sill
    """
    with opened() as (_, catalogue):
        lines = [asdict(line) for line in catalogue.audit.recent(limit, subject=subject)]
    for line in lines:
        line["at"] = line["at"].isoformat(timespec="seconds")
        if not as_json:
            line["what"] = _difference(line["before"] or {}, line["after"] or {})
    columns = ("at", "actor", "action", "subject", "what", "why")
    show(lines, columns, json_wanted=as_json, empty="nobody has changed anything yet")


def _difference(before: dict[str, Any], after: dict[str, Any]) -> str:
    """What was said of the subject before and is now, as far as it differs: "state: candidate, now published"."""
    names = [name for name in {**before, **after} if before.get(name) != after.get(name)]
    parts = [f"{name}: " + ", now ".join(str(side[name]) for side in (before, after) if name in side) for name in names]
    return "; ".join(parts)
