"""Poll (https://docs.joinmastodon.org/entities/Poll/)."""

from collections.abc import Sequence
from typing import Any

from node.api.entities import emoji
from node.runtime.clock import iso
from node.timeline.polls import Poll


def render(poll: Poll, *, viewer_id: int | None, chosen: Sequence[int], now_ms: int) -> dict[str, Any]:
    """The poll as *viewer_id* sees it, who chose *chosen*; a stranger is told nothing about votes of hers."""
    closed = poll.closed(now_ms)
    hidden = poll.hides_totals and not closed
    shown: dict[str, Any] = {
        "id": str(poll.post_id),
        "expires_at": None if poll.ends_ms is None else iso(poll.ends_ms),
        "expired": closed,
        "multiple": poll.multiple,
        "votes_count": poll.votes_count,
        "voters_count": poll.voters_count,
        "options": [
            {"title": option.title, "votes_count": None if hidden else option.votes} for option in poll.options
        ],
        "emojis": emoji.of_poll(poll),
    }
    if viewer_id is not None:
        # Who asks has no vote: Mastodon says so by "voted", and clients then show the results.
        shown |= {"voted": bool(chosen) or viewer_id == poll.author_id, "own_votes": list(chosen)}
    return shown
