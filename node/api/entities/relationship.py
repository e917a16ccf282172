"""Relationship (https://docs.joinmastodon.org/entities/Relationship/)."""

from typing import Any

from node.actors.circles import Relationship
from node.runtime.clock import iso


def render(actor_id: int, found: Relationship, now_ms: int) -> dict[str, Any]:
    """How the reader stands to *actor_id* at *now_ms*."""
    muting = found.muting and (found.mute_expires_ms is None or found.mute_expires_ms > now_ms)
    expires_ms = found.mute_expires_ms if muting else None
    return {
        "id": str(actor_id),
        "following": found.following,
        "showing_reblogs": found.following and found.showing_boosts,
        "notifying": found.following and found.notifying,
        "languages": None,
        "followed_by": found.followed_by,
        "blocking": found.blocking,
        "blocked_by": found.blocked_by,
        "muting": muting,
        "muting_notifications": muting and found.muting_notifications,
        "muting_expires_at": None if expires_ms is None else iso(expires_ms),
        "requested": found.requested,
        "requested_by": found.requested_by,
        "domain_blocking": found.blocking_host,
        "endorsed": found.endorsed,
        "note": found.note,
    }
