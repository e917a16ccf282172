"""The fields without which real clients crash, as read off their sources: the best judge of an answer's form."""

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from node.api.dispatch import Table
from node.api.routes import ENDPOINTS
from node.runtime.errors import NotFound

# Our entity -> the names under which clients know it.
_KNOWN_AS: Mapping[str, tuple[str, ...]] = {
    "Account": ("Account", "TimelineAccount", "PartialAccount", "PartialAccountWithAvatar"),
    "CredentialAccount": ("CredentialAccount", "Account"),
    "Status": ("Status", "ReblogStatus"),
    "DeletedStatus": ("DeletedStatus",),
    "ScheduledStatus": ("ScheduledStatus",),
    "MediaAttachment": ("Attachment", "MediaAttachment", "MediaUploadResult"),
    "Mention": ("Mention",),
    "Tag": ("HashTag", "ShallowTag", "Hashtag"),
    "Field": ("Field", "StringField", "AccountField"),
    "Emoji": ("Emoji",),
    "Application": ("Application",),
    "Notification": ("Notification",),
    "Relationship": ("Relationship",),
    "Context": ("StatusContext",),
    "Source": ("StatusSource",),
    "Edit": ("StatusEdit", "StatusHistory"),
    "Search": ("SearchResult", "SearchResults"),
    "Marker": ("Marker",),
    "InstanceV1": ("InstanceV1",),
    "Instance": ("InstanceV2", "Instance"),
    "Token": ("AccessToken", "OauthToken", "Token"),
    "App": ("AppCredentials", "InstanceApp"),
    "Filter": ("ServerFilter", "Filter"),
    "FilterKeyword": ("FilterKeyword",),
    "FilterStatus": ("FilterStatus",),
    "FilterV1": ("FilterV1",),
    "List": ("List", "MastoList", "FollowList"),
    "Poll": ("Poll",),
    "Conversation": ("Conversation",),
    "Announcement": ("Announcement",),
    "Suggestion": ("Suggestion",),
    "Report": ("Report",),
    "FeaturedTag": ("FeaturedTag",),
    "TrendingTag": ("TrendingTag",),
    "NotificationPolicy": ("NotificationPolicy",),
    "NotificationRequest": ("NotificationRequest",),
    "Grouped": ("GroupedNotificationsResults",),
    "NotificationGroup": ("NotificationGroup",),
    "PushSubscription": ("PushSubscription",),
    "FamiliarFollowers": ("FamiliarFollowers", "FamiliarAccounts"),
}
# Names that a client makes itself, or reads from another entity of the same class.
_NOT_SENT = {
    "cached_display_name", "name", "requested_by", "server", "client_id", "client_secret", "redirect_uri", "type",
    "async_refresh", "expires_at", "own_votes",
}  # fmt: skip
_SENT = {
    ("Field", "name"), ("Emoji", "name"), ("Application", "name"), ("Tag", "name"), ("App", "client_id"), ("App", "name"),
    ("TrendingTag", "name"), ("FeaturedTag", "name"), ("NotificationGroup", "type"),
    ("App", "client_secret"), ("App", "redirect_uri"), ("MediaAttachment", "type"), ("Notification", "type"),
}  # fmt: skip
_INSIDE: Mapping[str, Mapping[str, Any]] = {
    "ScheduledStatus": {"media_attachments": ["MediaAttachment"]},
    "Account": {"fields": ["Field"], "emojis": ["Emoji"]},
    "CredentialAccount": {"fields": ["Field"], "emojis": ["Emoji"]},
    "Status": {
        "account": "Account", "media_attachments": ["MediaAttachment"], "mentions": ["Mention"], "tags": ["Tag"],
        "emojis": ["Emoji"], "application": "Application", "reblog": "Status", "poll": "Poll",
    },
    "Notification": {"account": "Account", "status": "Status"},
    "Context": {"ancestors": ["Status"], "descendants": ["Status"]},
    "Search": {"accounts": ["Account"], "statuses": ["Status"], "hashtags": ["Tag"]},
    "Edit": {"account": "Account", "media_attachments": ["MediaAttachment"]},
    "Instance": {"contact": {"account": "Account"}},
    "InstanceV1": {"contact_account": "Account"},
    "Filter": {"keywords": ["FilterKeyword"], "statuses": ["FilterStatus"]},
    "Conversation": {"accounts": ["Account"], "last_status": "Status"},
    "Suggestion": {"account": "Account"},
    "Report": {"target_account": "Account"},
    "NotificationRequest": {"account": "Account", "last_status": "Status"},
    "Grouped": {"accounts": ["Account"], "statuses": ["Status"], "notification_groups": ["NotificationGroup"]},
}  # fmt: skip

