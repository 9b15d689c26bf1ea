"""Civic Harvester: discovers civic software, normalizes what is said of it, and makes it searchable."""

__version__ = "0.1.0"
