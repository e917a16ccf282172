"""Whole servers that an account wants nothing of (`domain_blocks`)."""

from node.actors import host_blocks
from node.api import paging
from node.api.answers import EMPTY, Answer
from node.api.call import Call


async def listed(call: Call) -> Answer:
    """GET /api/v1/domain_blocks: hosts."""
    page = paging.asked(call, default=100, most=200)
    found = await host_blocks.page(call.reader, call.actor_id, max_id=page.max_id, limit=page.limit)
    rows, links = paging.listed(call, [row for row in found if row[0] > page.above], page, lambda row: row[0])
    return call.answer([host for _, host in rows], links)


async def preview(call: Call) -> Answer:
    """GET /api/v1/domain_blocks/preview?domain=…: what a block would end."""
    following, followers = await host_blocks.concerned(
        call.reader, actor_id=call.actor_id, host=call.input.required("domain")
    )
    return call.answer({"following_count": following, "followers_count": followers})


async def block(call: Call) -> Answer:
    """POST /api/v1/domain_blocks: `domain`."""
    actor, host = await call.actor(), call.input.required("domain")
    await call.ctx.db.write(lambda tx: host_blocks.block(tx, call.ctx, actor=actor, host=host))
    return EMPTY


async def unblock(call: Call) -> Answer:
    """DELETE /api/v1/domain_blocks: `domain`."""
    actor, host = await call.actor(), call.input.required("domain")
    await call.ctx.db.write(lambda tx: host_blocks.unblock(tx, call.ctx, actor=actor, host=host))
    return EMPTY
