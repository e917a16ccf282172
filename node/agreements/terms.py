"""What two parties agree to: a frozen value with one spelling, and so one hash on both sides."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final, Literal, cast, get_args
from zoneinfo import ZoneInfo

import jcs
import orjson

from node.runtime.clock import iso
from node.runtime.errors import Invalid
from node.runtime.i18n.dates import PARIS
from node.runtime.i18n.sentences import sentence
from node.runtime.text.folding import fold_hashtag

Direction = Literal["toTerritory", "both"]
"""toTerritory: the territory announces the member's posts. both: the member announces the territory's own too."""
Moderation = Literal["each", "territory", "member"]
"""Who may have the announcement of a single post taken back (`moderating`): either, or one of the two."""
AfterEnd = Literal["keep", "withdraw"]
"""What becomes of what was announced when the agreement ends. What comes later is never announced."""

MAX_CATEGORIES: Final = 20
_MAX_CATEGORY_CHARS: Final = 100
_MAX_MS: Final = 253_402_300_799_000


@dataclass(frozen=True, slots=True)
class Terms:
    """The terms of an agreement. The default shares all public posts, from now on, until somebody ends it."""

    categories: tuple[str, ...] = ()
    """Folded hashtags, sorted: a post with one of them is shared. Empty: every post."""
    direction: Direction = "toTerritory"
    from_ms: int | None = None
    """Posts published before are not shared, nor those from before the agreement came to hold."""
    until_ms: int | None = None
    """Posts published from then on are not shared."""
    moderation: Moderation = "each"
    after_end: AfterEnd = "keep"

    def as_json(self) -> dict[str, Any]:
        """The terms as they travel; what is not set is left out."""
        written: dict[str, Any] = {
            "categories": list(self.categories),
            "direction": self.direction,
            "moderation": self.moderation,
            "afterEnd": self.after_end,
        }
        if self.from_ms is not None:
            written["from"] = iso(self.from_ms)
        if self.until_ms is not None:
            written["until"] = iso(self.until_ms)
        return written

    @property
    def text(self) -> str:
        """The canonical JSON (RFC 8785)."""
        return cast(bytes, jcs.canonicalize(self.as_json())).decode()

    @property
    def hash(self) -> str:
        """`sha256:` and the SHA-256 of the canonical JSON, in hexadecimal."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"


NAMES: Final = frozenset({"categories", "direction", "moderation", "afterEnd", "from", "until"})


def make(
    *, categories: str | tuple[str, ...] = (), from_ms: int | None = None, until_ms: int | None = None, **said: str
) -> Terms:
    """Terms as a person states them: hashtags in any spelling, a text of them with spaces or commas too.

    Raises:
        Invalid: a value that does not exist, too many hashtags, or an end before the beginning.
    """
    typed = re.split(r"[\s,]+", categories) if isinstance(categories, str) else categories
    folded = {folded for name in typed if (folded := fold_hashtag(name))}
    if len(folded) > MAX_CATEGORIES or any(len(name) > _MAX_CATEGORY_CHARS for name in folded):
        raise Invalid(sentence("An agreement names at most %(count)s hashtags.", count=MAX_CATEGORIES))
    for name, allowed in (("direction", Direction), ("moderation", Moderation), ("after_end", AfterEnd)):
        if name in said and said[name] not in get_args(allowed):
            choice = ", ".join(get_args(allowed))
            raise Invalid(sentence("%(value)s is not possible here: %(choice)s.", value=said[name][:50], choice=choice))
    if unknown := set(said) - {field.name for field in fields(Terms)}:
        raise TypeError(f"no such terms: {unknown}")
    if any(at_ms is not None and not 0 <= at_ms <= _MAX_MS for at_ms in (from_ms, until_ms)):
        raise Invalid(sentence("An agreement ends after it begins."))
    if from_ms is not None and until_ms is not None and until_ms <= from_ms:
        raise Invalid(sentence("An agreement ends after it begins."))
    return Terms(tuple(sorted(folded)), from_ms=from_ms, until_ms=until_ms, **said)  # type: ignore[arg-type]


def typed_ms(text: str) -> int | None:
    """A day or a moment as a person types it, in the town's time: `2026-09-01`, `2026-09-01T08:00`; None: nothing.

    Raises:
        Invalid: neither.
    """
    if not text:
        return None
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid(sentence("%(text)s is no date: write 2026-09-01 or 2026-09-01T08:00.", text=text[:40])) from None
    return round((at if at.tzinfo else at.replace(tzinfo=ZoneInfo(PARIS))).timestamp() * 1000)


def read(raw: object, instant_ms: Mapping[str, int | None]) -> Terms:
    """The terms in the JSON of another node, whose dates the caller has read (*instant_ms*: `from`, `until`).

    Nobody agrees to what is not understood here: one word too much refuses all of it.

    Raises:
        Invalid: not terms, or not in the one spelling that has this hash.
    """
    if not isinstance(raw, Mapping) or set(raw) - NAMES:
        raise Invalid("these terms are not understood here")
    categories = raw.get("categories", [])
    if not isinstance(categories, list) or not all(isinstance(name, str) for name in categories):
        raise Invalid("the categories are a list of hashtags")
    said = {
        own: str(raw[name])
        for name, own in (("direction", "direction"), ("moderation", "moderation"), ("afterEnd", "after_end"))
        if name in raw
    }
    terms = make(categories=tuple(categories), from_ms=instant_ms.get("from"), until_ms=instant_ms.get("until"), **said)
    if terms.as_json() != dict(raw):
        raise Invalid("these terms are not in their canonical spelling")
    return terms


def stored(text: str) -> Terms | None:
    """The terms in a column that `Terms.text` filled; None: it is empty."""
    if not text:
        return None
    raw = orjson.loads(text)
    return Terms(
        tuple(raw["categories"]), raw["direction"], _ms(raw.get("from")), _ms(raw.get("until")), raw["moderation"],
        raw["afterEnd"],
    )  # fmt: skip


def narrower(one: Terms, other: Terms) -> Terms | None:
    """The one of the two that shares no more than the other in any respect; None: each has something of its own.

    To share less needs nobody's consent: the narrower of two agreed terms holds.
    """
    if _within(one, other):
        return one
    return other if _within(other, one) else None


def _within(inner: Terms, outer: Terms) -> bool:
    if (inner.moderation, inner.after_end) != (outer.moderation, outer.after_end):
        return False
    if outer.categories and not (inner.categories and set(inner.categories) <= set(outer.categories)):
        return False
    if (inner.direction, outer.direction) == ("both", "toTerritory"):
        return False
    if outer.from_ms is not None and (inner.from_ms is None or inner.from_ms < outer.from_ms):
        return False
    return outer.until_ms is None or (inner.until_ms is not None and inner.until_ms <= outer.until_ms)


def _ms(text: str | None) -> int | None:
    return None if text is None else round(datetime.fromisoformat(text).timestamp() * 1000)
