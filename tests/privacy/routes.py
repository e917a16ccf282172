"""Every address of the node, and whether it can show a post: what is in neither table fails a test.

`READS` are asked by the worlds (`ways.py`); `LISTENED` are heard while they are played (`world.py`). The others say
why they show none.
"""

from collections.abc import Mapping
from typing import Final

from starlette.routing import BaseRoute, Route, WebSocketRoute

import admin.api.routes
import admin.console.routes
import admin.first_run.routes
import node.api.routes
import node.federation.routes
import node.web.routes

_MARKS: Final = (
    "favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark", "pin", "unpin", "mute", "unmute",
)  # fmt: skip

READS: Final[frozenset[str]] = frozenset(
    {
        "GET /api/v1/timelines/home",
        "GET /api/v1/timelines/public",
        "GET /api/v1/timelines/tag/:hashtag",
        "GET /api/v1/timelines/list/:id",
        "GET /api/v1/timelines/direct",
        "GET /api/v1/conversations",
        "GET /api/v1/notifications",
        "GET /api/v1/notifications/:id",
        "GET /api/v2/notifications",
        "POST /api/v1/statuses",
        "GET /api/v1/statuses",
        "GET /api/v1/statuses/:id",
        "PUT /api/v1/statuses/:id",
        "PATCH /api/v1/statuses/:id",
        "DELETE /api/v1/statuses/:id",
        "GET /api/v1/statuses/:id/context",
        "GET /api/v1/statuses/:id/source",
        "GET /api/v1/statuses/:id/history",
        "GET /api/v1/statuses/:id/card",
        "GET /api/v1/beffroi/statuses/:id/deliveries",
        "GET /api/v1/beffroi/statuses/waiting",
        "POST /api/v1/beffroi/statuses/:id/approve",
        "POST /api/v1/beffroi/statuses/:id/refuse",
        *(f"POST /api/v1/statuses/:id/{mark}" for mark in _MARKS),
        "GET /api/v1/statuses/:id/favourited_by",
        "GET /api/v1/statuses/:id/reblogged_by",
        "GET /api/v1/bookmarks",
        "GET /api/v1/favourites",
        "GET /api/v1/statuses/:id/quotes",
        "POST /api/v1/statuses/:id/quotes/:quoting_status_id/revoke",
        "PUT /api/v1/statuses/:id/interaction_policy",
        "GET /api/v1/polls/:id",
        "POST /api/v1/polls/:id/votes",
        "GET /api/v1/accounts/:id/statuses",
        "GET /api/v2/search",
        "GET /api/v1/search",
        "GET /api/v1/trends/statuses",
        "GET /users/{username}/statuses/{id}",
        "GET /users/{username}/statuses/{id}/activity",
        "GET /users/{username}/statuses/{id}/replies",
        "GET /users/{username}/statuses/{id}/context",
        "GET /users/{username}/outbox",
        "GET /users/{username}/collections/featured",
        "GET /",
        "GET /@{name}",
        "GET /@{name}.rss",
        "GET /@{name}/feed",
        "GET /@{name}/{id}",
        "GET /tags/{name}",
        "GET /@{name}/{id}/interact",
        "POST /@{name}/{id}/interact",
        "GET /@{name}/{id}/deliveries",
        "GET /authorize_interaction",
    }
)

LISTENED: Final[frozenset[str]] = frozenset(
    {
        "GET /api/v1/streaming",
        "GET /api/v1/streaming/{rest:path}",
        "SOCKET /api/v1/streaming",
        "SOCKET /api/v1/streaming/",
    }
)
"""Server-sent events and WebSocket are two ways to one connection (node.api.streaming.connection)."""

_ACCOUNT = "accounts: who somebody is, and numbers that reading.py compares"
_CIRCLE = "who follows, asks or blocks whom: accounts, of which the lists of others are hidden by those who wish"
_ENTRY = "one's own way in: passwords, tokens, applications"
_CONSOLE = "for keepers and moderators, each page by its duty (tests/permissions)"
_JUDGED = "what was reported, by its address; what was decided, to who wrote it; numbers (tests/moderation)"
_SITE = "about the site, the same for all"
_IN = "only takes in: 202 or a refusal, never a document"
_AGREEMENT = "agreements are public words between two accounts; what they share passes the timelines above"
_DESK = "one's own account at a browser, by role: what the account itself reads (tests/teams)"
_FILE = "files under addresses that nobody can guess (test_files.py)"
_LATER = "what one's own account publishes later; nobody else's is there (api/test_scheduled.py::test_somebody_elses_is_not_there)"
_OWN_MEDIA = "one's own uploads, before they are in a post (api/test_media.py::test_pictures_of_others_are_not_there)"

