"""Emoji reactions: EmojiReact (FEP-c0e0), and Likes that say with which emoji (Misskey)."""

from dataclasses import dataclass

from node.federation.vocab.tags import Emoji


@dataclass(frozen=True, slots=True)
class Reaction:
    """An emoji that stands for a like."""

    content: str
    """One emoji of Unicode, or the name of *emoji* without colons."""
    emoji: Emoji | None
    """The picture of a custom one."""
