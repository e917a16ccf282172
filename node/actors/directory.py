"""The directory: accounts of a domain that want to be found."""

from typing import Final, Literal

from node.actors.actor import Actor, columns, read
from node.runtime.database import Reader

Order = Literal["active", "new"]

MAX_SHOWN: Final = 400
"""A directory is leafed through, not copied: what is asked beyond is not there."""


async def page(
    reader: Reader, *, domain_id: int, viewer_id: int | None, order: Order, offset: int, limit: int
) -> list[Actor]:
    """Those who spoke last, or came last, first; without who is limited, moved, or stands behind a block or mute of the viewer.

    By offset, as clients ask for it, within `MAX_SHOWN`. Plan: actors_domain, the accounts of one domain, sorted.
    """
    last = min(offset + limit, MAX_SHOWN)
    if last <= offset:
        return []
    by = "a.last_post_ms IS NULL, a.last_post_ms DESC, a.id DESC" if order == "active" else "a.id DESC"
    others, args = "", [domain_id]
    if viewer_id is not None:
        args.append(viewer_id)
        others = "AND a.id <> $2 " + "".join(
            f"AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{one} = $2 AND x.{other} = a.id) "
            for table, one, other in (
                ("blocks", "actor_id", "target_id"), ("blocks", "target_id", "actor_id"), ("mutes", "actor_id", "target_id"),
            )
        )  # fmt: skip
    rows = await reader.fetch(
        f"SELECT {columns('a')} FROM actors a WHERE a.domain_id = $1 AND a.state = 'active' AND a.discoverable "
        f"AND NOT a.limited AND a.moved_to IS NULL AND a.type <> 'Application' {others}ORDER BY {by} LIMIT {int(last)}",
        *args,
    )
    return [read(row) for row in rows[offset:]]
