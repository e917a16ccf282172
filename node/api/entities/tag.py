"""Tag: a hashtag (https://docs.joinmastodon.org/entities/Tag/)."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import quote

from node.api.splicing import HOME, address
from node.runtime.clock import iso
from node.timeline.featured_tags import Featured
from node.timeline.hashtags import Tag
from node.timeline.search.hashtags import Day


def brief(tag: Tag) -> dict[str, Any]:
    """Status::Tag: the name and the page."""
    return {"name": tag.display, "url": address(f"{HOME}/tags/{quote(tag.name)}")}


def render(tag: Tag, history: Sequence[Day], *, following: bool | None, featuring: bool = False) -> dict[str, Any]:
    """The whole tag; *following* None for a stranger."""
    entity: dict[str, Any] = {"id": str(tag.id), **brief(tag), "history": [_day(each) for each in history]}
    if following is not None:
        entity["following"] = following
        entity["featuring"] = featuring
    return entity


def featured(shown: Featured) -> dict[str, Any]:
    """FeaturedTag: what an account shows on its profile. The address is its hashtag's page: a profile has none for one."""
    last = None if shown.last_ms is None else iso(shown.last_ms)[:10]
    return {
        "id": str(shown.id),
        "name": shown.tag.display,
        "url": address(f"{HOME}/tags/{quote(shown.tag.name)}"),
        "statuses_count": str(shown.count),
        "last_status_at": last,
    }


def _day(day: Day) -> dict[str, str]:
    return {"day": str(day.begins_ms // 1000), "uses": str(day.uses), "accounts": str(day.accounts)}
