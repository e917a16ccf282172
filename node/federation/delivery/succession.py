"""What is said of one thing is heard in the order in which it was said.

Two activities of one actor about the same (a post and its edit, a Follow and its Undo) mean something else in another
order; so a delivery waits while an earlier one about the same to the same inbox is on its way or to be tried again.
What is dead holds up nothing, and other things never wait: a post that a server cannot take delays no other post.

The rule costs nothing where nothing waits: an expansion asks once for unfinished orders about the same, and only a
delivery that has such a predecessor (`after_id`) is looked up when it is claimed.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.runtime.database import Reader, Row

IN_TURN: Final = (
    "(after_id IS NULL OR NOT EXISTS (SELECT 1 FROM deliveries e WHERE e.id = deliveries.after_id "
    "AND e.state IN ('ready', 'leased')))"
)
"""The condition on a row of `deliveries`: its turn has come. One look by primary key, for rows that have a predecessor."""


def subject_of(activity: Mapping[str, Any]) -> str:
    """What *activity*, one of ours, is about in the end: the id of a post or an actor; empty: nothing to keep apart.

    Of the answer to a Follow it is the follower: whoever answers a thousand of them is not said to repeat itself.
    """
    match activity:
        case {"type": "Accept" | "Reject", "object": {"type": "Follow", "actor": str(follower)}}:
            return follower
        case {"object": str(uri)}:
            return uri
        case {"object": {"object": _} as inner}:
            return subject_of(inner)
        case {"object": {"id": str(uri)}}:
            return uri
    return ""


async def unfinished(reader: Reader, orders: Sequence[Row]) -> Mapping[int, Sequence[Row]]:
    """Order -> the earlier orders of its actor about the same that are not done, with their states. One query."""
    subjects = [each["subject"] for each in orders if each["subject"]]
    if not subjects:
        return {}
    rows = await reader.fetch(
        "SELECT id, actor_id, subject, state FROM delivery_orders WHERE actor_id = ANY($1::bigint[]) "
        "AND subject = ANY($2::text[]) AND state <> 'done' AND subject <> ''",
        list({each["actor_id"] for each in orders}), list(dict.fromkeys(subjects)),
    )  # fmt: skip
    about: dict[tuple[int, str], list[Row]] = {}
    for row in rows:
        about.setdefault((row["actor_id"], row["subject"]), []).append(row)
    return {
        each["id"]: [row for row in about.get((each["actor_id"], each["subject"]), ()) if row["id"] < each["id"]]
        for each in orders
    }


async def last_waiting(reader: Reader, orders: Sequence[Row]) -> Mapping[str, int]:
    """Inbox -> the latest delivery of *orders* that is still to be made there."""
    if not orders:
        return {}
    rows = await reader.fetch(
        "SELECT inbox, MAX(id) FROM deliveries WHERE order_id = ANY($1::bigint[]) AND state IN ('ready', 'leased') "
        "GROUP BY inbox",
        [row["id"] for row in orders],
    )
    return {row[0]: row[1] for row in rows}
