"""How often a stranger may try: passwords, and look-ups that make the node call another server.

Nobody shuts a person out by typing wrong passwords for her. What is counted is each address with each person, and all
strangers' browsers together for one person; a browser at which she has logged in before (`devices.py`) is counted by itself.
"""

from collections.abc import Sequence
from typing import Final

from node.runtime import windows
from node.runtime.context import Context
from node.runtime.errors import TooMany
from node.runtime.i18n import sentence
from node.runtime.windows import Limit

LOGIN_FROM: Final = Limit("log-in from an address", 20, 15 * 60)
LOGIN_PAIR: Final = Limit("log-in as a person from an address", 10, 15 * 60)
LOGIN_AS: Final = Limit("log-in as a person from anywhere", 60, 60 * 60)
LOGIN_KNOWN: Final = Limit("log-in at a known browser", 20, 15 * 60)
PASSWORD_AGAIN: Final = Limit("password of who is logged in", 10, 15 * 60)
CODE: Final = Limit("code of a second factor", 20, 60 * 60)
CODE_KNOWN: Final = Limit("code of a second factor at a known browser", 20, 60 * 60)
FORGOTTEN_FROM: Final = Limit("forgotten password from an address", 10, 60 * 60)
FORGOTTEN_AS: Final = Limit("forgotten password of a person", 3, 60 * 60)
ADDRESS_OF: Final = Limit("another e-mail address of a person", 5, 24 * 60 * 60)
LOOK_UP: Final = Limit("look-up on another server", 20, 5 * 60)


def spend(ctx: Context, limit: Limit, who: str) -> None:
    """Count one attempt of *who*.

    Raises:
        TooMany: there were too many.
    """
    standing = windows.hit(ctx, limit, who)
    if standing.exceeded:
        retry_s = standing.retry_s(ctx.clock.now_ms())
        minutes = max(1, -(-retry_s // 60))
        raise TooMany(sentence("Too many attempts. Try again in %(count)s min.", count=minutes), retry_s)


def spend_log_in(ctx: Context, *, client: str, email: str, device: str | None) -> None:
    """Count one password typed for *email* at the address *client*; *device*: a browser that she used before.

    Raises:
        TooMany: there were too many.
    """
    for limit, who in _log_in(client, email, device):
        spend(ctx, limit, who)


def was_right(ctx: Context, *, client: str, email: str, device: str | None) -> None:
    """What `spend_log_in` counted was the right password: only wrong ones are limited."""
    for limit, who in _log_in(client, email, device):
        windows.give_back(ctx, limit, who)


def _log_in(client: str, email: str, device: str | None) -> Sequence[tuple[Limit, str]]:
    if device is not None:
        return [(LOGIN_KNOWN, device)]
    subscriber, person = windows.subscriber(client), email.strip().lower()
    return [(LOGIN_FROM, subscriber), (LOGIN_PAIR, f"{subscriber} {person}"), (LOGIN_AS, person)]


def spend_code(ctx: Context, *, person_id: int, device: str | None) -> None:
    """Count one code of a second factor: a million codes are not tried twenty an hour.

    Raises:
        TooMany: there were too many.
    """
    if device is not None:
        spend(ctx, CODE_KNOWN, device)
    else:
        spend(ctx, CODE, str(person_id))
