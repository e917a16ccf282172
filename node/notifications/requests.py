"""Requests: the notices that a policy put aside, by who sent them; accepted or dismissed as one.

A request has the id of its sender: it is there as long as something of the sender is put aside.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from node.notifications.facts import NoticesMerged
from node.notifications.notices import JOINED, shown_sql
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline.pages import Page, Places

COUNTED_AT_MOST = 100
"""Where a request's notices are counted no further."""


@dataclass(frozen=True, slots=True)
class Request:
    """What one sender has waiting."""

    from_actor_id: int
    count: int
    first_ms: int
    last_ms: int
    last_post_id: int | None


@dataclass(frozen=True, slots=True)
class Waiting:
    """How much is put aside."""

    requests: int
    notices: int


def _aside_sql(places: Places, *, bits: int, now_ms: int) -> str:
    """What is put aside of the actor `$1` and would be shown."""
    shown = shown_sql("$1", filtered=True, bits=bits, places=places, now_ms=now_ms)
    return f"FROM notifications n {JOINED} WHERE n.actor_id = $1 AND n.filtered AND {shown}"


_COLUMNS = "n.from_actor_id, COUNT(*), MIN(n.created_ms), MAX(n.created_ms), MAX(n.post_id)"


async def page(reader: Reader, actor_id: int, page: Page, *, bits: int = 0, now_ms: int = 0) -> list[Request]:
    """The requests of an actor, by the ids of their senders, the highest first. One query.

    *bits*: what the actor has of `tastes`, which counts at *now_ms*; so in what follows.

    Plan: notifications_filtered (actor_id, from_actor_id), the rest by primary key.
    """
    places = Places(actor_id)
    aside = _aside_sql(places, bits=bits, now_ms=now_ms)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} {aside}{page.bounds('n.from_actor_id', places)} GROUP BY n.from_actor_id "
        f"ORDER BY n.from_actor_id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(_read(row) for row in rows)


async def of_sender(reader: Reader, *, actor_id: int, from_actor_id: int, bits: int = 0, now_ms: int = 0) -> Request:
    """What one sender has waiting.

    Raises:
        NotFound: nothing.
    """
    places = Places(actor_id, from_actor_id)
    aside = _aside_sql(places, bits=bits, now_ms=now_ms)
    row = await reader.row(
        f"SELECT {_COLUMNS} {aside} AND n.from_actor_id = $2 GROUP BY n.from_actor_id", *places.values
    )
    if row is None:
        raise NotFound(sentence("There is no such notification request."))
    return _read(row)


async def waiting(reader: Reader, actor_id: int, *, bits: int = 0, now_ms: int = 0) -> Waiting:
    """How much is put aside; both numbers stop at a hundred. One query."""
    places = Places(actor_id)
    aside = _aside_sql(places, bits=bits, now_ms=now_ms)
    rows = await reader.fetch(
        f"SELECT COUNT(*) {aside} GROUP BY n.from_actor_id LIMIT {COUNTED_AT_MOST}", *places.values
    )
    return Waiting(len(rows), min(COUNTED_AT_MOST, sum(row[0] for row in rows)))


async def accept(tx: Tx, ctx: Context, *, actor_id: int, senders: Sequence[int]) -> None:
    """Tell what is put aside of *senders*, and all that they send from now on. States NoticesMerged.

    Raises:
        NotFound: one of them has nothing waiting; nothing is changed.
    """
    await _require(tx, actor_id, senders)
    now_ms = ctx.clock.now_ms()
    await tx.executemany(
        "INSERT INTO notification_permissions (actor_id, from_actor_id, created_ms) VALUES ($1, $2, $3) "
        "ON CONFLICT DO NOTHING",
        [(actor_id, sender, now_ms) for sender in senders],
    )
    await tx.execute(
        "UPDATE notifications SET filtered = FALSE WHERE actor_id = $1 AND filtered AND from_actor_id = ANY($2::bigint[])",
        actor_id, list(senders),
    )  # fmt: skip
    if senders:
        tx.state(NoticesMerged(actor_id))


async def dismiss(tx: Tx, *, actor_id: int, senders: Sequence[int]) -> None:
    """Take away what is put aside of *senders*; what they send later is judged anew.

    Raises:
        NotFound: one of them has nothing waiting; nothing is changed.
    """
    await _require(tx, actor_id, senders)
    await tx.execute(
        "DELETE FROM notifications WHERE actor_id = $1 AND filtered AND from_actor_id = ANY($2::bigint[])",
        actor_id, list(senders),
    )  # fmt: skip


async def _require(tx: Tx, actor_id: int, senders: Sequence[int]) -> None:
    rows = await tx.fetch(
        "SELECT DISTINCT from_actor_id FROM notifications WHERE actor_id = $1 AND filtered "
        "AND from_actor_id = ANY($2::bigint[])",
        actor_id, list(senders),
    )  # fmt: skip
    if {row[0] for row in rows} != set(senders):
        raise NotFound(sentence("There is no such notification request."))


def _read(row: Row) -> Request:
    return Request(*row)
