"""The words that accounts are found by: user name, displayed name, and of a commune its official name and codes."""

from collections.abc import Sequence
from functools import partial
from typing import Final

from node.runtime.context import Context
from node.runtime.database import Row, Tx
from node.runtime.text.words import MAX_CHARS, words
from node.territory.gazetteer import Gazetteer, UnknownPlace

_MAX_WORDS: Final = 24
"""Of one account: a long name is found by its beginning."""


async def index(ctx: Context, limit: int) -> int:
    """Bring the words of the newest queued accounts up to date; how many."""
    rows = await ctx.db.reader.fetch(
        f"SELECT row_id FROM search_queue WHERE kind = 'actor' ORDER BY row_id DESC LIMIT {int(limit)}"
    )
    if rows:
        await ctx.db.write(partial(_keep, ids=[row[0] for row in rows]))
    return len(rows)


async def _keep(tx: Tx, *, ids: Sequence[int]) -> None:
    await tx.lock("search")
    await tx.execute("DELETE FROM search_queue WHERE kind = 'actor' AND row_id = ANY($1::bigint[])", list(ids))
    found = await tx.fetch(
        "SELECT id, username, name, insee FROM actors WHERE id = ANY($1::bigint[]) AND state <> 'deleted' AND kind <> 'instance'",
        list(ids),
    )
    await tx.execute("DELETE FROM search_actors WHERE actor_id = ANY($1::bigint[])", list(ids))
    communes = _official([row["insee"] for row in found if row["insee"]])
    wanted = sorted((word, row["id"]) for row in found for word in _words_of(row, communes.get(row["insee"] or "", "")))
    if wanted:
        await tx.executemany(
            "INSERT INTO search_actors (word, actor_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", wanted
        )


def _words_of(row: Row, commune: str) -> list[str]:
    username = row["username"].casefold()
    texts = f"{username} {row['name'][:500]} {commune} {row['insee'] or ''}"
    found = [username[:MAX_CHARS], *(word for word in words(texts) if len(word) <= MAX_CHARS)]
    return list(dict.fromkeys(found))[:_MAX_WORDS]


def _official(codes: Sequence[str]) -> dict[str, str]:
    """Name and postal codes of the communes with those INSEE codes."""
    if not codes:
        return {}
    named = {}
    with Gazetteer() as gazetteer:
        for code in set(codes):
            try:
                commune = gazetteer.by_insee(code)
            except UnknownPlace:
                continue
            named[code] = " ".join((commune.name, *commune.postal_codes[:5]))
    return named
