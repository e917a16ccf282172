"""Reactions of a status, in the two forms that clients beyond Mastodon know: `reactions` (Iceshrimp, glitch-soc's forks)
and `pleroma.emoji_reactions` (Pleroma, Akkoma)."""  # noqa: D205, D209

from collections.abc import Sequence
from typing import Any

import orjson

from node.api.splicing import HOME, address
from node.media import addresses
from node.timeline.emoji_reactions import Counted


def members(found: Sequence[Counted]) -> bytes:
    """Members of the status, each with a comma before it. People of this node do not react: `me` is false."""
    shown = [_one(each) for each in found]
    both = {"reactions": shown, "pleroma": {"emoji_reactions": shown}}
    return b"," + orjson.dumps(both)[1:-1]


def _one(counted: Counted) -> dict[str, Any]:
    said: dict[str, Any] = {"name": counted.name, "count": counted.count, "me": False}
    if counted.picture is not None:
        said["url"] = said["static_url"] = address(
            addresses.of_remote(HOME, "reaction", counted.reaction_id, counted.picture)
        )
    return said
