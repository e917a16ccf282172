"""Words about sharing agreements (docs/fep-territories.md), read strictly: consent is nothing to be guessed at."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, get_args

from node.agreements import terms as terms_of
from node.agreements.history import MAX_EARLIER
from node.agreements.terms import Terms
from node.agreements.words import Stance, Word
from node.federation.vocab import dates, links
from node.runtime.errors import Malformed

NAMESPACE: Final = "https://w3id.org/fep/0fa2#"
TYPE: Final = "Agreement"

STANCES: Final[Mapping[str, tuple[Stance, ...]]] = {
    "Offer": ("agree",),
    "Accept": ("agree",),
    "Reject": ("reject",),
    "Undo": ("end",),
    "Update": get_args(Stance),
}
"""What an activity about an agreement may say: an Update repeats, and confirms what was heard."""


@dataclass(frozen=True, slots=True)
class Told:
    """What a party says of an agreement."""

    id: str
    territory: str
    member: str
    word: Word
    heard: int
    """Up to which of the reader's words it has heard."""
    earlier: tuple[Word, ...] = ()
    """What it said before and was not told to be heard, the oldest first."""


def read(activity_type: str, raw: Mapping[str, Any], *, allow_http: bool = False) -> Told:
    """The Agreement that an activity of *activity_type* embeds.

    Raises:
        Malformed: something is missing, or the hash is not that of the terms.
        Invalid: terms that are not understood here.
    """
    said = raw.get("word")
    if not isinstance(said, Mapping):
        raise Malformed("an activity about an agreement has a word")
    stance = said.get("stance")
    if stance not in STANCES.get(activity_type, ()):
        raise Malformed(f"an {activity_type[:20]} of an agreement does not say {str(stance)[:20]!a}")
    terms = _terms(raw) if stance == "agree" else None
    sequence = _number(said, "sequence")
    return Told(
        id=links.uri(raw.get("id"), allow_http=allow_http),
        territory=links.uri(raw.get("territory"), allow_http=allow_http),
        member=links.uri(raw.get("member"), allow_http=allow_http),
        word=Word(
            sequence, stance, terms, _number(said, "heard"), _number(said, "refused"),
            dates.instant_ms(said.get("published")) or 0,
        ),
        heard=_number(raw, "heard"),
        earlier=_earlier(raw.get("earlier", []), sequence),
    )  # fmt: skip


def context() -> list[Any]:
    """A fresh `@context` of an agreement, or of an activity that embeds one."""
    return [
        "https://www.w3.org/ns/activitystreams",
        {
            "ter": NAMESPACE,
            "Agreement": "ter:Agreement",
            "territory": {"@id": "ter:territory", "@type": "@id"},
            "member": {"@id": "ter:member", "@type": "@id"},
            "terms": {"@id": "ter:terms", "@type": "@json"},
            "termsHash": "ter:termsHash",
            "state": "ter:state",
            "word": {"@id": "ter:word", "@type": "@json"},
            "words": {"@id": "ter:words", "@type": "@json"},
            "heard": "ter:heard",
            "earlier": {"@id": "ter:earlier", "@type": "@json"},
        },
    ]


def _terms(raw: Mapping[str, Any]) -> Terms:
    stated = raw.get("terms")
    if not isinstance(stated, Mapping):
        raise Malformed("an agreement has terms")
    terms = terms_of.read(dict(stated), {name: dates.instant_ms(stated.get(name)) for name in ("from", "until")})
    if raw.get("termsHash") != terms.hash:
        raise Malformed("the hash is not that of the terms")
    return terms


def _earlier(raw: object, last: int) -> tuple[Word, ...]:
    if not isinstance(raw, list) or len(raw) > MAX_EARLIER:
        raise Malformed(f"earlier words are a list of at most {MAX_EARLIER}")
    words: list[Word] = []
    for said in raw:
        if not isinstance(said, Mapping) or said.get("stance") not in ("agree", "reject", "end"):
            raise Malformed("an earlier word agrees, rejects or ends")
        number, stance = _number(said, "sequence"), said["stance"]
        if not (words[-1].sequence if words else 0) < number < last:
            raise Malformed("earlier words come in their order, before the last one")
        terms, at_ms = (_terms(said) if stance == "agree" else None), dates.instant_ms(said.get("published")) or 0
        words.append(Word(number, stance, terms, 0, 0 if stance == "agree" else number, at_ms))
    return tuple(words)


def _number(raw: Mapping[str, Any], name: str) -> int:
    value = raw.get(name, 0)
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < 2**53:
        raise Malformed(f"{name} is a whole number")
    return value
