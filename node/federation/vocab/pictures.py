"""Attached media, icons and banners."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links, texts

_MAX_BLURHASH_CHARS = 200
FAMILIES = frozenset({"Image", "Video", "Audio"})
# What clients play without a plug-in; the end of an address says it where the sender does not
_BY_SUFFIX = {
    "png": "image/png", "jpg": "image/jpeg", "jpeg": "image/jpeg", "gif": "image/gif", "webp": "image/webp",
    "avif": "image/avif", "svg": "image/svg+xml", "mp4": "video/mp4", "m4v": "video/mp4", "webm": "video/webm",
    "mov": "video/quicktime", "mkv": "video/x-matroska", "ogv": "video/ogg", "mp3": "audio/mpeg", "ogg": "audio/ogg",
    "oga": "audio/ogg", "opus": "audio/ogg", "flac": "audio/flac", "m4a": "audio/mp4", "wav": "audio/wav",
}  # fmt: skip
_SMALL_ENOUGH = 720
"""Lines: of several files of a video, the best that a phone plays."""


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
    sensitive: bool = False

    @property
    def kind(self) -> str:
        """`Image`, `Video`, `Audio`, `Link` (a page) or `Document`: by its media type, else by what its sender says."""
        family = (self.media_type or "").partition("/")[0].capitalize()
        if family in FAMILIES:
            return family
        return self.type if self.type in FAMILIES or self.type == "Link" else "Document"


def attached(value: object, *, allow_http: bool = False) -> tuple[Media, ...]:
    """The attachments with an address, in order. Fields of a profile (`PropertyValue`) have none."""
    return limits.first(_attached(value, allow_http), limits.MAX_ATTACHMENTS) if value else ()


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


def file_of(kind: str, url: object, alt: str | None, *, allow_http: bool = False) -> Media | None:
    """The file among the `url`s of a Video, Audio or Image (PeerTube, Funkwhale, Castopod); None when all are pages."""
    if kind not in FAMILIES:
        return None
    # PeerTube puts the files of a stream into the `tag` of its playlist
    parts = (item.get("tag") for item in links.listed(url)[: limits.MAX_LINKS] if isinstance(item, dict))
    within = [part for tag in parts for part in links.listed(tag)[: limits.MAX_LINKS]]
    addresses = links.links_of(url, allow_http=allow_http) + links.links_of(within, allow_http=allow_http)
    typed = [(link, link.media_type or guessed(link.href)) for link in addresses]
    files = [(link, media_type) for link, media_type in typed if (media_type or "").startswith(f"{kind.lower()}/")]
    if not files:
        # An Image whose only address has no ending is that picture
        if kind != "Image" or len(addresses) != 1 or typed[0][1] is not None:
            return None
        files = typed
    small = [found for found in files if (found[0].height or 0) <= _SMALL_ENOUGH]
    if kind == "Video" and small:
        chosen, media_type = max(small, key=lambda found: found[0].height or 0)
    else:
        chosen, media_type = files[0] if kind != "Video" else min(files, key=lambda found: found[0].height or 0)
    return Media(kind, chosen.href, media_type, alt, width=chosen.width, height=chosen.height)


def guessed(address: str) -> str | None:
    """The media type that the end of *address* promises."""
    path = address.partition("#")[0].partition("?")[0].partition("://")[2].partition("/")[2]
    return _BY_SUFFIX.get(path.rpartition(".")[2].lower()) if "." in path else None


def _media(raw: Mapping[str, Any], allow_http: bool) -> Media | None:
    types = links.types_of(raw)
    address = raw.get("href") if types == ("Link",) else raw.get("url") or raw.get("href")
    found = links.links_of(address, allow_http=allow_http)
    if not found:
        return None
    chosen = found[0]
    # Mastodon says `name`, GoToSocial `summary`, Owncast `content`
    alt = texts.read(raw, "name") or texts.read(raw, "summary") or texts.read(raw, "content")
    media_type = links.media_type_of(raw) or chosen.media_type
    return Media(
        type=types[0] if types else "Document",
        url=chosen.href,
        media_type=media_type or (guessed(chosen.href) if types != ("Link",) else None),
        alt=limits.cut_bytes(alt.value, limits.MAX_SUMMARY_BYTES) if alt else None,
        blurhash=texts.string(raw.get("blurhash"), _MAX_BLURHASH_CHARS),
        width=links.pixels(raw.get("width")) or chosen.width,
        height=links.pixels(raw.get("height")) or chosen.height,
        focal_point=_focal_point(raw.get("focalPoint")),
        sensitive=texts.flag(raw.get("sensitive")) or False,
    )


def _focal_point(value: object) -> tuple[float, float] | None:
    match links.listed(value):
        case [int() | float() as x, int() | float() as y] if -1 <= x <= 1 and -1 <= y <= 1:
            return float(x), float(y)
    return None
