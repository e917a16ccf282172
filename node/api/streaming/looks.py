"""One look at a post for all connections that are told of it in the same moment.

Of a town's post a thousand open applications hear at once. Each would ask the database who may read it, what its reader did
with it, and how it stands now; they ask together, and what each is shown is made from memory.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from node.actors import tastes
from node.runtime.context import Context
from node.timeline import shown
from node.timeline.shown import Line
from node.timeline.visibility import readable_ids, readers_among

_UNDER_WAY: Final = 4096


@dataclass(eq=False, slots=True)
class _Look:
    viewers: set[int | None] = field(default_factory=set)
    found: "asyncio.Task[Mapping[int | None, Line]] | None" = None


async def at(ctx: Context, post_id: int, viewer_id: int | None) -> Line | None:
    """The post's line for that reader (None: a stranger) as it stands now; None: she may not read it."""
    looks = ctx.cache.of("looks", _UNDER_WAY)
    look: _Look | None = looks.get(post_id)
    if look is None:
        look = _Look()
        looks.put(post_id, look)
        look.found = asyncio.create_task(_look(ctx, post_id, look))
    look.viewers.add(viewer_id)
    assert look.found is not None
    # One that goes away takes nothing from the others.
    return (await asyncio.shield(look.found)).get(viewer_id)


async def _look(ctx: Context, post_id: int, look: _Look) -> Mapping[int | None, Line]:
    """Four statements, however many look; one for strangers."""
    await asyncio.sleep(0)  # for all who were told in this turn of the loop; who comes later looks anew
    ctx.cache.of("looks", _UNDER_WAY).drop(post_id)
    reader, people = ctx.db.reader, sorted(viewer for viewer in look.viewers if viewer is not None)
    allowed = await readers_among(reader, post_id=post_id, actor_ids=people)
    open_to_all = None in look.viewers and bool(await readable_ids(reader, viewer_id=None, post_ids=[post_id]))
    lines = await shown.rows(reader, None, [post_id]) if allowed or open_to_all else []
    if not lines:
        return {}
    line = tuple(lines[0])
    found: dict[int | None, Line] = {None: line} if open_to_all else {}
    if allowed:
        done = await shown.done(reader, allowed, line)
        await tastes.look_at(ctx, allowed)
        found.update({viewer: (*line, done.get(viewer, 0)) for viewer in allowed})
    return found
