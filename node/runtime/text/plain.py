"""HTML -> the words in it: for search, notifications, feed titles, and the source of a post from elsewhere."""

import re
from functools import cache
from html import unescape

import nh3

from node.runtime.text.cleaning import MAX_CHARS, clean

_TAG = re.compile(r"<(/?)([a-z]+)>")
_BREAKS = {
    ("", "br"): "\n",
    ("/", "p"): "\n\n",
    ("/", "blockquote"): "\n\n",
    ("/", "pre"): "\n\n",
    ("/", "ul"): "\n\n",
    ("/", "ol"): "\n\n",
    ("", "ul"): "\n",
    ("", "ol"): "\n",
    ("", "li"): "• ",
    ("/", "li"): "\n",
}
_SPACES_IN_HTML = re.compile(r"[ \t\n\r\f]++")
_SPACES_AT_LINE_END = re.compile(r" ?\n ?")
_BLANK_LINES = re.compile(r"\n{3,}")


def plain(html: str, *, max_chars: int = MAX_CHARS) -> str:
    """The words of *html*, a blank line between paragraphs, a line per item of a list. Never raises; linear.

    The answer is text: escape it wherever it becomes HTML again.
    """
    cleaned = clean(html, max_chars=max_chars)
    if "<" in cleaned:
        cleaned = _stripper().clean(cleaned)
    # The serializer escapes < and > in text, so what looks like a tag here is one.
    broken = _TAG.sub(lambda tag: _BREAKS.get((tag[1], tag[2]), ""), _SPACES_IN_HTML.sub(" ", cleaned))
    text = unescape(broken).replace("\0", "").replace("\xa0", " ")
    return _BLANK_LINES.sub("\n\n", _SPACES_AT_LINE_END.sub("\n", text)).strip()


def shorten(text: str, max_chars: int) -> str:
    """The first words of *text* on one line, at most *max_chars* long, with … where something was left out."""
    line = " ".join(text[: 4 * max_chars].split())
    if len(line) <= max_chars and len(text) <= 4 * max_chars:
        return line
    cut = line[: max_chars - 1]
    at_word = cut.rpartition(" ")[0]
    return (at_word if len(at_word) > max_chars // 2 else cut).rstrip(" ,;:.-–—") + "…"


@cache
def _stripper() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags={"br", "p", "blockquote", "pre", "ul", "ol", "li"},
        attributes={},
        link_rel=None,
        strip_comments=True,
    )
