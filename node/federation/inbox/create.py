"""Create: a post of somebody elsewhere.

    {"id": "https://a.example/users/anne/statuses/1/activity", "type": "Create",
     "actor": "https://a.example/users/anne", "to": ["https://www.w3.org/ns/activitystreams#Public"],
     "object": {"id": "https://a.example/users/anne/statuses/1", "type": "Note",
                "attributedTo": "https://a.example/users/anne", "content": "<p>Bonjour</p>",
                "to": ["https://www.w3.org/ns/activitystreams#Public"]}}

ActivityPub §7.2.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.inbox import vote
from node.federation.inbox.concern import addressed_here, concerns_here
from node.federation.inbox.keeping import Keeping
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.resolve import posts as resolving
from node.federation.vocab import origins
from node.federation.vocab import posts as vocab
from node.federation.vocab.links import Reference
from node.runtime.context import Context
from node.runtime.errors import Malformed


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """Keep the post, if it concerns anybody here; what it answers is fetched later, by a job."""
    document = await told(ctx, received)
    if document.vote is not None or (document.name and await vote.in_poll(ctx, document)):
        others = [await told(ctx, received, other) for other in received.activity.objects[1:]]
        return await vote.cast(ctx, received, [document, *(other for other in others if other.vote is not None)])
    if not await concerns_here(ctx, received.sender, document):
        return Dropped("the post concerns nobody here")
    return await keeping(ctx, received, document)


async def told(ctx: Context, received: Received, about: Reference | None = None) -> vocab.Post:
    """The post that the sender speaks of, as its own: embedded, or fetched when only its id came.

    *about* is the activity's object, or another of several.

    Raises:
        Forbidden: its id is on another server, or it is somebody else's.
        Malformed: not a post.
    """
    sender, about = received.sender, about or received.activity.object
    if about is None or about.id is None:
        raise Malformed("the activity names no post")
    origins.of_told(about.id, sender.uri)
    raw: Mapping[str, Any] = about.raw if about.raw is not None else await fetch.document(ctx, about.id)
    document = vocab.read(raw, inherited=received.activity.audience, allow_http=allow_http(ctx))
    origins.of_author(document, sender.uri)
    return document if document.attributed_to is not None else replace(document, attributed_to=sender.uri)


async def keeping(ctx: Context, received: Received, document: vocab.Post) -> Keeping:
    """The step that stores *document*, the sender's own, and passes it on to the readers of a thread of ours."""
    people = await resolving.named(ctx, document)
    return Keeping(ctx, received, resolving.readable(document), people, await addressed_here(ctx, document))
