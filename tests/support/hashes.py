"""Password hashes for tests that sign in to look at something else."""

from __future__ import annotations

from argon2 import PasswordHasher

_CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)


def cheap_hash(password: str) -> str:
    """One that is checked in a thousandth of the time that a stored one takes: a hash says what it costs."""
    return _CHEAP.hash(password)
