"""The words that people read, by key and language, and how numbers, dates and names are written among them."""

from harvester.words.catalogs import ENGLISH, ENGLISH_MARKS, Catalogs, Words, packaged
from harvester.words.format import Activity, Formatter, Weighed, say

__all__ = ["ENGLISH", "ENGLISH_MARKS", "Activity", "Catalogs", "Formatter", "Weighed", "Words", "packaged", "say"]
