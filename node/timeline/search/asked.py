"""What somebody looks for, as she typed it: words, "phrases", -exclusions, and operators as Mastodon has them.

    marché -brocante "place de la mairie" from:mairie@rennes.example has:image after:2026-09-01 in:library

An operator that means nothing (`has:cake`, `before:yesterday`) is looked for as the words it is made of: nobody is
answered with an error for a colon. Days are those of France.
"""

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from typing import Final, Literal, cast
from zoneinfo import ZoneInfo

from node.runtime.text.folding import fold
from node.runtime.text.words import is_kept, words

MAX_CHARS: Final = 500
MAX_WORDS: Final = 12
MAX_OPERATORS: Final = 12

Has = Literal["media", "poll", "link", "image", "video", "audio"]
Is = Literal["reply", "sensitive", "boost"]
Where = Literal["all", "public", "library"]

_HAS: Final = frozenset({"media", "poll", "link", "image", "video", "audio", "embed"})
_IS: Final = frozenset({"reply", "sensitive", "boost"})
_WHERE: Final = frozenset({"all", "public", "library"})
_PARIS: Final = ZoneInfo("Europe/Paris")
_TOKEN = re.compile(r'(?P<no>[-+]?)(?:(?P<operator>[a-zA-Z]{2,8}):)?(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]+))')
_QUOTES: Final = str.maketrans("«»“”„", '"""""')
_LANGUAGE = re.compile(r"[a-z]{2,3}")
_SENDER = re.compile(r"@?([\w.-]{1,64})(?:@([\w.:-]{1,255}))?")


@dataclass(frozen=True, slots=True)
class Sender:
    """Whom `from:` names; neither: the reader herself (`from:me`)."""

    username: str = ""
    host: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """One search. A word is folded, and not cut to its stem yet."""

    words: tuple[str, ...] = ()
    """All of them stand in the post, in some form."""
    beginning: str = ""
    """The last word, which may not be whole yet; it is not among `words`."""
    without: tuple[str, ...] = ()
    phrases: tuple[tuple[str, ...], ...] = ()
    """Words that stand beside each other, as they are."""
    without_phrases: tuple[tuple[str, ...], ...] = ()
    senders: tuple[Sender, ...] = ()
    """One of them wrote it; empty: anyone."""
    without_senders: tuple[Sender, ...] = ()
    has: frozenset[Has] = frozenset()
    has_not: frozenset[Has] = frozenset()
    is_: frozenset[Is] = frozenset()
    is_not: frozenset[Is] = frozenset()
    languages: tuple[str, ...] = ()
    without_languages: tuple[str, ...] = ()
    after_ms: int | None = None
    """Not published before."""
    before_ms: int | None = None
    """Published before."""
    where: Where = "all"

    @property
    def empty(self) -> bool:
        """Nothing that a search could begin with: what is only left out, or words that stand in most texts."""
        return not (
            self.words or self.beginning or any(map(_any_kept, self.phrases)) or self.senders or self.has or self.is_
            or self.where == "library" or (self.after_ms is not None and self.before_ms is not None)
        )  # fmt: skip


@dataclass(slots=True)
class _Reading:
    """What was read so far."""

    words: list[str] = field(default_factory=list)
    without: list[str] = field(default_factory=list)
    phrases: list[tuple[str, ...]] = field(default_factory=list)
    without_phrases: list[tuple[str, ...]] = field(default_factory=list)
    senders: dict[bool, list[Sender]] = field(default_factory=lambda: {True: [], False: []})
    has: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})
    is_: dict[bool, set[str]] = field(default_factory=lambda: {True: set(), False: set()})
    languages: dict[bool, list[str]] = field(default_factory=lambda: {True: [], False: []})
    after_ms: list[int] = field(default_factory=list)
    before_ms: list[int] = field(default_factory=list)
    where: str = "all"
    open_: str = ""
    """The last word of all, if nothing stands behind it."""


