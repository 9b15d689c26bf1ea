"""Labels of facets' values, which need to know the sources' titles."""

from __future__ import annotations

from harvester.web import facets
from harvester.web.house import House
from harvester.words import Formatter


def labels_of(house: House, formatter: Formatter) -> facets.Labels:
    """Labels of facets' values, sources by their titles."""
    return facets.labels(formatter, {source.name: source.title for source in house.catalogue.sources.all()})
