"""What our own author typed -> the HTML that the fediverse expects.

Two steps, because who is mentioned must be looked up in between: `find` reads the text, the caller resolves the
mentions (a network call, perhaps), `render` writes the HTML with the addresses found. The markup is Mastodon's
(app/lib/text_formatter.rb): every client shortens links by its `invisible` and `ellipsis` classes.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache
from html import escape
from typing import TYPE_CHECKING, Literal

from node.runtime.text.cleaning import storable

if TYPE_CHECKING:
    from linkify_it import LinkifyIt

URL_COUNTS_AS_CHARS = 23
"""Every link counts alike, as clients count while one types."""

_MAX_URL_CHARS = 2048
_MAX_USERNAME_CHARS = 64
_MAX_HOST_CHARS = 253
_MAX_HASHTAG_CHARS = 100
_SHOWN_URL_CHARS = 30

_MARK = re.compile("[#＃@]")
_USERNAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*+")
_PORT = re.compile(r":[0-9]{2,5}+(?![0-9])")
_LINE_END = re.compile(r"\r\n?|[\v\f\x1c-\x1e\x85\u2028\u2029]")
_CONTROLS = re.compile(r"[\x00-\x08\x0e-\x1f\x7f]")
_PARAGRAPH_END = re.compile(r"\n(?:[ \t]*+\n)++")
_SCHEME = re.compile(r"(?<!\w)https?://", re.IGNORECASE)
_URL_PREFIX = re.compile(r"https?://(?:www\.)?", re.IGNORECASE)
# Between letters of one hashtag: the middle dot of Catalan and of inclusive French, Japanese and Persian joiners.
_HASHTAG_JOINERS = frozenset("_·・\u200c")

Link = Callable[[str], str | None]
"""The address to link to, or None to leave the words as they are."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One thing that will be a link: `text[start:end]`."""

    kind: Literal["url", "mention", "hashtag"]
    start: int
    end: int
    value: str
    """The address; `user` or `user@host` (host in lower case); the hashtag as typed, without #."""


@dataclass(frozen=True, slots=True)
class Found:
    """What a text holds, in its order and without overlap."""

    pieces: tuple[Piece, ...]

    @property
    def urls(self) -> tuple[str, ...]:
        """Each address once."""
        return self._values("url")

    @property
    def mentions(self) -> tuple[str, ...]:
        """Each `user` or `user@host` once."""
        return self._values("mention")

    @property
    def hashtags(self) -> tuple[str, ...]:
        """Each hashtag as first typed, once, without #; `folding.fold_hashtag` gives the form to compare."""
        return self._values("hashtag")

    def _values(self, kind: str) -> tuple[str, ...]:
        first: dict[str, str] = {}
        for piece in self.pieces:
            if piece.kind == kind:
                first.setdefault(piece.value.casefold() if kind != "url" else piece.value, piece.value)
        return tuple(first.values())


@dataclass(frozen=True, slots=True)
class Composed:
    """A text ready to be published."""

    html: str
    mentions: tuple[str, ...]
    hashtags: tuple[str, ...]


def tidy(text: str) -> str:
    """*text* as it is kept: composed accents (NFC), newlines for line ends, no control characters, nothing around it."""
    composed = unicodedata.normalize("NFC", _LINE_END.sub("\n", storable(text)))
    return _CONTROLS.sub("", composed).strip()


def find(text: str) -> Found:
    """The links, mentions and hashtags of *text*; nothing is a mention or a hashtag inside a link. Linear."""
    urls = list(_urls(text))
    return Found(tuple(sorted([*urls, *_tags(text, urls)], key=lambda piece: piece.start)))


def render(text: str, found: Found, mention_link: Link, hashtag_link: Link) -> str:
    """The HTML of *text* with the pieces that `find` found in this very text.

    *mention_link* gets `user` or `user@host`, *hashtag_link* the hashtag as typed; None leaves the words unlinked.
    """
    if not text.strip():
        return ""
    out: list[str] = []
    at = 0
    for piece in found.pieces:
        out.append(_lines(text[at : piece.start]))
        out.append(_rendered(piece, text[piece.start : piece.end], mention_link, hashtag_link))
        at = piece.end
    out.append(_lines(text[at:]))
    paragraphs = _PARAGRAPH_END.split("".join(out).strip("\n"))
    return "".join("<p>" + paragraph.replace("\n", "<br>") + "</p>" for paragraph in paragraphs)


def compose(text: str, mention_link: Link, hashtag_link: Link) -> Composed:
    """`find` and `render` in one, for a caller that has its links at hand."""
    found = find(text)
    return Composed(render(text, found, mention_link, hashtag_link), found.mentions, found.hashtags)


def counted_chars(text: str, found: Found) -> int:
    """The length of *text* as clients count it: a link is 23 characters, a mention is as long as its `@user`."""
    count = len(text)
    for piece in found.pieces:
        if piece.kind == "url":
            count += URL_COUNTS_AS_CHARS - (piece.end - piece.start)
        elif piece.kind == "mention":
            count += 1 + len(piece.value.partition("@")[0]) - (piece.end - piece.start)
    return count


