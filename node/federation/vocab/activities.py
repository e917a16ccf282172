"""Activities: what somebody did."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import audience, dates, limits, links, names, reactions, texts
from node.federation.vocab.audience import Audience
from node.federation.vocab.links import Reference
from node.federation.vocab.reactions import Reaction
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence

TYPES = frozenset(
    {
        "Accept",
        "Add",
        "Announce",
        "Block",
        "Create",
        "Delete",
        "EmojiReact",
        "Flag",
        "Follow",
        "Ignore",
        "Join",
        "Leave",
        "Like",
        "Move",
        "Offer",
        "QuoteRequest",
        "Reject",
        "Remove",
        "ReplyRequest",
        "Undo",
        "Update",
    }
)
"""Those that the inbox has handlers for; every other one is kept as it is, counted and ignored."""


@dataclass(frozen=True, slots=True)
class Activity:
    """An activity as it was sent. Who sent it is proved by a signature, never by `actor`."""

    id: str | None
    """None: transient (ActivityPub §3)."""
    type: str
    actor: str
    """Empty in a draft only."""
    object: Reference | None
    objects: tuple[Reference, ...]
    """All of `object`: several votes may come in one Create."""
    target: Reference | None
    """Of Add and Remove: the collection."""
    origin: Reference | None
    result: Reference | None
    """Of an Accept: the authorisation that was given (FEP-044f, GoToSocial's interaction policies)."""
    audience: Audience
    content: str | None
    """An EmojiReact's emoji, a Flag's comment."""
    published_ms: int | None
    updated_ms: int | None
    summary: str | None = None
    """Lemmy's reason of a Flag or Block."""
    instrument: Reference | None = None
    """Of a QuoteRequest (FEP-044f) or ReplyRequest (GoToSocial): the post that wants to be allowed."""
    approved_by: str | None = None
    """GoToSocial's `approvedBy`: the authorisation of a Like or Announce."""
    reaction: Reaction | None = None
    """Of an EmojiReact, or of a Like that says with which emoji."""

    @property
    def known(self) -> bool:
        """Whether the inbox has a handler for its type."""
        return self.type in TYPES


def read(raw: Mapping[str, Any], *, allow_http: bool = False, draft: bool = False) -> Activity:
    """The activity in *raw*, of whatever type.

    Raises:
        Malformed: no type, no single actor with a usable id (with *draft* nobody, or one without an id), or an `id`
            that is none.
    """
    raw = names.plain(raw)
    types = links.types_of(raw)
    if not types:
        raise Malformed(sentence("expected an activity with a type"))
    objects = links.references(raw.get("object"), limits.MAX_OBJECTS, allow_http=allow_http)
    content = texts.read(raw, "content")
    if content is None and "Flag" in types:  # Lemmy's reason
        content = texts.read(raw, "summary")
    summary = texts.read(raw, "summary") if raw.get("summary") is not None else None
    kind = next((name for name in types if name in TYPES), types[0])
    return Activity(
        id=links.uri(raw["id"], allow_http=allow_http) if raw.get("id") is not None else None,
        type=kind,
        actor=_actor(raw.get("actor"), allow_http, draft),
        object=objects[0] if objects else None,
        objects=objects,
        target=_one(raw.get("target"), allow_http),
        origin=_one(raw.get("origin"), allow_http),
        result=_one(raw.get("result"), allow_http),
        audience=audience.read(raw, allow_http=allow_http),
        content=limits.cut_bytes(content.value, limits.MAX_SUMMARY_BYTES) if content else None,
        published_ms=dates.instant_ms(raw.get("published")),
        updated_ms=dates.instant_ms(raw.get("updated")),
        summary=limits.cut_bytes(summary.value, limits.MAX_SUMMARY_BYTES) if summary else None,
        instrument=_one(raw.get("instrument"), allow_http),
        approved_by=links.optional_uri(raw.get("approvedBy"), allow_http=allow_http),
        reaction=reactions.read(raw, allow_http=allow_http) if kind in reactions.TYPES else None,
    )


def _actor(value: object, allow_http: bool, draft: bool) -> str:
    if isinstance(value, list) and len(value) > 1:
        raise Malformed(sentence("an activity has one actor"))  # one signature proves one
    if draft and (not value or (isinstance(value, dict) and not value.get("id"))):
        return ""
    return links.uri(value, allow_http=allow_http)


def _one(value: object, allow_http: bool) -> Reference | None:
    return None if value is None else next(iter(links.references(value, 1, allow_http=allow_http)), None)
