"""Undo: a Follow, Like, Announce or Block is taken back by who made it. One that comes first is remembered.

    {"id": "https://a.example/follows/1/undo", "type": "Undo", "actor": "https://a.example/users/anne",
     "object": {"id": "https://a.example/follows/1", "type": "Follow", "actor": "https://a.example/users/anne",
                "object": "https://b.example/users/bruz"}}

The object may be an id alone, and for a follow the bare address of the one followed.
"""

from dataclasses import replace
from typing import Final

from node.actors import actors, blocks, follows
from node.actors.actor import Actor
from node.federation.inbox import reject
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import posts as resolving
from node.federation.vocab import links, names
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.runtime.jobs import enqueue
from node.timeline import boosts, emoji_reactions, favourites, posts

_CROSSING_MS: Final = 60_000
"""How long a Follow and the Undo of the one before may cross: about the first two retries of a delivery."""


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """Somebody elsewhere no longer reads one of ours."""
    if _says_only_its_id(received):
        return await by_id(ctx, received)
    return await _no_longer_following(ctx, received, await _inner_actor(ctx, received), undone=received.object_id)


async def block(ctx: Context, received: Received) -> Step | Dropped:
    """Somebody elsewhere takes a block back."""
    if _says_only_its_id(received):
        return await by_id(ctx, received)
    target = await _inner_actor(ctx, received)

    async def step(tx: Tx) -> None:
        if target is None or not await blocks.unblock(tx, ctx, actor=received.sender, target=target):
            await _remember(tx, ctx, received)

    return step


async def like(ctx: Context, received: Received) -> Step | Dropped:
    """A favourite is taken back."""
    if _says_only_its_id(received):
        return await by_id(ctx, received)
    uri = _inner_object(received)

    async def step(tx: Tx) -> None:
        liked = await posts.by_uri(tx, uri) if uri is not None else None
        if received.object_id is not None:  # Misskey's may say an emoji
            await emoji_reactions.remove(tx, actor=received.sender, uri=received.object_id)
        if liked is None or not await favourites.remove(tx, actor=received.sender, post=liked):
            await _remember(tx, ctx, received)

    return step


async def reaction(ctx: Context, received: Received) -> Step | Dropped:
    """An emoji is taken back."""
    if not _says_only_its_id(received):
        _inner_object(received)  # refuses what somebody else did
    uri = received.object_id
    if uri is None:
        return Dropped("nothing is named")

    async def step(tx: Tx) -> None:
        if not await emoji_reactions.remove(tx, actor=received.sender, uri=uri):
            await _remember(tx, ctx, received)

    return step


async def announce(ctx: Context, received: Received) -> Step | Dropped:
    """A boost is taken back; one of a community may embed the whole activity that it passed on."""
    if _says_only_its_id(received):
        return await by_id(ctx, received)
    uri = _inner_object(received)

    async def step(tx: Tx) -> None:
        if received.object_id is not None and await _undone(tx, ctx, received.sender, received.object_id):
            return
        boosted = await posts.by_uri(tx, uri) if uri is not None else None
        if boosted is None or not await boosts.unboost(tx, ctx, actor=received.sender, post=boosted):
            await _remember(tx, ctx, received)

    return step


async def accept(ctx: Context, received: Received) -> Step | Dropped:
    """An account elsewhere no longer lets one of ours read it (Misskey removes a follower so)."""
    about = received.activity.object
    inner = links.references(names.plain(about.raw).get("object"), 1, allow_http=True) if about and about.raw else ()
    answered = replace(received, activity=replace(received.activity, object=next(iter(inner), None)))
    return await reject.follow(ctx, answered)


async def delete(ctx: Context, received: Received) -> Step | Dropped:
    """A deleted post is back (Lemmy): what was here is read again at its server."""
    uri = _inner_object(received)
    if uri is None or uri == received.sender.uri:
        return Dropped("no post is named")

    async def step(tx: Tx) -> None:
        if await posts.exhume(tx, uri=uri, actor_uri=received.sender.uri):
            await enqueue(tx, ctx, resolving.FETCH_JOB, {"uri": uri, "depth": 0}, unique=f"{resolving.FETCH_JOB}:{uri}")
        else:
            await _remember(tx, ctx, received)

    return step


