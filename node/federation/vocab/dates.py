"""Times of ActivityStreams: xsd:dateTime, as loosely as it is written (AS2 Core §2.3)."""

import re
from datetime import UTC, datetime, timedelta

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MAX_CHARS = 64
# `2023-01-11T15:31:01Z`, an offset, a space for the T, any number of decimals, no seconds, no zone.
_DATE_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt ](\d{2}:\d{2})(:\d{2})?(?:\.(\d+))? ?([Zz]|[+-]\d{2}:?\d{2})?", re.ASCII
)


def instant_ms(value: object) -> int | None:
    """Milliseconds since 1970 of a date and time; None where there is none that can be read.

    A time without a zone is taken as UTC. Whether a time is plausible is the caller's matter.
    """
    if not isinstance(value, str) or len(value) > _MAX_CHARS:
        return None
    match = _DATE_TIME.fullmatch(value.strip())
    if match is None:
        return None
    day, minutes, seconds, fraction, zone = match.groups()
    offset = "+00:00" if zone is None or zone in "Zz" else zone
    try:
        at = datetime.fromisoformat(f"{day}T{minutes}{seconds or ':00'}{offset}")
        whole = (at - _EPOCH) // timedelta(milliseconds=1)
    except (ValueError, OverflowError):
        return None
    return whole + int((fraction or "0")[:3].ljust(3, "0"))
