"""MediaAttachment (https://docs.joinmastodon.org/entities/MediaAttachment/)."""

from typing import Any

from node.api.splicing import HOME, address
from node.media import addresses
from node.media.attachments import Media


def render(media: Media) -> dict[str, Any]:
    """One attachment.

    Strangers' images come through the node's cache. Their films and sounds are too large for it, and a client that
    loads them by itself would show the reader's address to a stranger: they are `unknown`, a link to follow.
    """
    entity: dict[str, Any] = {
        "id": str(media.id),
        "type": "unknown",
        "url": media.remote_url,
        "preview_url": None,
        "remote_url": media.remote_url,
        "preview_remote_url": None,
        "text_url": None,
        "meta": _meta(media),
        "description": media.description or None,
        "blurhash": media.blurhash,
    }
    if media.storage_key:
        entity["type"] = media.kind
        if media.state == "ready":  # clients ask again until there is an address
            entity["url"] = address(addresses.of_key(HOME, media.storage_key))
        shown = media.preview_key or (media.storage_key if media.kind == "image" else None)
        entity["preview_url"] = None if shown is None else address(addresses.of_key(HOME, shown))
    elif media.kind == "image" and media.remote_url:
        entity["type"] = "image"
        entity["url"] = address(addresses.of_remote(HOME, "image", media.id, media.remote_url))
        entity["preview_url"] = address(addresses.of_remote(HOME, "preview", media.id, media.remote_url))
    return entity


def _meta(media: Media) -> dict[str, Any]:
    meta: dict[str, Any] = {}
    if media.width and media.height:
        meta["original"] = _size(media.width, media.height)
        # Of a stranger's image no preview was made yet; its shape is what clients need before it loads.
        meta["small"] = _size(media.preview_width or media.width, media.preview_height or media.height)
    if media.kind in ("video", "audio") and media.duration_ms:
        played = {"duration": media.duration_ms / 1000, "bitrate": media.size_bytes * 8_000 // media.duration_ms}
        meta["original"] = meta.get("original", {}) | played
    if media.focus_x is not None and media.focus_y is not None:
        meta["focus"] = {"x": media.focus_x, "y": media.focus_y}
    return meta


def _size(width: int, height: int) -> dict[str, Any]:
    return {"width": width, "height": height, "size": f"{width}x{height}", "aspect": width / height}
