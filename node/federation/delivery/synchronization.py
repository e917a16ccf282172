"""Who follows whom, said again with what is for followers only (FEP-8fcf): a digest that the receiver compares.

Two servers may lose sight of a follow (a database from a backup, a lost Undo); the receiver of a post for followers
would go on showing it to who no longer is one. The digest of an actor's followers on a server is the XOR of the
SHA-256 of their ids. All digests of an actor are made by one query, on the reader for long questions, when a post
for followers is sent, and kept while nobody comes or goes.
"""

import asyncio
import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import actors
from node.actors.actor import Actor
from node.actors.facts import FollowAccepted, FollowRejected, Unfollowed
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

HEADER: Final = "Collection-Synchronization"
_CACHE: Final = "follower_digests"
_KEPT: Final = 256
_FRESH_MS: Final = 60_000
_MAX_CHARS: Final = 4_000
_PARAMETER: Final = re.compile(r'\s*([A-Za-z]+)="([^"\\]*)"\s*(,|$)')
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Claim:
    """What a header says: the part of the sender's followers that lives here has this digest, and stands there."""

    collection: str
    url: str
    digest: str


def digest_of(uris: Iterable[str]) -> str:
    """The XOR of their SHA-256, in hexadecimal; zeros for nobody."""
    together = 0
    for uri in uris:
        together ^= int.from_bytes(hashlib.sha256(uri.encode()).digest())
    return f"{together:064x}"


def read(header: str) -> Claim | None:
    """What *header* says; None when it cannot be read or lacks a part. Its syntax is that of a cavage Signature."""
    found: dict[str, str] = {}
    position = 0
    while position < len(header) <= _MAX_CHARS:
        match = _PARAMETER.match(header, position)
        if match is None or match[1] in found:
            return None
        found[match[1]] = match[2]
        position = match.end()
    try:
        claim = Claim(found["collectionId"], found["url"], found["digest"].lower())
    except KeyError:
        return None
    return claim if _DIGEST.fullmatch(claim.digest) else None


def url_of(actor: Actor) -> str:
    """Where a server reads which of its people follow *actor* (`documents.followers_synchronization`)."""
    return f"{actor.uri}/followers_synchronization"


async def followers_at(reader: Reader, actor_id: int, host: str) -> Sequence[str]:
    """The ids of those who follow the actor from *host*, which is the authority of their ids."""
    # Plan: whichever is less, the actors of the host (actors_service_host) or the remote followers (follows_remote).
    rows = await reader.fetch(
        "SELECT a.uri FROM follows f JOIN actors a ON a.id = f.follower_id WHERE f.followee_id = $1 "
        "AND f.state = 'accepted' AND f.remote AND a.service_host = $2 AND a.state = 'active' ORDER BY a.uri",
        actor_id,
        host,
    )
    return [row[0] for row in rows]


async def headers(ctx: Context, actor_id: int, host: str) -> Mapping[str, str]:
    """The header for a delivery of the local actor to *host*; none where nobody of that authority follows it.

    Nobody: its people may have ids under another host than its inboxes, and to be told 'you have no followers of
    mine' it would end their follows.
    """
    known = await _known(ctx, actor_id)
    value = known.get(host)
    return {} if value is None else {HEADER: value}


async def _known(ctx: Context, actor_id: int) -> Mapping[str, str]:
    """Host -> the header's value. Many deliveries of one post ask at once: the first asks for all."""
    cache, now_ms = ctx.cache.of(_CACHE, _KEPT), ctx.clock.now_ms()
    kept: tuple[int, asyncio.Future[Mapping[str, str]]] | None = cache.get(actor_id)
    if kept is None or now_ms >= kept[0] or (kept[1].done() and (kept[1].cancelled() or kept[1].exception())):
        kept = now_ms + _FRESH_MS, asyncio.ensure_future(_worked_out(ctx, actor_id))
        cache.put(actor_id, kept)
    found = kept[1]
    return found.result() if found.done() else await asyncio.shield(found)


async def _worked_out(ctx: Context, actor_id: int) -> Mapping[str, str]:
    actor = await actors.require_by_id(ctx.db.reader, actor_id)
    rows = await ctx.db.survey.fetch(
        "SELECT a.service_host, a.uri FROM follows f JOIN actors a ON a.id = f.follower_id WHERE f.followee_id = $1 "
        "AND f.state = 'accepted' AND f.remote AND a.state = 'active'",
        actor_id,
    )
    return await asyncio.to_thread(_values, actor, rows)


def _values(actor: Actor, rows: Sequence[Row]) -> Mapping[str, str]:
    by_host: dict[str, list[str]] = {}
    for row in rows:
        by_host.setdefault(row[0], []).append(row[1])
    where = f'collectionId="{actor.followers}", url="{url_of(actor)}"'
    return {host: f'{where}, digest="{digest_of(uris)}"' for host, uris in by_host.items()}


async def on_followers_changed(tx: Tx, ctx: Context, fact: FollowAccepted | FollowRejected | Unfollowed) -> None:
    """Somebody came or went: the digests are made anew. Another process learns of it a minute late at most."""
    followee_id = fact.followee_id
    tx.after_commit(lambda: ctx.cache.of(_CACHE, _KEPT).drop(followee_id))
