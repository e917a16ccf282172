"""Events: when, where, and how one takes part (Mobilizon, Gancio, FEP-8a8e)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import dates, limits, links, places, texts
from node.federation.vocab.places import Place

_JOIN_MODES = frozenset({"free", "restricted", "invite", "external", "none"})
_STATUSES = {
    "confirmed": "confirmed",
    "tentative": "tentative",
    "cancelled": "cancelled",
    "eventscheduled": "confirmed",
    "eventrescheduled": "confirmed",
    "eventmovedonline": "confirmed",
    "eventpostponed": "tentative",
    "eventcancelled": "cancelled",
}
_MAILTO = re.compile(r"mailto:[^\s<>\"\\]{3,254}", re.ASCII)


@dataclass(frozen=True, slots=True)
class EventDetails:
    """What an Event says beyond what every post says."""

    starts_ms: int | None
    ends_ms: int | None
    timezone: str | None
    """IANA name (`Europe/Paris`) that this machine knows: the clock of the place, for showing the times."""
    place: Place | None
    """The first that is on earth."""
    online_url: str | None
    """Where to attend from afar (`VirtualLocation`, `onlineAddress`)."""
    join_mode: str | None
    """`free`, `restricted`, `invite`, `external` or `none`; None when it is not said: then a Join is not expected."""
    join_url: str | None
    """Where one registers, with `external`: http(s) or `mailto:`."""
    max_attendees: int | None
    attendees: int | None
    """How many take part, as its server counts."""
    status: str | None
    """`confirmed`, `tentative`, `cancelled`; None when it is not said."""


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> EventDetails:
    """What an Event says of its time, place and attendance; nothing of it is required."""
    timezone = dates.timezone(raw.get("timezone"))
    starts_ms = dates.day_or_instant_ms(raw.get("startTime"), timezone)
    ends_ms = dates.day_or_instant_ms(raw.get("endTime"), timezone)
    length_s = dates.duration_s(raw.get("duration"))
    if ends_ms is None and starts_ms is not None and length_s is not None:
        ends_ms = starts_ms + length_s * 1000
    if raw.get("displayEndTime") is False or (ends_ms is not None and starts_ms is not None and ends_ms < starts_ms):
        ends_ms = None
    mode = raw.get("joinMode")
    return EventDetails(
        starts_ms=starts_ms,
        ends_ms=ends_ms,
        timezone=timezone,
        place=places.first_of(raw.get("location"), allow_http=allow_http),
        online_url=places.online_of(raw.get("location"), allow_http=allow_http)
        or links.optional_uri(raw.get("onlineAddress"), allow_http=allow_http),
        join_mode=mode.lower() if isinstance(mode, str) and mode.lower() in _JOIN_MODES else None,
        join_url=_join_url(raw.get("externalParticipationUrl"), allow_http),
        max_attendees=texts.count(raw.get("maximumAttendeeCapacity")) or None,  # Mobilizon: 0 is without limit
        attendees=_attendees(raw),
        status=_status(raw),
    )


def _join_url(value: object, allow_http: bool) -> str | None:
    if isinstance(value, str) and _MAILTO.fullmatch(value):
        return value
    return links.optional_uri(value, allow_http=allow_http)


def _attendees(raw: Mapping[str, Any]) -> int | None:
    counted = texts.count(raw.get("participantCount"))
    attendees = raw.get("attendees")
    if counted is None and isinstance(attendees, dict):
        counted = texts.count(attendees.get("totalItems"))
    return counted


def _status(raw: Mapping[str, Any]) -> str | None:
    for name in ("ical:status", "eventStatus", "status"):  # Mobilizon; FEP-8a8e; WordPress
        value = texts.string(raw.get(name), limits.MAX_NAME_CHARS)
        if value is not None and (found := _STATUSES.get(value.rpartition("/")[2].rpartition(":")[2].lower())):
            return found
    return None
