"""Events: when, where, and how one takes part (Mobilizon, Gancio, FEP-8a8e)."""

from dataclasses import dataclass

from node.federation.vocab.places import Place


@dataclass(frozen=True, slots=True)
class EventDetails:
    """What an Event says beyond what every post says."""

    starts_ms: int | None
    ends_ms: int | None
    timezone: str | None
    """IANA name (`Europe/Paris`): the clock of the place, for showing the times."""
    place: Place | None
    """The first that is on earth."""
    online_url: str | None
    """Where to attend from afar (`VirtualLocation`, Mobilizon's `onlineUrl` links)."""
    join_mode: str | None
    """`free`, `restricted`, `invite`, `external` or `none`; None when it is not said: then a Join is not expected."""
    join_url: str | None
    """Where one registers, with `external`: https or `mailto:`."""
    max_attendees: int | None
    attendees: int | None
    """How many take part, as its server counts."""
    status: str | None
    """`confirmed`, `tentative`, `cancelled`; None when it is not said."""
