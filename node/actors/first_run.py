"""The address by which a node is set up in a browser: drawn by the machine's owner, good for an hour and for one node.

It opens nothing any more once the node has a domain, whoever made it, and however.
"""

import hashlib
import secrets
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, NotFound
from node.runtime.i18n import sentence

LIFETIME_MS: Final = 60 * 60_000


class NotOpen(Forbidden):
    """Nobody sets this node up with that token."""

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "This page opens by an address that is good for one hour and for one node. On the machine of the node, "
                "'beffroi init --browser' prints a new one."
            )
        )


class SetUpAlready(Forbidden):
    """The node has its first domain."""

    def __init__(self) -> None:
        super().__init__(sentence("This node is set up already: log in, at /login."))


class NotSetUp(NotFound):
    """Nobody has set this node up yet: no name leads anywhere."""

    status = 503

    def __init__(self) -> None:
        super().__init__(
            sentence(
                "This node is not set up yet. Whoever started it opens the address that 'beffroi serve' printed; "
                "'beffroi init --browser' prints a new one."
            )
        )


async def draw(tx: Tx, ctx: Context) -> str:
    """A fresh token, which nobody can read again from the database; those drawn within the hour stay good.

    Raises:
        SetUpAlready: the node has a domain.
    """
    if await is_over(tx):
        raise SetUpAlready
    token, now_ms = secrets.token_urlsafe(32), ctx.clock.now_ms()
    await tx.execute("DELETE FROM first_runs WHERE expires_ms <= $1", now_ms)
    await tx.execute(
        "INSERT INTO first_runs (token_hash, expires_ms) VALUES ($1, $2)", _digest(token), now_ms + LIFETIME_MS
    )
    return token


async def require(reader: Reader, ctx: Context, token: str) -> None:
    """Pass, if *token* may set this node up now.

    Raises:
        SetUpAlready: the node has a domain.
        NotOpen: it was never drawn here, or longer than an hour ago.
    """
    if await is_over(reader):
        raise SetUpAlready
    found = await reader.value(
        "SELECT 1 FROM first_runs WHERE token_hash = $1 AND expires_ms > $2", _digest(token), ctx.clock.now_ms()
    )
    if found is None:
        raise NotOpen


async def spend(tx: Tx, ctx: Context, token: str) -> None:
    """Within the step that sets the node up: of two who do it at once, one finds it done.

    Raises:
        SetUpAlready, NotOpen: as `require`.
    """
    await tx.lock("first run")
    await require(tx, ctx, token)
    await tx.execute("DELETE FROM first_runs")


async def is_over(reader: Reader) -> bool:
    """Whether the node has a domain."""
    return await reader.value("SELECT 1 FROM domains LIMIT 1") is not None


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
