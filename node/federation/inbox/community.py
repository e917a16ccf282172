"""Announce of an activity: a community that is followed here passes on what its members do (FEP-1b12).

    {"id": "https://a.example/activities/announce/1", "type": "Announce", "actor": "https://a.example/c/jardins",
     "to": ["https://www.w3.org/ns/activitystreams#Public"], "cc": ["https://a.example/c/jardins/followers"],
     "object": {"id": "https://b.example/activities/update/1", "type": "Update", "actor": "https://b.example/u/anne",
                "object": {"id": "https://b.example/post/1", "type": "Page"}}}

Nothing that is announced is believed: a post is read again at its own server, a Like or an Undo too, unless it carries a
proof of its own actor. What a community alone decides is what it shows itself: it takes its own boost back.
"""

from collections.abc import Mapping
from typing import Any, Final

from node.actors import actors
from node.federation import fetch, resolve
from node.federation.identity import allow_http
from node.federation.inbox import forwarded, like, undo
from node.federation.inbox.concern import is_followed_here
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import activities, links, names
from node.federation.vocab.activities import Activity
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Gone
from node.runtime.jobs import enqueue
from node.runtime.windows import Limit
from node.timeline import boosts, favourites, posts
from node.timeline.posts import Post

READ_AGAIN: Final = Limit("read again for a community", 120, 60)
"""How often one community makes us ask other servers, in a minute."""


async def changed(ctx: Context, received: Received) -> Step | Dropped:
    """A post, or its author's profile, says something else now, its community says: its own server is asked."""
    uri = _about(received)
    if uri is None or not await is_followed_here(ctx, received.sender):
        return Dropped("nobody here follows the community")
    held = await posts.by_uri(ctx.db.reader, uri)
    if held is None:
        return await _profile(ctx, received, uri)
    if held.local:
        return Dropped("what our own people wrote is known here")
    if _too_often(ctx, received):
        return Dropped("this community has us ask too often")
    return lambda tx: _read_again(tx, ctx, held)


async def deleted(ctx: Context, received: Received) -> Step | Dropped:
    """A post is gone, by its author or by the community's moderators; which of the two, its own server knows."""
    uri = _about(received)
    if uri is None or not await is_followed_here(ctx, received.sender):
        return Dropped("nobody here follows the community")
    held = await posts.by_uri(ctx.db.reader, uri)
    if held is None:
        return await _profile(ctx, received, uri)
    asks = not held.local and not _too_often(ctx, received)

    async def step(tx: Tx) -> None:
        await boosts.unboost(tx, ctx, actor=received.sender, post=held)
        if asks:
            await _read_again(tx, ctx, held)

    return step


async def liked(ctx: Context, received: Received) -> Step | Dropped:
    """Somebody likes a post of ours, or no longer does, and told the community only."""
    inner = await _proved(ctx, received)
    return inner if isinstance(inner, Dropped) else await like.post(ctx, inner)


async def undone(ctx: Context, received: Received) -> Step | Dropped:
    """A Like of a post of ours is taken back. Nothing else that is undone concerns us by this way."""
    inner = await _proved(ctx, received)
    if isinstance(inner, Dropped):
        return inner
    about = inner.activity.object
    if about is not None and about.type == "Like":
        return await undo.like(ctx, inner)
    return await undo.by_id(ctx, inner) if about is not None and about.raw is None else Dropped("not a Like")


async def _proved(ctx: Context, received: Received) -> Received | Dropped:
    """The announced activity with its own actor, if it is about a post of ours and its server says the same."""
    about = received.activity.object
    if about is None or about.raw is None or about.id is None or not await is_followed_here(ctx, received.sender):
        return Dropped("nobody here follows the community")
    announced = activities.read(about.raw, allow_http=allow_http(ctx))
    if not await _about_ours(ctx, announced):
        return Dropped("no post of ours is meant")
    try:
        told = announced if await forwarded.proved(ctx, about.raw, announced) else await _asked(ctx, received, about.id)
        if told is None or (told.type, told.actor) != (announced.type, announced.actor):
            return Dropped("its own server does not say so")
        sender = await resolve.actor(ctx, told.actor)
    except BeffroiError as error:
        if error.again:
            raise
        return Dropped(f"its own server does not say so: {error}")
    return (
        Received(sender, told, None) if sender.active and not sender.local else Dropped("its actor is not heard here")
    )


async def _asked(ctx: Context, received: Received, uri: str) -> Activity | None:
    """The activity as its own server shows it, if its actor lives there."""
    if _too_often(ctx, received):
        return None
    told = activities.read(await fetch.document(ctx, uri), allow_http=allow_http(ctx))
    return told if told.id == uri and links.same_origin(told.actor, uri) else None


async def _about_ours(ctx: Context, announced: Activity) -> bool:
    """Whether it likes a post of ours, or undoes a Like that is kept here: nothing is asked for the rest."""
    if announced.object is None or announced.object.id is None:
        return False
    if announced.type != "Undo":
        return await _is_ours(ctx, announced.object.id)
    if await favourites.by_uri(ctx.db.reader, announced.object.id) is not None:
        return True
    raw = announced.object.raw
    liked_uri = links.optional_uri(raw.get("object"), allow_http=True) if raw is not None else None
    return liked_uri is not None and await _is_ours(ctx, liked_uri)


async def _is_ours(ctx: Context, uri: str) -> bool:
    found = await posts.by_uri(ctx.db.reader, uri)
    return found is not None and found.local


async def _profile(ctx: Context, received: Received, uri: str) -> Dropped:
    """What is told may be about an actor: a member, or the community itself. It is read again, or gone."""
    known = await actors.by_uri(ctx.db.reader, uri)
    if known is None or known.local or not known.active:
        return Dropped("it is about nothing that is kept here")
    if _too_often(ctx, received):
        return Dropped("this community has us ask too often")
    try:
        await resolve.actor(ctx, uri, refresh=True)
    except Gone:
        return Dropped("the account is gone")
    return Dropped("the profile was read again")


async def _read_again(tx: Tx, ctx: Context, held: Post) -> None:
    await enqueue(tx, ctx, forwarded.REFETCH_JOB, {"uri": held.uri}, unique=f"{forwarded.REFETCH_JOB}:{held.uri}")


def _too_often(ctx: Context, received: Received) -> bool:
    exceeded = windows.hit(ctx, READ_AGAIN, links.host_of(received.sender.uri)).exceeded
    if exceeded:
        ctx.metrics.count("community_not_asked")
    return exceeded


def _about(received: Received) -> str | None:
    """The id of what the announced activity is about."""
    about = received.activity.object
    raw: Mapping[str, Any] = names.plain(about.raw) if about is not None and about.raw is not None else {}
    return next((each.id for each in links.references(raw.get("object"), 1, allow_http=True)), None)
