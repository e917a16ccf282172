"""Follows around an agreement: they bring the posts, and to a member on other software they say yes and no.

The territory follows a member elsewhere while something is shared, and lets it go afterwards. A member that refuses
this follow, blocks the territory or is deleted has ended the agreement; one on other software also by unfollowing.
"""

from node.actors import actors, follows
from node.actors.actor import Actor
from node.actors.facts import ActorDeleted, Blocked, FollowRejected, FollowRequested, Unfollowed
from node.actors.follows import FollowRefused
from node.actors.freezing import Frozen
from node.agreements import agreements, speaking
from node.agreements.facts import AgreementChanged
from node.agreements.speaking import Pair
from node.agreements.words import Party
from node.runtime.context import Context
from node.runtime.database import Tx


async def on_changed(tx: Tx, ctx: Context, fact: AgreementChanged) -> None:
    """Whoever announces follows the author elsewhere, while there is something to announce."""
    agreement = await agreements.require(tx, fact.agreement_id)
    people = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
    territory, member = people[agreement.territory_id], people[agreement.member_id]
    both = agreement.terms is not None and agreement.terms.direction == "both"
    for reader, author, wanted in (
        (territory, member, agreement.active),
        (member, territory, agreement.active and both),
    ):
        if not reader.local or author.local:
            await _let_in(tx, ctx, follower=reader, followee=author, wanted=wanted)
        elif wanted:
            try:
                await follows.request(tx, ctx, follower=reader, followee=author)
            except (FollowRefused, Frozen):
                pass  # suspended, blocked or frozen: nothing is announced either
        elif fact.before == "active" and reader is territory:
            # A commune that follows the territory may do so as any reader; the territory reads members only.
            await follows.undo(tx, ctx, follower=reader, followee=author)


async def on_follow_requested(tx: Tx, ctx: Context, fact: FollowRequested) -> None:
    """A party that approves its followers by hand has approved the other one by agreeing."""
    for agreement in await agreements.active_of(tx, fact.followee_id):
        if fact.follower_id in (agreement.territory_id, agreement.member_id):
            people = await actors.by_ids(tx, (fact.follower_id, fact.followee_id))
            follower, followee = people[fact.follower_id], people[fact.followee_id]
            await _let_in(tx, ctx, follower=follower, followee=followee, wanted=True)


async def on_unfollowed(tx: Tx, ctx: Context, fact: Unfollowed) -> None:
    """A member on other software takes its follow of the territory back: it ends the agreement."""
    agreement = await agreements.between(tx, territory_id=fact.followee_id, member_id=fact.follower_id)
    if agreement is not None and agreement.medium == "post":
        await _ended(tx, ctx, territory_id=fact.followee_id, member_id=fact.follower_id, by="member", source=fact.uri)


async def on_follow_rejected(tx: Tx, ctx: Context, fact: FollowRejected) -> None:
    """A member no longer lets the territory read it."""
    await _ended(tx, ctx, territory_id=fact.follower_id, member_id=fact.followee_id, by="member", source=fact.uri)


async def on_blocked(tx: Tx, ctx: Context, fact: Blocked) -> None:
    """Whoever blocks the other shares nothing with it."""
    await _ended(tx, ctx, territory_id=fact.target_id, member_id=fact.actor_id, by="member", source=fact.uri)
    await _ended(tx, ctx, territory_id=fact.actor_id, member_id=fact.target_id, by="territory", source=fact.uri)


async def on_deleted(tx: Tx, ctx: Context, fact: ActorDeleted) -> None:
    """Who is gone shares nothing. It is said in its name: a last word of its own."""
    for agreement in await agreements.of_actor(tx, fact.actor_id, states=("proposed", "active")):
        people = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
        pair = Pair(people[agreement.territory_id], people[agreement.member_id])
        await speaking.end(tx, ctx, pair=pair, by=agreement.party_of(fact.actor_id), source=fact.uri)


async def _ended(tx: Tx, ctx: Context, *, territory_id: int, member_id: int, by: Party, source: str) -> None:
    agreement = await agreements.between(tx, territory_id=territory_id, member_id=member_id)
    if agreement is None or agreement.state not in ("active", "proposed"):
        return
    people = await actors.by_ids(tx, (territory_id, member_id))
    pair = Pair(people[territory_id], people[member_id])
    # Between nodes of this kind each side speaks for itself: the word of the other will come.
    if pair.actor(by).local or agreement.medium == "post":
        await speaking.end(tx, ctx, pair=pair, by=by, source=source)


async def _let_in(tx: Tx, ctx: Context, *, follower: Actor, followee: Actor, wanted: bool) -> None:
    if wanted and followee.local and await follows.state(tx, follower.id, followee.id) == "requested":
        await follows.accept(tx, ctx, follower=follower, followee=followee)
