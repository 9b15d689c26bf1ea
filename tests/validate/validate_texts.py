"""A valid file, and how it is changed."""

from __future__ import annotations

from harvester.model import Severity
from harvester.validate import Report, validate

LONG = (
    "It lets a town ask its inhabitants what they think of a plan, gathers what they propose, and tells them what " * 2
)
VALID = f"""\
publiccodeYmlVersion: "0"
name: Agora
url: https://forge.example.org/town/agora
platforms:
  - web
categories:
  - survey
developmentStatus: stable
softwareType: standalone/web
description:
  en:
    shortDescription: Asks a town.
    longDescription: {LONG}
    features:
      - Surveys
legal:
  license: EUPL-1.2
maintenance:
  type: community
  contacts:
    - name: The team
localisation:
  localisationReady: true
  availableLanguages:
    - en
"""


def changed(*pairs: tuple[str, str]) -> str:
    """The valid file with texts replaced, each of which stands in it once."""
    text = VALID
    for old, new in pairs:
        assert text.count(old) == 1, old
        text = text.replace(old, new)
    return text


def errors(text: str | bytes) -> list[tuple[str, int, int, str]]:
    """(key, line, column, message) of a file's errors."""
    report = validate(text if isinstance(text, bytes) else text.encode())
    return [
        (result.key, result.line, result.column, result.description)
        for result in report.results
        if result.severity is Severity.ERROR
    ]


def warnings(report: Report) -> list[tuple[str, int]]:
    """(key, line) of a file's warnings."""
    return [(result.key, result.line) for result in report.results if result.severity is Severity.WARNING]
