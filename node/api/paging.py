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
    begin = f"<{call.ctx.settings.scheme}://{call.host}{quote(call.path)}?{_kept(call.query)}"

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
    return rows, links(call, [cursor(row) for row in rows], more=more)


def _kept(query: bytes) -> str:
    """The query without its bounds, ready for one to follow."""
    return _remembered(query) if len(query) <= _SHORT_BYTES else _others(query)


def _others(query: bytes) -> str:
    pairs = parse_qsl(query.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=1000)
    kept = urlencode([(name, value) for name, value in pairs if name not in _BOUNDS])
    return f"{kept}&" if kept else ""


_remembered = lru_cache(maxsize=512)(_others)  # clients ask with few different ones