SILENT: Final[Mapping[str, str]] = {
    **dict.fromkeys(
        (
            "GET /api/v1/notifications/unread_count", "POST /api/v1/notifications/clear",
            "POST /api/v1/notifications/:id/dismiss", "POST /api/v1/notifications/dismiss",
            "GET /api/v2/notifications/unread_count", "GET /api/v2/notifications/:group_key/accounts",
            "POST /api/v2/notifications/:group_key/dismiss", "GET /api/v1/notifications/requests/merged",
            *(f"{method} /api/v{n}/notifications/policy" for method in ("GET", "PATCH", "PUT") for n in (1, 2)),
            "POST /api/v1/notifications/requests/accept", "POST /api/v1/notifications/requests/dismiss",
            "POST /api/v1/notifications/requests/:id/accept", "POST /api/v1/notifications/requests/:id/dismiss",
        ),
        "a number of one's own, or nothing",
    ),
    **dict.fromkeys(
        (
            "DELETE /api/v1/conversations/:id", "POST /api/v1/conversations/:id/read",
            "POST /api/v1/conversations/:id/unread",
        ),
        "one's own talks, of which the list is asked (api/test_conversations.py)",
    ),
    **dict.fromkeys(
        (
            "GET /api/v2/notifications/:group_key", "GET /api/v1/notifications/requests",
            "GET /api/v1/notifications/requests/:id",
        ),
        "by the conditions of the lists that are asked (node.notifications.notices.shown_sql; api/test_notification_groups.py)",
    ),
    **dict.fromkeys(
        tuple(f"{method} /api/v1/push/subscription" for method in ("GET", "POST", "PUT", "PATCH", "DELETE")),
        "where one's own application wants to be told (api/test_push.py)",
    ),
    **dict.fromkeys(("GET /api/v1/markers", "POST /api/v1/markers"), "how far one has read: numbers that one gave"),
    **dict.fromkeys(
        (
            "GET /api/v1/accounts/verify_credentials", "GET /api/v1/accounts/lookup", "GET /api/v1/accounts/search", "GET /api/v1/directory", "GET /api/v1/suggestions", "GET /api/v2/suggestions",
            "DELETE /api/v1/suggestions/:id",
            "GET /api/v1/accounts", "GET /api/v1/accounts/:id", "PATCH /api/v1/accounts/update_credentials",
            "PUT /api/v1/accounts/update_credentials", "DELETE /api/v1/profile/avatar", "DELETE /api/v1/profile/header",
            "GET /api/v1/profile", "PATCH /api/v1/profile", "PUT /api/v1/profile",
            "GET /api/v1/preferences", "POST /api/v1/reports", "GET /users/{username}", "GET /actor",
            "GET /actor/outbox", "GET /.well-known/webfinger",
        ),
        _ACCOUNT,
    ),
    **dict.fromkeys(
        (
            "GET /api/v1/accounts/relationships", "GET /api/v1/accounts/familiar_followers",
            "GET /api/v1/accounts/:id/followers", "GET /api/v1/accounts/:id/following",
            "POST /api/v1/accounts/:id/follow", "POST /api/v1/accounts/:id/unfollow",
            "POST /api/v1/accounts/:id/remove_from_followers", "POST /api/v1/accounts/:id/block",
            "POST /api/v1/accounts/:id/unblock", "GET /api/v1/blocks", "GET /api/v1/follow_requests",
            "POST /api/v1/follow_requests/:id/authorize", "POST /api/v1/follow_requests/:id/reject",
            "GET /users/{username}/followers", "GET /users/{username}/followers_synchronization",
            "GET /users/{username}/following", "GET /api/v1/lists", "GET /api/v1/lists/:id",
            "GET /api/v1/lists/:id/accounts", "GET /api/v1/accounts/:id/lists", "POST /api/v1/lists",
            "PUT /api/v1/lists/:id", "DELETE /api/v1/lists/:id", "POST /api/v1/lists/:id/accounts",
            "PATCH /api/v1/lists/:id", "DELETE /api/v1/lists/:id/accounts", "GET /api/v1/mutes",
            *(f"POST /api/v1/accounts/:id/{what}" for what in ("mute", "unmute", "note", "endorse", "unendorse", "pin", "unpin")),
            "GET /api/v1/endorsements", "GET /api/v1/accounts/:id/endorsements", "GET /api/v1/domain_blocks",
            "GET /api/v1/domain_blocks/preview", "POST /api/v1/domain_blocks", "DELETE /api/v1/domain_blocks",
            "GET /@{name}/follow", "POST /@{name}/follow",
        ),
        _CIRCLE,
    ),
    **dict.fromkeys(
        (
            "POST /api/v2/media", "POST /api/v1/media", "GET /api/v1/media/:id", "PUT /api/v1/media/:id",
            "PATCH /api/v1/media/:id", "DELETE /api/v1/media/:id",
        ),
        _OWN_MEDIA,
    ),
    **dict.fromkeys(
        (
            "GET /api/v1/scheduled_statuses", "GET /api/v1/scheduled_statuses/:id", "PUT /api/v1/scheduled_statuses/:id",
            "PATCH /api/v1/scheduled_statuses/:id", "DELETE /api/v1/scheduled_statuses/:id",
        ),
        _LATER,
    ),
    **dict.fromkeys(
        ("GET /media/{folder}/{name}", "GET /media/cache/{kind}/{id}/{version}", "GET /media/default/{name}"), _FILE
    ),
    "GET /api/v1/trends": "hashtags of public posts (timeline/test_trends.py)",
    "GET /api/v1/trends/tags": "hashtags of public posts (timeline/test_trends.py)",
    **dict.fromkeys(
        (
            "GET /api/v1/tags/:name", "GET /api/v1/followed_tags", "GET /api/v1/featured_tags",
            "GET /api/v1/featured_tags/suggestions", "GET /api/v1/accounts/:id/featured_tags",
            *(f"POST /api/v1/tags/:name/{what}" for what in ("follow", "unfollow", "feature", "unfeature")),
            "POST /api/v1/featured_tags", "DELETE /api/v1/featured_tags/:id",
        ),
        "a hashtag and its address, no posts; numbers of what anybody may read",
    ),
    **dict.fromkeys(
        (
            "GET /api/v1/filters", "POST /api/v1/filters", "GET /api/v2/filters", "POST /api/v2/filters",
            *(f"{how} /api/{version}/filters/:id" for how in ("GET", "PUT", "PATCH", "DELETE") for version in ("v1", "v2")),
            *(f"{how} /api/v2/filters/keywords/:id" for how in ("GET", "PUT", "PATCH", "DELETE")),
            "GET /api/v2/filters/:id/keywords", "POST /api/v2/filters/:id/keywords", "GET /api/v2/filters/:id/statuses",
            "POST /api/v2/filters/:id/statuses", "GET /api/v2/filters/statuses/:id", "DELETE /api/v2/filters/statuses/:id",
        ),
        "words of one's own and ids; an id that one may not read is refused (api/test_filters.py)",
    ),
    "GET /api/oembed": "one public post of this node, as a stranger reads it (api/test_about.py::test_a_post_is_quoted_on_another_site)",
    "GET /users/{username}/quote_authorizations/{id}": "two addresses, so that everybody can check a quote (FEP-044f)",
    "GET /users/{username}/reply_authorizations/{id}": "two addresses, so that everybody can check a reply",
    "GET /api/v1/interaction_policies/defaults": "who may reply to the caller's posts",
    "PATCH /api/v1/interaction_policies/defaults": "who may reply to the caller's posts",
    "GET /api/v1/interaction_requests": "replies held for the caller's team (tests/federation/meaning/test_replies.py)",
    "GET /api/v1/interaction_requests/:id": "the same",
    "POST /api/v1/interaction_requests/:id/authorize": "the same",
    "POST /api/v1/interaction_requests/:id/reject": "the same",
    **dict.fromkeys(
        (
            "GET /api/v2/instance", "GET /api/v1/instance", "GET /api/v1/instance/rules",
            "GET /api/v1/instance/extended_description", "GET /api/v1/instance/translation_languages",
            "GET /api/v1/instance/privacy_policy", "GET /api/v1/instance/peers", "GET /api/v1/instance/activity",
            "GET /api/v1/instance/domain_blocks", "GET /api/openapi.json",
            "GET /api/v1/announcements", "POST /api/v1/announcements/:id/dismiss", "GET /api/v1/custom_emojis",
            "GET /emojis/{id}",
            "PUT /api/v1/announcements/:id/reactions/:name", "DELETE /api/v1/announcements/:id/reactions/:name",
            "GET /.well-known/nodeinfo", "GET /nodeinfo/{version}", "GET /.well-known/host-meta",
            "GET /.well-known/host-meta.json", "GET /static/{name}", "GET /favicon.ico", "GET /about", "GET /privacy",
            "GET /accessibility", "GET /source.tar.gz", "GET /robots.txt", "GET /.well-known/change-password",
        ),
        _SITE,
    ),
    **dict.fromkeys(
        (
            "POST /api/v1/apps", "GET /api/v1/apps/verify_credentials", "POST /oauth/token", "POST /oauth/revoke",
            "GET /oauth/userinfo", "POST /oauth/userinfo", "GET /.well-known/oauth-authorization-server",
            "GET /oauth/authorize", "GET /oauth/authorize/", "POST /oauth/authorize", "GET /login", "POST /login",
            "GET /logout", "POST /logout", "GET /account", "POST /account/revoke", "POST /account/password", "GET /account/delete", "POST /account/delete",
            "GET /login/factor", "POST /login/factor", "GET /account/factor", "POST /account/factor",
            "GET /account/security", "POST /account/security/add", "POST /account/security/confirm",
            "POST /account/security/remove", "POST /account/security/codes", "POST /account/security/sessions",
        ),
        _ENTRY,
    ),
    **dict.fromkeys(
        (
            "GET /login/forgotten", "POST /login/forgotten", "GET /login/reset", "POST /login/reset",
            "GET /login/reset/{token}", "GET /account/email", "POST /account/email", "GET /account/email/{token}",
            "POST /account/email/{token}", "GET /sign-up", "POST /sign-up", "GET /sign-up/done",
            "GET /sign-up/confirm/{token}", "POST /sign-up/confirm/{token}", "GET /sign-up/parent/{token}",
            "POST /sign-up/parent/{token}", "GET /invitations/{token}", "POST /invitations/{token}",
            "GET /invitations/{token}/sign-up", "POST /invitations/{token}/sign-up", "POST /api/v1/accounts",
            "GET /first-run", "GET /first-run/addresses", "GET /first-run/keeper", "POST /first-run/keeper",
            "GET /first-run/{token}",
            "POST /api/v1/emails/confirmations",
        ),
        _ENTRY,
    ),
    **dict.fromkeys(
        (
            "GET /desk", "GET /desk/{actor}", "GET /desk/{actor}/write", "POST /desk/{actor}/write",
            "GET /desk/{actor}/posts/{id}", "POST /desk/{actor}/posts/{id}", "POST /desk/{actor}/posts/{id}/delete",
            "POST /desk/{actor}/posts/{id}/approve", "POST /desk/{actor}/posts/{id}/refuse", "GET /desk/{actor}/waiting",
            "GET /desk/{actor}/replies", "POST /desk/{actor}/replies", "POST /desk/{actor}/replies/{id}",
            "GET /desk/{actor}/team", "POST /desk/{actor}/team/invite", "POST /desk/{actor}/team/withdraw",
            "POST /desk/{actor}/team/role", "POST /desk/{actor}/team/remove", "POST /desk/{actor}/team/leave",
            "GET /desk/{actor}/profile", "POST /desk/{actor}/profile", "GET /desk/{actor}/log", "GET /desk/{actor}/move",
            "POST /desk/{actor}/move", "POST /desk/{actor}/move/back", "POST /desk/{actor}/move/alias",
        ),
        _DESK,
    ),
    **dict.fromkeys(
        (
            "GET /admin", "GET /admin/people", "GET /admin/people/new", "POST /admin/people/new", "GET /admin/people/{id}",
            "POST /admin/people/{id}/{act}", "GET /admin/accounts", "GET /admin/accounts/new", "POST /admin/accounts/new",
            "GET /admin/accounts/{id}", "POST /admin/accounts/{id}/{act}", "GET /admin/domains", "POST /admin/domains",
            "GET /admin/domains/{id}", "POST /admin/domains/{id}", "POST /admin/domains/{id}/legal", "GET /admin/audit", "POST /admin/audit",
            "GET /admin/audit/export", "GET /admin/agreements", "GET /admin/agreements/{id}",
            "POST /admin/agreements/{id}", "GET /admin/storage", "POST /admin/storage", "GET /admin/queues", "POST /admin/queues",
            "GET /admin/health", "POST /admin/health", "GET /admin/rules", "POST /admin/rules", "GET /admin/announcements",
            "POST /admin/announcements", "GET /admin/emojis", "POST /admin/emojis",
        ),
        _CONSOLE,
    ),
    **dict.fromkeys(
        (
            "GET /admin/sign-ups", "POST /admin/sign-ups/{id}", "GET /admin/sign-up-rules", "POST /admin/sign-up-rules",
            "GET /admin/invitations", "POST /admin/invitations", "GET /admin/mail", "POST /admin/mail",
        ),
        _CONSOLE,
    ),
    **dict.fromkeys(
        (
            "GET /admin/hosts", "POST /admin/hosts", "GET /admin/hosts/lists", "POST /admin/hosts/lists",
            "GET /admin/hosts/lists/export", "GET /admin/hosts/waves", "POST /admin/hosts/waves",
            "GET /admin/hosts/of/{host}", "POST /admin/hosts/of/{host}",
        ),
        _CONSOLE,
    ),
    **dict.fromkeys(
        (f"{each.method} {each.path}" for each in admin.api.routes.ENDPOINTS),
        "for keepers and moderators with a second factor; of posts those that were reported (admin/test_moderating_apps.py)",
    ),
    **dict.fromkeys(("GET /admin/reports", "GET /admin/reports/{id}", "POST /admin/reports/{id}"), _CONSOLE),
    **dict.fromkeys(
        (
            "GET /report", "POST /report", "GET /report/{token}", "POST /report/{token}", "GET /about/moderation",
            "GET /account/decisions", "GET /account/decisions/{id}", "POST /account/decisions/{id}",
        ),
        _JUDGED,
    ),
    **dict.fromkeys(("POST /inbox", "POST /users/{username}/inbox", "POST /actor/inbox"), _IN),
    **dict.fromkeys(
        (
            "GET /users/{username}/agreements/{digest}", "GET /users/{username}/announces/{digest}",
            "GET /@{name}/agreements", "GET /@{name}/agreements/{digest}", "GET /@{name}/agreements/{digest}/decide",
            "POST /@{name}/agreements/{digest}/decide",
        ),
        _AGREEMENT,
    ),
    "POST /authorize_interaction": "finds the post as GET does; wants a token of its form",
}  # fmt: skip


def served() -> frozenset[str]:
    """The addresses that the node serves, `METHOD path`."""
    endpoints = (*node.api.routes.ENDPOINTS, *admin.api.routes.ENDPOINTS)
    api = {f"{endpoint.method} {endpoint.path}" for endpoint in endpoints}
    behind = {
        "/api/{rest:path}",
        "/api/v1/admin/{rest:path}",
        "/api/v2/admin/{rest:path}",
        *(path for _, _, path in (each.partition(" ") for each in api)),
    }
    rooms = (node.api.routes, node.federation.routes, node.web.routes, admin.console.routes, admin.first_run.routes)
    tables = [held for room in rooms for held in vars(room).values() if isinstance(held, list)]
    routes = [route for table in tables for route in table if isinstance(route, BaseRoute)]
    found = set(api)
    for route in routes:
        if isinstance(route, WebSocketRoute):
            found.add(f"SOCKET {route.path}")
        elif isinstance(route, Route) and route.path not in behind:
            found.update(f"{method} {route.path}" for method in (route.methods or {"GET"}) - {"HEAD"})
    return frozenset(found)
