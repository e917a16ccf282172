"""Followers synchronisation, as the receiver (FEP-8fcf): whom of ours a sender believes to be its followers.

The digest in a signed header is compared with ours by a job, a minute later, when what was on its way has arrived.
Where they differ, the sender's list is fetched; it counts only if it has the digest that was announced. A follow
that the sender does not know is ended; one that only the sender knows is undone there.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from node.actors import actors, follows
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.delivery import Audience, order
from node.federation.delivery.synchronization import HEADER, digest_of, read
from node.federation.identity import allow_http
from node.federation.objects import activities
from node.federation.signatures import Claim, Request
from node.federation.vocab import json, links
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Malformed
from node.runtime.jobs import enqueue

JOB: Final = "federation.synchronize_followers"
_NAME: Final = HEADER.lower()
_SETTLED_MS: Final = 60_000
_PAUSE_MS: Final = 600_000
"""How often an actor's followers here are compared at most."""
_SAME_MS: Final = 6 * 3_600_000
"""For how long a digest that was compared is not looked at again."""
_REMEMBERED: Final = 10_000
_MAX_PAGES: Final = 10
_MAX_ITEMS: Final = 20_000
_MAX_UNDONE: Final = 200


def claimed(ctx: Context, request: Request, claim: Claim, actor_uri: str) -> Mapping[str, str] | None:
    """The job to do about the header of a request by *actor_uri*; None: there is nothing to compare, or not now.

    The header counts only if it was signed, and if it speaks of the sender's own server (FEP-8fcf).
    """
    value = request.headers.get(_NAME)
    if value is None or _NAME not in claim.covered:
        return None
    found = read(value)
    try:
        if found is None or not all(links.same_origin(each, actor_uri) for each in (found.collection, found.url)):
            return None
        host = links.host_of(f"https://{request.host}/")
    except Malformed:
        return None
    cache, now_ms = ctx.cache.of("synchronized", _REMEMBERED), ctx.clock.now_ms()
    last: tuple[str, int] | None = cache.get((actor_uri, host))
    if last is not None and now_ms < last[1] + (_SAME_MS if last[0] == found.digest else _PAUSE_MS):
        return None
    cache.put((actor_uri, host), (found.digest, now_ms))
    return {"actor": actor_uri, "host": host, "collection": found.collection, "url": found.url, "digest": found.digest}


async def ask(tx: Tx, ctx: Context, job: Mapping[str, str]) -> None:
    """Have it compared in a minute."""
    unique = f"{JOB}:{job['actor']}:{job['host']}"
    await enqueue(tx, ctx, JOB, job, at_ms=ctx.clock.now_ms() + _SETTLED_MS, unique=unique)


async def synchronize_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.synchronize_followers`.

    Raises:
        BeffroiError: the list cannot be fetched; `again` says whether later.
    """
    sender = await actors.by_uri(ctx.db.reader, str(args["actor"]))
    if sender is None or sender.local or not sender.active or sender.followers != args["collection"]:
        return
    host, digest = str(args["host"]), str(args["digest"])
    ours = await _known_here(ctx.db.reader, sender.id, host)
    if digest_of(ours) == digest:
        ctx.metrics.count("followers_synchronized", outcome="same")
        return
    theirs = await _listed(ctx, str(args["url"]), host)
    if digest_of(theirs) != digest:  # changed meanwhile, or incomplete: the next post says it anew
        ctx.metrics.count("followers_synchronized", outcome="unclear")
        return
    found = await actors.by_uris(ctx.db.reader, [*(ours.keys() - theirs), *(theirs - ours.keys())])
    lost = [found[uri] for uri in sorted(ours.keys() - theirs) if uri in found]
    unknown = [found[uri] for uri in sorted(theirs - ours.keys()) if uri in found and found[uri].active]

    async def step(tx: Tx) -> None:
        for follower in lost:
            standing = await follows.between(tx, follower_id=follower.id, followee_id=sender.id)
            if standing is not None and standing.id == ours[follower.uri] and standing.state == "accepted":
                await follows.undo(tx, ctx, follower=follower, followee=sender)
        for follower in unknown[:_MAX_UNDONE]:
            if await follows.accept(tx, ctx, follower=follower, followee=sender) == "none":
                await _undo(tx, ctx, follower, sender)

    await ctx.db.write(step)
    ctx.metrics.count("followers_synchronized", outcome="mended")


async def _known_here(reader: Reader, followee_id: int, host: str) -> dict[str, int]:
    """Id of a local actor at *host* -> the follow that we believe it has."""
    rows = await reader.fetch(
        "SELECT a.uri, f.id FROM follows f JOIN actors a ON a.id = f.follower_id "
        "WHERE f.followee_id = $1 AND f.state = 'accepted' AND NOT f.remote AND a.service_host = $2",
        followee_id,
        host,
    )
    return {row[0]: row[1] for row in rows}


async def _listed(ctx: Context, url: str, host: str) -> set[str]:
    """Who of *host* the collection at *url* lists. A longer one than we read has another digest, and counts nothing."""
    found: set[str] = set()
    asked: str | None = url
    for _ in range(_MAX_PAGES):
        if asked is None or not links.same_origin(asked, url):
            break
        answer = await fetch.get(ctx, asked)
        if not links.same_origin(answer.url, url):
            raise Malformed("the list of followers was served by another host")
        page: Mapping[str, Any] | None = json.read(answer.body)
        while page is not None:
            found.update(_named(ctx, page, host))
            first = page.get("first")
            asked = links.optional_uri(page.get("next") or first, allow_http=allow_http(ctx))
            page = first if isinstance(first, dict) else None
    return found


def _named(ctx: Context, page: Mapping[str, Any], host: str) -> Iterator[str]:
    for item in links.listed(page.get("orderedItems", page.get("items")))[:_MAX_ITEMS]:
        uri = links.optional_uri(item, allow_http=allow_http(ctx))
        if uri is not None and links.host_of(uri) == host:
            yield uri


async def _undo(tx: Tx, ctx: Context, follower: Actor, followee: Actor) -> None:
    """Tell *followee* that *follower* does not follow it: by the two, for we have no id of that follow."""
    follow = activities.follow(follows.uri_of(follower, ctx.ids.next()), follower.uri, followee.uri)
    audience = Audience(actor_ids=(followee.id,))
    await order(tx, ctx, actor_id=follower.id, activity=activities.undo(follow), audience=audience)
