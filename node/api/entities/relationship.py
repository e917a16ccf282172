"""Relationship (https://docs.joinmastodon.org/entities/Relationship/)."""

from typing import Any

from node.actors.circles import Relationship


def render(actor_id: int, found: Relationship) -> dict[str, Any]:
    """How the reader stands to *actor_id*. Mutes, notes and domain blocks do not exist here yet."""
    return {
        "id": str(actor_id),
        "following": found.following,
        "showing_reblogs": found.following and found.showing_boosts,
        "notifying": found.following and found.notifying,
        "languages": None,
        "followed_by": found.followed_by,
        "blocking": found.blocking,
        "blocked_by": found.blocked_by,
        "muting": False,
        "muting_notifications": False,
        "muting_expires_at": None,
        "requested": found.requested,
        "requested_by": found.requested_by,
        "domain_blocking": False,
        "endorsed": False,
        "note": "",
    }
