"""The tables of what lets somebody in beside a password."""

from __future__ import annotations

from sqlalchemy import BigInteger, Column, ForeignKey, Table, Text

from harvester.catalogue.schema import UtcDateTime, metadata

factor = Table(
    "factor",
    metadata,
    Column("login", ForeignKey("account.login"), primary_key=True),
    Column("secret", Text, nullable=False),
    Column("since", UtcDateTime),
    Column("last_step", BigInteger, nullable=False),
)
"""The key of codes (TOTP) of an account, asked for from `since` on; `last_step` is the newest whose code was used."""

recovery_code = Table(
    "recovery_code",
    metadata,
    Column("login", ForeignKey("account.login"), primary_key=True),
    Column("digest", Text, primary_key=True),
)
"""Those that were not used yet."""

door_link = Table(
    "door_link",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("login", ForeignKey("account.login")),
    Column("role", Text),
    Column("made_by", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)
"""Links that were not used yet: an invitation has the `role` of the account to be, a reset the `login` of one."""

api_token = Table(
    "api_token",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("login", ForeignKey("account.login"), nullable=False, index=True),
    Column("name", Text, nullable=False),
    Column("scopes", Text, nullable=False),
    Column("made_at", UtcDateTime, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
    Column("used_at", UtcDateTime),
)
"""Tokens of programs that act for an account; `scopes` with spaces between. One that was ended has no row."""

identity = Table(
    "identity",
    metadata,
    Column("issuer", Text, primary_key=True),
    Column("subject", Text, primary_key=True),
    Column("login", ForeignKey("account.login"), nullable=False, unique=True),
    Column("since", UtcDateTime, nullable=False),
)
"""Whose account it is that a provider of identities means by a subject."""

oidc_start = Table(
    "oidc_start",
    metadata,
    Column("digest", Text, primary_key=True),
    Column("nonce", Text, nullable=False),
    Column("verifier", Text, nullable=False),
    Column("going_to", Text, nullable=False),
    Column("ends_at", UtcDateTime, nullable=False),
)
"""Sign-ins that were begun at a provider, by the digest of their state; each is used once."""
