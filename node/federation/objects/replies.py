"""Consent to replies as documents (GoToSocial's interaction controls): answers, and the stamp."""

from typing import Any

from node.federation.objects import PUBLIC, topped
from node.federation.vocab import contexts


def answer(
    *,
    author_uri: str,
    replier_uri: str,
    answered_uri: str,
    reply_uri: str,
    request: str | None,
    version: int,
    stamp: str | None = None,
) -> dict[str, Any]:
    """Accept with the stamp as its `result`, or Reject: of the ReplyRequest, or of the reply that came without asking."""
    kind = "Reject" if stamp is None else "Accept"
    asked: dict[str, Any] | str = reply_uri
    if request is not None:
        asked = {
            "id": request, "type": "ReplyRequest", "actor": replier_uri, "object": answered_uri, "instrument": reply_uri,
        }  # fmt: skip
    written: dict[str, Any] = {
        "id": f"{author_uri}#{kind.lower()}s/{version}", "type": kind, "actor": author_uri, "to": [replier_uri],
        "object": asked, "target": answered_uri,
    }  # fmt: skip
    return topped(written | ({} if stamp is None else {"result": stamp}), contexts.for_object())


def stamp(uri: str, *, author_uri: str, reply_uri: str, answered_uri: str) -> dict[str, Any]:
    """The ReplyAuthorization, for everybody to check."""
    return {
        "id": uri, "type": "ReplyAuthorization", "attributedTo": author_uri, "interactingObject": reply_uri,
        "interactionTarget": answered_uri,
    }  # fmt: skip


def taken_back(stamp_uri: str, *, author_uri: str) -> dict[str, Any]:
    """The Delete of a stamp."""
    return topped(
        {"id": f"{stamp_uri}#delete", "type": "Delete", "actor": author_uri, "to": [PUBLIC], "object": stamp_uri},
        contexts.PLAIN,
    )
