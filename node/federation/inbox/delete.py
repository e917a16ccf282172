"""Delete: a post is gone, or an actor with all it said. Believed of its own actor only; remembered if it comes first.

    {"id": "https://a.example/users/anne/statuses/1#delete", "type": "Delete", "actor": "https://a.example/users/anne",
     "object": {"id": "https://a.example/users/anne/statuses/1", "type": "Tombstone"}}

ActivityPub §7.4.
"""

from node.actors import actors, remote
from node.federation.delivery import forwarding, readers
from node.federation.inbox.received import Dropped, Received, Step
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.timeline import held, posts, quotes


async def by_id(ctx: Context, received: Received) -> Step | Dropped:
    """Delete what the id names."""
    sender, uri = received.sender, received.object_id
    if uri is None:
        return Dropped("nothing is named")
    if uri == sender.uri:
        return lambda tx: remote.mark_gone(tx, ctx, actor=sender)
    if await actors.by_uri(ctx.db.reader, uri) is not None:
        raise Forbidden("only oneself can delete one's account")

    async def step(tx: Tx) -> None:
        if received.activity.id is not None and await posts.buried(tx, received.activity.id, by=sender.uri):
            return  # its Undo came first
        found = await posts.by_uri(tx, uri)
        if found is None and await quotes.revoked_elsewhere(tx, stamp=uri, author=sender):
            return  # FEP-044f: consent to a quote was taken back
        if found is None and await held.refused_elsewhere(tx, ctx, stamp=uri, author=sender):
            return  # GoToSocial: consent to a reply
        if found is None:
            await posts.remember_deleted(tx, ctx, uri=uri, actor_uri=sender.uri)
        elif found.author_id != sender.id:
            raise Forbidden("only its author deletes a post")
        else:
            groups = await readers.announcing(tx, found.id)
            await forwarding.pass_on(tx, ctx, said=received, about=found)
            await posts.delete(tx, ctx, post=found)
            await readers.pass_on(tx, ctx, said=received, groups=groups)

    return step
