"""What a page of the web says of itself in its head: Open Graph (https://ogp.me), `<title>`, `<meta name>`. Pure, and linear in time.

Strangers write these pages: nothing here is HTML afterwards, addresses are not followed, and what is not closed ends the reading.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from typing import Final

from node.runtime.text.cleaning import storable
from node.runtime.text.plain import shorten

MAX_CHARS: Final = 1_000_000
"""Of a page; large sites put half as much before what they say of themselves."""

_MAX_TAG_CHARS: Final = 16_384
_MAX_TAGS: Final = 1_000
_MAX_TITLE_CHARS: Final = 300
_MAX_DESCRIPTION_CHARS: Final = 600
_MAX_NAME_CHARS: Final = 120
_MAX_URL_CHARS: Final = 2_048
_MAX_PX: Final = 20_000

_BEGIN: Final = re.compile(r"<(meta|title|html|body|script|style)(?=[\s/>])", re.IGNORECASE)
_STOP: Final = re.compile(r"[\"'>]")
_ATTRIBUTE: Final = re.compile(
    r"([a-z][a-z:._-]{0,40})\s{0,20}=\s{0,20}(?:\"([^\"]*)\"|'([^']*)'|([^\s\"'>]+))", re.IGNORECASE
)
_LANGUAGE: Final = re.compile(r"[a-z]{2,3}(?=$|[-_])", re.IGNORECASE)
_CHARSET: Final = re.compile(rb"<meta[^>]{0,200}charset=[\"']?\s{0,5}([a-z0-9_-]{1,40})", re.IGNORECASE)
# Others of Python's codecs are slow, or no character sets of pages.
_KNOWN_CHARSETS: Final = re.compile(
    r"utf-?8|us-ascii|iso-8859-\d{1,2}|latin-?1|windows-125\d|shift[_-]jis|euc-(?:jp|kr)|gb2312|gbk|gb18030|big5|koi8-[ru]",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Head:
    """What was found; empty where nothing is said."""

    title: str = ""
    description: str = ""
    language: str = ""
    """Two or three letters."""
    author: str = ""
    site: str = ""
    image: str = ""
    """An address, perhaps relative to the page."""
    image_description: str = ""
    width: int | None = None
    height: int | None = None


def read(page: bytes, *, charset: str = "") -> Head:
    """Read the head of *page*; *charset* is what its Content-Type says. Never raises."""
    html = _decoded(page, charset)[:MAX_CHARS]
    said: dict[str, str] = {}
    title = language = ""
    for name, inside, end in _tags(html):
        match name:
            case "body":
                break
            case "title" if not title:
                closed = html.find("</", end)
                title = unescape(html[end : end + 2_000 if closed < 0 else min(closed, end + 2_000)])
            case "html":
                language = _attributes(inside).get("lang", "")
            case "meta":
                found = _attributes(inside)
                key = (found.get("property") or found.get("name") or "").lower()
                if key and "content" in found:
                    said.setdefault(key, found["content"])

    def first(*keys: str, chars: int) -> str:
        return next((line for key in keys if (line := shorten(storable(said.get(key, "")), chars))), "")

    tongue = _LANGUAGE.match(language.strip() or said.get("og:locale", "").strip())
    image = next((said[key].strip() for key in ("og:image:secure_url", "og:image", "og:image:url", "twitter:image") if said.get(key)), "")  # fmt: skip
    return Head(
        title=first("og:title", "twitter:title", chars=_MAX_TITLE_CHARS) or shorten(storable(title), _MAX_TITLE_CHARS),
        description=first("og:description", "twitter:description", "description", chars=_MAX_DESCRIPTION_CHARS),
        language=tongue[0].lower() if tongue else "",
        author=first("author", "article:author", chars=_MAX_NAME_CHARS),
        site=first("og:site_name", "application-name", chars=_MAX_NAME_CHARS),
        image=image if len(image) <= _MAX_URL_CHARS else "",
        image_description=first("og:image:alt", "twitter:image:alt", chars=_MAX_DESCRIPTION_CHARS),
        width=_pixels(said.get("og:image:width", "")),
        height=_pixels(said.get("og:image:height", "")),
    )


def _decoded(page: bytes, charset: str) -> str:
    if not _KNOWN_CHARSETS.fullmatch(charset):
        found = _CHARSET.search(page[:4_096])
        charset = found[1].decode("ascii") if found else ""
    try:
        return page.decode(charset if _KNOWN_CHARSETS.fullmatch(charset) else "utf-8", "replace")
    except LookupError:
        return page.decode("utf-8", "replace")


def _tags(html: str) -> Iterator[tuple[str, str, int]]:
    """Name, what stands in it, and where it ends, of each tag that says something; scripts and styles are passed over."""
    at = 0
    for _ in range(_MAX_TAGS):
        begin = _BEGIN.search(html, at)
        if begin is None:
            return
        name, end = begin[1].lower(), begin.end()
        while (stop := _STOP.search(html, end)) is not None and stop[0] != ">":
            closing = html.find(stop[0], stop.end())
            if closing < 0:
                return
            end = closing + 1
        if stop is None:
            return
        at = stop.end()
        if name in ("script", "style"):
            at = html.find(f"</{name}", at)
            if at < 0:
                return
        elif at - begin.start() <= _MAX_TAG_CHARS:
            yield name, html[begin.end() : at - 1], at


def _attributes(inside: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for each in _ATTRIBUTE.finditer(inside):
        found.setdefault(each[1].lower(), unescape(each[2] or each[3] or each[4] or ""))
    return found


def _pixels(text: str) -> int | None:
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0
    return number if 0 < number <= _MAX_PX else None
