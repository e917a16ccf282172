"""Update: a post or a profile changed. Only its own actor says so.

    {"id": "https://a.example/users/anne/statuses/1#updates/1", "type": "Update",
     "actor": "https://a.example/users/anne",
     "object": {"id": "https://a.example/users/anne/statuses/1", "type": "Note", "updated": "2026-01-31T10:05:00Z",
                "attributedTo": "https://a.example/users/anne", "content": "<p>Bonjour à tous</p>"}}

ActivityPub §7.3.
"""

from node.federation import resolve
from node.federation.delivery import forwarding, readers
from node.federation.inbox import create
from node.federation.inbox.concern import concerns_here
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import actors as resolving
from node.federation.resolve import posts as resolving_posts
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.timeline import posts


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """Change the post we hold; one that we should hold and do not is kept as it is now.

    Readers elsewhere hear of it, unless moderators hid the post: this node spreads nothing of that.
    """
    document = await create.told(ctx, received)
    sender = received.sender
    if await posts.by_uri(ctx.db.reader, document.id) is None:
        if not await concerns_here(ctx, sender, document):
            return Dropped("the post concerns nobody here")
        return await create.keeping(ctx, received, document)
    people = await resolving_posts.named(ctx, document)
    written = resolving_posts.readable(document)

    async def step(tx: Tx) -> None:
        changed = await posts.receive_update(tx, ctx, author=sender, document=written, mentions=people)
        if changed is not None and not changed.hidden:
            await readers.pass_on(tx, ctx, said=received, groups=await readers.announcing(tx, changed.id))
            await forwarding.pass_on(tx, ctx, said=received, about=changed)

    return step


async def actor(ctx: Context, received: Received) -> Step | Dropped:
    """Keep the profile as the sender now describes it; a new name is proved by WebFinger first."""
    sender, about = received.sender, received.activity.object
    if about is None or about.raw is None or about.id != sender.uri:
        raise Forbidden("only oneself can change one's profile")
    met = await resolving.prove(ctx, about.raw, expected=sender.uri, known=sender)

    async def step(tx: Tx) -> None:
        await resolving.store(tx, ctx, met)
        if sender.public_key_id is not None:  # a key under another id: the one before is worth nothing from now on
            replaced = sender.public_key_id
            tx.after_commit(lambda: ctx.cache.of("public_keys", 50_000).drop(replaced))

    return step


async def by_id(ctx: Context, received: Received) -> Step | Dropped:
    """Only an id: the profile or the post is read again at its server."""
    if received.object_id != received.sender.uri:
        return await post(ctx, received)
    await resolve.actor(ctx, received.sender.uri, refresh=True)
    return Dropped("the profile was read again")
