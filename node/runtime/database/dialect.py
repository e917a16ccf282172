"""SQL is written once, for PostgreSQL, and read by SQLite after three small changes.

- `$1` becomes `?1`;
- `= ANY($1::bigint[])` becomes `IN (SELECT value FROM json_each(?1))`, its list being passed as JSON;
  `<> ALL($1…)` becomes `NOT IN (…)`;
- casts (`::bigint`) disappear.
What stands in quotes or in a comment is left alone. Everything else that we use (ON CONFLICT, RETURNING, booleans,
row values, CTEs) is the same in both.
"""

import re
from functools import lru_cache
from typing import Any

import orjson

from node.runtime.errors import Malformed

_PARTS = re.compile(
    r"""
      (?P<kept>   '(?:[^']|'')*' | "(?:[^"]|"")*" | --[^\n]* | /\*.*?\*/ )
    | (?P<list>   \s* (?P<how>=\s*ANY|<>\s*ALL) \s*\(\s* \$(?P<where>\d+) (?:\s*::\s*\w+\s*\[\s*\])? \s*\) )
    | (?P<cast>   ::\s*\w+ (?:\s*\[\s*\])? )
    | (?P<place>  \$(?P<number>\d+) )
    """,
    re.VERBOSE | re.DOTALL | re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def for_sqlite(sql: str) -> str:
    """The same statement as SQLite reads it."""
    return _PARTS.sub(_part, sql)


def _part(found: re.Match[str]) -> str:
    if found["kept"]:
        return found["kept"]
    if found["list"]:
        negation = "" if found["how"].startswith("=") else "NOT "
        return f" {negation}IN (SELECT value FROM json_each(?{found['where']}))"
    return "" if found["cast"] else f"?{found['number']}"


def bound(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments as SQLite takes them: lists become JSON text."""
    for arg in args:
        if isinstance(arg, (list, tuple)):
            return tuple(_as_json(a) if isinstance(a, (list, tuple)) else a for a in args)
    return args


def _as_json(items: list[Any] | tuple[Any, ...]) -> str:
    if items and type(items[0]) is int:
        return orjson.dumps(items).decode()
    # SQLite reads JSON text up to a null character: "a\0b" would be found as "a". Nothing stored holds one.
    return orjson.dumps([item for item in items if not (isinstance(item, str) and "\0" in item)]).decode()


class UnstorableText(Malformed):
    """A text with a null character or half a surrogate pair: neither database keeps it."""

    def __init__(self) -> None:
        super().__init__("a text holds a character that cannot be kept (a null character, or half a surrogate pair)")


def check_texts(args: tuple[Any, ...]) -> None:
    """Refuse in SQLite what PostgreSQL refuses, so that a node can move from one to the other.

    Raises:
        UnstorableText: one of *args* is such a text.
    """
    for arg in args:
        if type(arg) is str and "\0" in arg:
            raise UnstorableText
