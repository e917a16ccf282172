"""Pages of lists: what a client asks for, and the Link header that leads on (RFC 8288)."""

from collections.abc import Callable, Sequence
from functools import lru_cache
from typing import TypeVar
from urllib.parse import parse_qsl, quote, urlencode

from node.api.answers import Header
from node.api.call import Call
from node.timeline.pages import Page

T = TypeVar("T")

_BOUNDS = frozenset({"max_id", "since_id", "min_id"})
_SHORT_BYTES = 100


def asked(call: Call, *, default: int, most: int) -> Page:
    """The page that a request asks for, one longer: the last one only says whether there is more."""
    limit = call.input.number("limit", default, low=1, high=most)
    return Page(call.input.id("max_id"), call.input.id("since_id"), call.input.id("min_id"), limit + 1)


def cut(found: Sequence[T], page: Page) -> tuple[list[T], bool]:
    """The rows to show, and whether there are older ones. *found* is ordered newest first."""
    rows, limit = list(found), page.limit - 1
    if page.min_id is not None:  # upwards from a known row: that row is older, so there are older ones
        return (rows[1:] if len(rows) > limit else rows), bool(rows)
    return rows[:limit], len(rows) > limit


def links(call: Call, cursors: Sequence[int], *, more: bool) -> tuple[Header, ...]:
    """The Link header of a page whose rows have these *cursors*, newest first; none for an empty page."""
    if not cursors:
        return ()
    path, query = call.path, call.query
    kept = (_remembered if len(path) + len(query) <= _SHORT_BYTES else _begin)(path, query)
    begin = f"<{call.ctx.settings.scheme}://{call.host}{kept}"

    def to(rel: str, bound: str, cursor: int) -> str:
        return f'{begin}{bound}={cursor}>; rel="{rel}"'

    said = [to("next", "max_id", cursors[-1])] if more else []
    said.append(to("prev", "min_id", cursors[0]))
    return ((b"link", ", ".join(said).encode("ascii")),)


def listed(
    call: Call, found: Sequence[T], page: Page, cursor: Callable[[T], int]
) -> tuple[list[T], tuple[Header, ...]]:
    """`cut` and `links` in one."""
    rows, more = cut(found, page)
    return rows, links(call, [cursor(rows[0]), cursor(rows[-1])] if rows else [], more=more)


def _begin(path: str, query: bytes) -> str:
    """Path and query without bounds, ready for one to follow."""
    pairs = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=1000)
    kept = urlencode([(name, value) for name, value in pairs if name not in _BOUNDS])
    return f"{quote(path)}?{kept}&" if kept else f"{quote(path)}?"


_remembered = lru_cache(maxsize=512)(_begin)  # clients ask with few different ones
