"""Reject: the one whom ours asked says no, or removes ours from its followers; a party refuses an announcement.

    {"id": "https://b.example/rejects/1", "type": "Reject", "actor": "https://b.example/users/bruz",
     "object": {"id": "https://a.example/users/anne#follows/1", "type": "Follow",
                "actor": "https://a.example/users/anne", "object": "https://b.example/users/bruz"}}

ActivityPub §7.7.
"""

from dataclasses import replace

from node.actors import actors, follows
from node.agreements import moderating
from node.agreements.speaking import Pair
from node.federation.inbox import attend, relayed
from node.federation.inbox.accept import asked_quote, asker
from node.federation.inbox.received import Dropped, Received, Step
from node.federation.vocab import links
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import approvals, attendances, held, posts, quotes


async def follow(ctx: Context, received: Received) -> Step | Dropped:
    """End the follow, waiting or not."""
    follower = await asker(ctx, received)
    if follower is None:
        return await relayed.answered(ctx, received, "refused") or Dropped("no follow of ours is meant by this answer")

    async def step(tx: Tx) -> None:
        await follows.reject(tx, ctx, follower=follower, followee=received.sender)

    return step


async def announce(ctx: Context, received: Received) -> Step | Dropped:
    """Take an announcement of ours back that the other party of its agreement refuses, if the terms leave it to that one.

    {"id": "https://ornans.example/users/ornans#rejects/1", "type": "Reject",
     "actor": "https://ornans.example/users/ornans",
     "object": {"id": "https://doubs.example/users/doubs/announces/1f0c", "type": "Announce",
                "actor": "https://doubs.example/users/doubs", "object": "https://ornans.example/users/ornans/statuses/1"}}
    """
    reader, sender = ctx.db.reader, received.sender
    boost = await posts.by_uri(reader, received.object_id) if received.object_id is not None else None
    if boost is None or not boost.local or boost.boost_of_id is None:
        return Dropped("nothing is announced here under this id")
    found = [
        each.agreement for each in await moderating.of_post(reader, boost.boost_of_id) if each.boost_id == boost.id
    ]
    meant = next((each for each in found if sender.id in (each.territory_id, each.member_id)), None)
    if meant is None:
        return Dropped("no agreement with the sender is the reason of it")
    people = await actors.by_ids(reader, (meant.territory_id, meant.member_id))
    pair = Pair(people[meant.territory_id], people[meant.member_id])
    post = await posts.require(reader, boost.boost_of_id)
    return lambda tx: moderating.withdraw(tx, ctx, pair=pair, by=pair.party_of(sender), post=post)


async def post(ctx: Context, received: Received) -> Step | Dropped:
    """An author refuses an answer of ours that waited (GoToSocial): nobody but who wrote it sees it any more."""
    refused = await approvals.awaited(ctx.db.reader, received.object_id or "", author=received.sender)
    if refused is None or refused.boost_of_id is not None:
        return Dropped("nothing of ours waits for this answer")
    return lambda tx: held.withdraw(tx, ctx, post=refused, reason="elsewhere")


async def reply(ctx: Context, received: Received) -> Step | Dropped:
    """The same, of what was asked in so many words."""
    about = received.activity.object
    instrument = links.optional_uri((about.raw or {}).get("instrument"), allow_http=True) if about is not None else None
    if about is None or instrument is None:
        return Dropped("the request that is answered names no reply")
    return await post(ctx, replace(received, activity=replace(received.activity, object=replace(about, id=instrument))))


async def by_id(ctx: Context, received: Received) -> Step | Dropped:
    """Only the id of what is refused came."""
    if await quotes.by_request(ctx.db.reader, received.object_id or "") is not None:
        return await quote(ctx, received)
    if await attendances.event_of(ctx.db.reader, received.object_id or "") is not None:
        return await attend.rejected(ctx, received)
    if await approvals.awaited(ctx.db.reader, received.object_id or "", author=received.sender) is not None:
        return await post(ctx, received)
    return await follow(ctx, received)


async def quote(ctx: Context, received: Received) -> Step | Dropped:
    """The quoted author refuses a quote of ours (FEP-044f)."""
    asked, quoted = await asked_quote(ctx, received)
    if asked is None or quoted is None:
        return Dropped("no quote of ours waits for this answer")
    return lambda tx: quotes.reject(tx, asked=asked)
