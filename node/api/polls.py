"""Polls: look, vote; and what a status that is written asks."""

from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import poll as entity
from node.api.errors import RecordNotFound
from node.api.requests import Input
from node.federation.resolve import polls as elsewhere
from node.runtime.errors import Invalid
from node.timeline import polls, votes
from node.timeline.polls import NewPoll, Poll
from node.timeline.records import Post
from node.timeline.visibility import require_readable


async def show(call: Call) -> Answer:
    """GET /api/v1/polls/:id; one from elsewhere is read again meanwhile, for the next look."""
    _, poll = await _readable(call)
    await elsewhere.looked_at(call.ctx, poll)
    return await _shown(call, poll)


async def vote(call: Call) -> Answer:
    """POST /api/v1/polls/:id/votes."""
    voter = await call.actor()
    post, _ = await _readable(call)
    choices = [_choice(each) for each in call.input.texts("choices")]
    await call.ctx.db.write(lambda tx: votes.cast(tx, call.ctx, voter=voter, post=post, choices=choices))
    _, poll = await _readable(call)
    return await _shown(call, poll)


def asked(of: Input) -> NewPoll | None:
    """The poll in the form of a status (`poll[options][]`, `poll[expires_in]` in seconds…); None: it asks nothing."""
    form = of.group("poll")
    if not form.texts("options"):
        return None
    return NewPoll(
        options=tuple(form.texts("options")),
        open_s=form.number("expires_in", 0, low=0, high=2**31),
        multiple=form.flag("multiple") or False,
        hides_totals=form.flag("hide_totals") or False,
    )


async def _readable(call: Call) -> tuple[Post, Poll]:
    post = await require_readable(call.reader, viewer_id=call.viewer_id, post_id=call.id)
    poll = await polls.of_post(call.reader, post.id)
    if poll is None:
        raise RecordNotFound
    return post, poll


async def _shown(call: Call, poll: Poll) -> Answer:
    chosen: dict[int, list[int]] = {}
    if call.viewer_id is not None:
        chosen = await votes.of_actor(call.reader, actor_id=call.viewer_id, post_ids=[poll.post_id])
    now_ms = call.ctx.clock.now_ms()
    return call.answer(
        entity.render(poll, viewer_id=call.viewer_id, chosen=chosen.get(poll.post_id, ()), now_ms=now_ms)
    )


def _choice(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > 4:
        raise Invalid("Validation failed: Choices are the numbers of options")
    return int(text)