@cache
def _linkify() -> "LinkifyIt":
    from linkify_it import LinkifyIt

    # Only full addresses, as Mastodon and its clients do: a forgotten space after a full stop ("fin.Il") is no link.
    return LinkifyIt(options={"fuzzy_link": False, "fuzzy_email": False, "fuzzy_ip": False})


def _urls(text: str) -> Iterator[Piece]:
    """The addresses, each looked for in a window: linkify-it alone takes 11 s for 100 kB of `https://a.fr/`."""
    at = 0
    while scheme := _SCHEME.search(text, at):
        start = scheme.start()
        window = text[start : start + _MAX_URL_CHARS + 1].split(None, 1)[0]
        match = _linkify().match_at_start(window)
        at = start + match.last_index if match else scheme.end()
        if match and match.last_index <= _MAX_URL_CHARS:
            yield Piece("url", start, at, match.url)


def _tags(text: str, urls: list[Piece]) -> Iterator[Piece]:
    """The mentions and hashtags that touch none of *urls*. Each step goes on where the one before stopped looking."""
    at = 0
    remaining = iter(urls)
    url = next(remaining, None)
    while mark := _MARK.search(text, at):
        start = mark.start()
        while url is not None and url.end <= start:
            url = next(remaining, None)
        if url is not None and url.start <= start:
            at = url.end
            continue
        before = text[start - 1] if start else " "
        if text[start] == "@":
            piece, at = _mention(text, start, before)
        else:
            piece, at = _hashtag(text, start, before)
        if piece is not None and (url is None or piece.end <= url.start):
            yield piece


def _mention(text: str, start: int, before: str) -> tuple[Piece | None, int]:
    name = _USERNAME.match(text, start + 1)
    if name is None:
        return None, start + 1
    username = name[0].rstrip(".-")
    end = start + 1 + len(username)
    host = ""
    if end == name.end() and text.startswith("@", end):
        host_end = _run(text, end + 1, ".-")
        host = text[end + 1 : host_end].rstrip(".-")
        if host:
            end = end + 1 + len(host)
            if end == host_end and (port := _PORT.match(text, end)):
                host, end = host + port[0], port.end()
    # `=` and `/` before it: part of an address that was not recognised as one.
    if _is_word(before) or before in "=/" or len(username) > _MAX_USERNAME_CHARS or len(host) > _MAX_HOST_CHARS:
        return None, max(end, name.end())
    return Piece("mention", start, end, f"{username}@{host.lower()}" if host else username), max(end, name.end())


def _hashtag(text: str, start: int, before: str) -> tuple[Piece | None, int]:
    end = _run(text, start + 1, "·・\u200c")
    name = text[start + 1 : end].rstrip("·・\u200c")
    after = max(end, start + 1)
    refused = _is_word(before) or before in "=/)" or not any(map(_is_letter, name)) or len(name) > _MAX_HASHTAG_CHARS
    if refused or name[0] in _HASHTAG_JOINERS - {"_"}:
        return None, after
    return Piece("hashtag", start, start + 1 + len(name), name), after


def _run(text: str, at: int, also: str) -> int:
    """Where the word characters and those of *also* end that begin at *at*."""
    while at < len(text) and (_is_word(text[at]) or text[at] in also):
        at += 1
    return at


def _is_word(char: str) -> bool:
    # A combining mark belongs to its letter: decomposed accents, Indic vowels.
    return char.isalnum() or char == "_" or unicodedata.category(char)[0] == "M"


def _is_letter(char: str) -> bool:
    return char.isalpha()


def _words(text: str) -> str:
    """*text* between two tags, where a quote or an apostrophe needs no escape."""
    return escape(text, quote=False)


def _lines(text: str) -> str:
    return _words(_LINE_END.sub("\n", text))


def _rendered(piece: Piece, typed: str, mention_link: Link, hashtag_link: Link) -> str:
    if piece.kind == "url":
        return _url(piece.value)
    if piece.kind == "mention":
        address = mention_link(piece.value)
        if address is None:
            return _words(typed)
        return (
            f'<span class="h-card" translate="no"><a href="{escape(address)}" class="u-url mention">'
            f"@<span>{_words(piece.value.partition('@')[0])}</span></a></span>"
        )
    address = hashtag_link(piece.value)
    if address is None:
        return _words(typed)
    return f'<a href="{escape(address)}" class="mention hashtag" rel="tag">#<span>{_words(piece.value)}</span></a>'


def _url(url: str) -> str:
    prefix = found[0] if (found := _URL_PREFIX.match(url)) else ""
    shown, rest = url[len(prefix) :][:_SHOWN_URL_CHARS], url[len(prefix) + _SHOWN_URL_CHARS :]
    if rest:
        words = f'<span class="ellipsis">{_words(shown)}</span><span class="invisible">{_words(rest)}</span>'
    else:
        words = f"<span>{_words(shown)}</span>"
    return (
        f'<a href="{escape(url)}" target="_blank" rel="nofollow noopener noreferrer" translate="no">'
        f'<span class="invisible">{_words(prefix)}</span>{words}</a>'
    )
