"""'partager' and 'arrêter' in a post (node.agreements.requests), once it is known how the other one speaks."""

from typing import Any

from node.actors import actors
from node.agreements import requests
from node.agreements.agreements import Medium
from node.agreements.speaking import Pair
from node.federation.resolve import software
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import posts

OURS = "beffroi"
"""Nodes that speak about agreements by activities, by the name of their program."""


async def read_job(ctx: Context, args: dict[str, Any]) -> None:
    """The job `agreements.read_request`: take what a member wrote to a territory as its word."""
    reader = ctx.db.reader
    post = await posts.by_id(reader, int(args["post_id"]))
    territory = await actors.by_id(reader, int(args["territory_id"]))
    member = None if post is None else await actors.by_id(reader, post.author_id)
    if post is None or territory is None or member is None or not await requests.may_speak(reader, post, member):
        return
    asked = await requests.in_post(reader, post)
    medium: Medium = "protocol"
    if not (member.local and territory.local):
        program = await software.of_actor(ctx, territory if member.local else member)
        if (program == OURS) is not member.local:
            # A member on such a node is heard by its activities; a territory elsewhere would not understand ours.
            return
        medium = "protocol" if member.local else "post"
    if asked is None:
        return
    pair, source, request = Pair(territory, member), post.uri, asked

    async def step(tx: Tx) -> None:
        if request.command == "arreter":
            await requests.arreter(tx, ctx, pair=pair, source=source)
        else:
            await requests.partager(tx, ctx, pair=pair, categories=request.categories, source=source, medium=medium)

    await ctx.db.write(step)
