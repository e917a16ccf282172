"""ONE table: every endpoint of the client API, the hottest first. docs/clients.md says the same in words."""

from typing import Final

from starlette.routing import BaseRoute, Route, WebSocketRoute

from node.api import (
    about,
    accounts,
    announcements,
    circles,
    conversations,
    credentials,
    custom_emojis,
    deliveries,
    directory,
    endorsements,
    files,
    filters,
    host_blocks,
    instance,
    interaction_policies,
    interaction_requests,
    limits,
    lists,
    marks,
    media,
    mutes,
    notification_groups,
    notification_policies,
    notifications,
    oauth,
    old_filters,
    polls,
    push,
    quotes,
    registrations,
    reports,
    scheduled,
    search,
    statuses,
    suggestions,
    tags,
    timelines,
    trends,
    waiting,
)
from node.api.dispatch import ClientApi, Endpoint
from node.api.openapi import document
from node.api.streaming.socket import socket
from node.api.streaming.sse import ServerSentEvents

E = Endpoint  # a line of the table is read, not spelled

ENDPOINTS: Final[tuple[Endpoint, ...]] = (
    # Timelines
    E("GET", "/api/v1/timelines/home", timelines.at_home, "person", "read:statuses"),
    E("GET", "/api/v1/timelines/public", timelines.for_all, "anyone", "read:statuses"),
    E("GET", "/api/v1/timelines/tag/:hashtag", timelines.tagged, "anyone", "read:statuses"),
    E("GET", "/api/v1/timelines/list/:id", lists.posts, "person", "read:lists"),
    E("GET", "/api/v1/timelines/direct", conversations.posts, "person", "read:statuses"),
    # Private talks
    E("GET", "/api/v1/conversations", conversations.listed, "person", "read:statuses"),
    E("DELETE", "/api/v1/conversations/:id", conversations.forget, "person", "write:conversations"),
    E("POST", "/api/v1/conversations/:id/read", conversations.read, "person", "write:conversations"),
    E("POST", "/api/v1/conversations/:id/unread", conversations.unread, "person", "write:conversations"),
    # Notifications and markers
    E("GET", "/api/v1/notifications", notifications.listed, "person", "read:notifications"),
    E("GET", "/api/v1/notifications/unread_count", notifications.unread, "person", "read:notifications"),
    E("POST", "/api/v1/notifications/clear", notifications.clear, "person", "write:notifications"),
    E("POST", "/api/v1/notifications/dismiss", notifications.dismiss_named, "person", "write:notifications"),
    *(
        E(method, f"/api/v{version}/notifications/policy", handler, "person", f"{scope}:notifications")
        for version, show, change in (
            (1, notification_policies.show_version1, notification_policies.change_version1),
            (2, notification_policies.show, notification_policies.change),
        )
        for method, handler, scope in (("GET", show, "read"), ("PATCH", change, "write"), ("PUT", change, "write"))
    ),
    E("GET", "/api/v1/notifications/requests", notification_policies.listed, "person", "read:notifications"),
    E("GET", "/api/v1/notifications/requests/merged", notification_policies.merged, "person", "read:notifications"),
    E(
        "POST",
        "/api/v1/notifications/requests/accept",
        notification_policies.accept_several,
        "person",
        "write:notifications",
    ),
    E(
        "POST",
        "/api/v1/notifications/requests/dismiss",
        notification_policies.dismiss_several,
        "person",
        "write:notifications",
    ),
    E("GET", "/api/v1/notifications/requests/:id", notification_policies.show_request, "person", "read:notifications"),
    E(
        "POST",
        "/api/v1/notifications/requests/:id/accept",
        notification_policies.accept,
        "person",
        "write:notifications",
    ),
    E(
        "POST",
        "/api/v1/notifications/requests/:id/dismiss",
        notification_policies.dismiss,
        "person",
        "write:notifications",
    ),
    E("GET", "/api/v2/notifications", notification_groups.listed, "person", "read:notifications"),
    E("GET", "/api/v2/notifications/unread_count", notification_groups.unread, "person", "read:notifications"),
    E("GET", "/api/v2/notifications/:group_key", notification_groups.show, "person", "read:notifications"),
    E("GET", "/api/v2/notifications/:group_key/accounts", notification_groups.accounts, "person", "read:notifications"),
    E("POST", "/api/v2/notifications/:group_key/dismiss", notification_groups.dismiss, "person", "write:notifications"),
    E("GET", "/api/v1/notifications/:id", notifications.show, "person", "read:notifications"),
    E("POST", "/api/v1/notifications/:id/dismiss", notifications.dismiss, "person", "write:notifications"),
    E("GET", "/api/v1/markers", notifications.read_markers, "person", "read:statuses"),
    E("POST", "/api/v1/markers", notifications.save_markers, "person", "write:statuses"),
    # Web Push
    E("GET", "/api/v1/push/subscription", push.show, "person", "push"),
    E("POST", "/api/v1/push/subscription", push.subscribe, "person", "push"),
    E("PUT", "/api/v1/push/subscription", push.change, "person", "push"),
    E("PATCH", "/api/v1/push/subscription", push.change, "person", "push"),
    E("DELETE", "/api/v1/push/subscription", push.end, "person", "push"),
    # Statuses
    E("POST", "/api/v1/statuses", statuses.publish, "person", "write:statuses"),
    E("GET", "/api/v1/statuses", statuses.several, "anyone", "read:statuses"),
    E("GET", "/api/v1/statuses/:id", statuses.show, "anyone", "read:statuses"),
    E("PUT", "/api/v1/statuses/:id", statuses.edit, "person", "write:statuses"),
    E("PATCH", "/api/v1/statuses/:id", statuses.edit, "person", "write:statuses"),
    E("DELETE", "/api/v1/statuses/:id", statuses.delete, "person", "write:statuses"),
    E("GET", "/api/v1/statuses/:id/context", statuses.context, "anyone", "read:statuses"),
    E("GET", "/api/v1/statuses/:id/source", statuses.source, "person", "read:statuses"),
    E("GET", "/api/v1/statuses/:id/history", statuses.history, "anyone", "read:statuses"),
    E("GET", "/api/v1/statuses/:id/card", statuses.card, "anyone", "read:statuses"),
    E("GET", "/api/v1/beffroi/statuses/:id/deliveries", deliveries.show, "person", "read:statuses"),
    # What contributors wrote, and nobody approved yet
    E("GET", "/api/v1/beffroi/statuses/waiting", waiting.listed, "person", "read:statuses", act="see drafts"),
    E("POST", "/api/v1/beffroi/statuses/:id/approve", waiting.approve, "person", "write:statuses", act="approve"),
    E("POST", "/api/v1/beffroi/statuses/:id/refuse", waiting.refuse, "person", "write:statuses", act="approve"),
    # What is to be published later
    E("GET", "/api/v1/scheduled_statuses", scheduled.listed, "person", "read:statuses", act="see drafts"),
    E("GET", "/api/v1/scheduled_statuses/:id", scheduled.show, "person", "read:statuses", act="see drafts"),
    E("PUT", "/api/v1/scheduled_statuses/:id", scheduled.change_time, "person", "write:statuses"),
    E("PATCH", "/api/v1/scheduled_statuses/:id", scheduled.change_time, "person", "write:statuses"),
    E("DELETE", "/api/v1/scheduled_statuses/:id", scheduled.cancel, "person", "write:statuses"),
    E("POST", "/api/v1/statuses/:id/favourite", marks.favourite, "person", "write:favourites"),
    E("POST", "/api/v1/statuses/:id/unfavourite", marks.unfavourite, "person", "write:favourites"),
    E("GET", "/api/v1/statuses/:id/favourited_by", marks.favourited_by, "anyone", "read:statuses"),
    E("POST", "/api/v1/statuses/:id/reblog", marks.reblog, "person", "write:statuses", act="interact"),
    E("POST", "/api/v1/statuses/:id/unreblog", marks.unreblog, "person", "write:statuses", act="interact"),
    E("GET", "/api/v1/statuses/:id/reblogged_by", marks.reblogged_by, "anyone", "read:statuses"),
    E("POST", "/api/v1/statuses/:id/bookmark", marks.bookmark, "person", "write:bookmarks"),
    E("POST", "/api/v1/statuses/:id/unbookmark", marks.unbookmark, "person", "write:bookmarks"),
    E("POST", "/api/v1/statuses/:id/pin", marks.pin, "person", "write:accounts"),
    E("POST", "/api/v1/statuses/:id/unpin", marks.unpin, "person", "write:accounts"),
    E("POST", "/api/v1/statuses/:id/mute", mutes.mute_conversation, "person", "write:mutes"),
    E("POST", "/api/v1/statuses/:id/unmute", mutes.unmute_conversation, "person", "write:mutes"),
    E("GET", "/api/v1/bookmarks", marks.bookmarked, "person", "read:bookmarks"),
    E("GET", "/api/v1/favourites", marks.favourited, "person", "read:favourites"),
    # Quotes
    E("GET", "/api/v1/statuses/:id/quotes", quotes.listed, "anyone", "read:statuses"),
    E(
        "POST",
        "/api/v1/statuses/:id/quotes/:quoting_status_id/revoke",
        quotes.revoke,
        "person",
        "write:statuses",
        act="edit any post",
    ),
    E(
        "PUT",
        "/api/v1/statuses/:id/interaction_policy",
        quotes.change_policy,
        "person",
        "write:statuses",
        act="edit any post",
    ),
    # Who may reply, and replies that wait for a yes (GoToSocial's)
    E("GET", "/api/v1/interaction_policies/defaults", interaction_policies.defaults, "person", "read:accounts"),
    E(
        "PATCH",
        "/api/v1/interaction_policies/defaults",
        interaction_policies.change_defaults,
        "person",
        "write:accounts",
    ),
    E("GET", "/api/v1/interaction_requests", interaction_requests.listed, "person", "read:notifications"),
    E("GET", "/api/v1/interaction_requests/:id", interaction_requests.show, "person", "read:notifications"),
    E(
        "POST",
        "/api/v1/interaction_requests/:id/authorize",
        interaction_requests.authorize,
        "person",
        "write:statuses",
        act="judge replies",
    ),
    E(
        "POST",
        "/api/v1/interaction_requests/:id/reject",
        interaction_requests.reject,
        "person",
        "write:statuses",
        act="judge replies",
    ),
    # Polls
    E("GET", "/api/v1/polls/:id", polls.show, "anyone", "read:statuses"),
    E("POST", "/api/v1/polls/:id/votes", polls.vote, "person", "write:statuses", act="interact"),
    # Accounts
    E("GET", "/api/v1/accounts/verify_credentials", credentials.verify, "person", "read:accounts"),
    E("GET", "/api/v1/accounts/relationships", accounts.relationships, "person", "read:follows"),
    E("GET", "/api/v1/accounts/familiar_followers", accounts.familiar_followers, "person", "read:follows"),
    E("GET", "/api/v1/accounts/lookup", accounts.lookup, "anyone", "read:accounts"),
    E("GET", "/api/v1/accounts/search", accounts.find, "person", "read:accounts"),
    E("GET", "/api/v2/suggestions", suggestions.version2, "person", "read:accounts"),
    E("GET", "/api/v1/suggestions", suggestions.version1, "person", "read:accounts"),
    E("DELETE", "/api/v1/suggestions/:id", suggestions.decline, "person", "write:accounts", act="interact"),
    E("GET", "/api/v1/directory", directory.listed, "anyone", "read:accounts"),
    E("GET", "/api/v1/accounts", accounts.several, "anyone", "read:accounts"),
    E("GET", "/api/v1/accounts/:id", accounts.show, "anyone", "read:accounts"),
    E("GET", "/api/v1/accounts/:id/statuses", accounts.statuses, "anyone", "read:statuses"),
    E("GET", "/api/v1/accounts/:id/followers", accounts.followers, "anyone", "read:accounts"),
    E("GET", "/api/v1/accounts/:id/following", accounts.following, "anyone", "read:accounts"),
    E("POST", "/api/v1/accounts/:id/follow", circles.follow, "person", "write:follows"),
    E("POST", "/api/v1/accounts/:id/unfollow", circles.unfollow, "person", "write:follows"),
    E("POST", "/api/v1/accounts/:id/remove_from_followers", circles.remove_from_followers, "person", "write:follows"),
    E("POST", "/api/v1/accounts/:id/block", circles.block, "person", "write:blocks"),
    E("POST", "/api/v1/accounts/:id/unblock", circles.unblock, "person", "write:blocks"),
    E("GET", "/api/v1/blocks", circles.blocked, "person", "read:blocks"),
    E("POST", "/api/v1/accounts/:id/mute", mutes.mute, "person", "write:mutes"),
    E("POST", "/api/v1/accounts/:id/unmute", mutes.unmute, "person", "write:mutes"),
    E("GET", "/api/v1/mutes", mutes.muted, "person", "read:mutes"),
    E("POST", "/api/v1/accounts/:id/note", mutes.note, "person", "write:accounts", act="interact"),
    E("GET", "/api/v1/domain_blocks", host_blocks.listed, "person", "read:blocks"),
    E("GET", "/api/v1/domain_blocks/preview", host_blocks.preview, "person", "read:blocks"),
    E("POST", "/api/v1/domain_blocks", host_blocks.block, "person", "write:blocks"),
    E("DELETE", "/api/v1/domain_blocks", host_blocks.unblock, "person", "write:blocks"),
    *(
        E("POST", f"/api/v1/accounts/:id/{verb}", endorsements.endorse, "person", "write:accounts")
        for verb in ("endorse", "pin")
    ),
    *(
        E("POST", f"/api/v1/accounts/:id/{verb}", endorsements.withdraw, "person", "write:accounts")
        for verb in ("unendorse", "unpin")
    ),
    E("GET", "/api/v1/endorsements", endorsements.own, "person", "read:accounts"),
    E("GET", "/api/v1/accounts/:id/endorsements", endorsements.of_account, "anyone", "read:accounts"),
    E("GET", "/api/v1/follow_requests", circles.requests, "person", "read:follows"),
    E("POST", "/api/v1/follow_requests/:id/authorize", circles.authorize, "person", "write:follows"),
    E("POST", "/api/v1/follow_requests/:id/reject", circles.reject, "person", "write:follows"),
    *(
        E(
            method,
            "/api/v1/accounts/update_credentials",
            credentials.update,
            "person",
            "write:accounts",
            max_body_bytes=credentials.MAX_BODY_BYTES,
        )
        for method in ("PATCH", "PUT")
    ),
    E("GET", "/api/v1/profile", credentials.profile, "person", "read:accounts"),
    *(
        E(
            method,
            "/api/v1/profile",
            credentials.update_profile,
            "person",
            "write:accounts",
            max_body_bytes=credentials.MAX_BODY_BYTES,
        )
        for method in ("PATCH", "PUT")
    ),
    E("DELETE", "/api/v1/profile/avatar", credentials.remove_avatar, "person", "write:accounts"),
    E("DELETE", "/api/v1/profile/header", credentials.remove_header, "person", "write:accounts"),
    E("GET", "/api/v1/preferences", credentials.preferences, "person", "read:accounts"),
    # Lists: the territories that an account follows
    E("GET", "/api/v1/lists", lists.every, "person", "read:lists"),
    E("GET", "/api/v1/lists/:id", lists.show, "person", "read:lists"),
    E("GET", "/api/v1/lists/:id/accounts", lists.members, "person", "read:lists"),
    E("GET", "/api/v1/accounts/:id/lists", lists.of_account, "person", "read:lists"),
    E("POST", "/api/v1/lists", lists.make, "person", "write:lists"),
    E("PUT", "/api/v1/lists/:id", lists.change, "person", "write:lists"),
    E("PATCH", "/api/v1/lists/:id", lists.change, "person", "write:lists"),
    E("DELETE", "/api/v1/lists/:id", lists.delete, "person", "write:lists"),
    E("POST", "/api/v1/lists/:id/accounts", lists.add, "person", "write:lists"),
    E("DELETE", "/api/v1/lists/:id/accounts", lists.remove, "person", "write:lists"),
    # Filters, version 2, and version 1 of the same
    E("GET", "/api/v2/filters", filters.listed, "person", "read:filters"),
    E("POST", "/api/v2/filters", filters.make, "person", "write:filters"),
    E("GET", "/api/v2/filters/:id", filters.show, "person", "read:filters"),
    E("PUT", "/api/v2/filters/:id", filters.change, "person", "write:filters"),
    E("PATCH", "/api/v2/filters/:id", filters.change, "person", "write:filters"),
    E("DELETE", "/api/v2/filters/:id", filters.delete, "person", "write:filters"),
    E("GET", "/api/v2/filters/:id/keywords", filters.keywords, "person", "read:filters"),
    E("POST", "/api/v2/filters/:id/keywords", filters.add_keyword, "person", "write:filters"),
    E("GET", "/api/v2/filters/keywords/:id", filters.keyword, "person", "read:filters"),
    E("PUT", "/api/v2/filters/keywords/:id", filters.change_keyword, "person", "write:filters"),
    E("PATCH", "/api/v2/filters/keywords/:id", filters.change_keyword, "person", "write:filters"),
    E("DELETE", "/api/v2/filters/keywords/:id", filters.delete_keyword, "person", "write:filters"),
    E("GET", "/api/v2/filters/:id/statuses", filters.statuses, "person", "read:filters"),
    E("POST", "/api/v2/filters/:id/statuses", filters.add_status, "person", "write:filters"),
    E("GET", "/api/v2/filters/statuses/:id", filters.status, "person", "read:filters"),
    E("DELETE", "/api/v2/filters/statuses/:id", filters.remove_status, "person", "write:filters"),
    E("GET", "/api/v1/filters", old_filters.listed, "person", "read:filters"),
    E("POST", "/api/v1/filters", old_filters.make, "person", "write:filters"),
    E("GET", "/api/v1/filters/:id", old_filters.show, "person", "read:filters"),
    E("PUT", "/api/v1/filters/:id", old_filters.change, "person", "write:filters"),
    E("PATCH", "/api/v1/filters/:id", old_filters.change, "person", "write:filters"),
    E("DELETE", "/api/v1/filters/:id", old_filters.delete, "person", "write:filters"),
    # Telling the keepers
    E("POST", "/api/v1/reports", reports.file, "person", "write:reports", limit=reports.LIMIT),
    # Making an account
    E("POST", "/api/v1/accounts", registrations.ask, "app", "write:accounts"),
    E("POST", "/api/v1/emails/confirmations", registrations.confirm_again, "app"),
    # Media
    *(
        E("POST", path, handler, "person", "write:media", limit=limits.MEDIA, max_body_bytes=media.MAX_BODY_BYTES)
        for path, handler in (("/api/v2/media", media.upload), ("/api/v1/media", media.upload_and_wait))
    ),
    E("GET", "/api/v1/media/:id", media.show, "person", "write:media"),
    *(
        E(method, "/api/v1/media/:id", media.describe, "person", "write:media", max_body_bytes=media.MAX_BODY_BYTES)
        for method in ("PUT", "PATCH")
    ),
    E("DELETE", "/api/v1/media/:id", media.remove, "person", "write:media"),
    # Search and hashtags
    E("GET", "/api/v2/search", search.everything, "anyone", "read:search"),
    E("GET", "/api/v1/search", search.version1, "anyone", "read:search"),
    # What is talked about
    E("GET", "/api/v1/trends", trends.of_tags, "anyone"),
    E("GET", "/api/v1/trends/tags", trends.of_tags, "anyone"),
    E("GET", "/api/v1/trends/statuses", trends.of_statuses, "anyone", "read:statuses"),
    E("GET", "/api/v1/tags/:name", tags.show, "anyone", "read:follows"),
    E("POST", "/api/v1/tags/:name/follow", tags.follow, "person", "write:follows"),
    E("POST", "/api/v1/tags/:name/unfollow", tags.unfollow, "person", "write:follows"),
    E("POST", "/api/v1/tags/:name/feature", tags.feature_by_name, "person", "write:accounts"),
    E("POST", "/api/v1/tags/:name/unfeature", tags.unfeature_by_name, "person", "write:accounts"),
    E("GET", "/api/v1/followed_tags", tags.followed, "person", "read:follows"),
    E("GET", "/api/v1/featured_tags", tags.featured, "person", "read:accounts"),
    E("POST", "/api/v1/featured_tags", tags.feature, "person", "write:accounts"),
    E("DELETE", "/api/v1/featured_tags/:id", tags.unfeature, "person", "write:accounts"),
    E("GET", "/api/v1/featured_tags/suggestions", tags.suggested, "person", "read:accounts"),
    E("GET", "/api/v1/accounts/:id/featured_tags", tags.featured_of, "anyone", "read:accounts"),
    # The instance
    E("GET", "/api/v2/instance", instance.version2, "open"),
    E("GET", "/api/v1/instance", instance.version1, "open"),
    E("GET", "/api/v1/instance/rules", instance.rules, "open"),
    E("GET", "/api/v1/instance/extended_description", instance.extended_description, "open"),
    E("GET", "/api/v1/instance/privacy_policy", about.privacy_policy, "open"),
    E("GET", "/api/v1/instance/peers", about.peers, "open"),
    E("GET", "/api/v1/instance/activity", about.activity, "open"),
    E("GET", "/api/v1/instance/domain_blocks", about.domain_blocks, "anyone"),
    E("GET", "/api/oembed", about.oembed, "open"),
    E("GET", "/api/v1/instance/translation_languages", instance.translation_languages, "open"),
    E("GET", "/api/v1/custom_emojis", custom_emojis.offered, "open"),
    E("GET", "/api/v1/announcements", announcements.every, "person"),
    E("POST", "/api/v1/announcements/:id/dismiss", announcements.dismiss, "person", "write:accounts", act="look"),
    E("PUT", "/api/v1/announcements/:id/reactions/:name", announcements.react, "person", "write:favourites"),
    E("DELETE", "/api/v1/announcements/:id/reactions/:name", announcements.take_back, "person", "write:favourites"),
    # Applications and OAuth
    E("POST", "/api/v1/apps", oauth.register, "open"),
    E("GET", "/api/v1/apps/verify_credentials", oauth.verify_app, "app"),
    E("POST", "/oauth/token", oauth.token, "open"),
    E("POST", "/oauth/revoke", oauth.revoke, "open"),
    E("GET", "/oauth/userinfo", oauth.userinfo, "person", "profile"),
    E("POST", "/oauth/userinfo", oauth.userinfo, "person", "profile"),
    E("GET", "/.well-known/oauth-authorization-server", oauth.discovery, "open"),
    # All of this table, for programs
    E("GET", "/api/openapi.json", document.answering(lambda: routes), "open"),
)

api = ClientApi(ENDPOINTS)

routes: list[BaseRoute] = [
    WebSocketRoute("/api/v1/streaming", socket),
    WebSocketRoute("/api/v1/streaming/", socket),
    Route("/api/v1/streaming", ServerSentEvents()),
    Route("/api/v1/streaming/{rest:path}", ServerSentEvents()),
    Route("/api/{rest:path}", api),
    Route("/oauth/token", api),
    Route("/oauth/revoke", api),
    Route("/oauth/userinfo", api),
    Route("/.well-known/oauth-authorization-server", api),
    Route("/media/cache/{kind}/{id}/{version}", files.cached, methods=["GET"]),
    Route("/media/default/{name}", files.default, methods=["GET"]),
    Route("/media/{folder}/{name}", files.uploaded, methods=["GET"]),
]
