"""What the moderation did in a year, counted: numbers only, no name (after DSA art. 15 and 24)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median

from node.runtime.database import Reader


@dataclass(frozen=True, slots=True)
class Year:
    """One year."""

    year: int
    reports: Mapping[tuple[str, str], int]
    """By source and category; what a server repeated counts each time."""
    decisions: Mapping[tuple[str, str], int]
    """By kind and sort of ground."""
    automated: int
    """Decisions taken by a program."""
    appeals: Mapping[tuple[str, str], int]
    """By who appealed (author, reporter) and outcome (pending, upheld, reversed)."""
    median_ms: int | None
    """From a report to the decision that answered it, half of them faster."""

    @property
    def reported(self) -> int:
        """All reports."""
        return sum(self.reports.values())

    @property
    def decided(self) -> int:
        """All decisions."""
        return sum(self.decisions.values())


async def of_year(reader: Reader, year: int) -> Year:
    """Four counts, each over a range of time; one list of times."""
    since, until = _start_ms(year), _start_ms(year + 1)
    reports = await reader.fetch(
        "SELECT source, category, SUM(repeats + 1) FROM reports WHERE created_ms >= $1 AND created_ms < $2 "
        "GROUP BY source, category",
        since, until,
    )  # fmt: skip
    decisions = await reader.fetch(
        "SELECT kind, ground, COUNT(*), SUM(CASE WHEN automated THEN 1 ELSE 0 END) FROM decisions "
        "WHERE created_ms >= $1 AND created_ms < $2 GROUP BY kind, ground",
        since, until,
    )  # fmt: skip
    appeals = await reader.fetch(
        "SELECT CASE WHEN report_id IS NULL THEN 'author' ELSE 'reporter' END, state, COUNT(*) FROM appeals "
        "WHERE created_ms >= $1 AND created_ms < $2 GROUP BY 1, 2",
        since, until,
    )  # fmt: skip
    taken = await reader.fetch(
        "SELECT closed_ms - created_ms FROM reports WHERE created_ms >= $1 AND created_ms < $2 AND closed_ms IS NOT NULL",
        since, until,
    )  # fmt: skip
    return Year(
        year,
        {(row[0], row[1]): int(row[2]) for row in reports},
        {(row[0], row[1]): int(row[2]) for row in decisions},
        sum(int(row[3]) for row in decisions),
        {(row[0], row[1]): int(row[2]) for row in appeals},
        int(median(row[0] for row in taken)) if taken else None,
    )


async def years(reader: Reader, *, now_ms: int) -> list[int]:
    """The years there is something to tell of, and the present one, the latest first."""
    present = datetime.fromtimestamp(now_ms / 1000, UTC).year
    first = await reader.value(
        "SELECT MIN(at) FROM (SELECT MIN(created_ms) AS at FROM reports UNION ALL SELECT MIN(created_ms) FROM decisions) AS t"
    )
    begun = present if first is None else datetime.fromtimestamp(first / 1000, UTC).year
    return list(range(present, begun - 1, -1))


def _start_ms(year: int) -> int:
    return int(datetime(year, 1, 1, tzinfo=UTC).timestamp() * 1000)
