"""What a text refers to: mentions, hashtags, custom emojis, objects (FEP-e232)."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import dates, limits, links, texts

_MAX_TAG_CHARS = 255
_OBJECT_TYPES = frozenset({"application/activity+json", "application/ld+json"})
_QUOTE_RELS = frozenset({"https://misskey-hub.net/ns#_misskey_quote", "https://w3id.org/fep/044f#quote"})
_SHORTCODE = re.compile(r":?([A-Za-z0-9_.@+-]{1,100}):?")


@dataclass(frozen=True, slots=True)
class Mention:
    """An actor who is named."""

    href: str
    name: str | None


@dataclass(frozen=True, slots=True)
class Hashtag:
    """A hashtag, without its `#`, in the sender's letter case."""

    name: str
    href: str | None


@dataclass(frozen=True, slots=True)
class Emoji:
    """A custom emoji, without its colons."""

    name: str
    url: str
    id: str | None
    media_type: str | None
    updated_ms: int | None


@dataclass(frozen=True, slots=True)
class ObjectLink:
    """Another object of the network (FEP-e232)."""

    href: str
    quoting: bool
    """Shown in the text as a quote: by its `rel`, or written `RE: …`."""


@dataclass(frozen=True, slots=True)
class Tags:
    """All that `tag` holds and this node understands; each thing once."""

    mentions: tuple[Mention, ...] = ()
    hashtags: tuple[Hashtag, ...] = ()
    emojis: tuple[Emoji, ...] = ()
    objects: tuple[ObjectLink, ...] = ()


_NONE = Tags()


def read(value: object, *, allow_http: bool = False) -> Tags:
    """The tags in a `tag` property: a list, one alone, or nothing."""
    if not value:
        return _NONE
    mentions: dict[str, Mention] = {}
    hashtags: dict[str, Hashtag] = {}
    emojis: dict[str, Emoji] = {}
    objects: dict[str, ObjectLink] = {}
    for item in links.listed(value):
        if not isinstance(item, dict):
            continue
        types = links.types_of(item)
        if "Mention" in types and (mention := _mention(item, allow_http)):
            mentions.setdefault(mention.href, mention)
        elif "Hashtag" in types and (hashtag := _hashtag(item, allow_http)):
            hashtags.setdefault(hashtag.name.casefold(), hashtag)
        elif "Emoji" in types and (emoji := _emoji(item, allow_http)):
            emojis.setdefault(emoji.name, emoji)
        elif "Link" in types and (found := _object(item, allow_http)):
            objects.setdefault(found.href, found)
    return Tags(
        limits.first(mentions.values(), limits.MAX_TAGS),
        limits.first(hashtags.values(), limits.MAX_TAGS),
        limits.first(emojis.values(), limits.MAX_TAGS),
        limits.first(objects.values(), limits.MAX_LINKS),
    )


def _mention(raw: Mapping[str, Any], allow_http: bool) -> Mention | None:
    href = links.optional_uri(raw.get("href"), allow_http=allow_http)
    return Mention(href, texts.string(raw.get("name"), _MAX_TAG_CHARS)) if href is not None else None


def _hashtag(raw: Mapping[str, Any], allow_http: bool) -> Hashtag | None:
    name = texts.string(raw.get("name"), _MAX_TAG_CHARS)
    # PeerTube writes the name without `#`
    plain = name.strip().lstrip("#") if name is not None else ""
    return Hashtag(plain, links.optional_uri(raw.get("href"), allow_http=allow_http)) if plain else None


def _emoji(raw: Mapping[str, Any], allow_http: bool) -> Emoji | None:
    name = raw.get("name")
    shortcode = _SHORTCODE.fullmatch(name) if isinstance(name, str) else None
    pictures = links.links_of(raw.get("icon"), allow_http=allow_http)
    if shortcode is None or not pictures:
        return None
    return Emoji(
        name=shortcode[1],
        url=pictures[0].href,
        id=links.optional_uri(raw.get("id"), allow_http=allow_http),
        media_type=pictures[0].media_type,
        updated_ms=dates.instant_ms(raw.get("updated")),
    )


def _object(raw: Mapping[str, Any], allow_http: bool) -> ObjectLink | None:
    href = links.optional_uri(raw.get("href"), allow_http=allow_http)
    if href is None or links.media_type_of(raw) not in _OBJECT_TYPES:
        return None
    name = texts.string(raw.get("name"), limits.MAX_URI_BYTES) or ""
    rels = {rel for rel in links.listed(raw.get("rel")) if isinstance(rel, str)}
    # Pleroma and Mitra name the link as it stands in the text, `RE: https://…` or the address alone
    return ObjectLink(href, bool(rels & _QUOTE_RELS) or name.startswith("RE:") or name == href)
