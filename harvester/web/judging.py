"""How we judge: the rules and weights by which things are concluded, as the code has them."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import Request
from fastapi.responses import Response

from harvester.assess.assessment import Fitted, fitted
from harvester.assess.standing import POINTS
from harvester.catalogue import Catalogue
from harvester.model import Shelf
from harvester.web import pages
from harvester.web.house import house_of
from harvester.web.rooms import Rooms

SHOWN = 30
"""Of the features of a figure, so many that speak for it and against it are shown."""
FIGURES = ("toolbox", "civic")


@dataclass(frozen=True, slots=True)
class Weights:
    """A figure's weights, the heaviest of both kinds, and how well it agreed with careful readers."""

    name: str
    table: Fitted
    more: tuple[tuple[str, float], ...]
    less: tuple[tuple[str, float], ...]


def show_judging(request: Request, language: str) -> Response:  # noqa: ARG001 - its path has one
    """The page."""
    house = house_of(request)
    return pages.render(
        request,
        "judging.html",
        figures=[_weights(name) for name in FIGURES],
        points=POINTS,
        shelves=_shelves(house.catalogue),
        listed_from=round(100 * house.catalogue.policy.listed_from()),
    )


def _weights(name: str) -> Weights:
    table = fitted(name)
    heaviest = sorted(table.weights.items(), key=lambda one: -one[1])
    more = tuple(one for one in heaviest[:SHOWN] if one[1] > 0)
    less = tuple(one for one in heaviest[::-1][:SHOWN] if one[1] < 0)
    return Weights(name, table, more, less)


def _shelves(catalogue: Catalogue) -> list[tuple[Shelf, int]]:
    counts = catalogue.software.count_by_shelf()
    return [(shelf, counts.get(shelf, 0)) for shelf in Shelf]


def register(rooms: Rooms) -> None:
    """The routes of this module."""
    rooms.page("/{language}/judging", show_judging)
