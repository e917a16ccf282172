"""Events: when and where, and how one takes part. For people the same stands in the post's text; this is to reckon with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import orjson

from node.runtime.database import Reader, Tx
from node.runtime.text import cleaning


class Spot(Protocol):
    """A place on earth (node.federation.vocab.places.Place)."""

    @property
    def name(self) -> str | None: ...
    @property
    def street(self) -> str | None: ...
    @property
    def postal_code(self) -> str | None: ...
    @property
    def locality(self) -> str | None: ...
    @property
    def region(self) -> str | None: ...
    @property
    def country(self) -> str | None: ...
    @property
    def latitude(self) -> float | None: ...
    @property
    def longitude(self) -> float | None: ...


class Details(Protocol):
    """What a stranger's Event says (node.federation.vocab.events.EventDetails)."""

    @property
    def starts_ms(self) -> int | None: ...
    @property
    def ends_ms(self) -> int | None: ...
    @property
    def timezone(self) -> str | None: ...
    @property
    def place(self) -> Spot | None: ...
    @property
    def online_url(self) -> str | None: ...
    @property
    def join_mode(self) -> str | None: ...
    @property
    def join_url(self) -> str | None: ...
    @property
    def status(self) -> str | None: ...
    @property
    def attendees(self) -> int | None: ...
    @property
    def max_attendees(self) -> int | None: ...


@dataclass(frozen=True, slots=True)
class Event:
    """One row."""

    post_id: int
    starts_ms: int | None
    ends_ms: int | None
    timezone: str
    """IANA name, or empty."""
    place: Mapping[str, Any]
    """name, street, postal_code, locality, region, country, latitude, longitude; what is not known is left out."""
    online_url: str | None
    join_mode: str
    """free, restricted, invite, external, none; empty: nothing is said, and nobody registers."""
    join_url: str | None
    status: str
    """confirmed, tentative, cancelled, or empty."""
    attendees: int | None
    max_attendees: int | None

    def over(self, now_ms: int) -> bool:
        """Whether it has taken place."""
        last = self.ends_ms if self.ends_ms is not None else self.starts_ms
        return last is not None and last <= now_ms


_PLACE = ("name", "street", "postal_code", "locality", "region", "country", "latitude", "longitude")


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, Event]:
    """What those posts that are events say. One query."""
    rows = await reader.fetch(
        "SELECT post_id, starts_ms, ends_ms, timezone, place, online_url, join_mode, join_url, status, attendees, "
        "max_attendees FROM events WHERE post_id = ANY($1::bigint[])",
        list(post_ids),
    )
    found: dict[int, Event] = {}
    for row in rows:
        post_id, starts_ms, ends_ms, timezone, place, *rest = row
        found[post_id] = Event(post_id, starts_ms, ends_ms, timezone, orjson.loads(place), *rest)
    return found


async def keep(tx: Tx, *, post_id: int, details: Details) -> None:
    """Write what a stranger's Event says now."""
    values = (
        post_id, details.starts_ms, details.ends_ms, details.timezone or "", _place(details.place), details.online_url,
        details.join_mode or "", details.join_url, details.status or "", details.attendees, details.max_attendees,
    )  # fmt: skip
    await tx.execute("DELETE FROM events WHERE post_id = $1", post_id)
    await tx.execute(
        "INSERT INTO events (post_id, starts_ms, ends_ms, timezone, place, online_url, join_mode, join_url, status, "
        "attendees, max_attendees) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        *values,
    )


def _place(spot: Spot | None) -> str:
    if spot is None:
        return "{}"
    said = {name: getattr(spot, name) for name in _PLACE}
    known = {name: cleaning.storable(value) if isinstance(value, str) else value for name, value in said.items()}
    return orjson.dumps({name: value for name, value in known.items() if value is not None}).decode()
