"""Whom a first page presents: towns, associations and territories before people, nobody who asked not to be found."""

from collections.abc import Sequence

from node.actors.actor import Actor, columns, read
from node.runtime.database import Reader

_ALL = columns("a")
# As the two indexes actors_presented and actors_presented_people have it.
_ONE = (
    "a.state = 'active' AND a.discoverable AND NOT a.limited AND a.kind <> 'instance' AND a.domain_id IS NOT NULL "
    "AND a.type {} ('Organization', 'Group')"
)


async def territories(reader: Reader, domain_id: int) -> list[Actor]:
    """The communes, groupings of communes and territories that a domain serves, the first hundred. A range of actors_presented."""
    rows = await reader.fetch(
        f"SELECT {_ALL} FROM actors a WHERE a.domain_id = $1 AND {_ONE.format('IN')} "
        "AND a.kind IN ('commune', 'epci', 'territory') ORDER BY a.id LIMIT 100",
        domain_id,
    )
    return [read(row) for row in rows]


async def of_domains(reader: Reader, domain_ids: Sequence[int], *, most: int) -> list[Actor]:
    """The first of those domains, at most that many; of several domains together no people. One query.

    Two ranges of an index, each read to its limit; of several domains a sort of their towns, which are few.
    """
    if not domain_ids:
        return []
    branch = "SELECT * FROM (SELECT {} FROM actors a WHERE a.domain_id {} AND {} ORDER BY a.id LIMIT {}) AS {}"
    if len(domain_ids) == 1:
        sql = " UNION ALL ".join(
            branch.format(_ALL, "= $1", _ONE.format(kind), int(most), name)
            for kind, name in (("IN", "towns"), ("NOT IN", "people"))
        )
        rows = await reader.fetch(sql, domain_ids[0])
    else:
        sql = branch.format(_ALL, "= ANY($1::bigint[])", _ONE.format("IN"), int(most), "towns")
        rows = await reader.fetch(sql, list(domain_ids))
    return [read(row) for row in rows[:most]]
