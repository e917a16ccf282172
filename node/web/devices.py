"""A browser at which somebody has logged in before: a sealed cookie that says so, and opens nothing.

It only takes her out of the count of strangers who type passwords for her (`attempts.py`).
"""

import base64
import binascii
import hashlib
import secrets
from typing import Final

from starlette.responses import Response

from node.actors.people import Person
from node.runtime.keyring import KeyringError
from node.web import visitors
from node.web.visits import Visit

_COOKIE: Final = "beffroi-device"
_PURPOSE: Final = b"device of a person"
_LIFETIME_S: Final = 365 * 24 * 3600
_MAX_CHARS: Final = 1_000


def remember(answer: Response, visit: Visit, person: Person) -> None:
    """Let the browser know that *person* has logged in here."""
    said = f"{secrets.token_urlsafe(12)} {visit.ctx.clock.now_ms()} {_whose(person.email)}".encode()
    sealed = base64.urlsafe_b64encode(visit.ctx.keyring.seal(said, _PURPOSE)).decode()
    visitors.set_cookie(answer, visit.ctx, _COOKIE, sealed, max_age_s=_LIFETIME_S)


def known(visit: Visit, email: str) -> str | None:
    """The name of this browser, if the person with *email* has logged in here within a year."""
    held = visit.request.cookies.get(visitors.cookie_name(visit.ctx, _COOKIE), "")
    if not held or len(held) > _MAX_CHARS:
        return None
    try:
        said = visit.ctx.keyring.open(base64.urlsafe_b64decode(held), _PURPOSE).decode()
        name, made_ms, whose = said.split(" ")
        fresh = visit.ctx.clock.now_ms() - int(made_ms) < _LIFETIME_S * 1000
    except (KeyringError, binascii.Error, ValueError):
        return None
    return name if fresh and secrets.compare_digest(whose, _whose(email)) else None


def _whose(email: str) -> str:
    return hashlib.sha256(email.strip().lower().encode("utf-8", "replace")).hexdigest()
