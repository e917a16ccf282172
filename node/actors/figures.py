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


class Week(NamedTuple):
    """What happened in a week."""

    posts: int
    authors: int
    """Accounts that published."""
    accounts: int
    """New ones."""


async def active_weeks(survey: Reader, *, domain_id: int, since_ms: int, week_ms: int) -> dict[int, Week]:
    """The weeks since a moment in which anything happened, by their number from there. A range of posts_public_domain."""
    rows = await survey.fetch(
        "SELECT (published_ms - $2) / $3 AS week, COUNT(*), COUNT(DISTINCT author_id) FROM posts "
        "WHERE domain_id = $1 AND local AND visibility = 'public' AND boost_of_id IS NULL AND NOT hidden "
        "AND published_ms >= $2 GROUP BY 1",
        domain_id, since_ms, week_ms,
    )  # fmt: skip
    new = await survey.fetch(
        "SELECT (published_ms - $2) / $3 AS week, COUNT(*) FROM actors "
        "WHERE domain_id = $1 AND state = 'active' AND kind <> 'instance' AND published_ms >= $2 GROUP BY 1",
        domain_id, since_ms, week_ms,
    )  # fmt: skip
    accounts = {int(row[0]): int(row[1]) for row in new}
    posts = {int(row[0]): (int(row[1]), int(row[2])) for row in rows}
    return {week: Week(*posts.get(week, (0, 0)), accounts.get(week, 0)) for week in accounts.keys() | posts.keys()}


async def known_hosts(survey: Reader) -> list[str]:
    """The servers of which the node has seen anything, the first ten thousand by name."""
    return [row[0] for row in await survey.fetch("SELECT host FROM hosts ORDER BY host LIMIT 10000")]
