"""Names, contents and other words, with their language (AS2 Core §4.7)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from node.federation.vocab import limits, names

# RFC 5646 §2.1, without the grandfathered and with the sizes that exist
_LANGUAGE = re.compile(
    r"[A-Za-z]{2,3}(?:-[A-Za-z]{3}){0,3}(?:-[A-Za-z]{4})?(?:-(?:[A-Za-z]{2}|\d{3}))?"
    r"(?:-(?:[A-Za-z0-9]{5,8}|\d[A-Za-z0-9]{3})){0,3}(?:-[A-WY-Za-wy-z0-9](?:-[A-Za-z0-9]{2,8}){1,3}){0,2}"
    r"(?:-x(?:-[A-Za-z0-9]{1,8}){1,4})?",
    re.ASCII,
)
_MAX_LANGUAGE_CHARS = 64
_NO_LANGUAGE = frozenset({"und", "mul", "zxx"})


@dataclass(frozen=True, slots=True)
class Text:
    """Some words, not yet cleaned: HTML where the property is HTML."""

    value: str
    language: str | None = None
    """BCP 47, as the sender writes it."""


@dataclass(frozen=True, slots=True)
class Source:
    """What the author typed, before it became HTML."""

    content: str
    media_type: str


def read(raw: Mapping[str, Any], name: str) -> Text | None:
    """The property *name* (or its language map `<name>Map`) of *raw*; None when absent, null or blank.

    The property itself wins over the map, which then only says the language: of the entry with the same words, else of
    the first.
    """
    stated, translated = raw.get(name), raw.get(f"{name}Map")
    if translated is None and (stated is None or (type(stated) is str and stated.strip())):
        return None if stated is None else Text(stated)  # nearly always
    plain = _plain(stated)
    entries = _entries(translated)
    if plain is None and isinstance(stated, dict):
        entries = entries or _entries(stated)
    if plain is not None and plain.value.strip():
        if plain.language is not None or not entries:
            return plain
        same = (text.language for text in entries if text.value == plain.value)
        return Text(plain.value, next(same, entries[0].language))
    return entries[0] if entries else None


def language_of(raw: Mapping[str, Any]) -> str | None:
    """The language that an object states apart from its texts.

    `language: {identifier}` (Lemmy, PeerTube), `inLanguage` (Mobilizon), the `@language` of its context.
    """
    for name in ("language", "inLanguage"):
        value = raw.get(name)
        if isinstance(value, dict):
            value = value.get("identifier")
        found = language(value)
        if found is not None:
            return found
    return language(names.language_of_context(raw))


def language(value: object) -> str | None:
    """*value* when it is a language tag that says something."""
    if not isinstance(value, str) or len(value) > _MAX_LANGUAGE_CHARS:
        return None
    return _tag(value)


@lru_cache(1_024)
def _tag(value: str) -> str | None:
    tag = value.replace("_", "-")
    return tag if _LANGUAGE.fullmatch(tag) and tag.lower() not in _NO_LANGUAGE else None


def source_of(raw: Mapping[str, Any]) -> Source | None:
    """The `source` of an object: `{content, mediaType}`, or a bare string (Pleroma)."""
    match raw.get("source"):
        case str(content) if content:
            return Source(limits.cut_bytes(content, limits.MAX_CONTENT_BYTES), "text/plain")
        case {"content": str(content), **rest} if content:
            media_type = rest.get("mediaType")
            return Source(
                limits.cut_bytes(content, limits.MAX_CONTENT_BYTES),
                media_type if isinstance(media_type, str) and len(media_type) < 256 else "text/plain",
            )
    return None


def string(value: object, max_chars: int) -> str | None:
    """*value* when it is text that is not blank, cut to *max_chars*."""
    return limits.cut(value, max_chars) if isinstance(value, str) and value.strip() else None


def flag(value: object) -> bool | None:
    """A boolean, or one that went through a form or an RDF library: "true", "False", {"@value": …}."""
    if isinstance(value, dict):
        value = value.get("@value")
    if isinstance(value, bool):
        return value
    if isinstance(value, str) and value.lower() in ("true", "false"):
        return value.lower() == "true"
    return None


def count(value: object) -> int | None:
    """A number of things, when it can be one."""
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= limits.MAX_COUNT:
        return value
    return None


def _plain(value: object) -> Text | None:
    match value:
        case str():
            return Text(value)
        case [first, *_]:  # the same in several shapes, or a list of one
            return _plain(first) if not isinstance(first, list) else None
        case {"@value": str(words), **rest}:
            return Text(words, language(rest.get("@language")))
    return None


def _entries(value: object) -> list[Text]:
    if not isinstance(value, dict):
        return []
    return [
        Text(words, language(tag))
        for tag, words in value.items()
        if isinstance(words, str) and words.strip() and (tag in _NO_LANGUAGE or language(tag) is not None)
    ]
