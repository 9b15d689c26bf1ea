"""`harvester settings`."""

from __future__ import annotations

from typing import Any

import click
from pydantic import SecretStr

from harvester.cli.common import as_json, prepare, show
from harvester.config import PREFIX, Settings
from harvester.log import MASK, masked


@click.command()
@as_json
def settings(as_json: bool) -> None:
    """List every setting with its value, default and meaning. Secrets are masked.

    \b
    Example:
      HARVESTER_BIND=127.0.0.1:9000 harvester settings
    """
    rows = settings_table(prepare())
    show(rows, ("variable", "value", "default", "meaning"), json_wanted=as_json, empty="no settings")


def settings_table(current: Settings) -> list[dict[str, Any]]:
    """One row a setting: variable, value (secrets masked), default, meaning."""
    return [
        {
            "variable": PREFIX + name.upper(),
            "value": _shown(getattr(current, name)),
            "default": _shown(field.default),
            "meaning": field.description,
        }
        for name, field in Settings.model_fields.items()
    ]


def _shown(value: object) -> str | None:
    if value is None:
        return None
    return MASK if isinstance(value, SecretStr) else masked(str(value))
