"""Passwords as argon2id hashes, checked in the same time whether or not there is such an account."""

from __future__ import annotations

import secrets
import threading
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

_LONGEST = 1000  # characters; hashing more would be a way to keep the machine busy
_hasher = PasswordHasher()
_few_at_a_time = threading.BoundedSemaphore(2)  # a check takes 64 MiB: a flood of sign-ins must not take the machine


def hash_password(password: str) -> str:
    """argon2id, in its encoded form."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash that is checked when there is no such account, so that both take as long."""
    return _hasher.hash(secrets.token_hex())


def right(password: str, password_hash: str | None) -> bool:
    """Whether it is the password of this hash; None stands for an account that is not there."""
    with _few_at_a_time:
        try:
            _hasher.verify(password_hash or _nobody(), password[:_LONGEST])
        except (VerificationError, InvalidHashError):
            return False
    return password_hash is not None
