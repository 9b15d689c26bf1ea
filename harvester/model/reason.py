"""Why something is as it is, as a code that every language has words for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST = 300  # characters of an argument; an error's text may hold a whole page


@dataclass(frozen=True, slots=True)
class Reason:
    """A reason: `code` is the key of its words ("judged.fell"), `args` what they fill in.

    Arguments are JSON: text and numbers. Some names have a meaning everywhere, and are said as such: `n` chooses the
    plural, `date` is a date and `day` one that is said by how long ago it was, `until` a moment (all ISO 8601, UTC),
    and the name of a vocabulary (`use_case`, `artefact`) a code of it.
    """

    code: str
    args: Mapping[str, str | int] = field(default_factory=dict)

    def __hash__(self) -> int:
        return hash((self.code, tuple(sorted(self.args.items()))))

    @classmethod
    def of(cls, code: str, /, **args: str | int) -> Reason:
        """The reason with its arguments by name, long texts cut to 300 characters."""
        return cls(code, {name: value[:_LONGEST] if isinstance(value, str) else value for name, value in args.items()})
