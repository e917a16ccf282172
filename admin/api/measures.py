"""Figures, for who keeps the node: measures by day, dimensions (what there is most of), retention (who stayed)."""

import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final

from admin import figures, storage
from admin.api.door import Moderating
from admin.figures import DAY_MS, MAX_DAYS
from node import __version__
from node.api.answers import Answer
from node.api.requests import Input, read_id
from node.runtime.clock import iso
from node.runtime.errors import Invalid, Malformed
from node.runtime.i18n import sentence

_MAX_KEYS: Final = 20
_LANGUAGES: Final = {"fr": "Français", "en": "English"}


@dataclass(frozen=True, slots=True)
class _Days:
    """Whole days of UTC, since 1970: *first*, and the one behind the last."""

    first: int
    until: int

    @property
    def before(self) -> "_Days":
        """As many days just before."""
        return _Days(2 * self.first - self.until, self.first)

    @property
    def bounds(self) -> dict[str, int]:
        return {"first_ms": self.first * DAY_MS, "until_ms": self.until * DAY_MS}


async def measures(at: Moderating) -> Answer:
    """POST /api/v1/admin/measures: `keys`, `start_at`, `end_at`. A key that is not counted here is left out."""
    days, found = _days(at.input), []
    for key in _keys(at.input):
        measure = figures.MEASURES.get(key)
        if measure is None:
            continue
        of = _of(at.input, key, measure.of)
        now = await figures.by_day(at.reader, measure, of=of, **days.bounds)
        past = await figures.by_day(at.reader, measure, of=of, **days.before.bounds)
        found.append(
            {
                "key": key,
                "unit": None,
                "total": str(sum(now.values())),
                "previous_total": str(sum(past.values())),
                "data": [
                    {"date": iso(day * DAY_MS), "value": str(now.get(day, 0))} for day in range(days.first, days.until)
                ],
            }
        )
    return at.answer(found)


async def dimensions(at: Moderating) -> Answer:
    """POST /api/v1/admin/dimensions: `keys`, `start_at`, `end_at`, `limit`. A key that is not known here is left out."""
    days, limit, found = _days(at.input), at.input.number("limit", 10, low=1, high=100), []
    for key in _keys(at.input):
        if key == "software_versions":
            lines = await _software(at)
        elif key == "space_usage":
            lines = await _space(at)
        elif (dimension := figures.DIMENSIONS.get(key)) is not None:
            most = await figures.most(
                at.reader, dimension, limit=limit, of=_of(at.input, key, dimension.of), **days.bounds
            )
            lines = [
                {"key": name, "human_key": _LANGUAGES.get(name, name), "value": str(count)} for name, count in most
            ]
        else:
            continue
        found.append({"key": key, "data": lines})
    return at.answer(found)


async def retention(at: Moderating) -> Answer:
    """POST /api/v1/admin/retention: of the accounts made in each day or month, how many published in those that followed."""
    days = _days(at.input)
    frequency = at.input.text("frequency") or "day"
    if frequency not in ("day", "month"):
        raise Invalid(sentence("The frequency is day or month."))
    made = await figures.came(at.reader, **days.bounds)
    wrote = await figures.stayed(at.reader, **days.bounds)
    starts = list(dict.fromkeys(_period(day, frequency) for day in range(days.first, days.until)))
    cohorts: dict[int, set[int]] = {start: set() for start in starts}
    for actor_id, day in made.items():
        cohorts[_period(day, frequency)].add(actor_id)
    active: dict[int, set[int]] = {start: set() for start in starts}
    for actor_id, day in wrote:
        active[_period(day, frequency)].add(actor_id)
    return at.answer(
        [
            {
                "period": iso(start * DAY_MS),
                "frequency": frequency,
                "data": [
                    {
                        "date": iso(later * DAY_MS),
                        "rate": len(people & active[later]) / len(people) if people else 0.0,
                        "value": str(len(people & active[later])),
                    }
                    for later in starts
                    if later >= start
                ],
            }
            for start, people in cohorts.items()
        ]
    )


async def _software(at: Moderating) -> list[dict[str, Any]]:
    database = await at.reader.value(
        "SELECT sqlite_version()" if at.ctx.db.dialect == "sqlite" else "SHOW server_version"
    )
    name = "SQLite" if at.ctx.db.dialect == "sqlite" else "PostgreSQL"
    known = (("beffroi", "Beffroi", __version__), ("python", "Python", platform.python_version()),
             (at.ctx.db.dialect, name, str(database)))  # fmt: skip
    return [{"key": key, "human_key": said, "value": version, "human_value": version} for key, said, version in known]


async def _space(at: Moderating) -> list[dict[str, Any]]:
    sizes = await storage.sizes(at.reader, at.ctx.db.dialect)
    known = (("database", "Database", sizes.database), ("media", "Media", sizes.own), ("cache", "Cache", sizes.cache))
    return [
        {
            "key": key, "human_key": said, "value": str(size_bytes), "unit": "bytes",
            "human_value": f"{storage.mebibytes(size_bytes)} MB",
        }
        for key, said, size_bytes in known
    ]  # fmt: skip


def _keys(asked: Input) -> Sequence[str]:
    return list(dict.fromkeys(asked.texts("keys")))[:_MAX_KEYS]


def _of(asked: Input, key: str, named: str) -> str | int:
    """What a key is counted of: `tag_uses[id]=12`, `instance_accounts[domain]=host`."""
    if not named:
        return ""
    value = asked.group(key).required(named).strip()
    return read_id(value, f"{key}[id] is not an id") if named == "id" else value.lower()


def _days(asked: Input) -> _Days:
    first, last = (_day(asked.required(name), name) for name in ("start_at", "end_at"))
    if not first <= last < first + MAX_DAYS:
        raise Invalid(sentence("Ask for at most %(count)s days, the first before the last.", count=MAX_DAYS))
    return _Days(first, last + 1)


def _day(text: str, name: str) -> int:
    try:
        at = datetime.fromisoformat(text.strip())
    except ValueError:
        raise Malformed(f"{name} must be a date") from None
    if not 1971 <= at.year <= 9000:
        raise Malformed(f"{name} must be a date")
    return int((at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp() // 86_400)


def _period(day: int, frequency: str) -> int:
    """The first day of the day's period."""
    if frequency == "day":
        return day
    date = datetime.fromtimestamp(day * 86_400, UTC)
    return day - (date.day - 1)
