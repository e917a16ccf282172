"""AccountWarning, with its Appeal (https://docs.joinmastodon.org/entities/AccountWarning/)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.moderation.appeals import Appeal
from node.moderation.decided import Decision
from node.moderation.effects import Kind
from node.runtime.clock import iso

ACTIONS: Final[Mapping[Kind, str]] = {
    "none": "none",
    "warn": "none",
    "sensitive": "mark_statuses_as_sensitive",
    "hide": "delete_statuses",  # to its readers it is gone, and Mastodon has no nearer word
    "delete": "delete_statuses",
    "limit": "silence",
    "freeze": "disable",
    "suspend": "suspend",
}
_APPEALED: Final = {"pending": "pending", "upheld": "rejected", "reversed": "approved"}


def render(decision: Decision, *, posts: Sequence[int], account: Any, appeal: Appeal | None) -> dict[str, Any]:
    """A decision as the account's clients read it; all of it is on the page of the account's people."""
    return {
        "id": str(decision.id),
        "action": ACTIONS[decision.kind],
        "text": f"{decision.ground_words}\n\n{decision.facts}",
        "status_ids": [str(post_id) for post_id in posts],
        "target_account": account,
        "appeal": None if appeal is None else {"text": appeal.words, "state": _APPEALED[appeal.state]},
        "created_at": iso(decision.created_ms),
    }
