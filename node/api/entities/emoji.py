"""CustomEmoji: pictures in names and texts. The node's own lie in its storage; strangers' come through its cache."""

from collections.abc import Iterable
from typing import Any

from node.actors.actor import Actor, Emoji
from node.api.splicing import HOME, address
from node.media import addresses
from node.media.addresses import Kind
from node.media.emojis import CustomEmoji
from node.timeline.polls import Poll
from node.timeline.records import Post


def of_actor(actor: Actor) -> list[dict[str, Any]]:
    """The emojis of a name and a biography."""
    return _render("emoji", actor.id, actor.emojis, local=actor.local)


def of_post(post: Post) -> list[dict[str, Any]]:
    """The emojis of a text."""
    return _render("post_emoji", post.id, post.pictured, local=post.local)


def of_poll(poll: Poll) -> list[dict[str, Any]]:
    """The emojis of the post that asks: its options may have some."""
    return _render("post_emoji", poll.post_id, poll.pictured, local=poll.local)


def offered(emoji: CustomEmoji) -> dict[str, Any]:
    """One to choose from."""
    url, static = (address(addresses.of_key(HOME, key)) for key in (emoji.image_key, emoji.static_key))
    shown = {"shortcode": emoji.shortcode, "url": url, "static_url": static, "visible_in_picker": emoji.in_picker}
    return {**shown, "category": emoji.category} if emoji.category else shown


def _render(kind: Kind, owner_id: int, emojis: Iterable[Emoji], *, local: bool) -> list[dict[str, Any]]:
    found = []
    for each in emojis:
        if local:
            url, static = (address(addresses.of_key(HOME, key)) for key in (each.url, each.static or each.url))
        else:
            url = static = address(addresses.of_remote(HOME, kind, owner_id, each.url))
        found.append({"shortcode": each.shortcode, "url": url, "static_url": static, "visible_in_picker": local})
    return found
