"""Passwords as argon2id hashes, checked in the same time whether or not there is such an account."""

from __future__ import annotations

import asyncio
import os
import re
import secrets
import threading
import unicodedata
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from itertools import pairwise

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from harvester.catalogue.people import NO_PASSWORD, RESERVED
from harvester.errors import InputError

SHORTEST = 12
LONGEST = 1000  # characters; hashing more would be a way to keep the machine busy
_QUEUE = 16  # checks that may wait, of some 100 ms each
_NICE = 4  # on a busy machine whoever signs in still gets some two fifths of a visitor's share
_LEAST_DISTINCT = 5
_COMMON = re.compile(
    "|".join(
        (
            "pass ?w(or|ro)d", "passwort", "mot ?de ?passe", "qwert[yz]", "azerty", "asdf", "zxcv", "1q2w3e", "letmein",
            "welcome", "bienvenue", "bonjour", "iloveyou", "je ?t ?aime", "monkey", "dragon", "sunshine", "princess",
            "football", "baseball", "superman", "batman", "trustno", "changeme", "default", "secret", "master",
            "shadow", "login", "admin(istrator|istrateur)?", "root", "guest", "user", "test", "demo", "operator",
            "reviewer", "harvester", "civic", "soleil", "doudou", "marseille", "loulou", "chouchou", "abc", "123",
        )
    )
)  # fmt: skip
"""What the lists of the most used passwords are made of, in English and French."""
_LEET = str.maketrans("013457@$!", "oieastasi")
_hasher = PasswordHasher()


def objection(password: str, login: str) -> str | None:
    """Why it is no password to choose, as the end of a sentence; None: it may be chosen.

    Refused is what is short, is longer than what is checked, has few different characters, follows a row of keys or
    digits, or is made of the login and the words of which the most used passwords are made: less than half of it is
    anything else.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        return f"has {len(password)} characters"
    plain = password.casefold().strip()
    if len(set(plain)) < _LEAST_DISTINCT:
        return "is made of few different characters"
    steps = [ord(after) - ord(before) for before, after in pairwise(plain)]
    if sum(step in (-1, 0, 1) for step in steps) > len(steps) / 2:
        return "is a row of letters or digits"
    for text in (plain, plain.translate(_LEET)):
        rest = _COMMON.sub("", text.replace(login.casefold(), "") if login else text)
        if len(re.sub(r"[\W\d_]", "", rest)) < SHORTEST / 2 and len(rest) < len(text):
            return "is made of words that everybody tries first"
    return None


def check_login(login: str) -> None:
    """Raises InputError where a login is not to be chosen."""
    if login.casefold() in RESERVED or unicodedata.normalize("NFKC", login) != login:
        raise InputError(f"the login {login!r} would be taken for another", remedy="use a name of your own")
    if not login.strip() or login != login.strip() or not login.isprintable() or len(login) > 100:
        raise InputError(f"the login {login!r} cannot be typed into a form", remedy="use a name of one line")


def check_choice(login: str, password: str) -> None:
    """Raises InputError where a login or password is not to be chosen."""
    check_login(login)
    if why := objection(password, login):
        remedy = f"use {SHORTEST} to {LONGEST} characters, for example four words"
        raise InputError(f"the password {why}", remedy=remedy)


def hash_password(password: str) -> str:
    """argon2id, in its encoded form."""
    return _hasher.hash(password)


@cache
def _nobody() -> str:
    """A hash that is checked when there is no such account, so that both take as long."""
    return _hasher.hash(secrets.token_hex())


def right(password: str, password_hash: str | None) -> bool:
    """Whether it is the password of this hash; None stands for an account that is not there."""
    if password_hash is not None and password_hash.startswith(NO_PASSWORD):
        password_hash = None  # of an account without one, which takes as long
    try:
        _hasher.verify(password_hash or _nobody(), password[:LONGEST])
    except (VerificationError, InvalidHashError):
        return False
    return password_hash is not None


class Checks:
    """Checks passwords one at a time (each takes 64 MiB), in a thread that gives way to those which answer visitors.

    Those of known browsers have a thread of their own: no flood of guesses stands before them.
    """

    def __init__(self) -> None:
        self._pool = ThreadPoolExecutor(1, "passwords", initializer=_give_way)
        self._known = ThreadPoolExecutor(1, "known", initializer=_give_way)
        self._free = threading.BoundedSemaphore(_QUEUE)

    async def right(self, password: str, password_hash: str | None, *, known: bool) -> bool | None:
        """As the function `right`; None: so many wait that nobody should wait longer."""
        if known:
            return await asyncio.wrap_future(self._known.submit(right, password, password_hash))
        if not self._free.acquire(blocking=False):
            return None
        try:
            return await asyncio.wrap_future(self._pool.submit(right, password, password_hash))
        finally:
            self._free.release()


def _give_way() -> None:
    with suppress(OSError):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _NICE)
