"""Collections and their pages. Keyset pages: `next` names the last id that was shown."""

from collections.abc import Sequence
from typing import Any


def collection(
    uri: str, *, total: int | None = None, paged: bool = True, items: Sequence[Any] | None = None
) -> dict[str, Any]:
    """An ordered collection: with all its *items*, or with a first page, or with its number alone."""
    written: dict[str, Any] = {"id": uri, "type": "OrderedCollection"}
    if total is not None:
        written["totalItems"] = total
    if items is not None:
        written["orderedItems"] = list(items)
    elif paged:
        written["first"] = f"{uri}?page=true"
    return written


def page(
    uri: str, *, at: str, items: Sequence[Any], next_: str | None = None, total: int | None = None
) -> dict[str, Any]:
    """One page of the collection *uri*: *at* is its own query (`page=true&max_id=1`), *next_* that of the next."""
    written: dict[str, Any] = {
        "id": f"{uri}?{at}", "type": "OrderedCollectionPage", "partOf": uri, "orderedItems": list(items),
    }  # fmt: skip
    if total is not None:
        written["totalItems"] = total
    if next_ is not None:
        written["next"] = f"{uri}?{next_}"
    return written
