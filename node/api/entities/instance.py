"""Instance, as version 2 and 1 (https://docs.joinmastodon.org/entities/Instance/). Several clients crash on a missing part."""

from typing import Any

from node import __version__
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.figures import Figures
from node.actors.local import MAX_FIELD_NAME_CHARS, MAX_FIELD_VALUE_CHARS, MAX_FIELDS
from node.api.entities import account, rule
from node.api.splicing import HOME, address
from node.media import addresses, images, recordings
from node.media.attachments import MAX_DESCRIPTION_CHARS
from node.moderation import sign_ups
from node.moderation.asked import MIN_AGE
from node.moderation.rules import Rule
from node.runtime.context import Context
from node.runtime.text.composing import URL_COUNTS_AS_CHARS
from node.timeline import polls
from node.timeline.attached import MAX_LOCAL
from node.timeline.pins import MAX_PINS

VERSION = f"4.5.0 (compatible; Beffroi {__version__})"
"""Clients read the number to know what they may ask for; the words say who answers."""
LANGUAGES = ("fr", "en")


def version2(
    ctx: Context, domain: Domain, *, contact: Actor | None, active_people: int, rules: list[Rule], vapid_key: str
) -> dict[str, Any]:
    """Instance."""
    return {
        "domain": domain.handle_host,
        "title": domain.name,
        "version": VERSION,
        "source_url": address(f"{HOME}/about"),
        "description": domain.description,
        "usage": {"users": {"active_month": active_people}},
        "thumbnail": {"url": _thumbnail(), "blurhash": None, "versions": {}},
        "icon": [],
        "languages": LANGUAGES,
        "configuration": _configuration(ctx, domain, vapid_key),
        "registrations": {
            "enabled": sign_ups.open_to(ctx, domain),
            "approval_required": domain.registrations == "approval",
            "reason_required": domain.registrations == "approval",
            "message": None,
            "min_age": MIN_AGE,
            "url": None,
        },
        # A promise: clients turn features on by it. 2 is grouped notifications, 3 PKCE, 4 standard Web Push; 5 and
        # more are not done.
        "api_versions": {"mastodon": 4},
        "contact": {
            "email": domain.contact_email,
            "account": None if contact is None else account.render(contact),
        },
        "rules": rule.render_all(rules),
    }


def version1(
    ctx: Context, domain: Domain, *, contact: Actor | None, figures: Figures, rules: list[Rule], vapid_key: str
) -> dict[str, Any]:
    """V1::Instance."""
    configuration = _configuration(ctx, domain, vapid_key)
    streaming = configuration.pop("urls")["streaming"]
    return {
        "uri": domain.handle_host,
        "title": domain.name,
        "short_description": domain.description,
        "description": domain.description,
        "email": domain.contact_email,
        "version": VERSION,
        "urls": {"streaming_api": streaming},
        "stats": {
            "user_count": figures.accounts,
            "status_count": figures.posts,
            "domain_count": figures.known_hosts,
        },
        "thumbnail": _thumbnail(),
        "languages": LANGUAGES,
        "registrations": sign_ups.open_to(ctx, domain),
        "approval_required": domain.registrations == "approval",
        "invites_enabled": False,  # a keeper's or an owner's, not a client's
        "configuration": configuration,
        "contact_account": None if contact is None else account.render(contact),
        "rules": rule.render_all(rules),
        "max_toot_chars": ctx.settings.max_post_characters,
    }


def _thumbnail() -> Any:
    return address(addresses.of_default(HOME, "header"))


def _configuration(ctx: Context, domain: Domain, vapid_key: str) -> dict[str, Any]:
    socket = "wss" if ctx.settings.scheme == "https" else "ws"
    return {
        "urls": {
            "streaming": f"{socket}://{domain.service_host}",
            "status": None,
            "about": f"{ctx.settings.scheme}://{domain.service_host}/about",
            "privacy_policy": f"{ctx.settings.scheme}://{domain.service_host}/privacy",
            "terms_of_service": None,
        },
        "vapid": {"public_key": vapid_key},
        "accounts": {
            "max_featured_tags": 0,
            "max_pinned_statuses": MAX_PINS,
            "max_profile_fields": MAX_FIELDS,
            "profile_field_name_limit": MAX_FIELD_NAME_CHARS,
            "profile_field_value_limit": MAX_FIELD_VALUE_CHARS,
        },
        "statuses": {
            "max_characters": ctx.settings.max_post_characters,
            "max_media_attachments": MAX_LOCAL,
            "characters_reserved_per_url": URL_COUNTS_AS_CHARS,
        },
        "media_attachments": {
            "description_limit": MAX_DESCRIPTION_CHARS,
            "supported_mime_types": (*images.ACCEPTED_MIMES, *recordings.ACCEPTED_MIMES),
            "image_size_limit": images.MAX_BYTES,
            "image_matrix_limit": 40_000_000,
            "video_size_limit": recordings.MAX_BYTES,
            "video_frame_rate_limit": recordings.MAX_FRAME_RATE,
            "video_matrix_limit": recordings.MAX_PIXELS,
        },
        "polls": {
            "max_options": polls.MAX_OPTIONS,
            "max_characters_per_option": polls.MAX_OPTION_CHARS,
            "min_expiration": polls.MIN_OPEN_S,
            "max_expiration": polls.MAX_OPEN_S,
        },
        "translation": {"enabled": False},
        "limited_federation": False,
        "timelines_access": {
            "live_feeds": {"local": "public", "remote": "public"},
            "hashtag_feeds": {"local": "public", "remote": "public"},
            "trending_link_feeds": {"local": "disabled", "remote": "disabled"},
        },
    }