SHAPES: Mapping[tuple[str, str], Any] = {
    ("GET", "/api/v1/timelines/home"): ["Status"],
    ("GET", "/api/v1/timelines/public"): ["Status"],
    ("GET", "/api/v1/timelines/tag/:hashtag"): ["Status"],
    ("GET", "/api/v1/notifications"): ["Notification"],
    ("GET", "/api/v1/notifications/:id"): "Notification",
    ("GET", "/api/v1/markers"): {"home": "Marker", "notifications": "Marker"},
    ("POST", "/api/v1/markers"): {"home": "Marker", "notifications": "Marker"},
    ("POST", "/api/v1/statuses"): "Status",
    ("GET", "/api/v1/statuses"): ["Status"],
    ("GET", "/api/v1/statuses/:id"): "Status",
    ("PUT", "/api/v1/statuses/:id"): "Status",
    ("DELETE", "/api/v1/statuses/:id"): "DeletedStatus",
    ("GET", "/api/v1/statuses/:id/context"): "Context",
    ("GET", "/api/v1/statuses/:id/source"): "Source",
    ("GET", "/api/v1/statuses/:id/history"): ["Edit"],
    ("GET", "/api/v1/statuses/:id/favourited_by"): ["Account"],
    ("GET", "/api/v1/statuses/:id/reblogged_by"): ["Account"],
    **{
        ("POST", f"/api/v1/statuses/:id/{verb}"): "Status"
        for verb in (
            "favourite",
            "unfavourite",
            "reblog",
            "unreblog",
            "bookmark",
            "unbookmark",
            "pin",
            "unpin",
            "mute",
            "unmute",
        )
    },
    ("GET", "/api/v1/bookmarks"): ["Status"],
    ("GET", "/api/v1/favourites"): ["Status"],
    ("GET", "/api/v1/accounts/verify_credentials"): "CredentialAccount",
    ("PATCH", "/api/v1/accounts/update_credentials"): "CredentialAccount",
    ("GET", "/api/v1/accounts/relationships"): ["Relationship"],
    ("GET", "/api/v1/accounts/familiar_followers"): ["FamiliarFollowers"],
    ("GET", "/api/v1/accounts/lookup"): "Account",
    ("GET", "/api/v1/accounts/search"): ["Account"],
    ("GET", "/api/v1/accounts/:id"): "Account",
    ("GET", "/api/v1/accounts/:id/statuses"): ["Status"],
    ("GET", "/api/v1/accounts/:id/followers"): ["Account"],
    ("GET", "/api/v1/accounts/:id/following"): ["Account"],
    **{
        ("POST", f"/api/v1/accounts/:id/{verb}"): "Relationship"
        for verb in (
            "follow",
            "unfollow",
            "block",
            "unblock",
            "remove_from_followers",
            "mute",
            "unmute",
            "note",
            "endorse",
            "unendorse",
        )
    },
    ("GET", "/api/v1/scheduled_statuses"): ["ScheduledStatus"],
    ("GET", "/api/v1/scheduled_statuses/:id"): "ScheduledStatus",
    ("PUT", "/api/v1/scheduled_statuses/:id"): "ScheduledStatus",
    ("GET", "/api/v1/blocks"): ["Account"],
    ("GET", "/api/v1/mutes"): ["Account"],
    ("GET", "/api/v1/endorsements"): ["Account"],
    ("GET", "/api/v1/followed_tags"): ["Tag"],
    ("GET", "/api/v1/timelines/list/:id"): ["Status"],
    ("GET", "/api/v2/filters"): ["Filter"],
    ("GET", "/api/v2/filters/:id"): "Filter",
    ("POST", "/api/v2/filters"): "Filter",
    ("GET", "/api/v1/follow_requests"): ["Account"],
    ("POST", "/api/v1/follow_requests/:id/authorize"): "Relationship",
    ("POST", "/api/v1/follow_requests/:id/reject"): "Relationship",
    ("POST", "/api/v2/media"): "MediaAttachment",
    ("POST", "/api/v1/media"): "MediaAttachment",
    ("GET", "/api/v1/media/:id"): "MediaAttachment",
    ("PUT", "/api/v1/media/:id"): "MediaAttachment",
    ("GET", "/api/v2/search"): "Search",
    ("GET", "/api/v1/tags/:name"): "Tag",
    ("GET", "/api/v2/instance"): "Instance",
    ("GET", "/api/v1/instance"): "InstanceV1",
    ("POST", "/api/v1/apps"): "App",
    ("POST", "/oauth/token"): "Token",
    ("GET", "/api/v1/timelines/direct"): ["Status"],
    ("GET", "/api/v1/conversations"): ["Conversation"],
    ("POST", "/api/v1/conversations/:id/read"): "Conversation",
    ("POST", "/api/v1/conversations/:id/unread"): "Conversation",
    ("GET", "/api/v2/notifications"): "Grouped",
    ("GET", "/api/v2/notifications/:group_key"): "Grouped",
    ("GET", "/api/v2/notifications/:group_key/accounts"): ["Account"],
    ("GET", "/api/v2/notifications/policy"): "NotificationPolicy",
    ("PATCH", "/api/v2/notifications/policy"): "NotificationPolicy",
    ("PUT", "/api/v2/notifications/policy"): "NotificationPolicy",
    ("GET", "/api/v1/notifications/requests"): ["NotificationRequest"],
    ("GET", "/api/v1/notifications/requests/:id"): "NotificationRequest",
    ("GET", "/api/v1/push/subscription"): "PushSubscription",
    ("POST", "/api/v1/push/subscription"): "PushSubscription",
    ("PUT", "/api/v1/push/subscription"): "PushSubscription",
    ("PATCH", "/api/v1/statuses/:id"): "Status",
    ("GET", "/api/v1/statuses/:id/quotes"): ["Status"],
    ("POST", "/api/v1/statuses/:id/quotes/:quoting_status_id/revoke"): "Status",
    ("PUT", "/api/v1/statuses/:id/interaction_policy"): "Status",
    ("GET", "/api/v1/polls/:id"): "Poll",
    ("POST", "/api/v1/polls/:id/votes"): "Poll",
    ("GET", "/api/v2/suggestions"): ["Suggestion"],
    ("GET", "/api/v1/suggestions"): ["Account"],
    ("GET", "/api/v1/directory"): ["Account"],
    ("GET", "/api/v1/accounts"): ["Account"],
    ("GET", "/api/v1/accounts/:id/endorsements"): ["Account"],
    ("PUT", "/api/v1/accounts/update_credentials"): "CredentialAccount",
    ("GET", "/api/v1/lists"): ["List"],
    ("GET", "/api/v1/accounts/:id/lists"): ["List"],
    ("GET", "/api/v1/lists/:id"): "List",
    ("POST", "/api/v1/lists"): "List",
    ("PUT", "/api/v1/lists/:id"): "List",
    ("GET", "/api/v1/lists/:id/accounts"): ["Account"],
    ("PUT", "/api/v2/filters/:id"): "Filter",
    ("GET", "/api/v2/filters/:id/keywords"): ["FilterKeyword"],
    ("POST", "/api/v2/filters/:id/keywords"): "FilterKeyword",
    ("GET", "/api/v2/filters/keywords/:id"): "FilterKeyword",
    ("GET", "/api/v2/filters/:id/statuses"): ["FilterStatus"],
    ("POST", "/api/v2/filters/:id/statuses"): "FilterStatus",
    ("GET", "/api/v1/filters"): ["FilterV1"],
    ("GET", "/api/v1/filters/:id"): "FilterV1",
    ("POST", "/api/v1/filters"): "FilterV1",
    ("POST", "/api/v1/reports"): "Report",
    ("GET", "/api/v1/trends"): ["TrendingTag"],
    ("GET", "/api/v1/trends/tags"): ["TrendingTag"],
    ("GET", "/api/v1/trends/statuses"): ["Status"],
    ("POST", "/api/v1/tags/:name/follow"): "Tag",
    ("POST", "/api/v1/tags/:name/unfollow"): "Tag",
    ("GET", "/api/v1/featured_tags"): ["FeaturedTag"],
    ("POST", "/api/v1/featured_tags"): "FeaturedTag",
    ("GET", "/api/v1/accounts/:id/featured_tags"): ["FeaturedTag"],
    ("GET", "/api/v1/announcements"): ["Announcement"],
}


