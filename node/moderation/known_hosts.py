"""What is known of other servers: for those who decide about them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import hosts
from node.actors.hosts import Policy
from node.moderation import lists
from node.runtime.database import Reader
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence

AT_ONCE: Final = 50
_KNOWN: Final = (
    "(SELECT host FROM hosts UNION SELECT host FROM host_policies WHERE host <> '*' "
    "UNION SELECT service_host FROM actors WHERE domain_id IS NULL "
    "UNION SELECT handle_host FROM actors WHERE domain_id IS NULL) AS known"
)


@dataclass(frozen=True, slots=True)
class Host:
    """One other server."""

    name: str
    software: str
    """As its NodeInfo said; empty: not asked, or it does not say."""
    state: str
    """How deliveries go: up, or what the breaker calls it; empty: none was ever tried."""
    last_success_ms: int | None
    policy: Policy
    """What holds for it, perhaps set on a host above it."""
    accounts: int
    """Known ones."""
    follows: int
    """Accepted, both ways."""


async def page(reader: Reader, *, text: str = "", after: str = "", only_ruled: bool = False) -> list[Host]:
    """Hosts by name, those whose name holds *text*; with *only_ruled* those with a policy of their own.

    Walks through every host that is known: a keeper asks rarely, and off the event loop.
    """
    wanted = "".join(letter for letter in text.lower() if letter.isalnum() or letter in ".-:")[:200]
    rows = await reader.fetch(
        f"SELECT known.host FROM {_KNOWN} LEFT JOIN host_policies r ON r.host = known.host "
        "WHERE known.host > $1 AND known.host LIKE $2 "
        + ("AND r.host IS NOT NULL " if only_ruled else "")
        + f"ORDER BY known.host LIMIT {AT_ONCE}",
        after, f"%{wanted}%",
    )  # fmt: skip
    return await _described(reader, [row[0] for row in rows])


async def require(reader: Reader, name: str) -> Host:
    """What is known of one.

    Raises:
        NotFound: nothing.
        Invalid: not a host.
    """
    name = hosts.authority(name)
    if await reader.value(f"SELECT 1 FROM {_KNOWN} WHERE known.host = $1 LIMIT 1", name) is None:
        raise NotFound(sentence("Nothing is known of %(host)s.", host=name))
    return (await _described(reader, [name]))[0]


async def _described(reader: Reader, names: Sequence[str]) -> list[Host]:
    policies, follows = await hosts.in_force(reader), await lists.follows_with(reader)
    seen = {
        row["host"]: row
        for row in await reader.fetch(
            "SELECT host, software, state, last_success_ms FROM hosts WHERE host = ANY($1::text[])", list(names)
        )
    }
    counted = {
        row[0]: int(row[1])
        for row in await reader.fetch(
            "SELECT service_host, COUNT(*) FROM actors WHERE service_host = ANY($1::text[]) AND domain_id IS NULL "
            "GROUP BY service_host",
            list(names),
        )
    }
    return [
        Host(
            name, seen[name]["software"] if name in seen else "", seen[name]["state"] if name in seen else "",
            seen[name]["last_success_ms"] if name in seen else None, policies.of(name), counted.get(name, 0),
            sum(count for pair, count in follows.items() if name in pair),
        )
        for name in names
    ]  # fmt: skip
