"""Emoji reactions: EmojiReact (FEP-c0e0), and Likes that say with which emoji (Misskey)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from node.federation.vocab import tags
from node.federation.vocab.tags import Emoji

TYPES: Final = frozenset({"EmojiReact", "Like", "Dislike"})
_MAX_CHARS: Final = 150
# One emoji (UTS 51): a flag, a keycap, or pictures joined by ZWJ, each with a variation, a skin tone or tags
_PICTURE: Final = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21ff\u2300-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b00-\u2bff\u3030"
    r"\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_PART: Final = _PICTURE + r"\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]{0,10}\ufe0e?"
_EMOJI: Final = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d{_PART}){{0,9}}", re.UNICODE
)


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that stands for a like."""

    content: str
    """One emoji of Unicode, or the name of *emoji* without colons."""
    emoji: Emoji | None
    """The picture of a custom one."""


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> Reaction | None:
    """The reaction in an activity; None when it names no single emoji, or a custom one without its picture."""
    for name in ("content", "_misskey_reaction"):
        said = raw.get(name)
        if isinstance(said, str) and 0 < len(said.strip()) <= _MAX_CHARS:
            found = _reaction(said.strip(), raw.get("tag"), allow_http)
            if found is not None:
                return found
    return None


def _reaction(said: str, tag: object, allow_http: bool) -> Reaction | None:
    if _EMOJI.fullmatch(said):
        return Reaction(said, None)
    if not (said.startswith(":") and said.endswith(":")):
        return None
    # Misskey names the host too, `:blob@other.example:`, and `:blob@.:` for its own
    wanted = said.strip(":").partition("@")[0]
    for emoji in tags.read(tag, allow_http=allow_http).emojis:
        if emoji.name.partition("@")[0] == wanted:
            return Reaction(wanted, emoji)
    return None
