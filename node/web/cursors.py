"""Pages of lists by keyset: `?max_id=` shows what is older, and the address of a page always shows the same."""

from collections.abc import Sequence
from typing import Final

from node.runtime.errors import NotFound
from node.timeline.pages import MAX_ID
from node.web.visits import Visit

_MAX_DIGITS: Final = 19


def asked(visit: Visit) -> int | None:
    """The id below which the page begins; None: at the newest."""
    text = visit.request.query_params.get("max_id", "")
    return read(text) if text else None


def read(text: str) -> int:
    """The id in an address.

    Raises:
        NotFound: no id looks like that.
    """
    if not text.isascii() or not text.isdigit() or len(text) > _MAX_DIGITS or int(text) > MAX_ID:
        raise NotFound("there is no such page")
    return int(text)


def older(visit: Visit, ids: Sequence[int], limit: int) -> str | None:
    """The address of the next page; None when this one was not full."""
    return visit.link(f"{visit.path}?max_id={ids[-1]}") if len(ids) >= limit else None
