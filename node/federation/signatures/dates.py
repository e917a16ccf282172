"""Dates of HTTP headers (RFC 9110 §5.6.7), whatever the locale."""

import re
from datetime import UTC, datetime

from node.runtime.errors import Malformed

_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
# The name of the day is not compared with the date: it adds nothing, and some senders get it wrong.
_IMF_FIXDATE = re.compile(r"[A-Za-z]{3}, (\d{2}) ([A-Z][a-z]{2}) (\d{4}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|UTC)", re.ASCII)


def written(at_ms: int) -> str:
    """`Sun, 06 Nov 1994 08:49:37 GMT`."""
    at = datetime.fromtimestamp(at_ms // 1_000, UTC)
    return f"{_DAYS[at.weekday()]}, {at.day:02} {_MONTHS[at.month - 1]} {at.year:04} {at:%H:%M:%S} GMT"


def read_s(text: str) -> int:
    """Seconds since 1970 of a Date header.

    Raises:
        Malformed: not a date of that shape.
    """
    match = _IMF_FIXDATE.fullmatch(text.strip())
    try:
        if match is None:
            raise ValueError
        day, month, year, hour, minute, second = match.groups()
        at = datetime(int(year), _MONTHS.index(month) + 1, int(day), int(hour), int(minute), int(second), tzinfo=UTC)
    except ValueError:
        raise Malformed("the Date header is not a date (RFC 9110 §5.6.7)") from None
    return int(at.timestamp())
