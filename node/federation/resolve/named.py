"""Who is meant by a name: looked up here, and asked for elsewhere. Never inside a transaction."""

import asyncio
import contextlib
from typing import Final

from node.actors import actors, domains, hosts
from node.actors.actor import Actor
from node.federation.resolve.actors import actor as resolved_actor
from node.federation.resolve.handles import handle as resolved_handle
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.text import composing

MAX_RESOLVED: Final = 20
MAX_ASKED_ELSEWHERE: Final = 10
TIMEOUT_S: Final = 6.0


async def here(reader: Reader, username: str, host: str) -> Actor | None:
    """The known actor called `username@host`, by its handle or by the host of its id."""
    try:
        host = hosts.authority(host)
    except Invalid:
        return None
    found = await actors.by_handle(reader, username, host)
    if found is None and await domains.is_local(reader, host):
        found = await actors.local_by_username(reader, username, host)
    return found


async def elsewhere(ctx: Context, text: str) -> Actor | None:
    """The actor that `user@host` or an address leads to on another server, if it does."""
    with contextlib.suppress(BeffroiError):  # unknown, down, blocked: nothing was found
        if text.startswith(("https://", "http://")):
            return await resolved_actor(ctx, text)
        if "@" in text.strip("@"):
            return await resolved_handle(ctx, text.lstrip("@"))
    return None


async def in_text(ctx: Context, author: Actor, text: str) -> list[Actor]:
    """The actors that a text names which is about to be published. Those unknown here are asked for at their servers, all
    at once and for seconds.

    A name that leads nowhere stays plain words; it never keeps a post from being published.
    """  # noqa: D205
    found: dict[int, Actor] = {}
    unknown: list[str] = []
    for handle in composing.find(text).mentions[:MAX_RESOLVED]:
        username, _, host = handle.partition("@")
        actor = await here(ctx.db.reader, username, host or author.handle_host)
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
    tasks = [asyncio.create_task(elsewhere(ctx, handle)) for handle in handles]
    done, late = await asyncio.wait(tasks, timeout=TIMEOUT_S)
    for task in late:
        task.cancel()
    if late:
        await asyncio.wait(late)
    answers = [task.result() for task in tasks if task in done and task.exception() is None]
    return [actor for actor in answers if actor is not None]
