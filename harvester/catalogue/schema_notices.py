"""The tables of what operators are told without asking."""

from __future__ import annotations

from sqlalchemy import Column, ForeignKey, Index, Table, Text

from harvester.catalogue.schema import UtcDateTime, metadata, row_id

notice = Table(
    "notice",
    metadata,
    row_id(),
    Column("source", Text, ForeignKey("source.name"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("began_at", UtcDateTime, nullable=False),
    Column("ended_at", UtcDateTime),
    Column("end", Text),
)
"""A source has one open notice of a kind at the most."""
_lasts = notice.c.ended_at.is_(None)
Index("uq_notice_open", notice.c.source, notice.c.kind, unique=True, sqlite_where=_lasts, postgresql_where=_lasts)

notice_told = Table(
    "notice_told",
    metadata,
    Column("notice", ForeignKey("notice.id"), primary_key=True),
    Column("phase", Text, primary_key=True),
    Column("way", Text, primary_key=True),
    Column("at", UtcDateTime, nullable=False),
)
"""That a notice's beginning or end (`phase`) was told by mail or by a webhook (`way`)."""
