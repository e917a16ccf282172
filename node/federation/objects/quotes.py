"""Quotes as documents (FEP-044f): what a post says of the one it quotes, the request, and the stamp of consent."""

from html import escape
from typing import Any, Final

from node.federation.objects import PUBLIC, topped
from node.federation.vocab import contexts
from node.timeline.quotes import Quote

_RE: Final = '<p class="quote-inline">RE: <a href="{0}">{0}</a></p>'


def said(quote: Quote, content: str) -> dict[str, Any]:
    """What a quoting post says. Misskey's and Fedibird's forms, and a link for those who know none, come with consent
    and go with it: who reads them shows the quoted post without asking."""  # noqa: D205, D209
    written: dict[str, Any] = {"quote": quote.quoted_uri}
    if quote.state in ("rejected", "revoked"):
        return written
    if quote.state == "accepted":
        written |= dict.fromkeys(("quoteUri", "quoteUrl", "_misskey_quote"), quote.quoted_uri)
        if quote.stamp is not None:
            written["quoteAuthorization"] = quote.stamp
    # Who knows quotes hides what has this class (Mastodon).
    return {**written, "content": _RE.format(escape(quote.quoted_url)) + content}


def request(uri: str, *, actor_uri: str, quoted_uri: str, post: dict[str, Any] | str, to: str) -> dict[str, Any]:
    """The QuoteRequest: may *post* quote that one?"""
    return {
        "id": uri, "type": "QuoteRequest", "actor": actor_uri, "to": [to], "object": quoted_uri, "instrument": post,
    }  # fmt: skip


def answer(
    kind: str, asked: dict[str, Any], *, author_uri: str, version: int, stamp: str | None = None
) -> dict[str, Any]:
    """Accept with the stamp as its `result`, or Reject."""
    written: dict[str, Any] = {
        "id": f"{author_uri}#{kind.lower()}s/{version}", "type": kind, "actor": author_uri, "to": [asked["actor"]],
        "object": asked,
    }  # fmt: skip
    return topped(written | ({} if stamp is None else {"result": stamp}), contexts.for_object())


def stamp(uri: str, *, author_uri: str, post_uri: str, quoted_uri: str) -> dict[str, Any]:
    """The QuoteAuthorization, for everybody to check."""
    return {
        "id": uri, "type": "QuoteAuthorization", "attributedTo": author_uri, "interactingObject": post_uri,
        "interactionTarget": quoted_uri,
    }  # fmt: skip


def taken_back(stamp_uri: str, *, author_uri: str) -> dict[str, Any]:
    """The Delete of a stamp."""
    return topped(
        {"id": f"{stamp_uri}#delete", "type": "Delete", "actor": author_uri, "to": [PUBLIC], "object": stamp_uri},
        contexts.PLAIN,
    )
