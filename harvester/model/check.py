"""What a check found of a source: whether its address still leads to what it once did."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from harvester.model.reason import Reason


class CheckFinding(StrEnum):
    """What is the matter with a source, the worst first."""

    DEAD = "dead"  # 404 or 410, in two checks
    WALLED = "walled"  # a page in its place asks for a browser
    REFUSES = "refuses"  # 401, 403, or its robots.txt: it does not want us
    SHAPE = "shape"  # it answers, and in another form than is read
    EMPTIED = "emptied"  # it answers in its form, and lists nothing
    MOVED = "moved"  # it says for good that it is elsewhere
    FROZEN = "frozen"  # what it lists was last changed long ago
    SILENT = "silent"  # no answer, or a fault of the moment: nothing is known
    FINE = "fine"


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The last check of a source. `told` are its reasons. `proposed` are the values of the source that would mend it
    ("params", "enabled"), none where only a person can. `fine_at` and `fine_by`: when and by whom it was last found
    fine. `gone_since`: by a digest of an address since when that answers that there is nothing, for the second look
    that says dead. `data_of`: the newest date in its data."""

    source: str
    at: datetime
    by: str
    finding: CheckFinding
    told: tuple[Reason, ...] = ()
    proposed: Mapping[str, Any] = field(default_factory=dict)
    data_of: datetime | None = None
    fine_at: datetime | None = None
    fine_by: str | None = None
    gone_since: Mapping[str, datetime] = field(default_factory=dict)
