"""Polls: the options of a Question (AS2 Vocabulary §3.2), and the votes that come as Notes."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Option:
    """One answer that may be chosen."""

    name: str
    """Plain text; votes name it exactly so."""
    votes: int | None
    """As the author's server counts; None when it does not say."""


@dataclass(frozen=True, slots=True)
class Poll:
    """What a Question asks."""

    options: tuple[Option, ...]
    multiple: bool
    """`anyOf`: more than one may be chosen; else `oneOf`."""
    ends_ms: int | None
    """When it was closed, else when it will be (`endTime`); None: open for ever."""
    closed: bool
    """Said to be over, without a time."""
    voters: int | None
    """People, where one may choose several options; None when its server does not say."""

    def over(self, now_ms: int) -> bool:
        """Whether nobody may vote any more."""
        return self.closed or (self.ends_ms is not None and self.ends_ms <= now_ms)
