"""`harvester user`: who may sign in, and with what."""

from __future__ import annotations

import os
import sys
from collections import Counter
from datetime import datetime

import click

from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, counted, messages, opened, show
from harvester.config import Settings
from harvester.errors import NotFound


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


@user.command("invite")
@click.option("--role", type=click.Choice(["reviewer", "operator"]), required=True)
def invite(role: str) -> None:
    """Print a link that lets one person make an account of a role, with a name and password that they choose.

    It ends after HARVESTER_LINK_HOURS, and is printed this once. HARVESTER_PUBLIC_URL says where the site is.

    \b
    Example:
      harvester user invite --role reviewer
    """
    with opened() as (settings, catalogue):
        address, digest, ends = _link(settings)
        catalogue.links.invite(digest, role, ends, actor=COMMAND_LINE)
    _tell_link(address, ends, f"hand it to whoever becomes a {role}")


def _link(settings: Settings) -> tuple[str, str, datetime]:
    """The address of a new link, its digest, and when it ends."""
    from harvester.web.links import new_link

    path, digest, ends = new_link(settings)
    site = (settings.public_url or f"http://{settings.bind}").rstrip("/")
    return f"{site}/en/{path}", digest, ends


def _tell_link(address: str, ends: datetime, told: str) -> None:
    click.echo(address)
    messages.print(f"{told}; it works once, until {ends:%Y-%m-%d %H:%M} UTC")


@user.command("reset")
@click.argument("login")
@click.option("--link", is_flag=True, help="Print a link by which they choose it themselves, instead.")
def reset_user(login: str, link: bool) -> None:
    """Give somebody who lost password or phone a new password, as `user password`, and take the second factor off.

    With --link a link is printed this once, which does so when it is used, and ends after HARVESTER_LINK_HOURS.

    \b
    Example:
      harvester user reset ada --link
    """
    with opened() as (settings, catalogue):
        if catalogue.accounts.get(login) is None:
            raise NotFound(f"no account {login!r}")
        if link:
            address, digest, ends = _link(settings)
            catalogue.links.reset(digest, login, ends, actor=COMMAND_LINE)
            _tell_link(address, ends, f"hand it to {login}, and to nobody else")
            return
        had = catalogue.factors.reset(login, _new_password(login), actor=COMMAND_LINE)
    told = " and no second factor any more" if had else ""
    messages.print(f"{login} has a new password{told}")


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
    """List the accounts: login, role, whether they may sign in, their second factor, and in how many browsers they are.

    \b
    Example:
      harvester user list
    """
    with opened() as (_, catalogue):
        accounts = catalogue.accounts.all()
        factors = catalogue.factors.on()
        sessions = Counter(one.login for one in catalogue.accounts.sessions())
    rows = [
        {
            "login": one.login,
            "role": one.role,
            "may sign in": "yes" if one.active else "no",
            "second factor": "on" if one.login in factors else "",
            "sessions": sessions[one.login],
        }
        for one in accounts
    ]
    show(
        rows,
        ("login", "role", "may sign in", "second factor", "sessions"),
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
