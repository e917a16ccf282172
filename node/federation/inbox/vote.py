"""A vote: a Note with a name and no words that answers a poll of ours. It is counted, and never shown as a post.

    {"id": "https://a.example/users/anne#votes/1/activity", "type": "Create",
     "actor": "https://a.example/users/anne", "to": ["https://b.example/users/bruz"],
     "object": {"id": "https://a.example/users/anne#votes/1", "type": "Note", "name": "Le samedi",
                "attributedTo": "https://a.example/users/anne", "to": ["https://b.example/users/bruz"],
                "inReplyTo": "https://b.example/users/bruz/statuses/1"}}

snac writes `"content": "<br>"`, and puts several votes into one Create. Mastodon takes every named Note for a vote.
"""

from collections.abc import Sequence

from node.actors import actors
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab.posts import Post as Document
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.timeline import polls, posts, votes
from node.timeline.posts import Post


async def in_poll(ctx: Context, document: Document) -> bool:
    """Whether a Note with a name *and* words is a vote all the same: its name is an option of the poll it answers."""
    if document.type != "Note" or not document.name or document.in_reply_to is None:
        return False
    answered = await posts.by_uri(ctx.db.reader, document.in_reply_to)
    if answered is None or not answered.local:
        return False
    poll = await polls.of_post(ctx.db.reader, answered.id)
    return poll is not None and document.name.strip() in {option.title for option in poll.options}


async def cast(ctx: Context, received: Received, ballots: Sequence[Document]) -> Step | Dropped:
    """Count the votes of the sender."""
    found: list[tuple[Document, Post]] = []
    for ballot in ballots:
        poll = await posts.by_uri(ctx.db.reader, ballot.in_reply_to or "")
        if poll is None or not poll.local:
            continue
        author = await actors.require_by_id(ctx.db.reader, poll.author_id)
        if not ballot.audience.empty and author.uri not in ballot.audience.everyone:
            raise Forbidden("the vote is not for the author of the poll")
        found.append((ballot, poll))
    if not found:
        return Dropped("a vote in no poll of ours")

    async def step(tx: Tx) -> None:
        for ballot, poll in found:
            await votes.receive(tx, ctx, voter=received.sender, post=poll, title=ballot.name or "", uri=ballot.id)

    return step
