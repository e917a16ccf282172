"""CustomEmoji: pictures in names and texts. The node has none of its own yet; strangers' come through its cache."""

from collections.abc import Iterable, Mapping
from typing import Any

from node.actors.actor import Actor
from node.api.splicing import HOME, address
from node.media import addresses
from node.media.addresses import Kind
from node.timeline.records import Post


def of_actor(actor: Actor) -> list[dict[str, Any]]:
    """The emojis of a name and a biography."""
    return _render("emoji", actor.id, ((each.shortcode, each.url) for each in actor.emojis))


def of_post(post: Post) -> list[dict[str, Any]]:
    """The emojis of a text."""
    return [] if post.emojis == "[]" else _render("post_emoji", post.id, post.emoji_urls.items())


def of_texts(post_id: int, emoji_urls: Mapping[str, str]) -> list[dict[str, Any]]:
    """The emojis of other texts of a post: the options of its poll."""
    return _render("post_emoji", post_id, emoji_urls.items())


def _render(kind: Kind, owner_id: int, emojis: Iterable[tuple[str, str]]) -> list[dict[str, Any]]:
    found = []
    for shortcode, url in emojis:
        shown = address(addresses.of_remote(HOME, kind, owner_id, url))
        found.append({"shortcode": shortcode, "url": shown, "static_url": shown, "visible_in_picker": False})
    return found
