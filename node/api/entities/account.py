"""Account, and CredentialAccount (https://docs.joinmastodon.org/entities/Account/)."""

from collections.abc import Sequence
from html import escape
from typing import Any

import orjson

from node.actors import codes
from node.actors.actor import Actor
from node.api.entities import emoji, visibility
from node.api.splicing import HOME, acct, address
from node.media import addresses
from node.runtime.clock import iso

_DAY_MS = 24 * 60 * 60 * 1000


def fragment(actor: Actor) -> bytes:
    """The account as JSON bytes with the marks of `splicing`; the same for every reader."""
    return orjson.dumps(render(actor))


def render(actor: Actor) -> dict[str, Any]:
    """The account. One that is suspended says so and nothing about itself."""
    shown = actor.active
    avatar = _picture(actor, "avatar", actor.avatar if shown else None)
    header = _picture(actor, "header", actor.header if shown else None)
    account: dict[str, Any] = {
        "id": str(actor.id),
        "username": actor.username,
        "acct": acct(actor),
        "display_name": actor.name if shown else "",
        "locked": actor.locked,
        # An organisation is neither a robot nor a group: a town is shown like anybody.
        "bot": actor.bot or actor.type in ("Application", "Service"),
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "group": actor.type == "Group",
        "created_at": iso(actor.published_ms - actor.published_ms % _DAY_MS),
        "note": actor.summary if shown else "",
        "url": actor.url or actor.uri,
        "uri": actor.uri,
        "avatar": avatar,
        "avatar_static": avatar,
        "avatar_description": actor.avatar_alt if shown else "",
        "header": header,
        "header_static": header,
        "header_description": actor.header_alt if shown else "",
        "followers_count": actor.followers_count,
        "following_count": actor.following_count,
        "statuses_count": actor.posts_count,
        "last_status_at": None if actor.last_post_ms is None else iso(actor.last_post_ms)[:10],
        "hide_collections": actor.hides_network,
        "emojis": emoji.of_actor(actor) if shown else [],
        "fields": fields(actor) if shown else [],
    }
    if actor.local:
        account["noindex"] = not actor.indexable
        account["roles"] = []
    if not shown:
        account["suspended"] = True
    if actor.limited:
        account["limited"] = True
    return account


def face(actor: Actor) -> dict[str, Any]:
    """PartialAccountWithAvatar: what stands below a line that several share."""
    whole = render(actor)
    return {name: whole[name] for name in ("id", "acct", "url", "avatar", "avatar_static", "locked", "bot")}


def fields(actor: Actor) -> list[dict[str, Any]]:
    """The lines of the profile, then its official codes and their proof: declared, not verified by a link."""
    return [
        {
            "name": line.name,
            "value": line.value,
            "verified_at": None if line.verified_ms is None else iso(line.verified_ms),
        }
        for line in actor.fields
    ] + [{"name": name, "value": escape(value), "verified_at": None} for name, value in codes.lines(actor)]


def credentials(actor: Actor, *, requests_count: int) -> dict[str, Any]:
    """CredentialAccount: the account with what only its people see."""
    return {
        **render(actor),
        "source": {
            "privacy": visibility.said(actor.post_visibility),
            "sensitive": actor.post_sensitive,
            "language": actor.post_language or None,
            "note": actor.summary_source,
            "fields": [
                {
                    "name": line.name,
                    "value": line.source,
                    "verified_at": None if line.verified_ms is None else iso(line.verified_ms),
                }
                for line in actor.fields
            ],
            "follow_requests_count": requests_count,
            "hide_collections": actor.hides_network,
            "discoverable": actor.discoverable,
            "indexable": actor.indexable,
            "attribution_domains": [],
            "quote_policy": "public",
        },
        "role": {"id": "-99", "name": "", "color": "", "permissions": "0", "highlighted": False},
    }


def profile(actor: Actor) -> dict[str, Any]:
    """Profile: what the account says of itself, as it was typed; pictures that it has not got are null."""
    shown = render(actor)
    return {
        "id": shown["id"],
        "display_name": actor.name,
        "note": actor.summary_source,
        "fields": [{"name": line.name, "value": line.source, "verified_at": None} for line in actor.fields],
        "avatar": shown["avatar"] if actor.avatar else None,
        "avatar_static": shown["avatar"] if actor.avatar else None,
        "avatar_description": actor.avatar_alt,
        "header": shown["header"] if actor.header else None,
        "header_static": shown["header"] if actor.header else None,
        "header_description": actor.header_alt,
        "locked": actor.locked,
        "bot": shown["bot"],
        "hide_collections": actor.hides_network,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        # Every profile shows what it has.
        "show_media": True,
        "show_media_replies": True,
        "show_featured": True,
        "attribution_domains": [],
    }


def mentions(actors: Sequence[Actor]) -> list[dict[str, Any]]:
    """Status::Mention, for each actor named in a post."""
    return [
        {"id": str(actor.id), "username": actor.username, "url": actor.url or actor.uri, "acct": acct(actor)}
        for actor in actors
    ]


def _picture(actor: Actor, kind: Any, held: str | None) -> orjson.Fragment:
    return address(addresses.of_actor(HOME, kind, actor.id, held, local=actor.local))
