"""Emoji reactions: EmojiReact (FEP-c0e0), and Likes that say with which emoji (Misskey)."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from node.federation.vocab import tags
from node.federation.vocab.tags import Emoji
from node.runtime.text.emojis import is_emoji

TYPES: Final = frozenset({"EmojiReact", "Like", "Dislike"})
_MAX_CHARS: Final = 150


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
    if is_emoji(said):
        return Reaction(said, None)
    if not (said.startswith(":") and said.endswith(":")):
        return None
    # Misskey names the host too, `:blob@other.example:`, and `:blob@.:` for its own
    wanted = said.strip(":").partition("@")[0]
    for emoji in tags.read(tag, allow_http=allow_http).emojis:
        if emoji.name.partition("@")[0] == wanted:
            return Reaction(wanted, emoji)
    return None
