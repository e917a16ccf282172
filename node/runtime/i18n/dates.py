"""Dates in words, as people say them: "samedi 12 décembre à 20 h".

Times come in milliseconds since 1970 (UTC) and are told in the zone of the town. The year is told when it is not
the present one. Spaces inside an hour do not break.
"""

from datetime import datetime, timedelta
from functools import cache
from typing import Final
from zoneinfo import ZoneInfo

from node.runtime.i18n.translation import Language

PARIS: Final = "Europe/Paris"

_LOCALES: Final[dict[Language, str]] = {"fr": "fr_FR", "en": "en_GB"}
_DAY_MS = 24 * 3600 * 1000


def day(at_ms: int, language: Language, *, zone: str = PARIS, now_ms: int | None = None) -> str:
    """`samedi 12 décembre`, `Saturday 12 December`; with the year unless it is that of *now_ms*."""
    from babel.dates import format_date

    at = _at(at_ms, zone)
    pattern = "EEEE d MMMM" if now_ms is not None and _at(now_ms, zone).year == at.year else "EEEE d MMMM y"
    if language == "fr" and at.day == 1:
        pattern = pattern.replace("d MMMM", "d'er' MMMM")
    return format_date(at.date(), pattern, locale=_LOCALES[language])


def hour(at_ms: int, language: Language, *, zone: str = PARIS) -> str:
    """`20 h`, `8 h 05`; `20:00`, `08:05`."""
    at = _at(at_ms, zone)
    if language == "fr":
        return f"{at.hour}\xa0h" + (f"\xa0{at.minute:02d}" if at.minute else "")
    return f"{at.hour:02d}:{at.minute:02d}"


def moment(at_ms: int, language: Language, *, zone: str = PARIS, now_ms: int | None = None) -> str:
    """`samedi 12 décembre à 20 h`, `Saturday 12 December at 20:00`."""
    between = " à " if language == "fr" else " at "
    return day(at_ms, language, zone=zone, now_ms=now_ms) + between + hour(at_ms, language, zone=zone)


def short(at_ms: int, language: Language, *, zone: str = PARIS) -> str:
    """`12 déc. 2026`, `12 Dec 2026`."""
    from babel.dates import format_date

    return format_date(_at(at_ms, zone).date(), "d MMM y", locale=_LOCALES[language])


def ago(at_ms: int, language: Language, *, now_ms: int, zone: str = PARIS) -> str:
    """`il y a 3 heures` up to a week, then the `short` date: nobody counts in weeks when a meeting was."""
    if abs(now_ms - at_ms) >= 7 * _DAY_MS:
        return short(at_ms, language, zone=zone)
    from babel.dates import format_timedelta

    passed = timedelta(milliseconds=at_ms - now_ms)
    return format_timedelta(passed, locale=_LOCALES[language], add_direction=True, threshold=1)


def _at(at_ms: int, zone: str) -> datetime:
    return datetime.fromtimestamp(at_ms / 1000, _zone(zone))


@cache
def _zone(name: str) -> ZoneInfo:
    return ZoneInfo(name)
