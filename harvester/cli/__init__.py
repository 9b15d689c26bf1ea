"""The command `harvester`. Messages go to standard error, results to standard output; `--json` makes them JSON.

Exit codes: 0 done, 1 a bug of ours, 2 wrong usage, 3 a setting is wrong, 4 no such thing, 5 the network, the index
or the database did not answer, 6 the run failed, 7 the run is suspicious, the index differs from the catalogue or would
lose much, 8 the input is wrong, 130 interrupted.
`validate` has its own: 0 all files are valid, 1 one is not, 2 one could not be read.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, MutableMapping
from importlib import import_module

import click

from harvester import __version__
from harvester.cli.exits import EXIT_INTERRUPTED, exit_code_of, say_error
from harvester.errors import HarvesterError

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}

COMMANDS: Mapping[str, tuple[str, str]] = {
    "assess": (
        "assess:assess",
        "Conclude of every software anew what it is, whether it belongs, and where lists show it.",
    ),
    "audit": ("stock:audit", "Show who changed what, newest first."),
    "backup": (
        "backup:backup",
        "Copy the catalogue and the settings into a new folder, also while a harvest goes on.",
    ),
    "budget": ("budget:budget", "Predict what a run of a source would cost, and when it would end."),
    "demo": ("demo:demo", "Harvest a simulated civic web on this machine, about real tools, and serve the catalogue."),
    "dump": ("dump:dump", "Make the archive of all that is published, which pages give away."),
    "erase": (
        "erase:erase",
        "Delete all that was harvested and decided of a software, for good, and store none of it again.",
    ),
    "export": (
        "export:write_export",
        'Write every software of every state as JSON lines, with what is concluded of it; "-" is standard output.',
    ),
    "harvest": ("harvest:harvest", "Harvest one source now, then resolve and index what came."),
    "index": ("stock:index", "The search index: a projection of the catalogue, always disposable."),
    "renormalize": (
        "harvest:renormalize",
        "Read what is stored again with today's readers, without asking the network.",
    ),
    "restore": ("backup:restore", "Bring a backup back into an empty catalogue, then make its index."),
    "runs": ("runs:runs", "List the newest runs, look at one, read its log, stop it, or say that it is right."),
    "scheduler": ("serve:scheduler", "Only the clock: queue the sources that are due, for workers elsewhere."),
    "serve": ("serve:serve", "Serve the pages and the API; crawls are another process's work."),
    "settings": ("settings:settings", "List every setting with its value, default and meaning."),
    "sources": (
        "source_check:sources",
        "The configured sources and those that the registry offers: list, look, add, accept, change, remove.",
    ),
    "bring-back": ("harvest:bring_back", "Bring back what the last accepted run of a source let go."),
    "collections": (
        "collections:collections",
        "Lists of tools with a title, a text and an order, which the site shows.",
    ),
    "pins": ("pins:pins", "Tools that stand first among what answers a question, each with a reason."),
    "notices": ("notices:notices", "What went wrong with sources, and when it was right again."),
    "stop": ("harvest:stop", "Ask the open run of a source to stop."),
    "up": ("serve:up", "Everything on one machine: pages, worker and clock."),
    "user": ("user:user", "Accounts of reviewers and operators."),
    "validate": (
        "validate:validate_files",
        'Check publiccode.yml files as the standard\'s official validator does; "-" reads standard input.',
    ),
    "vocabulary": ("vocabulary:vocabulary", "Sources' own vocabularies, and what their terms mean in ours."),
    "withdraw": (
        "withdraw:withdraw",
        "Take a software off pages, index and exports, whatever is harvested, until that is undone.",
    ),
    "worker": (
        "serve:worker",
        "Take queued runs, several at a time (HARVESTER_RUNS_AT_ONCE), and keep the index current.",
    ),
}
"""Each command's module and name in it, and its short help: the first sentence of its own, as a test makes sure."""


class _Commands(MutableMapping[str, click.Command]):
    """The commands, each imported when it is called: all of them together take longer than most of them run."""

    def __init__(self) -> None:
        self._loaded: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._loaded:
            module, _, attribute = COMMANDS[name][0].partition(":")
            command: click.Command = getattr(import_module(f"harvester.cli.{module}"), attribute)
            self._loaded[name] = command
        return self._loaded[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self._loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class _Group(click.Group):
    """The group as its help shows it, with no command imported."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:  # noqa: ARG002 - click's
        limit = formatter.width - 6 - max(map(len, COMMANDS))
        rows = [
            (name, click.Command(name, help=told).get_short_help_str(limit)) for name, (_, told) in COMMANDS.items()
        ]
        with formatter.section("Commands"):
            formatter.write_dl(rows)


@click.group(cls=_Group, commands=_Commands(), context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="harvester")
def cli() -> None:
    """Harvest civic software from forges and catalogues into one searchable catalogue.

    Settings are environment variables; `harvester settings` lists them.

    \b
    Example:
      harvester demo
    """


def main() -> None:
    """Entry point."""
    run(cli, "harvester")


def run(command: click.Command, name: str) -> None:
    """Run a command and exit: errors that we raise on purpose become one line and a named exit code."""
    try:
        code = command.main(prog_name=name, standalone_mode=False)  # a command's own exit code comes back
        sys.exit(code if isinstance(code, int) else 0)
    except click.exceptions.Abort:
        say_error("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except click.ClickException as error:
        error.show()
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        say_error("interrupted")
        sys.exit(EXIT_INTERRUPTED)
    except HarvesterError as error:
        say_error(str(error))
        sys.exit(exit_code_of(error))
    except BrokenPipeError:
        sys.exit(0)