class Fields:
    """Checks entities against what clients require."""

    def __init__(self, shared: Path) -> None:
        self.required: dict[str, dict[str, str]] = {}
        self._table = Table(ENDPOINTS)
        with (shared / "data/client-api/required_fields.tsv").open(newline="") as lines:
            rows = list(csv.reader(lines, delimiter="\t"))[1:]
        for entity, names in _KNOWN_AS.items():
            needed: dict[str, str] = {}
            for known_as, client, fields in rows:
                if known_as in names:
                    for field in fields.split(","):
                        if field not in _NOT_SENT or (entity, field) in _SENT:
                            needed.setdefault(field, client)
            self.required[entity] = needed

    def check_answer(self, method: str, path: str, answer: Any) -> None:
        """Check the answer of an endpoint whose entity is known."""
        try:
            endpoint, _ = self._table.find(method, path)
        except NotFound:
            return
        shape = SHAPES.get((endpoint.method, endpoint.path))
        if shape == "Status" and isinstance(answer, dict) and "scheduled_at" in answer:
            shape = "ScheduledStatus"
        if shape is not None:
            self.check(shape, answer)

    def check(self, shape: Any, value: Any) -> None:
        """Fail with every field that is missing, and who would crash."""
        missing = list(self._missing(shape, value, ""))
        assert not missing, "clients would crash: " + "; ".join(missing)

    def _missing(self, shape: Any, value: Any, where: str) -> Iterator[str]:
        if isinstance(shape, list):
            assert isinstance(value, list), f"{where or 'the answer'} is no list: {value!r}"
            for place, item in enumerate(value):
                yield from self._missing(shape[0], item, f"{where}[{place}]")
        elif isinstance(shape, dict):
            for name, inner in shape.items():
                if value.get(name) is not None:
                    yield from self._missing(inner, value[name], f"{where}.{name}")
        else:
            for field, client in self.required[shape].items():
                if value.get(field) is None:
                    yield f"{where}.{field} of {shape} ({client})"
            yield from self._missing(dict(_INSIDE.get(shape, {})), value, where)


@pytest.fixture(scope="session")
def fields(shared_data: Path) -> Fields:
    """What clients require."""
    return Fields(shared_data)
