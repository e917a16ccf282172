"""Actors of other servers: from memory while fresh, else fetched, their handle proved, and kept."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from node.actors import actors, domains, hosts, remote
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import webfinger
from node.federation.vocab import actors as vocab
from node.federation.vocab import links
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.database.together import Together
from node.runtime.errors import BeffroiError, Gone, Invalid, Malformed, NotFound

_FRESH_MS: Final = 3 * 86_400_000
# What names nobody: they speak for their server, and some have no handle.
_WITHOUT_HANDLE: Final = frozenset({"Application", "Service"})


async def actor(ctx: Context, uri: str, *, refresh: bool = False) -> Actor:
    """The actor whose id is *uri*. A stale one is served as it is when its server does not answer.

    Raises:
        NotFound: an id of this node that is nobody's, or a handle that leads elsewhere.
        Gone: it was deleted.
        HostSuspended, Refused, Malformed, Invalid: its server or its document is refused.
        Unavailable, NetworkFailure: its server does not answer.
    """
    known = await actors.by_uri(ctx.db.reader, uri)
    if known is not None and known.deleted:
        raise Gone("this account was deleted")
    if known is not None and (known.local or (not refresh and _fresh(ctx, known))):
        return known
    if known is None and await domains.is_local(ctx.db.reader, hosts.of_uri(uri)):
        raise NotFound("there is no such account here")
    try:
        return await take(ctx, await fetch.document(ctx, uri), expected=uri)
    except Gone:
        if known is not None:
            await ctx.db.write(lambda tx: remote.mark_gone(tx, ctx, actor=known))
        raise
    except BeffroiError as error:
        if known is not None and error.again and not refresh:
            return known
        raise


async def at_hand(reader: Reader, ctx: Context, uris: Iterable[str]) -> dict[str, Actor]:
    """Those of *uris* that `actor` would answer without asking anybody. One query."""
    found = await actors.by_uris(reader, uris)
    return {uri: known for uri, known in found.items() if not known.deleted and (known.local or _fresh(ctx, known))}


async def take(ctx: Context, raw: Mapping[str, Any], *, expected: str | None = None) -> Actor:
    """Keep the actor of a document that came from its own origin.

    Raises:
        Malformed: not an actor, or not *expected*.
        NotFound: its handle does not lead back to it.
    """
    met = await prove(ctx, raw, expected=expected)
    kept = ctx.cache.of("meeting", 1)
    meeting: Together[tuple[Context, Met], Actor] | None = kept.get("all")
    if meeting is None:
        meeting = Together(_store_together)
        kept.put("all", meeting)
    return await meeting.write(ctx.db, (ctx, met))


@dataclass(frozen=True, slots=True)
class Met:
    """An actor's document, with the right side of its handle as WebFinger proved it."""

    document: vocab.Actor
    handle_host: str


async def _store_together(tx: Tx, batch: Sequence[tuple[Context, Met]]) -> list[Actor]:
    return await _store(tx, batch[0][0], [met for _, met in batch])


async def prove(
    ctx: Context, raw: Mapping[str, Any], *, expected: str | None = None, known: Actor | None = None
) -> Met:
    """Read an actor's document and prove its handle; that of *known* stands while the document keeps it.

    Raises:
        Malformed: not an actor, or not *expected*.
        NotFound: its handle does not lead back to it.
    """
    document = vocab.read(raw, allow_http=allow_http(ctx))
    if expected is not None and document.id != expected:
        raise Malformed("the document is of another actor")
    if (
        known is not None
        and document.username == known.username
        and document.webfinger in (None, known.handle)
        and _fresh(ctx, known)
    ):
        return Met(document, known.handle_host)
    return Met(document, await _handle_host(ctx, document))


async def store(tx: Tx, ctx: Context, met: Met) -> Actor:
    """Keep an actor that was proved; the keys in memory are read anew."""
    return (await _store(tx, ctx, [met]))[0]


async def _store(tx: Tx, ctx: Context, mets: Sequence[Met]) -> list[Actor]:
    await tx.lock(*(f"actor:{met.document.id}" for met in mets))
    kept = await remote.upsert_all(tx, ctx, [(met.document, met.handle_host) for met in mets])
    key_ids = [actor.public_key_id for actor in kept if actor.public_key_id is not None]

    def forget() -> None:
        for key_id in key_ids:
            ctx.cache.of("public_keys", 50_000).drop(key_id)

    tx.after_commit(forget)
    return kept


async def known_or_met(ctx: Context, uris: Iterable[str], *, most_fetched: int) -> dict[str, Actor]:
    """Those of *uris* that are known, or can be met with at most *most_fetched* fetches; the others are left out."""
    wanted = list(dict.fromkeys(uris))
    if not wanted:
        return {}
    found = await actors.by_uris(ctx.db.reader, wanted)
    missing = [uri for uri in wanted if uri not in found][:most_fetched]
    if not missing:
        return found
    for uri, met in zip(missing, await asyncio.gather(*(_try(ctx, uri) for uri in missing)), strict=True):
        if met is not None:
            found[uri] = met
    return found


async def _try(ctx: Context, uri: str) -> Actor | None:
    try:
        return await actor(ctx, uri)
    except BeffroiError:
        return None


def _fresh(ctx: Context, known: Actor) -> bool:
    return known.fetched_ms is not None and ctx.clock.now_ms() - known.fetched_ms < _FRESH_MS


async def _taken(ctx: Context, username: str, host: str, uri: str) -> bool:
    holder = await actors.by_handle(ctx.db.reader, username, host)
    return holder is not None and not holder.deleted and holder.uri != uri


async def _handle_host(ctx: Context, document: vocab.Actor) -> str:
    """The right side of the actor's handle, proved there and back (Mastodon's rule; FEP-2c59 says where to begin)."""
    id_host = hosts.of_uri(document.id)
    if document.username is None:
        if document.type in _WITHOUT_HANDLE:
            return id_host
        name = remote.name_in(document.id)
        if name is None or await _taken(ctx, name, id_host, document.id):
            raise Malformed("the actor has no name")
        return id_host
    scheme = document.id.partition(":")[0]
    try:
        user, host = webfinger.split(document.webfinger or f"{document.username}@{id_host}")
        try:
            found = await webfinger.look_up(ctx, user, host, scheme=scheme)
        except webfinger.Unknown:
            # Small servers have no WebFinger. Their host then stands for the id's: nobody else can claim it (GoToSocial
            # falls back alike; Mastodon refuses such actors, which then reach nobody).
            if host == id_host and not await _taken(ctx, document.username, id_host, document.id):
                proved = await actors.by_uri(ctx.db.reader, document.id)
                # What a handle once proved is not lost to a bad day.
                if proved is None or proved.handle_host == id_host:
                    return id_host
            raise
        if (found.user.casefold(), found.host) != (user.casefold(), host):
            found = await webfinger.look_up(ctx, found.user, found.host, scheme=scheme)
        if found.actor_uri != document.id or found.user.casefold() != document.username.casefold():
            raise NotFound(f"the handle {found.user}@{found.host} does not lead back to this actor")
    except (NotFound, Malformed, Invalid):
        # A relay's or an instance's own actor often has no WebFinger; it can be nobody's double on its own host.
        if (
            document.type in _WITHOUT_HANDLE
            and links.normal_host(id_host.partition(":")[0]) == document.username.lower()
        ):
            return id_host
        raise
    return found.host
