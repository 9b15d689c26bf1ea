"""The tables. Text columns named `data` hold canonical JSON of the model's dataclasses.

What the first migration holds on purpose: opaque software ids with former ids and slugs, the source's terms beside the
source, payloads that can be erased while their digest stays, an append-only audit, software versions with first and
last seen, times in UTC and a schedule's zone.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy import Boolean, Column, Float, ForeignKey, Index, Integer, LargeBinary, MetaData, Table, Text

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
metadata = MetaData(naming_convention=NAMING)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """An aware datetime in UTC: SQLite gives naive ones back, PostgreSQL aware ones in its session's zone."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"naive datetime {value!r}: times are UTC and aware")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:  # noqa: ARG002
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


def row_id() -> Column[int]:
    """A big integer that SQLite still treats as its row id."""
    return Column("id", sa.BigInteger().with_variant(Integer, "sqlite"), primary_key=True)


source = Table(
    "source",
    metadata,
    Column("name", Text, primary_key=True),
    Column("data", Text, nullable=False),
    Column("enabled", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
    Column("updated_at", UtcDateTime, nullable=False),
)

source_check = Table(
    "source_check",
    metadata,
    Column("source", ForeignKey("source.name"), primary_key=True),
    Column("at", UtcDateTime, nullable=False),
    Column("data", Text, nullable=False),
)

run = Table(
    "run",
    metadata,
    row_id(),
    Column("source", Text, ForeignKey("source.name"), nullable=False),
    Column("due_at", UtcDateTime, nullable=False),
    Column("local_slot", Text),  # "2026-10-25T02:30 Europe/Paris": a slot that a clock change repeats runs once
    Column("queued_by", Text, nullable=False),
    Column("queued_at", UtcDateTime, nullable=False),
    Column("state", Text, nullable=False),
    Column("attempt", Integer, nullable=False, server_default="0"),
    Column("worker", Text),
    Column("lease_until", UtcDateTime),
    Column("resume_at", UtcDateTime),  # of a capped run: when its budget refills
    Column("resumed", Integer, nullable=False, server_default="0"),
    Column("fruitless", Integer, nullable=False, server_default="0"),  # attempts in a row that brought nothing
    Column("progress", Text),  # how far it was when its newest attempt began
    Column("confirms", Boolean, nullable=False, server_default=sa.false()),  # its source can be asked what is absent
    Column("started_at", UtcDateTime),
    Column("heartbeat_at", UtcDateTime),
    Column("finished_at", UtcDateTime),
    Column("stop_requested", Boolean, nullable=False, server_default=sa.false()),
    Column("total", Integer),
    Column("judgement", Text),
    Column("reasons", sa.JSON, nullable=False),
    Column("counts", sa.JSON, nullable=False),
    Column("spent", sa.JSON, nullable=False),
    Column("left", sa.JSON, nullable=False, server_default="{}"),
    sa.UniqueConstraint("source", "due_at"),
    sa.UniqueConstraint("source", "local_slot"),
    Index(None, "state"),
    Index(None, "due_at", "id"),
)

unit = Table(
    "unit",
    metadata,
    Column("run", ForeignKey("run.id"), primary_key=True),
    Column("key", Text, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("data", sa.JSON, nullable=False),
    Column("state", Text, nullable=False),  # open, closed, failed
    Column("tries", Integer, nullable=False, server_default="0"),
    Column("error", Text),
    Column("status", Integer),
    Column("url", Text),
    Column("final", Boolean, nullable=False, server_default=sa.false()),
    Column("closed_at", UtcDateTime),
)

payload = Table(
    "payload",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("body", LargeBinary),  # zlib; NULL where it was erased: the digest stays
    Column("size", Integer, nullable=False),
)

raw_item = Table(
    "raw_item",
    metadata,
    row_id(),
    Column("source", Text, ForeignKey("source.name"), nullable=False),
    Column("key", Text, nullable=False),
    Column("format", Text, nullable=False),
    Column("digest", Text, ForeignKey("payload.digest"), nullable=False),
    Column("url", Text, nullable=False),
    Column("context", sa.JSON, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("reason", Text),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("first_run", Integer, nullable=False),
    Column("changed_run", Integer, nullable=False),
    Column("last_run", Integer, nullable=False),
    Column("missing_runs", Integer, nullable=False, server_default="0"),  # good runs in a row that it was absent from
    Column("absent_run", Integer),  # the newest run to which the source said 404 or 410
    Column("gone_at", UtcDateTime),
    Column("as_of", UtcDateTime),  # the source's own date of it
    sa.UniqueConstraint("source", "key"),
    Index(None, "source", "last_run"),
)

raw_version = Table(
    "raw_version",
    metadata,
    Column("raw_item", ForeignKey("raw_item.id"), primary_key=True),
    Column("run", Integer, primary_key=True),
    Column("digest", Text, ForeignKey("payload.digest"), nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

record = Table(
    "record",
    metadata,
    row_id(),
    Column("raw_item", ForeignKey("raw_item.id"), nullable=False),
    Column("key", Text, nullable=False),
    Column("reader", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("digest", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("standing", Text),  # of a source that is not trusted: what of it a person let into what is published
    Column("declined", Text),  # the digest of what a person did not let in
    Column("former", Text),  # what was said before a run that is not judged yet, or that is held
    Column("held_by", Integer),  # the run that is held: `former` counts until a person accepts it
    sa.UniqueConstraint("raw_item", "key"),
)

identifier = Table(
    "identifier",
    metadata,
    Column("record", ForeignKey("record.id"), primary_key=True),
    Column("scheme", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("strong", Boolean, nullable=False),  # False: only suggests a pair to a reviewer
    Index(None, "scheme", "value"),
)

issue = Table(
    "issue",
    metadata,
    row_id(),
    Column("source", Text, ForeignKey("source.name"), nullable=False),
    Column("raw_item", Integer, nullable=False, server_default="0"),  # 0: of the whole page
    Column("url", Text),
    Column("digest", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("code", Text, nullable=False),
    Column("severity", Text, nullable=False),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("last_seen", UtcDateTime, nullable=False),
    Column("last_run", Integer, nullable=False),
    Column("active", Boolean, nullable=False),
    sa.UniqueConstraint("source", "raw_item", "digest"),
    Index(None, "raw_item"),
)

dirty_record = Table("dirty_record", metadata, Column("record", ForeignKey("record.id"), primary_key=True))

software = Table(
    "software",
    metadata,
    Column("id", Text, primary_key=True),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("slug", Text, nullable=False),
    Column("name", Text),
    Column("toolbox", Float, nullable=False, server_default="0"),
    Column("helps", Float, nullable=False, server_default="0"),  # what a decision on it is worth: the queue's order
    Column("shelf", Text, nullable=False, server_default="listed"),
    Column("deferred", Boolean, nullable=False, server_default=sa.false()),
    Column("asks", Boolean, nullable=False, server_default=sa.false()),  # published, and something of it is in question
    Column("digest", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("merged_into", Text),
    Column("first_seen", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
    Column("published_at", UtcDateTime),
    Index(None, "state", "deferred", "toolbox"),
    Index(None, "state", "shelf"),
    Index("ix_software_queue", "state", "asks", "deferred", "helps", "id"),  # all that the queue reads of most
)

trait = Table(
    "trait",
    metadata,
    Column("facet", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Column("software", ForeignKey("software.id"), primary_key=True, index=True),
)

claim = Table(
    "claim",
    metadata,
    Column("software", ForeignKey("software.id"), primary_key=True),
    Column("login", Text, nullable=False, index=True),
    Column("at", UtcDateTime, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)

saved_filter = Table(
    "saved_filter",
    metadata,
    Column("login", Text, primary_key=True),
    Column("name", Text, primary_key=True),
    Column("query", Text, nullable=False),
)

collection = Table(
    "collection",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("title", sa.JSON, nullable=False),  # by language
    Column("text", sa.JSON, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("changed_at", UtcDateTime, nullable=False),
)

collection_item = Table(
    "collection_item",
    metadata,
    Column("collection", ForeignKey("collection.slug"), primary_key=True),
    Column("software", ForeignKey("software.id"), primary_key=True, index=True),
    Column("position", Integer, nullable=False),
)

software_version = Table(
    "software_version",
    metadata,
    Column("software", ForeignKey("software.id"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("state", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False, index=True),
)

software_slug = Table(
    "software_slug",
    metadata,
    Column("slug", Text, primary_key=True),
    Column("software", ForeignKey("software.id"), nullable=False, index=True),
)

membership = Table(
    "membership",
    metadata,
    Column("record", ForeignKey("record.id"), primary_key=True),
    Column("software", ForeignKey("software.id"), nullable=False, index=True),
    Column("home", ForeignKey("software.id"), nullable=False),  # its first software: a split brings it back there
)

suggestion = Table(
    "suggestion",
    metadata,
    Column("a", ForeignKey("software.id"), primary_key=True),
    Column("b", ForeignKey("software.id"), primary_key=True),
    Column("score", Float, nullable=False),
    Column("reason", sa.JSON, nullable=False),
    Index(None, "b"),
)

relation = Table(
    "relation",
    metadata,
    Column("subject", ForeignKey("software.id"), primary_key=True),
    Column("type", Text, primary_key=True),
    Column("object", Text, primary_key=True),  # a software's id; "" where the catalogue does not have it
    Column("target", Text, primary_key=True),  # what names it then
    Column("basis", Text, nullable=False),
    Column("probability", Float, nullable=False),
    Column("because", sa.JSON, nullable=False),
    Column("since", UtcDateTime, nullable=False),
    Index(None, "object"),
    Index(None, "target"),
)

body = Table(
    "body",
    metadata,
    Column("id", Text, primary_key=True),
    Column("slug", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("words", Text, nullable=False),  # all its names, folded
    Column("kind", Text),
    Column("country", Text),
    Column("parent", Text, index=True),
    Column("softwares", Integer, nullable=False),
    Column("merged_into", Text),
    Column("data", Text, nullable=False),
)

body_key = Table(
    "body_key",
    metadata,
    Column("key", Text, primary_key=True),  # an address or a name that it is known by
    Column("body", ForeignKey("body.id"), nullable=False, index=True),
)

body_link = Table(
    "body_link",
    metadata,
    Column("body", ForeignKey("body.id"), primary_key=True),
    Column("software", ForeignKey("software.id"), primary_key=True),
    Column("role", Text, primary_key=True),
    Column("source", Text, primary_key=True),
    Column("copy", Text, primary_key=True),  # of the role "copied" the body's own software, else ""
    Column("as_said", Text, nullable=False),
    Column("url", Text),
    Column("at", UtcDateTime),
    Index(None, "software"),
)

decision = Table(
    "decision",
    metadata,
    row_id(),
    Column("software", ForeignKey("software.id"), nullable=False, index=True),
    Column("operation", Text, nullable=False),
    Column("field", Text),
    Column("value", sa.JSON(none_as_null=True)),
    Column("seen", Text),
    Column("actor", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
    Column("why", Text),
    Column("undone_at", UtcDateTime),
    Column("undone_by", Text),
    Column("act", Integer, index=True),  # the first decision of those that were made, and are undone, as one
    Column("until", UtcDateTime, index=True),  # when it ends by itself
    Column("saw", sa.JSON(none_as_null=True)),  # of a correction: what the sources said of the field then
    Column("version", Integer),  # the software's, as this decision left it
    Column("contested", Boolean, nullable=False, server_default=sa.false()),  # the sources say otherwise now
)

decision_identifier = Table(
    "decision_identifier",
    metadata,
    Column("decision", ForeignKey("decision.id"), primary_key=True),
    Column("scheme", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    Index(None, "scheme", "value"),
)

matter = Table(
    "matter",
    metadata,
    row_id(),
    Column("kind", Text, nullable=False),  # proposal, use, objection
    Column("key", Text, nullable=False, index=True),  # what it is about: two who say the same are one matter
    Column("open_key", Text, unique=True),  # the same while it waits, else NULL
    Column("software", ForeignKey("software.id"), index=True),
    Column("field", Text),
    Column("data", Text, nullable=False),
    Column("state", Text, nullable=False),  # waits, accepted, refused
    Column("at", UtcDateTime, nullable=False),
    Column("why", Text),
    Column("decided_by", Text),
    Column("decided_at", UtcDateTime),
    Column("decision", Integer, index=True),  # what its acceptance decided of a software
    Index(None, "state", "kind"),
)

voice = Table(
    "voice",
    metadata,
    row_id(),
    Column("matter", ForeignKey("matter.id"), nullable=False, index=True),
    Column("receipt", Text, nullable=False, unique=True),  # the digest of its receipt's address; nothing of the sender
    Column("language", Text, nullable=False),
    Column("data", Text, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

policy = Table("policy", metadata, Column("name", Text, primary_key=True), Column("value", sa.JSON, nullable=False))

opt_out = Table("opt_out", metadata, Column("digest", Text, primary_key=True))  # of "scheme:value", SHA-256

audit = Table(
    "audit",
    metadata,
    row_id(),
    Column("at", UtcDateTime, nullable=False, index=True),
    Column("actor", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("subject", Text, nullable=False),
    Column("before", sa.JSON(none_as_null=True)),
    Column("after", sa.JSON(none_as_null=True)),
    Column("why", Text),
    Column("via", Text),
)

index_generation = Table(
    "index_generation",
    metadata,
    Column("engine", Text, primary_key=True),
    Column("generation", Text, primary_key=True),
    Column("created_at", UtcDateTime, nullable=False),
)

index_dirt = Table(
    "index_dirt",
    metadata,
    Column("engine", Text, primary_key=True),
    Column("generation", Text, primary_key=True),
    Column("software", Text, primary_key=True),
    Column("version", Integer, nullable=False),
)

account = Table(
    "account",
    metadata,
    Column("login", Text, primary_key=True),
    Column("password_hash", Text, nullable=False),
    Column("role", Text, nullable=False),
    Column("active", Boolean, nullable=False),
    Column("created_at", UtcDateTime, nullable=False),
)

session = Table(
    "session",
    metadata,
    Column("token_hash", Text, primary_key=True),
    Column("login", ForeignKey("account.login"), nullable=False, index=True),
    Column("created_at", UtcDateTime, nullable=False),
    Column("expires_at", UtcDateTime, nullable=False),
)

remembered = Table(
    "remembered",
    metadata,
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("status", Integer, nullable=False),
    Column("headers", sa.JSON, nullable=False),
    Column("body", LargeBinary, nullable=False),
    Column("at", UtcDateTime, nullable=False),
)

lock = Table(
    "lock",
    metadata,
    Column("name", Text, primary_key=True),
    Column("holder", Text, nullable=False),
    Column("until", UtcDateTime, nullable=False),
)
