"""Votes: each person's choices, once. Nobody but the voter is ever shown one."""

from collections.abc import Sequence
from dataclasses import dataclass

from node.actors.actors import Actor
from node.actors.freezing import refuse_frozen
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid, Malformed
from node.runtime.i18n.sentences import sentence
from node.timeline import polls
from node.timeline.arrivals import refuse_author
from node.timeline.facts import Vote, Voted
from node.timeline.polls import Poll
from node.timeline.records import Post
from node.timeline.visibility import may_read


@dataclass(frozen=True, slots=True)
class _Ballot:
    """A choice to be counted; the Note of a vote has this id."""

    choice: int
    uri: str


async def cast(tx: Tx, ctx: Context, *, voter: Actor, post: Post, choices: Sequence[int]) -> None:
    """Let one of ours choose in a poll that it may read (asked before), here or elsewhere; states Voted.

    Raises:
        Invalid: no such poll or option, several where one is asked, closed, one's own, or voted in already.
    """
    refuse_frozen(voter)
    await tx.lock(f"poll:{post.id}")
    poll = await polls.of_post(tx, post.id)
    wanted = list(dict.fromkeys(choices))
    if poll is None or not wanted or any(not 0 <= choice < len(poll.options) for choice in wanted):
        raise Invalid(sentence("The chosen vote option does not exist."))
    if poll.closed(ctx.clock.now_ms()):
        raise Invalid(sentence("This poll is closed."))
    if post.author_id == voter.id:
        raise Invalid(sentence("One does not vote in one's own poll."))
    if len(wanted) > 1 and not poll.multiple:
        raise Invalid(sentence("Only one option can be chosen."))
    if await _chosen(tx, post.id, voter.id):
        raise Invalid(sentence("You have already voted on this poll."))
    ballots = [_Ballot(choice, f"{voter.uri}#votes/{ctx.ids.next()}") for choice in wanted]
    await _count(tx, ctx, poll, voter, ballots, first=True)
    votes = tuple(Vote(ballot.uri, poll.options[ballot.choice].title) for ballot in ballots)
    tx.state(Voted(post.id, post.author_id, voter.id, votes))
    if post.local:
        await polls.tally_later(tx, ctx, post_id=post.id)
    elif poll.ends_ms is not None:
        await polls.close_later(tx, ctx, post_id=post.id, ends_ms=poll.ends_ms)


async def receive(tx: Tx, ctx: Context, *, voter: Actor, post: Post, title: str, uri: str) -> bool:
    """Count a stranger's vote in one of our polls; whether it counts (a second one does not, and is no error).

    Raises:
        Forbidden: the poll is closed, or not for the voter; the voter is suspended or on a blocked host.
        Malformed: there is no such option.
    """
    await refuse_author(tx, voter)
    await tx.lock(f"poll:{post.id}")
    poll = await polls.of_post(tx, post.id)
    if poll is None or not post.local or not await may_read(tx, viewer_id=voter.id, post=post):
        raise Forbidden("this poll does not exist, or not for the voter")
    if poll.closed(ctx.clock.now_ms()):
        raise Forbidden("this poll is closed")
    choice = next((place for place, option in enumerate(poll.options) if option.title == title.strip()), None)
    if choice is None:
        raise Malformed("the poll has no such option")
    chosen = await _chosen(tx, post.id, voter.id)
    if post.author_id == voter.id or choice in chosen or (chosen and not poll.multiple):
        return False
    await _count(tx, ctx, poll, voter, [_Ballot(choice, uri)], first=not chosen)
    await polls.tally_later(tx, ctx, post_id=post.id)
    return True


async def of_actor(reader: Reader, *, actor_id: int, post_ids: Sequence[int]) -> dict[int, list[int]]:
    """What the actor chose in the polls of those posts; for that actor's own eyes. One query."""
    rows = await reader.fetch(
        "SELECT post_id, choice FROM poll_votes WHERE actor_id = $1 AND post_id = ANY($2::bigint[]) ORDER BY choice",
        actor_id, list(post_ids),
    )  # fmt: skip
    found: dict[int, list[int]] = {}
    for post_id, choice in rows:
        found.setdefault(post_id, []).append(choice)
    return found


async def local_voters(reader: Reader, post_id: int) -> list[int]:
    """Our people who voted, to be told of the end and of nothing else."""
    rows = await reader.fetch(
        "SELECT DISTINCT v.actor_id FROM poll_votes v JOIN actors a ON a.id = v.actor_id "
        "WHERE v.post_id = $1 AND a.domain_id IS NOT NULL ORDER BY v.actor_id",
        post_id,
    )
    return [row[0] for row in rows]


async def _chosen(tx: Tx, post_id: int, actor_id: int) -> set[int]:
    rows = await tx.fetch("SELECT choice FROM poll_votes WHERE post_id = $1 AND actor_id = $2", post_id, actor_id)
    return {row[0] for row in rows}


async def _count(tx: Tx, ctx: Context, poll: Poll, voter: Actor, ballots: Sequence[_Ballot], *, first: bool) -> None:
    now_ms = ctx.clock.now_ms()
    await tx.executemany(
        "INSERT INTO poll_votes (id, post_id, actor_id, choice, uri, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
        [(ctx.ids.next(), poll.post_id, voter.id, each.choice, each.uri, now_ms) for each in ballots],
    )
    await tx.executemany(
        "UPDATE poll_options SET votes = votes + 1 WHERE post_id = $1 AND position = $2",
        [(poll.post_id, each.choice) for each in ballots],
    )
    if first and poll.voters_count is not None:
        await tx.execute("UPDATE polls SET voters_count = voters_count + 1 WHERE post_id = $1", poll.post_id)
