"""What a syndicat's node costs a month, worked out from what was measured: three hundred communes on one machine."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from bench import arriving, leaving, reading, resting
from bench.table import Table

COMMUNES: Final = 300
FOLLOWERS: Final = 30_000
"""On other servers: a hundred for each commune."""
POSTS_A_DAY: Final = 300
SERVERS_A_POST: Final = 60
"""A commune's hundred followers share servers."""
RETURNED_A_POST: Final = 10
"""Answers, favourites and boosts that come back; each is counted as a whole post."""
PAGES_A_DAY: Final = 30_000
NEW_FOLLOWERS: Final = FOLLOWERS // 20
"""A month."""
PICTURES_A_POST: Final = 1 / 3
PICTURE_MB: Final = 0.35
"""As kept, with its preview. Assumed, not measured."""
DAYS: Final = 30
_HOURS: Final = 24 * DAYS
_MS_AN_HOUR: Final = 3_600_000


@dataclass(frozen=True, slots=True)
class Item:
    """One kind of work of a month."""

    name: str
    count: int
    each_ms: float
    """Processor time of the node and of the database."""

    @property
    def hours(self) -> float:
        return self.count * self.each_ms / _MS_AN_HOUR


@dataclass(frozen=True, slots=True)
class Bill:
    """A month of such a node."""

    title: str
    items: Sequence[Item]
    idle_hours: float
    database_mb: float
    pictures_mb: float

    @property
    def cpu_hours(self) -> float:
        return sum(item.hours for item in self.items) + self.idle_hours

    def markdown(self) -> str:
        """The bill, with its arithmetic."""
        rows = [f"| {item.name} | {item.count:,} | {item.each_ms:.2f} ms | {item.hours:.2f} h |" for item in self.items]
        share = 100 * self.idle_hours / _HOURS
        disk_mb = self.database_mb + self.pictures_mb
        return "\n".join(
            [
                f"**{self.title}**: {COMMUNES} communes, {FOLLOWERS:,} followers elsewhere, {POSTS_A_DAY} posts a day",
                "",
                "| in a month | how many | processor time each | in all |",
                "|---|---|---|---|",
                *rows,
                f"| waiting | {_HOURS} h | {share:.2f} % of a core | {self.idle_hours:.2f} h |",
                f"| **processor** | | | **{self.cpu_hours:.1f} h**, {60 * self.cpu_hours / COMMUNES:.1f} min a commune |",
                (
                    f"| **disk** | | database {self.database_mb:,.0f} MB, pictures {self.pictures_mb:,.0f} MB | "
                    f"**{disk_mb / 1000:.1f} GB**, {disk_mb / COMMUNES:.0f} MB a commune |"
                ),
                "| **mails** | | passwords, invitations, decisions: not counted | |",
                "",
            ]
        )


def bill(table: Table) -> Bill | None:
    """The bill by the lines of *table*; None where it has not all of them."""
    names = (leaving.POSTS, leaving.COLD, arriving.CREATE, arriving.FOLLOWS, reading.PUBLIC_ALONE, resting.IDLE)
    lines = [table.find(name) for name in names]
    if table.post_bytes is None or any(line is None for line in lines):
        return None
    each_ms = [(line.cpu_ms or 0) + (line.database_cpu_ms or 0) for line in lines if line is not None]
    posts = POSTS_A_DAY * DAYS
    items = [
        Item("posts, written here", posts, each_ms[0]),
        # Between two posts of a commune its connections have been closed: the dearer figure is the right one. Each post
        # goes to its followers' servers, and as an announcement to its territory's.
        Item(
            f"deliveries, {SERVERS_A_POST} servers a post and as many an announcement",
            posts * 2 * SERVERS_A_POST,
            each_ms[1],
        ),
        Item(f"activities that come back, {RETURNED_A_POST} a post", posts * RETURNED_A_POST, each_ms[2]),
        Item("new followers, 5 in 100", NEW_FOLLOWERS, each_ms[3]),
        Item("pages that are read, one a follower a day", PAGES_A_DAY * DAYS, each_ms[4]),
    ]
    return Bill(
        table.title.partition(",")[0],
        items,
        idle_hours=_HOURS * each_ms[5] / 1000,
        database_mb=posts * (1 + RETURNED_A_POST) * table.post_bytes / 1e6,
        pictures_mb=posts * PICTURES_A_POST * PICTURE_MB,
    )
