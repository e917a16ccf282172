"""What happens to notifications, as frozen facts; node.reactions says who reacts (streams)."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Notified:
    """An actor of this node has a new notification."""

    notice_id: int
    actor_id: int
    type: str
    from_actor_id: int
    post_id: int | None
    pushed: bool = False
    """Some application of the actor wants to be told where it is not connected."""


@dataclass(frozen=True, slots=True)
class NoticesMerged:
    """What was put aside for the actor stands among its notifications now."""

    actor_id: int
