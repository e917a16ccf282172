"""Times of ActivityStreams: xsd:dateTime, as loosely as it is written (AS2 Core §2.3)."""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARS = 64
# `2023-01-11T15:31:01Z`, an offset, a space for the T, any number of decimals, no seconds, no zone.
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(?:\.(\d+))? ?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)


_MAX_SECONDS = 1_000_000_000
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
_DURATION = re.compile(
    r"P(?:(\d{1,6})W)?(?:(\d{1,6})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})(?:\.\d{1,9})?S)?)?", re.ASCII
)
_ZONE = re.compile(r"[A-Za-z0-9_+-]{1,32}(?:/[A-Za-z0-9_+-]{1,32}){0,2}", re.ASCII)


def instant_ms(value: object, zone: str | None = None) -> int | None:
    """Milliseconds since 1970 of a date and time; None where there is none that can be read.

    A time without an offset is one of *zone* (see `timezone`), or of UTC. Whether a time is plausible is the caller's
    matter.
    """
    return _instant_ms(value, zone) if isinstance(value, str) and len(value) <= _MAX_CHARS else None


@lru_cache(1_024)
def _instant_ms(value: str, zone: str | None) -> int | None:
    # An activity and what it tells of mostly say the same time.
    match = _DATE_TIME.fullmatch(value.strip())
    if match is None:
        return None
    day, minutes, seconds, fraction, offset = match.groups()
    clock = f"{day}T{minutes}{seconds or ':00'}"
    try:
        if offset is None and zone is not None:
            at = datetime.fromisoformat(clock).replace(tzinfo=_zone(zone) or UTC)
        else:
            at = datetime.fromisoformat(clock + ("+00:00" if offset is None or offset in "Zz" else offset))
        whole = (at - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
    return whole + int((fraction or "0")[:3].ljust(3, "0"))


def day_or_instant_ms(value: object, zone: str | None = None) -> int | None:
    """`instant_ms`; a day alone begins at its midnight, as events of a whole day are written."""
    if isinstance(value, str) and _DAY.fullmatch(value.strip()):
        value = f"{value.strip()}T00:00"
    return instant_ms(value, zone)


def timezone(value: object) -> str | None:
    """*value* when it is a time zone that this machine knows (`Europe/Paris`)."""
    if not isinstance(value, str) or _ZONE.fullmatch(value) is None:
        return None
    return value if _zone(value) is not None else None


def duration_s(value: object) -> int | None:
    """Seconds of an xsd:duration without months and years (`PT1H30M`), which have no fixed length; or a number of them."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 < value < _MAX_SECONDS:  # Funkwhale
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) and len(value) <= _MAX_CHARS else None
    if match is None or not any(match.groups()):
        return None
    weeks, days, hours, minutes, seconds = (int(part or 0) for part in match.groups())
    return ((weeks * 7 + days) * 24 + hours) * 3600 + minutes * 60 + seconds


@lru_cache(256)
def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        return None
