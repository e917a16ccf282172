"""Hostile nesting, undone before a real HTML parser sees it.

The HTML standard tells a parser to reopen, in every new paragraph, each formatting element that was left
open before it. 100 kB of `<b id=1><p><b id=2><p>…` therefore become 126 MB after half a minute in nh3
(measured), and other servers crashed on such input (GHSA-qrgq-9fx2-vf2r). `flatten` reads the same text with a
small tokenizer of its own and writes it again with few levels and everything closed where the parser would
close it, so that it has nothing to reopen. It makes nothing safe: its answer still goes through the cleaner.
"""

import re
from collections.abc import Iterator

MAX_LEVELS = 16

_NAME = re.compile(r"</?([a-zA-Z][^\s/>]*+)")
# One attribute, or what stands in its place: every alternative consumes what it has looked at, so that a document
# is walked once whatever is missing from it (a quote or a bracket left open runs to the end).
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>][^\s/>=]*+)(?:\s*+=\s*+("[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>]*+))?+""",
)
_TAG_END = re.compile(r"[\s/]*+>?")
_MAX_VALUE_CHARS = 2048
_VOID = frozenset({"br"})
_INLINE = frozenset(
    {"a", "b", "code", "del", "em", "i", "rp", "rt", "ruby", "s", "span", "strong", "u"},
)
# What closes an element of the same kind that is still open, and where the search for it stops.
_SIBLINGS = {
    "a": (frozenset({"a"}), frozenset[str]()),
    "li": (frozenset({"li"}), frozenset({"ol", "ul"})),
    "dd": (frozenset({"dd", "dt"}), frozenset[str]()),
    "dt": (frozenset({"dd", "dt"}), frozenset[str]()),
}


def flatten(html: str, *, keep: frozenset[str], attributes: frozenset[str], drop_content: frozenset[str]) -> str:
    """*html* again with only the tags of *keep* and *attributes*, at most `MAX_LEVELS` deep, closed in order.

    The content of *drop_content* elements (script, style…) goes with them. Linear in the length of *html*.
    """
    levels = _Levels()
    out = levels.out
    for kind, value, written in _tokens(html, attributes, drop_content):
        if kind == "text":
            out.append(value.replace("<", "&lt;"))
        elif value not in keep:
            continue
        elif value in _VOID:
            out.append(f"<{value}>")
        elif kind == "open":
            levels.open(value, written)
        else:
            levels.close(frozenset({value}), frozenset())
    levels.close_all()
    return "".join(out)


class _Levels:
    """The elements that are open, and what was written."""

    def __init__(self) -> None:
        self.out: list[str] = []
        self._names: list[str] = []

    def open(self, name: str, attributes: str) -> None:
        if name not in _INLINE:
            self.close(frozenset({"p"}), frozenset())
        if name in _SIBLINGS:
            self.close(*_SIBLINGS[name])
        if len(self._names) < MAX_LEVELS:
            self._names.append(name)
            self.out.append(f"<{name}{attributes}>")

    def close(self, names: frozenset[str], stop: frozenset[str]) -> None:
        """Close the innermost of *names* with all that is open in it; nothing if one of *stop* comes first."""
        for depth, name in enumerate(reversed(self._names), 1):
            if name in stop:
                return
            if name in names:
                self._close_last(depth)
                return

    def close_all(self) -> None:
        self._close_last(len(self._names))

    def _close_last(self, count: int) -> None:
        for _ in range(count):
            self.out.append(f"</{self._names.pop()}>")


def _tokens(html: str, attributes: frozenset[str], drop_content: frozenset[str]) -> Iterator[tuple[str, str, str]]:
    """("text", text, "") | ("open", name, attributes as they will be written) | ("close", name, "")."""
    at = 0
    while at < len(html):
        start = html.find("<", at)
        if start < 0:
            yield "text", html[at:], ""
            return
        if start > at:
            yield "text", html[at:start], ""
        named = _NAME.match(html, start)
        if named is None:
            if html[start + 1 : start + 2] in ("!", "?", "/"):
                at = _after_comment(html, start)
            else:
                yield "text", "<", ""
                at = start + 1
            continue
        name = named[1].lower()
        written, at = _attributes(html, named.end(), attributes)
        if html[start + 1] == "/":
            yield "close", name, ""
        elif name in drop_content:
            at = _after_content(html, name, at)
        else:
            yield "open", name, written


def _attributes(html: str, at: int, wanted: frozenset[str]) -> tuple[str, int]:
    """The *wanted* attributes as they will be written again, and where the tag ends."""
    found: dict[str, str] = {}
    while matched := _ATTRIBUTE.match(html, at):
        at = matched.end()
        name = matched[1].lower()
        if name in wanted and name not in found:
            value = (matched[2] or "").strip("\"'")
            if len(value) <= _MAX_VALUE_CHARS:
                found[name] = value.replace('"', "&quot;")
    ended = _TAG_END.match(html, at)
    return "".join(f' {name}="{value}"' for name, value in found.items()), ended.end() if ended else at


def _after_comment(html: str, start: int) -> int:
    """Where a comment, a doctype or a stray `</` ends."""
    mark = "-->" if html.startswith("<!--", start) else ">"
    end = html.find(mark, start + 2)
    return len(html) if end < 0 else end + len(mark)


def _after_content(html: str, name: str, at: int) -> int:
    """Where the element *name* is closed again: what lies between is not text for people."""
    end = re.compile(rf"</{re.escape(name)}(?=[\s/>])", re.IGNORECASE).search(html, at)
    return len(html) if end is None else end.start()
