"""Who is named in a text that is about to be published: looked up, and asked for elsewhere, before the transaction."""

import asyncio
from typing import Final

from node.actors.actor import Actor
from node.api.accounts import asked_elsewhere, named
from node.runtime.context import Context
from node.runtime.text import composing

MAX_RESOLVED: Final = 20
MAX_ASKED_ELSEWHERE: Final = 10
TIMEOUT_S: Final = 6.0


async def resolved(ctx: Context, author: Actor, text: str) -> list[Actor]:
    """The actors that *text* names. Those unknown here are asked for at their servers, all at once and for seconds.

    A name that leads nowhere stays plain words; it never keeps a post from being published.
    """
    found: dict[int, Actor] = {}
    unknown: list[str] = []
    for handle in composing.find(text).mentions[:MAX_RESOLVED]:
        username, _, host = handle.partition("@")
        actor = await named(ctx.db.reader, username, host or author.handle_host)
        if actor is not None and actor.active:
            found[actor.id] = actor
        elif actor is None and host:
            unknown.append(handle)
    for actor in await _asked(ctx, unknown[:MAX_ASKED_ELSEWHERE]):
        if actor.active:
            found[actor.id] = actor
    return list(found.values())


async def _asked(ctx: Context, handles: list[str]) -> list[Actor]:
    if not handles:
        return []
    tasks = [asyncio.create_task(asked_elsewhere(ctx, handle)) for handle in handles]
    done, late = await asyncio.wait(tasks, timeout=TIMEOUT_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    answers = [task.result() for task in tasks if task in done and task.exception() is None]
    return [actor for actor in answers if actor is not None]
