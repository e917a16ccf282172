"""Figures of a local domain, for what it says about itself. Counted on `survey`, and kept by whoever asks."""

from typing import NamedTuple

from node.runtime.database import Reader


class Figures(NamedTuple):
    """How big a domain is."""

    accounts: int
    active: int
    """Accounts that published since the moment asked about."""
    posts: int
    known_hosts: int
    contact_id: int | None
    """Its first organisation: whom strangers may write to."""


async def of_domain(survey: Reader, *, domain_id: int, since_ms: int) -> Figures:
    """The figures now."""
    row = await survey.row(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN last_post_ms > $2 THEN 1 ELSE 0 END), 0), "
        "COALESCE(SUM(posts_count), 0), MIN(CASE WHEN type = 'Organization' THEN id END) "
        "FROM actors WHERE domain_id = $1 AND state = 'active' AND kind <> 'instance'",
        domain_id, since_ms,
    )  # fmt: skip
    assert row is not None, "an aggregate always has a row"
    known_hosts = await survey.value("SELECT COUNT(*) FROM hosts")
    return Figures(int(row[0]), int(row[1]), int(row[2]), int(known_hosts), row[3])