def read(text: str) -> Asked:
    """The search that *text* asks for. Never raises."""
    found, operators = _Reading(), 0
    for token in _TOKEN.finditer(text[:MAX_CHARS].translate(_QUOTES)):
        yes, quoted, found.open_ = token["no"] != "-", token["quoted"], ""
        value = quoted if quoted is not None else token["plain"]
        if token["operator"] and operators < MAX_OPERATORS and _operator(found, token["operator"].lower(), value, yes):
            operators += 1
        elif quoted is not None and not token["operator"]:
            phrase = tuple(words(quoted))[:MAX_WORDS]
            if phrase:
                (found.phrases if yes else found.without_phrases).append(phrase)
        else:
            _words(found, f"{token['operator']} {value}" if token["operator"] else value, yes)
    return _made(found)


def _words(found: _Reading, text: str, yes: bool) -> None:
    kept = [word for word in words(text) if is_kept(word)]
    if yes:
        found.words += kept
        found.open_ = kept[-1] if kept and words(text)[-1] == kept[-1] else ""
    elif len(kept) > 1:  # -porte-avions: what is not wanted is the whole
        found.without_phrases.append(tuple(words(text))[:MAX_WORDS])
    else:
        found.without += kept


def _operator(found: _Reading, name: str, value: str, yes: bool) -> bool:
    """Note one operator; False: it means nothing."""
    folded = fold(value)
    match name:
        case "from" if (sender := _sender(value)) is not None:
            found.senders[yes].append(sender)
        case "has" if folded in _HAS:
            found.has[yes].add("link" if folded == "embed" else folded)
        case "is" if folded in _IS:
            found.is_[yes].add(folded)
        case "language" if _LANGUAGE.fullmatch(folded):
            found.languages[yes].append(folded)
        case "in" if folded in _WHERE and yes:
            found.where = folded
        case "before" | "after" | "during" if (day := _day(folded)) is not None and yes:
            if name != "after":
                found.before_ms.append(_begins_ms(day if name == "before" else day + timedelta(days=1)))
            if name != "before":
                found.after_ms.append(_begins_ms(day + timedelta(days=1) if name == "after" else day))
        case _:
            return False
    return True


def _made(found: _Reading) -> Asked:
    # A beginning of one or two letters would be half of all words: they are looked for as they are.
    beginning = found.open_ if len(found.open_) > 2 and not found.open_.isdigit() else ""
    wanted = found.words[:-1] if beginning else found.words
    return Asked(
        words=tuple(dict.fromkeys(wanted))[:MAX_WORDS],
        beginning=beginning,
        without=tuple(dict.fromkeys(found.without))[:MAX_WORDS],
        phrases=tuple(dict.fromkeys(found.phrases))[:MAX_OPERATORS],
        without_phrases=tuple(dict.fromkeys(found.without_phrases))[:MAX_OPERATORS],
        senders=tuple(dict.fromkeys(found.senders[True])),
        without_senders=tuple(dict.fromkeys(found.senders[False])),
        has=frozenset(cast(set[Has], found.has[True])),
        has_not=frozenset(cast(set[Has], found.has[False])),
        is_=frozenset(cast(set[Is], found.is_[True])),
        is_not=frozenset(cast(set[Is], found.is_[False])),
        languages=tuple(dict.fromkeys(found.languages[True])),
        without_languages=tuple(dict.fromkeys(found.languages[False])),
        after_ms=max(found.after_ms, default=None),
        before_ms=min(found.before_ms, default=None),
        where=cast(Where, found.where),
    )


def _any_kept(phrase: tuple[str, ...]) -> bool:
    return any(map(is_kept, phrase))


def _sender(value: str) -> Sender | None:
    if value.lower() in ("me", "@me"):
        return Sender()
    named = _SENDER.fullmatch(value)
    return None if named is None else Sender(named[1].lower(), (named[2] or "").lower())


def _day(value: str) -> date | None:
    try:
        found = date.fromisoformat(value)
    except ValueError:
        return None
    return found if 1970 < found.year < 9999 else None


def _begins_ms(day: date) -> int:
    return round(datetime.combine(day, time(), _PARIS).timestamp() * 1000)
