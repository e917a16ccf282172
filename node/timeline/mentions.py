"""Who is named in a post, or addressed by it without being named."""

from collections.abc import Iterable, Sequence

from node.runtime.database import Reader, Tx

MAX_MENTIONS = 256


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, list[int]]:
    """The ids of the actors named in each post (those only addressed left out)."""
    found: dict[int, list[int]] = {post_id: [] for post_id in post_ids}
    rows = await reader.fetch(
        "SELECT post_id, actor_id FROM post_mentions WHERE post_id = ANY($1::bigint[]) AND NOT silent "
        "ORDER BY post_id, actor_id",
        list(post_ids),
    )
    for row in rows:
        found[row["post_id"]].append(row["actor_id"])
    return found


async def everyone(reader: Reader, post_id: int) -> list[int]:
    """The ids of the actors named in a post or addressed by it."""
    rows = await reader.fetch("SELECT actor_id FROM post_mentions WHERE post_id = $1 ORDER BY actor_id", post_id)
    return [row[0] for row in rows]


async def add(tx: Tx, *, post_id: int, named: Iterable[int], addressed: Iterable[int] = ()) -> tuple[int, ...]:
    """Note who is named and who is addressed; the ids of those who were not named before.

    Nobody is ever taken out: who could read a post gets its edits and its Delete too.
    """
    wanted, heard = list(dict.fromkeys(named))[:MAX_MENTIONS], list(dict.fromkeys(addressed))
    if not wanted and not heard:
        return ()
    before = {
        row["actor_id"]: bool(row["silent"])
        for row in await tx.fetch("SELECT actor_id, silent FROM post_mentions WHERE post_id = $1", post_id)
    }
    new = tuple(actor_id for actor_id in wanted if before.get(actor_id, True))
    silent = [actor_id for actor_id in heard if actor_id not in before and actor_id not in wanted]
    await tx.executemany(
        "INSERT INTO post_mentions (post_id, actor_id, silent) VALUES ($1, $2, $3) "
        "ON CONFLICT (post_id, actor_id) DO UPDATE SET silent = excluded.silent",
        [
            *((post_id, actor_id, False) for actor_id in new),
            *((post_id, actor_id, True) for actor_id in silent[:MAX_MENTIONS]),
        ],
    )
    return new
