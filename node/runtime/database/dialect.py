"""SQL is written once, for PostgreSQL, and read by SQLite after three small changes.

- `$1` becomes `?1`;
- `= ANY($1::bigint[])` becomes `IN (SELECT value FROM json_each(?1))`, its list being passed as JSON;
  `<> ALL($1…)` becomes `NOT IN (…)`;
- casts (`::bigint`) disappear.
Everything else that we use (ON CONFLICT, RETURNING, booleans, row values, CTEs) is the same in both.
"""

import re
from functools import lru_cache
from typing import Any

import orjson

_ANY = re.compile(r"=\s*ANY\s*\(\s*\$(\d+)(?:::\w+\[\])?\s*\)")
_ALL = re.compile(r"<>\s*ALL\s*\(\s*\$(\d+)(?:::\w+\[\])?\s*\)")
_CAST = re.compile(r"::\w+(?:\[\])?")
_PLACE = re.compile(r"\$(\d+)")


@lru_cache(maxsize=4096)
def for_sqlite(sql: str) -> str:
    """The same statement as SQLite reads it."""
    sql = _ANY.sub(r"IN (SELECT value FROM json_each(?\1))", sql)
    sql = _ALL.sub(r"NOT IN (SELECT value FROM json_each(?\1))", sql)
    return _PLACE.sub(r"?\1", _CAST.sub("", sql))


def bound(args: tuple[Any, ...]) -> tuple[Any, ...]:
    """Arguments as SQLite takes them: lists become JSON text."""
    for arg in args:
        if isinstance(arg, (list, tuple)):
            return tuple(orjson.dumps(a).decode() if isinstance(a, (list, tuple)) else a for a in args)
    return args
