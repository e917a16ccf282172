"""Figures for those who keep the node: what happened on each day, what there is most of. Numbers alone, no names but hosts.

Each is one statement over a range of time, for `survey`. Days are UTC's, and at most `MAX_DAYS` are asked for.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from node.runtime.database import Reader
from node.runtime.ids import first_at

DAY_MS: Final = 86_400_000
MAX_DAYS: Final = 400
_MOST: Final = 200_000

_MADE_HERE = "FROM actors WHERE domain_id IS NOT NULL AND kind <> 'instance' AND created_ms >= $1 AND created_ms < $2"
# Posts by their numbers, which follow time: a range of the primary key.
_POSTS = "FROM posts p WHERE p.id >= $1 AND p.id < $2"
_OF_HOST = "JOIN actors a ON a.id = p.author_id"
_TAGGED = (
    "FROM post_tags t JOIN posts p ON p.id = t.post_id JOIN actors a ON a.id = p.author_id WHERE t.post_id >= $1 "
    "AND t.post_id < $2 AND t.tag_id = $3 AND p.visibility = 'public'"
)
_BY_ID: Final = f"(p.id >> 16) / {DAY_MS}"
_BY_MS: Final = f"created_ms / {DAY_MS}"


@dataclass(frozen=True, slots=True)
class Measure:
    """One thing that is counted by day."""

    sql: str
    by_id: bool = False
    """Its bounds are ids of posts, otherwise times."""
    of: str = ""
    """What has to be named: `domain` or `id` of a hashtag."""


MEASURES: Final[Mapping[str, Measure]] = {
    "active_users": Measure(f"SELECT {_BY_ID}, COUNT(DISTINCT p.author_id) {_POSTS} AND p.local GROUP BY 1", by_id=True),
    "new_users": Measure(f"SELECT {_BY_MS}, COUNT(*) {_MADE_HERE} GROUP BY 1"),
    "interactions": Measure(
        f"SELECT day, SUM(found) FROM (SELECT {_BY_ID} AS day, COUNT(*) AS found {_POSTS} AND p.local "
        "AND (p.boost_of_id IS NOT NULL OR p.reply_to_uri IS NOT NULL) GROUP BY 1 "
        f"UNION ALL SELECT (f.id >> 16) / {DAY_MS}, COUNT(*) FROM favourites f JOIN actors a ON a.id = f.actor_id "
        "WHERE f.id >= $1 AND f.id < $2 AND a.domain_id IS NOT NULL GROUP BY 1) AS e GROUP BY day",
        by_id=True,
    ),
    "opened_reports": Measure(
        f"SELECT {_BY_MS}, COUNT(*) FROM reports WHERE created_ms >= $1 AND created_ms < $2 GROUP BY 1"
    ),
    "resolved_reports": Measure(
        f"SELECT closed_ms / {DAY_MS}, COUNT(*) FROM reports WHERE closed_ms >= $1 AND closed_ms < $2 GROUP BY 1"
    ),
    "instance_accounts": Measure(
        f"SELECT {_BY_MS}, COUNT(*) FROM actors WHERE created_ms >= $1 AND created_ms < $2 AND handle_host = $3 GROUP BY 1",
        of="domain",
    ),
    "instance_statuses": Measure(
        f"SELECT {_BY_ID}, COUNT(*) FROM posts p {_OF_HOST} WHERE p.id >= $1 AND p.id < $2 AND a.handle_host = $3 GROUP BY 1",
        by_id=True, of="domain",
    ),
    "instance_reports": Measure(
        f"SELECT r.created_ms / {DAY_MS}, COUNT(*) FROM reports r JOIN actors a ON a.id = r.target_id "
        "WHERE r.created_ms >= $1 AND r.created_ms < $2 AND a.handle_host = $3 GROUP BY 1",
        of="domain",
    ),
    "instance_follows": Measure(
        f"SELECT f.created_ms / {DAY_MS}, COUNT(*) FROM follows f JOIN actors a ON a.id = f.followee_id "
        "WHERE f.created_ms >= $1 AND f.created_ms < $2 AND f.state = 'accepted' AND a.handle_host = $3 GROUP BY 1",
        of="domain",
    ),
    "instance_followers": Measure(
        f"SELECT f.created_ms / {DAY_MS}, COUNT(*) FROM follows f JOIN actors a ON a.id = f.follower_id "
        "WHERE f.created_ms >= $1 AND f.created_ms < $2 AND f.state = 'accepted' AND a.handle_host = $3 GROUP BY 1",
        of="domain",
    ),
    "tag_uses": Measure(f"SELECT {_BY_ID}, COUNT(*) {_TAGGED} GROUP BY 1", by_id=True, of="id"),
    "tag_accounts": Measure(
        f"SELECT {_BY_ID}, COUNT(DISTINCT p.author_id) {_TAGGED} GROUP BY 1", by_id=True, of="id"
    ),
    "tag_servers": Measure(
        f"SELECT {_BY_ID}, COUNT(DISTINCT a.handle_host) {_TAGGED} GROUP BY 1", by_id=True, of="id"
    ),
}  # fmt: skip
"""By Mastodon's names. Active is who published: who only read is not watched."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """What there is most of: (name, number), the most first."""

    sql: str
    by_id: bool = False
    of: str = ""
    ranged: bool = True


