"""Relays: servers that pass the public posts of many servers on to each other, joined by a keeper's choice.

Two customs. Mastodon's: the instance actor follows `as:Public` at the relay's inbox, and sends it what is public; the
relay passes it on or announces it. LitePub's (Pleroma): the instance actor follows the relay's actor, which follows
back, and announces the ids of public posts to it. Either way the relay answers with Accept or Reject, and a relay is
heard only while it has accepted and a keeper has not left it.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast

from node.actors import actors
from node.actors.actor import Actor
from node.federation.delivery.orders import Audience, order
from node.federation.objects import PUBLIC, activities, topped
from node.federation.vocab import contexts, links
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

Style = Literal["mastodon", "litepub"]
State = Literal["asked", "accepted", "refused"]

_CACHE: Final = "relays"
_FRESH_MS: Final = 10_000
_COLUMNS: Final = "id, actor_id, style, inbox, actor_uri, follow_uri, state, created_ms, changed_ms"


@dataclass(frozen=True, slots=True)
class Relay:
    """One relay, as one of our instance actors asked it."""

    id: int
    actor_id: int
    """The instance actor: it speaks for the people of its service host."""
    style: Style
    inbox: str
    actor_uri: str | None
    """Who speaks for the relay; of a Mastodon-style one known from its answer."""
    follow_uri: str
    state: State
    created_ms: int
    changed_ms: int


async def every(reader: Reader) -> list[Relay]:
    """All of them, the oldest first."""
    return [_relay(row) for row in await reader.fetch(f"SELECT {_COLUMNS} FROM relays ORDER BY id")]


async def accepted(reader: Reader) -> list[Relay]:
    """Those that public posts are sent to."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM relays WHERE state = 'accepted' ORDER BY id")
    return [_relay(row) for row in rows]


async def heard(ctx: Context) -> Mapping[str, Relay]:
    """Actor id -> the relay that speaks by it, of those that are accepted; remembered for ten seconds."""
    cache, now_ms = ctx.cache.of(_CACHE, 1), ctx.clock.now_ms()
    kept: tuple[int, Mapping[str, Relay]] | None = cache.get("all")
    if kept is not None and now_ms < kept[0]:
        return kept[1]
    found = {relay.actor_uri: relay for relay in await accepted(ctx.db.reader) if relay.actor_uri is not None}
    cache.put("all", (now_ms + _FRESH_MS, found))
    return found


async def ask(tx: Tx, ctx: Context, *, asker: Actor, style: Style, inbox: str, actor_uri: str | None = None) -> Relay:
    """Ask a relay to take this service host in; asking again sends the Follow anew."""
    relay_id, now_ms = ctx.ids.next(), ctx.clock.now_ms()
    row = await tx.row(
        f"INSERT INTO relays ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, 'asked', $7, $7) "
        "ON CONFLICT (actor_id, inbox) DO UPDATE SET style = excluded.style, actor_uri = excluded.actor_uri, "
        f"follow_uri = excluded.follow_uri, state = 'asked', changed_ms = excluded.changed_ms RETURNING {_COLUMNS}",
        relay_id, asker.id, style, inbox, actor_uri, f"{asker.uri}#relays/{relay_id}", now_ms,
    )  # fmt: skip
    assert row is not None
    relay = _relay(row)
    await _send(tx, ctx, relay, activities.sent(_follow(relay, asker)))
    _changed(tx, ctx)
    return relay


async def answer(tx: Tx, ctx: Context, relay: Relay, *, by: Actor, state: State) -> None:
    """The relay has answered: from now on its word is heard, or no longer."""
    await tx.execute(
        "UPDATE relays SET state = $2, actor_uri = $3, changed_ms = $4 WHERE id = $1 AND follow_uri = $5",
        relay.id, state, by.uri, ctx.clock.now_ms(), relay.follow_uri,
    )  # fmt: skip
    _changed(tx, ctx)


async def leave(tx: Tx, ctx: Context, relay: Relay) -> None:
    """Take the Follow back, and hear and send nothing more."""
    asker = await actors.require_by_id(tx, relay.actor_id)
    await tx.execute("DELETE FROM relays WHERE id = $1", relay.id)
    await _send(tx, ctx, relay, activities.undo(_follow(relay, asker)))
    _changed(tx, ctx)


async def inboxes(tx: Tx, ctx: Context, sent: Row, joined: Sequence[Relay]) -> set[str]:
    """Where a relay takes *sent*, an order about a public post: the relays of its actor's service host.

    For a LitePub relay the instance actor announces a new post, by an order of its own.
    """
    if not joined:
        return set()
    host = await tx.value("SELECT service_host FROM actors WHERE id = $1", sent["actor_id"])
    askers = await actors.by_ids(tx, {relay.actor_id for relay in joined})
    found = set[str]()
    for relay in joined:
        asker = askers[relay.actor_id]
        if asker.service_host != host:
            continue
        if relay.style == "litepub" and sent["type"] == "Create":
            await _send(tx, ctx, relay, _announce(ctx, relay, asker, sent))
        else:
            found.add(relay.inbox)
    return found


def meant(relays: Sequence[Relay], *, by: Actor, follow_uri: str | None, asker_uri: str | None) -> Relay | None:
    """The relay whose answer this is: from who reads that inbox, to our Follow by its id or by who asked."""
    for relay in relays:
        if not links.same_origin(by.uri, relay.inbox) or relay.inbox not in (by.inbox, by.shared_inbox):
            continue
        if relay.style == "litepub" and relay.actor_uri != by.uri:
            continue
        if follow_uri == relay.follow_uri or (asker_uri is not None and relay.follow_uri.startswith(f"{asker_uri}#")):
            return relay
    return None


def _follow(relay: Relay, asker: Actor) -> dict[str, object]:
    followed = PUBLIC if relay.style == "mastodon" or relay.actor_uri is None else relay.actor_uri
    return activities.follow(relay.follow_uri, asker.uri, followed)


def _announce(ctx: Context, relay: Relay, asker: Actor, sent: Row) -> dict[str, object]:
    announced = activities.announce(f"{asker.uri}#relayed/{sent['id']}", asker.uri, sent["subject"])
    addressed = {"to": [PUBLIC], "cc": [relay.actor_uri], "published": iso(ctx.clock.now_ms())}
    return topped({**announced, **addressed}, contexts.PLAIN)


async def _send(tx: Tx, ctx: Context, relay: Relay, activity: Mapping[str, object]) -> None:
    audience = Audience(inboxes=(relay.inbox,))
    await order(tx, ctx, actor_id=relay.actor_id, activity=activity, audience=audience)


def _changed(tx: Tx, ctx: Context) -> None:
    tx.after_commit(lambda: ctx.forget(_CACHE))


def _relay(row: Row) -> Relay:
    relay_id, actor_id, style, inbox, actor_uri, follow_uri, state, created_ms, changed_ms = row
    return Relay(
        relay_id, actor_id, cast(Style, style), inbox, actor_uri, follow_uri, cast(State, state), created_ms, changed_ms
    )
