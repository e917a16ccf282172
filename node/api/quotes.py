"""Quotes of a status: who quotes it, who may, and consent taken back."""

from node.api import interaction_policies, paging, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound
from node.api.marks import one
from node.api.requests import Input, read_id
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.timeline import posts, quotes, records
from node.timeline.records import Post
from node.timeline.visibility import require_readable


async def listed(call: Call) -> Answer:
    """GET /api/v1/statuses/:id/quotes: the statuses that quote it with its author's consent."""
    post = await require_readable(call.reader, viewer_id=call.viewer_id, post_id=call.id)
    page = paging.asked(call, default=20, most=40)
    found = await quotes.page(call.reader, call.viewer_id, page, quoted_id=post.id)
    rows, links = paging.listed(call, found, page, lambda entry: entry.cursor)
    ids = [entry.of_id for entry in rows]
    return Answer(await rendering.status_list(call.ctx, call.viewer_id, ids), headers=links)


async def revoke(call: Call) -> Answer:
    """POST /api/v1/statuses/:id/quotes/:quoting_status_id/revoke: the status that quoted, without it."""
    author = await call.actor()
    quoted = await _own(call)
    quoting_id = read_id(call.named["quoting_status_id"], "quoting_status_id is not an id")
    post = await require_readable(call.reader, viewer_id=author.id, post_id=quoting_id)
    await call.ctx.db.write(lambda tx: quotes.revoke(tx, call.ctx, author=author, quoted=quoted, post=post))
    return await one(call, post.id)


async def change_policy(call: Call) -> Answer:
    """PUT /api/v1/statuses/:id/interaction_policy: who may quote it, and who may reply."""
    author, post = await call.actor(), await _own(call)
    by, rule = policy(call.input), interaction_policies.asked(call.input)

    async def step(tx: Tx) -> None:
        await posts.change_policy(tx, post=post, author=author, quotable_by=by, rule=rule)

    await call.ctx.db.write(step)
    return await one(call, post.id)


def policy(of: Input) -> str | None:
    """`quote_approval_policy` of a form: who may quote what is written."""
    found = of.text("quote_approval_policy")
    if found not in (None, "", "public", "followers", "nobody"):
        raise Invalid("Validation failed: Quote approval policy is not included in the list")
    return found or None


async def quoted(call: Call) -> Post | None:
    """`quoted_status_id` of a form (`quote_id` in older ones)."""
    quoted_id = call.input.id("quoted_status_id") or call.input.id("quote_id")
    if quoted_id is None:
        return None
    try:
        return await require_readable(call.reader, viewer_id=call.viewer_id, post_id=quoted_id)
    except NotFound:
        raise RecordNotFound from None


async def _own(call: Call) -> Post:
    post = await records.by_id(call.reader, call.id)
    if post is None or post.author_id != call.actor_id or post.boost_of_id is not None:
        raise RecordNotFound
    return post
