"""Custom emojis of ours as documents, and as tags of what uses them (https://docs.joinmastodon.org/spec/activitypub/#Emoji)."""

from collections.abc import Iterable
from typing import Any

from node.actors.actor import Emoji
from node.media import addresses
from node.media.emojis import CustomEmoji
from node.runtime.clock import iso


def document(home: str, emoji: CustomEmoji) -> dict[str, Any]:
    """One of ours; *home* is `https://service.host`."""
    return _written(home, emoji.id, emoji.shortcode, emoji.image_key, emoji.updated_ms)


def tags(home: str, emojis: Iterable[Emoji]) -> list[dict[str, Any]]:
    """Those that a text of ours uses."""
    return [_written(home, each.id, each.shortcode, each.url, each.updated_ms) for each in emojis]


def _written(home: str, emoji_id: int, shortcode: str, key: str, updated_ms: int) -> dict[str, Any]:
    icon = {"type": "Image", "mediaType": addresses.MIMES[key.rpartition(".")[2]], "url": addresses.of_key(home, key)}
    return {
        "id": f"{home}/emojis/{emoji_id}", "type": "Emoji", "name": f":{shortcode}:", "updated": iso(updated_ms),
        "icon": icon,
    }  # fmt: skip
