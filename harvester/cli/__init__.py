"""The command `harvester`. Messages go to standard error, results to standard output; `--json` makes them JSON.

Exit codes: 0 done, 1 a bug of ours, 2 wrong usage, 3 a setting is wrong, 4 no such thing, 5 the network, the index
or the database did not answer, 6 the run failed, 7 the run is suspicious, 8 the input is wrong, 130 interrupted.
`validate` has its own: 0 all files are valid, 1 one is not, 2 one could not be read.
"""

from __future__ import annotations

import sys

import click

from harvester import __version__
from harvester.cli.budget import budget
from harvester.cli.common import EXIT_INTERRUPTED, exit_code_of, say_error
from harvester.cli.demo import demo
from harvester.cli.harvest import harvest, renormalize, runs
from harvester.cli.serve import scheduler, serve, up, worker
from harvester.cli.settings import settings
from harvester.cli.sources import sources
from harvester.cli.stock import index, user
from harvester.cli.validate import validate_files
from harvester.cli.vocabulary import vocabulary
from harvester.errors import HarvesterError

_CONTEXT = {"help_option_names": ["-h", "--help"], "max_content_width": 100}


@click.group(context_settings=_CONTEXT)
@click.version_option(__version__, prog_name="harvester")
def cli() -> None:
    """Harvest civic software from forges and catalogues into one searchable catalogue.

    Settings are environment variables; `harvester settings` lists them.

    \b
    Example:
      harvester demo
    """


for command in (
    budget,
    demo,
    harvest,
    index,
    renormalize,
    runs,
    scheduler,
    serve,
    settings,
    sources,
    up,
    user,
    validate_files,
    vocabulary,
    worker,
):
    cli.add_command(command)


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
