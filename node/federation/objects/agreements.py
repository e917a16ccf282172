"""Agreements as documents, and the activities that carry a party's word about one (docs/fep-territories.md)."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from node.actors.actor import Actor
from node.agreements.agreements import Agreement, other, page_of
from node.agreements.history import Event
from node.agreements.words import Party, Word
from node.federation.objects import topped
from node.federation.vocab import agreements as vocab
from node.runtime.clock import iso

TYPES: Final[Mapping[str, str]] = {
    "offer": "Offer",
    "limit": "Offer",
    "accept": "Accept",
    "reject": "Reject",
    "end": "Undo",
    "again": "Update",
}
"""What a party does -> the activity that says so."""


def document(agreement: Agreement, territory: Actor, member: Actor) -> dict[str, Any]:
    """The agreement at its own address: how it stands, and the last word of each, for both sides to compare."""
    written: dict[str, Any] = {
        "id": agreement.uri, "type": vocab.TYPE, "attributedTo": territory.uri, "territory": territory.uri,
        "member": member.uri, "state": agreement.state, "url": page_of(territory, agreement),
        "published": iso(agreement.created_ms), "updated": iso(agreement.changed_ms),
        "words": {"territory": _word(agreement.territory), "member": _word(agreement.member)},
    }  # fmt: skip
    if agreement.terms is not None:
        written |= {"terms": agreement.terms.as_json(), "termsHash": agreement.terms.hash}
    return topped(written, vocab.context())


def activity(
    agreement: Agreement,
    party: Party,
    territory: Actor,
    member: Actor,
    *,
    act: str,
    version: int,
    earlier: Sequence[Event] = (),
) -> dict[str, Any]:
    """The last word of *party* as it is sent, with its *earlier* ones that nobody confirmed.

    *version* makes the id, since a receiver takes each id once.
    """
    speaker, reader = (territory, member) if party == "territory" else (member, territory)
    word, kind = agreement.word(party), TYPES[act]
    about: dict[str, Any] = {
        "id": agreement.uri, "type": vocab.TYPE, "territory": territory.uri, "member": member.uri,
        "url": page_of(speaker, agreement), "word": _word(word), "heard": agreement.word(other(party)).sequence,
    }  # fmt: skip
    if word.terms is not None:
        about |= {"terms": word.terms.as_json(), "termsHash": word.terms.hash}
    if earlier:
        about["earlier"] = [_said(event) for event in earlier]
    return topped(
        {
            "id": f"{speaker.uri}#agreements/{agreement.digest}/{word.sequence}/{version}", "type": kind,
            "actor": speaker.uri, "to": [reader.uri], "object": about,
        },
        vocab.context(),
    )  # fmt: skip


def _said(event: Event) -> dict[str, Any]:
    stance = event.act if event.terms is None else "agree"
    said: dict[str, Any] = {"sequence": event.sequence, "stance": stance, "published": iso(event.said_ms)}
    return said if event.terms is None else said | {"terms": event.terms.as_json(), "termsHash": event.terms.hash}


def _word(word: Word) -> dict[str, Any]:
    said: dict[str, Any] = {
        "sequence": word.sequence, "stance": word.stance, "heard": word.heard, "refused": word.refused,
    }  # fmt: skip
    if word.sequence:
        said["published"] = iso(word.at_ms)
    return said if word.terms is None else said | {"termsHash": word.terms.hash}
