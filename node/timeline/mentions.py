"""Who is named in a post, or addressed by it without being named."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import islice

from node.actors.actor import Actor
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


def heard(
    author_id: int, named: Iterable[Actor], addressed: Iterable[Actor]
) -> tuple[tuple[Actor, ...], tuple[Actor, ...]]:
    """Those named and those only addressed in a new post of *author_id*, each once, by their ids."""
    told = {actor.id: actor for actor in named if actor.id != author_id}
    wanted = dict(islice(told.items(), MAX_MENTIONS))
    others = {actor.id: actor for actor in addressed if actor.id != author_id and actor.id not in wanted}
    return _by_id(wanted.values()), _by_id(islice(others.values(), MAX_MENTIONS))


def _by_id(actors: Iterable[Actor]) -> tuple[Actor, ...]:
    return tuple(sorted(actors, key=lambda actor: actor.id))


async def give(tx: Tx, heard: Mapping[int, tuple[Sequence[Actor], Sequence[Actor]]]) -> None:
    """Note who is named and who is addressed in new posts (post's id -> `heard`)."""
    rows = [
        (post_id, actor.id, silent)
        for post_id, both in heard.items()
        for silent, actors in zip((False, True), both, strict=True)
        for actor in actors
    ]
    if rows:
        await tx.executemany("INSERT INTO post_mentions (post_id, actor_id, silent) VALUES ($1, $2, $3)", rows)


async def add(tx: Tx, *, post_id: int, named: Iterable[int]) -> tuple[int, ...]:
    """Note who is named in a post that has changed; the ids of those who were not named before.

    Nobody is ever taken out: who could read a post gets its edits and its Delete too.
    """
    wanted = list(dict.fromkeys(named))[:MAX_MENTIONS]
    if not wanted:
        return ()
    before = {
        row["actor_id"]: bool(row["silent"])
        for row in await tx.fetch("SELECT actor_id, silent FROM post_mentions WHERE post_id = $1", post_id)
    }
    new = tuple(actor_id for actor_id in wanted if before.get(actor_id, True))
    await tx.executemany(
        "INSERT INTO post_mentions (post_id, actor_id, silent) VALUES ($1, $2, $3) "
        "ON CONFLICT (post_id, actor_id) DO UPDATE SET silent = excluded.silent",
        [(post_id, actor_id, False) for actor_id in new],
    )
    return new
