"""Tag: a hashtag (https://docs.joinmastodon.org/entities/Tag/)."""

from typing import Any
from urllib.parse import quote

from node.api.splicing import HOME, address
from node.timeline.hashtags import Tag


def brief(tag: Tag) -> dict[str, Any]:
    """Status::Tag: the name and the page."""
    return {"name": tag.display, "url": address(f"{HOME}/tags/{quote(tag.name)}")}


def render(tag: Tag, *, following: bool | None) -> dict[str, Any]:
    """The whole tag; *following* None for a stranger. Uses are not counted here: a history without days."""
    entity: dict[str, Any] = {"id": str(tag.id), **brief(tag), "history": []}
    if following is not None:
        entity["following"] = following
        entity["featuring"] = False
    return entity
