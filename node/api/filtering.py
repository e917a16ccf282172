"""Which of a reader's filters the statuses of a page meet: in their words as she reads them, so without a query."""

import re
from collections.abc import Mapping, Sequence
from html import unescape
from typing import Any

import orjson

from node.api.entities import filter as entity
from node.timeline.filters import Ready
from node.timeline.shown import BOOSTED_ID, POST_ID, Line

_BREAK = re.compile(r"<br\s*/?>|</p>|</li>|</h[1-6]>")
_MARKS = bytes(range(0x20))
_TAG = re.compile(r"<[^>]*>")


def met(ready: Ready, lines: Sequence[tuple[Line, bytes]], hanging: Mapping[int, bytes]) -> dict[int, bytes]:
    """By the id of each status, and of what a boost boosts, that meets any: its `filtered`.

    *lines*: the row of each, and the start of its status (see `rendering`).
    """
    if not ready.filters:
        return {}
    found: dict[int, bytes] = {}
    for row, start in lines:
        post_id, boosted_id = row[POST_ID], row[BOOSTED_ID]
        # The marks of `splicing` stand for addresses only.
        said = orjson.loads(start.translate(None, _MARKS) + (b"}" if boosted_id is None else b"}}"))
        shown = said if boosted_id is None else said["reblog"]
        ids = [post_id] if boosted_id is None else [boosted_id, post_id]
        matches = ready.meets(ids, text(shown, hanging.get(ids[0], b"")))
        if matches:
            rendered = orjson.dumps(entity.results(ready, matches))
            found |= dict.fromkeys(ids, rendered)
    return found


def text(said: Mapping[str, Any], hanging: bytes = b"") -> str:
    """What a status says: warning, words, descriptions of its media, answers of its poll."""
    pieces = [said["spoiler_text"], unescape(_TAG.sub("", _BREAK.sub("\n", said["content"])))]
    pieces += [each["description"] for each in said["media_attachments"] if each["description"]]
    if b'"poll":{' in hanging:
        poll = orjson.loads(b"{" + hanging.removeprefix(b",").translate(None, _MARKS) + b"}").get("poll")
        pieces += [option["title"] for option in (poll or {}).get("options", ())]
    return "\n\n".join(pieces)
