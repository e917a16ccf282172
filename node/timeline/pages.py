"""Pages of lists: keyset bounds, as clients ask for them.

A statement uses `… {page.bounds("p.id", places)} ORDER BY p.id {page.order} LIMIT {page.count}`: few different
texts, so that each is prepared once, and always a range of an index. Every other condition stands in the same
WHERE: a page is short only when there is no more.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")

MAX_ID = 2**63 - 1
MAX_LIMIT = 81
"""80 for a reader, and one that tells whether there are more."""


class Places:
    """The arguments of a statement that is put together; `values` in their order."""

    __slots__ = ("values",)

    def __init__(self, *values: Any) -> None:
        self.values = list(values)

    def put(self, value: Any) -> str:
        """Add *value*; where it stands: `$3`."""
        self.values.append(value)
        return f"${len(self.values)}"


@dataclass(frozen=True, slots=True)
class Page:
    """Which part of a list: older than *max_id*, newer than *since_id*, or the first ones after *min_id*."""

    max_id: int | None = None
    since_id: int | None = None
    min_id: int | None = None
    limit: int = 20
    """How many, 1 to `MAX_LIMIT`; what is asked beyond is cut."""

    @property
    def below(self) -> int:
        return MAX_ID if self.max_id is None else _bounded(self.max_id)

    @property
    def above(self) -> int:
        return _bounded(self.min_id if self.min_id is not None else self.since_id or 0)

    def bounds(self, column: str, places: Places) -> str:
        """` AND column < $2 AND column > $3` for the bounds that were asked for; their values join *places*.

        A bound that nobody asked for must not stand there: of a prepared `id < $1 AND id > $2` PostgreSQL thinks
        that it leaves a two-hundredth of the table, which it then sorts (measured: 3 ms, growing with the table).
        """
        sql = ""
        if self.max_id is not None:
            sql += f" AND {column} < {places.put(self.below)}"
        if self.min_id is not None or self.since_id is not None:
            sql += f" AND {column} > {places.put(self.above)}"
        return sql

    @property
    def order(self) -> str:
        """`ASC` from *min_id* upwards, else `DESC`."""
        return "DESC" if self.min_id is None else "ASC"

    @property
    def count(self) -> int:
        """The LIMIT."""
        return max(1, min(int(self.limit), MAX_LIMIT))

    def sorted(self, found: Iterable[T], key: Callable[[T], int]) -> list[T]:
        """The rows in the order of the statement, which did not keep it."""
        return sorted(found, key=key, reverse=self.min_id is None)

    def arranged(self, found: Iterable[T]) -> list[T]:
        """The rows in the order in which readers get them: newest first."""
        rows = list(found)
        return rows if self.min_id is None else rows[::-1]


class Entry(NamedTuple):
    """A line of a list whose order is not the posts' own: favourites, bookmarks, who boosted."""

    cursor: int
    """What `max_id` and `min_id` refer to."""
    of_id: int
    """The post or the actor."""


def _bounded(id_: int) -> int:
    return max(0, min(id_, MAX_ID))
