"""Whom an account might want to follow: its commune, the intercommunality, the communes around, then whom others read.

The communes around are those of the same intercommunality, by the official geographic code; known are those of this node.
"""

from dataclasses import dataclass
from typing import Final, Literal

from node.actors.actor import Actor, columns, read
from node.runtime.database import Reader, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.territory.gazetteer import Gazetteer, UnknownPlace
from node.territory.places import Commune

Source = Literal["featured", "most_followed"]
"""featured: by the official code; most_followed: by how many read it."""

_NEAR_AT_MOST: Final = 40
_ASKED_CODES: Final = 500


@dataclass(frozen=True, slots=True)
class Suggestion:
    """An account, and why."""

    actor: Actor
    source: Source


async def suggested(reader: Reader, *, actor: Actor, limit: int) -> list[Suggestion]:
    """At most *limit*, nobody twice: not oneself, nor whom one follows, blocks, mutes or declined. Three queries at most."""
    near = await _near(reader, actor)
    found = [Suggestion(each, "featured") for each in near][:limit]
    if len(found) < limit:
        known = [each.actor.id for each in found]
        rows = await reader.fetch(
            f"SELECT {columns('a')} FROM actors a WHERE a.domain_id = $2 AND NOT (a.id = ANY($3::bigint[])) "
            f"AND {_open_sql()} ORDER BY a.followers_count DESC, a.id LIMIT {int(limit) - len(found)}",
            actor.id, actor.domain_id, known,
        )  # fmt: skip
        found += [Suggestion(read(row), "most_followed") for row in rows]
    return found


async def decline(tx: Tx, *, actor: Actor, target_id: int) -> None:
    """*actor* is not told of it again, nor of one that it was never told of.

    Raises:
        NotFound: there is no such account.
    """
    if not await tx.value("SELECT 1 FROM actors WHERE id = $1", target_id):
        raise NotFound(sentence("There is no such account here."))
    await tx.execute(
        "INSERT INTO declined_suggestions (actor_id, target_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
        actor.id, target_id,
    )  # fmt: skip


async def _near(reader: Reader, actor: Actor) -> list[Actor]:
    code = actor.insee or await reader.value(
        "SELECT insee FROM actors WHERE domain_id = $1 AND insee IS NOT NULL AND state = 'active' ORDER BY id LIMIT 1",
        actor.domain_id,
    )
    around = None if code is None else _around(code)
    if around is None:
        return []
    commune, codes = around
    rows = await reader.fetch(
        f"SELECT {columns('a')} FROM actors a WHERE a.domain_id IS NOT NULL AND {_open_sql()} AND (a.insee = ANY($2::text[]) "
        "OR (a.kind = 'territory' AND a.siren = $3)) "
        f"ORDER BY CASE WHEN a.insee = $4 THEN 0 WHEN a.insee IS NULL THEN 1 ELSE 2 END, a.followers_count DESC, a.id "
        f"LIMIT {_NEAR_AT_MOST}",
        actor.id, codes, commune.epci or "", commune.code,
    )  # fmt: skip
    return [read(row) for row in rows]


def _around(code: str) -> tuple[Commune, list[str]] | None:
    with Gazetteer() as gazetteer:
        try:
            commune = gazetteer.by_insee(code)
            communes = gazetteer.members(gazetteer.epci(commune.epci)) if commune.epci else [commune]
        except UnknownPlace:
            return None
    return commune, [each.code for each in communes[:_ASKED_CODES]]


def _open_sql() -> str:
    """Whom one may suggest to the account at `$1`."""
    among = (
        ("follows", "follower_id", "followee_id"), ("blocks", "actor_id", "target_id"), ("blocks", "target_id", "actor_id"),
        ("mutes", "actor_id", "target_id"), ("declined_suggestions", "actor_id", "target_id"),
    )  # fmt: skip
    return (
        "a.state = 'active' AND a.discoverable AND NOT a.limited AND a.moved_to IS NULL AND a.type <> 'Application' "
        "AND a.id <> $1"
    ) + "".join(
        f" AND NOT EXISTS (SELECT 1 FROM {table} x WHERE x.{one} = $1 AND x.{other} = a.id)"
        for table, one, other in among
    )
