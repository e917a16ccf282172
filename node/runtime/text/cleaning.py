"""A stranger's HTML -> HTML that is safe to show, with what a post may look like and nothing else.

The list of elements, attributes and classes is Mastodon's (lib/sanitize_ext/sanitize_config.rb), which the whole
fediverse writes for. Two things are added: blocks that are not in the list (div, table row, figure…) become
paragraphs, or the words of a WordPress page would stick together; and the size and the nesting are bounded before
the parser runs.
"""

import re
from functools import cache

import nh3

from node.runtime.text.nesting import flatten

MAX_CHARS = 200_000
"""What is longer is cut before it is read. A post is 5,000 characters; a long article 60,000."""

# Up to here nh3 may read it as it came: its worst case grows with tags x characters (6,000 hostile tags in 80 kB:
# half a minute and 126 MB; this product: 5 MB and 20 ms).
_TAME_TAGS = 500
_TAME_TAGS_BY_CHARS = 5_000_000

_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_BLOCKS = frozenset(
    {"address", "article", "dd", "details", "div", "dt", "figcaption", "figure", "footer", "header", "main", "section"}
    | {"caption", "summary", "tr"}
)
_ELEMENTS = frozenset(
    {"a", "b", "blockquote", "br", "code", "del", "em", "i", "li", "ol", "p", "pre", "rp", "rt", "ruby", "s", "span"}
    | {"strong", "u", "ul"}
)
# Their content is for machines. The parser knows title, iframe, noscript… as raw text, so that markup in them would
# come out as visible text.
_DROPPED = frozenset(
    {"iframe", "math", "noembed", "noframes", "noscript", "object", "script", "style", "svg", "template", "textarea"}
    | {"title", "xmp"}
)
_ATTRIBUTES = frozenset({"class", "href", "lang", "reversed", "start", "translate", "value"})
_CLASSES = frozenset({"ellipsis", "h-card", "hashtag", "invisible", "mention", "quote-inline", "u-url"})

_RENAMED = re.compile(r"<(/?)(" + "|".join(sorted(_HEADINGS | _BLOCKS, key=len, reverse=True)) + ")>")
_EMPTY_PARAGRAPH = re.compile(r"<p>\s*+</p>")


def clean(html: str, *, max_chars: int = MAX_CHARS) -> str:
    """*html* made safe: allowed elements only, links that leave politely, no character that a database refuses.

    Never raises, whatever the input; what is over *max_chars* is cut off. Linear in time.
    """
    html = storable(html[:max_chars])
    tags = html.count("<")
    if not tags and "&" not in html and ">" not in html:
        return html
    if tags <= _TAME_TAGS and tags * len(html) <= _TAME_TAGS_BY_CHARS:
        cleaned = _cleaned(html)
        # An entity is up to five characters for one, an empty link 60 for three: beyond that, elements were reopened.
        if len(cleaned) <= 6 * len(html) + 100 * tags:
            return cleaned
    return _cleaned(flatten(html, keep=_ELEMENTS | _HEADINGS | _BLOCKS, attributes=_ATTRIBUTES, drop_content=_DROPPED))


def storable(text: str) -> str:
    """*text* without what a database or an encoder refuses: NUL, and halves of surrogate pairs."""
    return text.replace("\0", "").encode("utf-8", "ignore").decode("utf-8")


def _cleaned(html: str) -> str:
    cleaned = _cleaner().clean(html)
    renamed = _RENAMED.sub(_rename, cleaned)
    if renamed == cleaned:
        return cleaned
    # The cleaner has the last word: a paragraph may now lie where the parser allows none.
    return _EMPTY_PARAGRAPH.sub("", _cleaner().clean(renamed))


def _rename(tag: re.Match[str]) -> str:
    # The serializer escapes < and > in text and in attributes, so what looks like a tag here is one.
    if tag[2] in _HEADINGS:
        return "</strong></p>" if tag[1] else "<p><strong>"
    return f"<{tag[1]}p>"


@cache
def _cleaner() -> nh3.Cleaner:
    return nh3.Cleaner(
        tags=set(_ELEMENTS | _HEADINGS | _BLOCKS),
        clean_content_tags=set(_DROPPED),
        # No lang on b, i, em…: the parser copies a formatting element and its attributes into every paragraph.
        attributes={
            "*": set(),  # else nh3's own: lang and title
            "a": {"href"},
            "blockquote": {"lang"},
            "li": {"lang", "value"},
            "ol": {"lang", "start", "reversed"},
            "p": {"lang"},
            "span": {"lang"},
        },
        tag_attribute_values={"a": {"translate": {"no"}}, "span": {"translate": {"no"}}},
        allowed_classes={"a": set(_CLASSES), "span": set(_CLASSES), "p": set(_CLASSES)},
        set_tag_attribute_values={"a": {"target": "_blank"}},
        link_rel="nofollow noopener noreferrer",
        url_schemes={"http", "https", "mailto"},
        url_relative="deny",
        strip_comments=True,
    )