async def by_id(ctx: Context, received: Received) -> Step | Dropped:
    """Only an id came: of something of the sender's that we hold, or of the actor whom it no longer follows."""
    uri, sender, reader = received.object_id, received.sender, ctx.db.reader
    if uri is None:
        return Dropped("nothing is named")
    standing = await follows.by_uri(reader, uri)
    if standing is not None and standing.follower_id == sender.id:
        return await _no_longer_following(ctx, received, await actors.by_id(reader, standing.followee_id))
    followed = await actors.by_uri(reader, uri)
    if followed is not None:
        return await _no_longer_following(ctx, received, followed)

    async def step(tx: Tx) -> None:
        if not await _undone(tx, ctx, sender, uri):
            await _remember(tx, ctx, received)

    return step


async def _undone(tx: Tx, ctx: Context, sender: Actor, uri: str) -> bool:
    liked = await favourites.by_uri(tx, uri)
    if liked is not None and liked.actor_id == sender.id:
        return await favourites.remove(tx, actor=sender, post=await posts.require(tx, liked.post_id))
    boost = await posts.by_uri(tx, uri)
    if boost is not None and boost.boost_of_id is not None and boost.author_id == sender.id:
        return await boosts.unboost(tx, ctx, actor=sender, post=boost)
    if await emoji_reactions.remove(tx, actor=sender, uri=uri):
        return True
    standing = await blocks.by_uri(tx, uri)
    if standing is not None and standing.actor_id == sender.id:
        target = await actors.by_id(tx, standing.target_id)
        return target is not None and await blocks.unblock(tx, ctx, actor=sender, target=target)
    return False


async def _no_longer_following(
    ctx: Context, received: Received, followee: Actor | None, undone: str | None = None
) -> Step | Dropped:
    if followee is None or not followee.local:
        return Dropped("nobody here is meant")

    async def step(tx: Tx) -> None:
        if undone is not None and await _overtaken(tx, ctx, received.sender, followee, undone):
            return
        if not await follows.undo(tx, ctx, follower=received.sender, followee=followee):
            await _remember(tx, ctx, received)

    return step


async def _overtaken(tx: Tx, ctx: Context, follower: Actor, followee: Actor, undone: str) -> bool:
    """Whether the Undo is of an earlier Follow than the one that stands, which overtook it on the way.

    Both Follows were received, and the standing one a moment ago. An id that never came, or a later Undo of an older
    id, means the follow as such: snac asks again under a new id and later undoes the first.
    """
    standing = await follows.between(tx, follower_id=follower.id, followee_id=followee.id)
    if standing is None or standing.uri == undone:
        return False
    rows = await tx.fetch(
        "SELECT activity_id, received_ms FROM inbox WHERE actor_uri = $1 AND activity_id = ANY($2::text[])",
        follower.uri, [undone, standing.uri],
    )  # fmt: skip
    received_ms = {row["activity_id"]: int(row["received_ms"]) for row in rows}
    return undone in received_ms and ctx.clock.now_ms() - received_ms.get(standing.uri, 0) < _CROSSING_MS


async def _remember(tx: Tx, ctx: Context, received: Received) -> None:
    if received.object_id is not None:
        await posts.remember_deleted(tx, ctx, uri=received.object_id, actor_uri=received.sender.uri)


async def _inner_actor(ctx: Context, received: Received) -> Actor | None:
    uri = _inner_object(received)
    return await actors.by_uri(ctx.db.reader, uri) if uri is not None else None


def _says_only_its_id(received: Received) -> bool:
    """Whether the undone activity is embedded without what it was about."""
    about = received.activity.object
    return about is not None and about.id is not None and not names.plain(about.raw or {}).get("object")


def _inner_object(received: Received) -> str | None:
    """What the undone activity was about.

    Raises:
        Forbidden: it was somebody else's.
    """
    about = received.activity.object
    assert about is not None
    assert about.raw is not None
    claimed = links.optional_uri(about.raw.get("actor"), allow_http=True)
    if claimed is not None and claimed != received.sender.uri:
        raise Forbidden("only who did something takes it back")
    return links.optional_uri(about.raw.get("object"), allow_http=True)
