"""One source's word on one software, normalized."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from harvester.model.fields import Fields
from harvester.model.identity import Identifier
from harvester.model.reason import Reason

REPOSITORY = "repository"
"""Key of a record that is a repository itself, as its forge or a list of repositories has it, whatever it is called."""


class Basis(StrEnum):
    """How a value came to be."""

    DECLARED = "declared"  # somebody responsible wrote it (publiccode.yml, a catalogue entry)
    FORGE = "forge"  # the forge computed or holds it (languages, last push)
    DETECTED = "detected"  # found from the text itself (its language)
    TRANSLATED = "translated"  # declared in the source's vocabulary, put into ours by a crosswalk
    INFERRED = "inferred"  # concluded from words; `because` names them
    REVIEWED = "reviewed"  # a reviewer decided it


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A normalized record.

    `key` is stable within its raw item (REPOSITORY, "publiccode.yml"); `reader` names the code and its version
    ("github/1"): a better reader reads what is stored again. `identifiers` are strong and merge; `suggests` are
    identifiers of what it might be the same as, for a reviewer only. `basis` tells each field's origin, `declared`
    where it is silent; `because` holds, where it was concluded, the words that decided, of a union by value.
    """

    key: str
    reader: str
    fields: Fields
    identifiers: tuple[Identifier, ...]
    suggests: tuple[Identifier, ...] = ()
    basis: Mapping[str, Basis] = field(default_factory=dict)
    because: Mapping[str, str | Mapping[str, str]] = field(default_factory=dict)
    priority: int = 50
    """Which record wins a scalar: publiccode.yml 80, a catalogue's entry 60, a forge's own data 40, a link 20."""
    question: str | None = None
    """The code of the issue that a reviewer is asked about: its source's trust alone does not publish such a record."""
    proposed: Reason | None = None
    """Why its source proposes what it was not told to harvest; a reviewer is asked about that as well."""
