"""Passwords: hashed with argon2id, in a thread, at most a few at once.

19 MiB and three passes (the OWASP cheat sheet's memory, one pass more): a small server survives several
log-ins at once, where argon2's usual 64 MiB each would fill it.
"""

import asyncio
import unicodedata
from functools import cache
from typing import TYPE_CHECKING, NewType

from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

if TYPE_CHECKING:
    from argon2 import PasswordHasher

MIN_CHARS = 10
MAX_CHARS = 1_000

PasswordHash = NewType("PasswordHash", str)
"""What is stored; made before the transaction that stores it."""


async def digest(password: str) -> PasswordHash:
    """The hash of a new password.

    Raises:
        Invalid: shorter than 10 characters, of one or two different ones, or absurdly long.
    """
    return PasswordHash(await asyncio.to_thread(_hasher().hash, check(password)))


def check(password: str) -> str:
    """*password* as it is hashed, if it may be one.

    Raises:
        Invalid: as `digest`.
    """
    text = _normal(password)
    if len(text) < MIN_CHARS:
        raise Invalid(sentence("A password has at least %(count)s characters.", count=MIN_CHARS))
    if len(text) > MAX_CHARS:
        raise Invalid(sentence("A password has at most %(count)s characters.", count=MAX_CHARS))
    if len(set(text)) < 4:
        raise Invalid(sentence("This password repeats itself: choose several words."))
    return text


async def matches(password: str, stored: PasswordHash | None) -> bool:
    """Whether *password* is the one hashed in *stored*; takes as long when there is nothing to compare with."""
    if len(password) > MAX_CHARS:
        password, stored = "", None
    return await asyncio.to_thread(_matches, _normal(password), stored)


def outdated(stored: PasswordHash) -> bool:
    """Whether *stored* was made with weaker parameters than today's."""
    return _hasher().check_needs_rehash(stored)


def _matches(text: str, stored: PasswordHash | None) -> bool:
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        _hasher().verify(stored or _nobody(), text)
    except (VerificationError, InvalidHashError):
        return False
    return stored is not None


def _normal(password: str) -> str:
    # Two keyboards type the same é in two ways (NIST SP 800-63B §5.1.1.2).
    return unicodedata.normalize("NFKC", password)


@cache
def _hasher() -> "PasswordHasher":
    from argon2 import PasswordHasher

    return PasswordHasher(time_cost=3, memory_cost=19_456, parallelism=1)


@cache
def _nobody() -> PasswordHash:
    """What the password of an unknown address is compared with, so that the answer takes as long."""
    return PasswordHash(_hasher().hash("nobody has this password"))
