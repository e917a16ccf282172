"""Polls: the options of a Question (AS2 Vocabulary §3.2), and the votes that come as Notes."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import dates, limits, links, texts


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


def read(raw: Mapping[str, Any]) -> Poll | None:
    """The poll in a Question; None when it offers nothing to choose."""
    # Pleroma writes both properties, one of them empty
    for name, multiple in (("oneOf", False), ("anyOf", True)):
        options = _options(raw.get(name))
        if options:
            closed = raw.get("closed")
            # Pleroma writes the end into `closed`, past or not; Mastodon only when it is past
            ends_ms = dates.instant_ms(closed)
            return Poll(
                options=options,
                multiple=multiple,
                ends_ms=dates.instant_ms(raw.get("endTime")) if ends_ms is None else ends_ms,
                closed=closed is True,
                voters=_voters(raw),
            )
    return None


def _options(value: object) -> tuple[Option, ...]:
    found: dict[str, Option] = {}
    for item in links.listed(value)[: limits.MAX_POLL_OPTIONS]:
        name = texts.read(item, "name") if isinstance(item, dict) else None
        if name is not None and name.value.strip():
            said = limits.cut(name.value, limits.MAX_NAME_CHARS)
            found.setdefault(said, Option(said, _votes(item)))
    return tuple(found.values())


def _votes(raw: Mapping[str, Any]) -> int | None:
    replies = raw.get("replies")
    counted = texts.count(replies.get("totalItems")) if isinstance(replies, dict) else None
    return texts.count(raw.get("_misskey_votes")) if counted is None else counted


def _voters(raw: Mapping[str, Any]) -> int | None:
    counted = texts.count(raw.get("votersCount"))
    if counted is None and isinstance(raw.get("voters"), list):  # Pleroma: who they are
        return sum(1 for _ in _distinct(raw["voters"]))
    return counted


def _distinct(value: list[Any]) -> Iterator[str]:
    yield from {item for item in value[: limits.MAX_RECIPIENTS] if isinstance(item, str)}
