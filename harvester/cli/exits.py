"""How commands end: a code for each kind of error, and one line on standard error. Costs nothing to import."""

from __future__ import annotations

from collections.abc import Sequence

import click

from harvester.errors import (
    CatalogueError,
    CatalogueUnavailable,
    FetchError,
    HarvesterError,
    IndexLosses,
    InputError,
    NotFound,
    SearchError,
    SettingsError,
    SourceError,
)
from harvester.log import printable, redact

EXIT_SETTINGS, EXIT_NOT_FOUND, EXIT_NETWORK, EXIT_RUN_FAILED, EXIT_SUSPICIOUS, EXIT_INPUT = 3, 4, 5, 6, 7, 8
EXIT_INTERRUPTED = 130

_CODES: Sequence[tuple[type[HarvesterError], int]] = (
    (SettingsError, EXIT_SETTINGS),
    (NotFound, EXIT_NOT_FOUND),
    (FetchError, EXIT_NETWORK),
    (IndexLosses, EXIT_SUSPICIOUS),
    (SearchError, EXIT_NETWORK),
    (InputError, EXIT_INPUT),
    (SourceError, EXIT_INPUT),
    (CatalogueUnavailable, EXIT_NETWORK),
    (CatalogueError, EXIT_INPUT),
)


def exit_code_of(error: HarvesterError) -> int:
    """The exit code that a kind of error has."""
    return next((code for kind, code in _CODES if isinstance(error, kind)), 1)


def say_error(text: str) -> None:
    """One line on standard error, without secrets."""
    click.echo(f"harvester: {printable(redact(text))}", err=True)
