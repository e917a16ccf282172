"""ScheduledStatus (https://docs.joinmastodon.org/entities/ScheduledStatus/)."""

from collections.abc import Sequence
from typing import Any

from node.api.entities import media_attachment, visibility
from node.media.attachments import Media
from node.runtime.clock import iso
from node.timeline.scheduled import Scheduled


def render(scheduled: Scheduled, media: Sequence[Media]) -> dict[str, Any]:
    """What is to be published, and when. `beffroi.failed` says why it was not."""
    draft, poll = scheduled.draft, scheduled.draft.get("poll")
    entity: dict[str, Any] = {
        "id": str(scheduled.id),
        "scheduled_at": iso(scheduled.at_ms),
        "params": {
            "text": draft["text"],
            "poll": None if poll is None else {
                "options": poll["options"], "expires_in": str(poll["open_s"]), "multiple": poll["multiple"],
                "hide_totals": poll["hides_totals"],
            },
            "media_ids": [str(each.id) for each in media] or None,
            "sensitive": draft["sensitive"],
            "spoiler_text": draft["summary"] or None,
            "visibility": visibility.said(draft["visibility"]),
            "in_reply_to_id": None if draft["reply_to"] is None else str(draft["reply_to"]),
            "language": draft["language"] or None,
            "application_id": 0,
            "scheduled_at": None,
            "idempotency": None,
            "with_rate_limit": False,
            "quoted_status_id": str(draft["quoted"]) if "quoted" in draft else None,
            "quote_approval_policy": draft["quotable_by"],
            "local_only": draft.get("local_only", False),
        },
        "media_attachments": [media_attachment.render(each) for each in media],
    }  # fmt: skip
    if scheduled.failure:
        entity["beffroi"] = {"failed": scheduled.failure}
    return entity
