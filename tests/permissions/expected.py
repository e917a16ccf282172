"""Who may what, written by hand from what the guide and the pages promise; the tests hold every door against it.

A route that stands in no table here fails a test: say first who may use it.
"""

from collections.abc import Mapping
from typing import Final

ROLES: Final = ("owner", "editor", "contributor", "moderator", "reader")
"""In an account."""
OUTSIDE: Final = ("former", "elsewhere", "nobody", "keeper")
"""Whose membership ended; who speaks for another account; who speaks for none; who keeps the node, and speaks for none."""

_ALL = frozenset(ROLES)
_EDITORS = frozenset({"owner", "editor"})
_JUDGES = frozenset({"owner", "editor", "moderator"})
_WRITERS = frozenset({"owner", "editor", "contributor"})
_OWNERS = frozenset({"owner"})

ACTS: Final[Mapping[str, frozenset[str]]] = {
    "look": _ALL,
    "see drafts": _ALL,
    "write": _WRITERS,
    "publish": _EDITORS,
    "approve": _EDITORS,
    "edit any post": _EDITORS,
    "interact": _EDITORS,
    "judge replies": _JUDGES,
    "answer reports": _JUDGES,
    "block": _JUDGES,
    "edit profile": _EDITORS,
    "agree": _EDITORS,
    "see audit": _EDITORS,
    "manage members": _OWNERS,
    "move": _OWNERS,
    "delete account": _OWNERS,
}
"""What is done in the name of an account -> the roles that may."""

DUTIES: Final[Mapping[str, frozenset[str]]] = {
    "open the console": frozenset({"keeper", "moderator"}),
    "judge reports": frozenset({"keeper", "moderator"}),
    "judge accounts": frozenset({"keeper", "moderator"}),
    "judge hosts": frozenset({"keeper", "moderator"}),
    "see people": frozenset({"keeper", "moderator"}),
    "see accounts": frozenset({"keeper", "moderator"}),
    "read the log": frozenset({"keeper", "moderator"}),
    "keep people": frozenset({"keeper"}),
    "keep accounts": frozenset({"keeper"}),
    "keep domains": frozenset({"keeper"}),
    "keep the node": frozenset({"keeper"}),
}
"""What is done for the whole node -> the duties that may."""

MODERATORS_OPERATIONS: Final = (
    "user.list", "actor.list", "actor.suspend", "actor.judge", "actor.unsuspend", "reports.", "case.", "block.", "allow.", "wave.", "audit.",
)  # fmt: skip
"""Operations that moderators do at the console, by name or beginning; all others are for keepers."""

_MARKS = ("favourite", "unfavourite", "reblog", "unreblog")
_STATUS = "/api/v1/statuses/:id"

