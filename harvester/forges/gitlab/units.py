"""The units of a GitLab's harvest: pages of listings, what is inside projects, where the origins of forks are.

A page of a listing has a `kind` and a `name` (see `gitlab.first_page`), how many projects came before it (`seen`), and
what of those is still to be asked, which waits until it is much: whose inside (`wanted`: by number, the paths of files
that are missing, or what REST listed) and which forks' origins (`forks`: their keys). `after` is GraphQL's cursor,
`path` and `query` are REST's; the first page has neither.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from harvester.model import Unit

BATCH = 100
"""Projects a unit that asks for what is inside them."""
BATCH_REST = 20
"""The same where each costs requests of its own, so that no unit takes minutes."""


def first(kind: str, name: str) -> Unit:
    """The first page of a listing."""
    return _listing({"kind": kind, "name": name, "seen": 0, "wanted": {}, "forks": []})


def anew(unit: Unit, *, path: str, query: Mapping[str, str]) -> Unit:
    """The first page of a listing by REST, after GraphQL was refused in the middle of it."""
    kept = {key: value for key, value in unit.data.items() if key != "after"}
    return _listing({**kept, "seen": 0, "path": path, "query": dict(query)})


def after(
    unit: Unit,
    following: Mapping[str, Any] | None,
    *,
    seen: int,
    wanted: Mapping[str, Any],
    forks: Sequence[str],
    batch: int,
) -> tuple[Unit, ...]:
    """What follows a page of a listing: what is to be asked of its projects and of those before, and its next page.

    `following` is the place of the next page; `batch` is projects a unit that asks for their inside.
    """
    wanted, forks = {**unit.data["wanted"], **wanted}, [*unit.data["forks"], *forks]
    later: dict[str, Any] = {"wanted": {}, "forks": []}
    if following and len(wanted) < BATCH:
        later["wanted"], wanted = wanted, {}
    if following and len(forks) < BATCH:
        later["forks"], forks = forks, []
    units = inside(unit.key, wanted, batch=batch)  # before the next page, so that a preview need not list it all
    if forks:
        units += (Unit(f"origins of {unit.key}", {"forks": forks}),)
    return (*units, _listing({**unit.data, **following, **later, "seen": seen})) if following else units


def inside(of: str, wanted: Mapping[str, Any], *, batch: int) -> tuple[Unit, ...]:
    """What is inside projects that the unit `of` showed."""
    numbers = list(wanted)
    batches = [numbers[start : start + batch] for start in range(0, len(numbers), batch)]
    return tuple(
        Unit(f"inside:{some[0]}+{len(some) - 1} of {of}", {"wanted": {number: wanted[number] for number in some}})
        for some in batches
    )


def _listing(data: Mapping[str, Any]) -> Unit:
    place = f"after={data['after']}" if "after" in data else urlencode(sorted(data.get("query", {}).items()))
    return Unit(f"{data['kind']}:{data['name']}?{place}", dict(data))