DIMENSIONS: Final[Mapping[str, Dimension]] = {
    "languages": Dimension("SELECT language, COUNT(*) FROM people WHERE state = 'active' GROUP BY language", ranged=False),
    "sources": Dimension(
        "SELECT a.name, COUNT(DISTINCT t.person_id) FROM oauth_tokens t JOIN oauth_apps a ON a.id = t.app_id "
        "WHERE t.created_ms >= $1 AND t.created_ms < $2 AND t.person_id IS NOT NULL GROUP BY a.name"
    ),
    "servers": Dimension(
        f"SELECT a.handle_host, COUNT(*) FROM posts p {_OF_HOST} WHERE p.id >= $1 AND p.id < $2 AND NOT p.local "
        "GROUP BY a.handle_host",
        by_id=True,
    ),
    "tag_servers": Dimension(f"SELECT a.handle_host, COUNT(*) {_TAGGED} GROUP BY a.handle_host", by_id=True, of="id"),
    "tag_languages": Dimension(
        f"SELECT COALESCE(p.language, 'und'), COUNT(*) {_TAGGED} GROUP BY 1", by_id=True, of="id"
    ),
    "instance_accounts": Dimension(
        "SELECT username, MAX(followers_count) FROM actors WHERE handle_host = $1 AND state = 'active' GROUP BY username",
        of="domain", ranged=False,
    ),
    "instance_languages": Dimension(
        f"SELECT COALESCE(p.language, 'und'), COUNT(*) FROM posts p {_OF_HOST} WHERE p.id >= $1 AND p.id < $2 "
        "AND a.handle_host = $3 GROUP BY 1",
        by_id=True, of="domain",
    ),
}  # fmt: skip
"""By Mastodon's names; `space_usage` and `software_versions` are not counted in the database."""


async def by_day(
    survey: Reader, measure: Measure, *, first_ms: int, until_ms: int, of: str | int = ""
) -> dict[int, int]:
    """Day (number since 1970) -> how many, between two moments; days of nothing are left out."""
    bounds = (first_at(first_ms), first_at(until_ms)) if measure.by_id else (first_ms, until_ms)
    rows = await survey.fetch(measure.sql, *bounds, *((of,) if measure.of else ()))
    return {int(row[0]): int(row[1]) for row in rows}


async def most(
    survey: Reader, dimension: Dimension, *, first_ms: int, until_ms: int, limit: int, of: str | int = ""
) -> list[tuple[str, int]]:
    """The *limit* names that stand for most."""
    bounds = (first_at(first_ms), first_at(until_ms)) if dimension.by_id else (first_ms, until_ms)
    args = (*(bounds if dimension.ranged else ()), *((of,) if dimension.of else ()))
    rows = await survey.fetch(f"{dimension.sql} ORDER BY 2 DESC, 1 LIMIT {int(limit)}", *args)
    return [(str(row[0]), int(row[1])) for row in rows]


async def came(survey: Reader, *, first_ms: int, until_ms: int) -> dict[int, int]:
    """Accounts that were made here between two moments -> on which day."""
    rows = await survey.fetch(f"SELECT id, created_ms {_MADE_HERE} ORDER BY id LIMIT {_MOST}", first_ms, until_ms)
    return {row[0]: row[1] // DAY_MS for row in rows}


async def stayed(survey: Reader, *, first_ms: int, until_ms: int) -> set[tuple[int, int]]:
    """(Account, day) for each day on which one of those accounts published, between the same two moments."""
    rows = await survey.fetch(
        f"SELECT DISTINCT p.author_id, {_BY_ID} FROM posts p JOIN actors a ON a.id = p.author_id "
        "WHERE a.domain_id IS NOT NULL AND a.kind <> 'instance' AND a.created_ms >= $1 AND a.created_ms < $2 "
        f"AND p.id >= $3 AND p.id < $4 LIMIT {_MOST}",
        first_ms, until_ms, first_at(first_ms), first_at(until_ms),
    )  # fmt: skip
    return {(row[0], int(row[1])) for row in rows}