API: Final[Mapping[str, str]] = {
    # Writing; a contributor's post waits, and what others wrote is looked at in test_objects.py
    **dict.fromkeys(
        (
            "POST /api/v1/statuses", f"PUT {_STATUS}", f"PATCH {_STATUS}", f"DELETE {_STATUS}", "POST /api/v2/media",
            "POST /api/v1/media", "GET /api/v1/media/:id", "PUT /api/v1/media/:id", "PATCH /api/v1/media/:id",
            "DELETE /api/v1/media/:id", "PUT /api/v1/scheduled_statuses/:id", "PATCH /api/v1/scheduled_statuses/:id",
            "DELETE /api/v1/scheduled_statuses/:id", f"POST {_STATUS}/bookmark", f"POST {_STATUS}/unbookmark", "POST /api/v1/markers",
            "POST /api/v1/notifications/clear", "POST /api/v1/notifications/:id/dismiss",
            "POST /api/v1/notifications/dismiss", "POST /api/v2/notifications/:group_key/dismiss",
            "POST /api/v1/notifications/requests/accept", "POST /api/v1/notifications/requests/dismiss",
            "POST /api/v1/notifications/requests/:id/accept", "POST /api/v1/notifications/requests/:id/dismiss",
            *(f"{method} /api/v{n}/notifications/policy" for method in ("PATCH", "PUT") for n in (1, 2)),
            "DELETE /api/v1/conversations/:id", "POST /api/v1/conversations/:id/read",
            "POST /api/v1/conversations/:id/unread",
        ),
        "write",
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/beffroi/statuses/:id/approve", "POST /api/v1/beffroi/statuses/:id/refuse",
        ),
        "approve",
    ),
    **dict.fromkeys(
        (f"POST {_STATUS}/quotes/:quoting_status_id/revoke", f"PUT {_STATUS}/interaction_policy"), "edit any post"
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/interaction_requests/:id/authorize", "POST /api/v1/interaction_requests/:id/reject",
            "GET /api/v1/interaction_requests", "GET /api/v1/interaction_requests/:id",
        ),
        "judge replies",
    ),
    **dict.fromkeys(
        (
            *(f"POST {_STATUS}/{mark}" for mark in _MARKS), "POST /api/v1/polls/:id/votes",
            *(
                f"POST /api/v1/accounts/:id/{what}"
                for what in ("follow", "unfollow", "remove_from_followers")
            ),
            "POST /api/v1/follow_requests/:id/authorize", "POST /api/v1/follow_requests/:id/reject", "POST /api/v1/lists",
            "PUT /api/v1/lists/:id", "PATCH /api/v1/lists/:id", "DELETE /api/v1/lists/:id", "POST /api/v1/lists/:id/accounts",
            "DELETE /api/v1/lists/:id/accounts", "POST /api/v1/accounts/:id/note", "DELETE /api/v1/suggestions/:id", "POST /api/v1/tags/:name/follow",
            "POST /api/v1/tags/:name/unfollow",
            "PUT /api/v1/announcements/:id/reactions/:name", "DELETE /api/v1/announcements/:id/reactions/:name",
        ),
        "interact",
    ),
    **dict.fromkeys(
        (
            *(f"POST /api/v1/accounts/:id/{what}" for what in ("block", "unblock", "mute", "unmute")),
            f"POST {_STATUS}/mute", f"POST {_STATUS}/unmute", "POST /api/v1/domain_blocks", "DELETE /api/v1/domain_blocks",
            "POST /api/v1/filters", *(f"{how} /api/v1/filters/:id" for how in ("PUT", "PATCH", "DELETE")),
            "POST /api/v2/filters", *(f"{how} /api/v2/filters/:id" for how in ("PUT", "PATCH", "DELETE")),
            "POST /api/v2/filters/:id/keywords", "POST /api/v2/filters/:id/statuses", "DELETE /api/v2/filters/statuses/:id",
            *(f"{how} /api/v2/filters/keywords/:id" for how in ("PUT", "PATCH", "DELETE")),
        ),
        "block",
    ),
    "POST /api/v1/reports": "answer reports",
    **dict.fromkeys(
        (
            f"POST {_STATUS}/pin", f"POST {_STATUS}/unpin", "PATCH /api/v1/accounts/update_credentials",
            "PUT /api/v1/accounts/update_credentials", "PATCH /api/v1/profile", "PUT /api/v1/profile", "DELETE /api/v1/profile/avatar", "DELETE /api/v1/profile/header",
            "PATCH /api/v1/interaction_policies/defaults", "POST /api/v1/tags/:name/feature",
            "POST /api/v1/tags/:name/unfeature", "POST /api/v1/featured_tags", "DELETE /api/v1/featured_tags/:id",
            *(f"POST /api/v1/accounts/:id/{what}" for what in ("endorse", "unendorse", "pin", "unpin")),
        ),
        "edit profile",
    ),
    "GET /api/v1/beffroi/statuses/waiting": "see drafts",
    **dict.fromkeys(
        (
            "POST /api/v1/announcements/:id/dismiss",
            *(f"{method} /api/v1/push/subscription" for method in ("POST", "PUT", "PATCH", "DELETE")),
        ),
        "look",
    ),
    "GET /api/v1/scheduled_statuses": "see drafts",
    "GET /api/v1/scheduled_statuses/:id": "see drafts",
}  # fmt: skip
"""Endpoints of the client API that want a person's token -> the act. What only reads and stands not here is 'look'."""

DESK: Final[Mapping[str, str]] = {
    "GET /desk/{actor}": "see drafts",
    "GET /desk/{actor}/write": "write",
    "POST /desk/{actor}/write": "write",
    "GET /desk/{actor}/posts/{id}": "see drafts",
    "POST /desk/{actor}/posts/{id}": "write",
    "POST /desk/{actor}/posts/{id}/delete": "write",
    "POST /desk/{actor}/posts/{id}/approve": "approve",
    "POST /desk/{actor}/posts/{id}/refuse": "approve",
    "GET /desk/{actor}/waiting": "see drafts",
    "GET /desk/{actor}/replies": "judge replies",
    "POST /desk/{actor}/replies": "edit profile",
    "POST /desk/{actor}/replies/{id}": "judge replies",
    "GET /desk/{actor}/team": "look",
    "POST /desk/{actor}/team/invite": "manage members",
    "POST /desk/{actor}/team/withdraw": "manage members",
    "POST /desk/{actor}/team/role": "manage members",
    "POST /desk/{actor}/team/remove": "manage members",
    "POST /desk/{actor}/team/leave": "look",
    "GET /desk/{actor}/profile": "edit profile",
    "POST /desk/{actor}/profile": "edit profile",
    "GET /desk/{actor}/move": "move",
    **dict.fromkeys((f"POST /desk/{{actor}}/move{what}" for what in ("", "/back", "/alias")), "move"),
    "GET /desk/{actor}/log": "see audit",
}
"""Pages and forms of the desk -> the act."""

OF_AN_ACCOUNT: Final[Mapping[str, str]] = {
    "GET /@{name}/{id}/deliveries": "look",
    "GET /@{name}/agreements/{digest}/decide": "agree",
    "POST /@{name}/agreements/{digest}/decide": "agree",
}
"""Other pages for those who speak for an account -> the act (test_objects.py)."""
