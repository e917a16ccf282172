"""Attached media, icons and banners."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links, texts

_MAX_BLURHASH_CHARS = 200


@dataclass(frozen=True, slots=True)
class Media:
    """A file that a post or actor points at; nothing of it is believed until it is fetched and re-encoded."""

    type: str
    """`Image`, `Video`, `Audio`, `Document`, `Link`…; `Document` when the sender does not say."""
    url: str
    media_type: str | None = None
    alt: str | None = None
    """Text alternative."""
    blurhash: str | None = None
    width: int | None = None
    height: int | None = None
    focal_point: tuple[float, float] | None = None
    """From -1 to 1: left to right, bottom to top."""


def attached(value: object, *, allow_http: bool = False) -> tuple[Media, ...]:
    """The attachments with an address, in order. Fields of a profile (`PropertyValue`) have none."""
    return limits.first(_attached(value, allow_http), limits.MAX_ATTACHMENTS)


def largest(value: object, *, allow_http: bool = False) -> Media | None:
    """The widest of several pictures (PeerTube gives icons of 48 and 120 pixels); the first when none says."""
    found = attached(value, allow_http=allow_http)
    return max(found, key=lambda media: media.width or 0) if found else None


def _attached(value: object, allow_http: bool) -> Iterator[Media]:
    for item in links.listed(value):
        if isinstance(item, str):
            address = links.optional_uri(item, allow_http=allow_http)
            if address is not None:
                yield Media("Document", address)
        elif isinstance(item, dict):
            media = _media(item, allow_http)
            if media is not None:
                yield media


def _media(raw: Mapping[str, Any], allow_http: bool) -> Media | None:
    types = links.types_of(raw)
    found = links.links_of(raw.get("href") if types == ("Link",) else raw.get("url"), allow_http=allow_http)
    if not found:
        return None
    chosen = found[0]
    # Mastodon says `name`, GoToSocial `summary`
    alt = texts.read(raw, "name") or texts.read(raw, "summary")
    return Media(
        type=types[0] if types else "Document",
        url=chosen.href,
        media_type=links.media_type_of(raw) or chosen.media_type,
        alt=limits.cut_bytes(alt.value, limits.MAX_SUMMARY_BYTES) if alt else None,
        blurhash=texts.string(raw.get("blurhash"), _MAX_BLURHASH_CHARS),
        width=links.pixels(raw.get("width")) or chosen.width,
        height=links.pixels(raw.get("height")) or chosen.height,
        focal_point=_focal_point(raw.get("focalPoint")),
    )


def _focal_point(value: object) -> tuple[float, float] | None:
    match links.listed(value):
        case [int() | float() as x, int() | float() as y] if -1 <= x <= 1 and -1 <= y <= 1:
            return float(x), float(y)
    return None
