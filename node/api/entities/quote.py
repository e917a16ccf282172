"""Quote, ShallowQuote and QuoteApproval (https://docs.joinmastodon.org/entities/Quote/)."""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from node.timeline import policies
from node.timeline.policies import Verdict
from node.timeline.quotes import Quote
from node.timeline.records import Post

FOR_ALL: Final[Mapping[str, Any]] = {"automatic": ["public"], "manual": [], "current_user": "automatic"}
FOR_NOBODY: Final[Mapping[str, Any]] = {"automatic": [], "manual": [], "current_user": "denied"}


def approval(post: Post, verdict: Verdict) -> dict[str, Any]:
    """Who may quote the post, and whether the reader may."""
    automatic, manual = policies.shown(post.policy, "quote")
    return {"automatic": automatic, "manual": manual, "current_user": verdict}


def whole(quote: Quote | None, quoted: bytes | None) -> dict[str, Any]:
    """The quote with the quoted status, where its author agreed and the reader may read it."""
    return {
        "state": _state(quote, readable=quoted is not None),
        "quoted_status": None if quoted is None else orjson.Fragment(quoted),
    }


def shallow(quote: Quote | None, *, readable: bool) -> dict[str, Any]:
    """The quote inside a quoted status: named, and no more."""
    state = _state(quote, readable=readable)
    shown = quote is not None and state == "accepted"
    return {"state": state, "quoted_status_id": str(quote.quoted_id) if quote is not None and shown else None}


def _state(quote: Quote | None, *, readable: bool) -> str:
    if quote is None:
        return "deleted"
    if quote.state != "accepted":
        return quote.state
    if quote.quoted_id is None:
        return "deleted"
    return "accepted" if readable else "unauthorized"
