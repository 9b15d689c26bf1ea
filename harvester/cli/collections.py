"""`harvester collections`: an editor's lists of tools."""

from __future__ import annotations

import click

from harvester.catalogue.collected import Collection
from harvester.catalogue.people import COMMAND_LINE
from harvester.cli.common import as_json, echo_json, messages, opened, show
from harvester.errors import InputError


@click.group()
def collections() -> None:
    """Lists of tools with a title, a text and an order, which the site shows.

    \b
    Example:
      harvester collections put --title en="Petitions" --title fr="Pétitions" decidim-2 consul
    """


@collections.command("list")
@as_json
def list_(as_json: bool) -> None:
    """Every collection with its tools.

    \b
    Example:
      harvester collections list --json
    """
    with opened() as (_, catalogue):
        rows = [_plain(one) for one in catalogue.collections.all()]
    show(rows, ("slug", "title", "softwares"), json_wanted=as_json, empty="there is no collection yet")


@collections.command()
@click.argument("tools", nargs=-1, metavar="[TOOL]...")
@click.option("--slug", help="The collection that is changed; without it one is made.")
@click.option("--title", "titles", multiple=True, metavar="LANGUAGE=TEXT", help="Its title in a language.")
@click.option("--text", "said", multiple=True, metavar="LANGUAGE=TEXT", help="Its text in a language, as Markdown.")
def put(tools: tuple[str, ...], slug: str | None, titles: tuple[str, ...], said: tuple[str, ...]) -> None:
    """Make a collection, or change one: TOOLs are ids or the last parts of their addresses, in order.

    Of an existing one, what is not given stays as it is.

    \b
    Example:
      harvester collections put --title en="Petitions" --title fr="Pétitions" decidim-2 consul
    """
    title, text = _by_language(titles, "--title"), _by_language(said, "--text")
    with opened() as (_, catalogue):
        before = catalogue.collections.get(slug) if slug else None
        made = catalogue.collections.put(
            slug,
            title={**before.title, **title} if before else title,
            text={**before.text, **text} if before else text,
            softwares=tools or (before.softwares if before else ()),
            actor=COMMAND_LINE,
        )
        echo_json(_plain(made))


@collections.command()
@click.argument("slug")
def remove(slug: str) -> None:
    """Take a collection away; its tools stay as they are.

    \b
    Example:
      harvester collections remove petitions
    """
    with opened() as (_, catalogue):
        catalogue.collections.remove(slug, COMMAND_LINE)
    messages.print(f"{slug} is removed")


def _plain(one: Collection) -> dict[str, object]:
    return {"slug": one.slug, "title": one.title, "text": one.text, "softwares": list(one.softwares)}


def _by_language(pairs: tuple[str, ...], option: str) -> dict[str, str]:
    found = {}
    for pair in pairs:
        tag, equals, text = pair.partition("=")
        if not equals or not tag.strip():
            raise InputError(f"{option} {pair!r} names no language", remedy=f'for example {option} en="Petitions"')
        found[tag.strip()] = text
    return found
