"""Any ActivityStreams document -> the value of its family: the table that says which reader reads what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import activities, actors, audience, collections, dates, links, names, places, posts
from node.federation.vocab.activities import Activity
from node.federation.vocab.actors import Actor
from node.federation.vocab.audience import Audience
from node.federation.vocab.collections import Collection
from node.federation.vocab.places import Place
from node.federation.vocab.posts import Post
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a deleted object."""

    id: str
    """Empty in a draft only."""
    former_type: str | None
    deleted_ms: int | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """An object that this node does not read: kept, never an error."""

    id: str | None
    type: str
    """Empty where there is none."""
    raw: Mapping[str, Any]
    why: str
    """A sentence, for who asks."""


Document = Actor | Post | Activity | Collection | Tombstone | Place | Unknown

_READERS: dict[frozenset[str], Any] = {
    actors.TYPES: actors.read,
    collections.TYPES: collections.read,
    activities.TYPES: activities.read,
}

# Of AS2 Vocabulary §3.1: what they say is not understood here, but they are activities, also without an actor.
_OTHER_ACTIVITIES = frozenset(
    {
        "Activity", "Arrive", "Dislike", "Flag", "Ignore", "Invite", "Join", "Leave", "Listen", "Move", "Read",
        "TentativeAccept", "TentativeReject", "Travel", "View",
    }
)  # fmt: skip


def read(
    raw: Mapping[str, Any],
    *,
    inherited: Audience = audience.NOBODY,
    allow_http: bool = False,
    draft: bool = False,
) -> Document:
    """The document in *raw*, read as the first of its types that is known.

    An unknown type with an `actor` is an activity that is not understood; without one, an unknown object. *inherited*
    is the audience of the activity around it. A *draft* need not have an id or an actor: what a client sends, or a
    specification shows.

    Raises:
        Malformed: a type that is no text, or what its family's reader refuses.
    """
    raw = names.plain(raw)
    types = links.types_of(raw)
    if not types:
        return _untyped(raw, allow_http)
    for name in types:
        if name in posts.TYPES:
            return posts.read(raw, inherited=inherited, allow_http=allow_http, draft=draft)
        for family, reader in _READERS.items():
            if name in family:
                document: Document = reader(raw, allow_http=allow_http, draft=draft)
                return document
    if "Tombstone" in types:
        return tombstone(raw, allow_http=allow_http, draft=draft)
    found_id = links.optional_uri(raw.get("id"), allow_http=allow_http)
    if "Place" in types:
        place = places.read(raw, allow_http=allow_http)
        return place or Unknown(found_id, "Place", raw, sentence("a place without a name, an address or a position"))
    if raw.get("actor") is not None or _OTHER_ACTIVITIES.intersection(types):
        return activities.read(raw, allow_http=allow_http, draft=draft)
    return Unknown(
        found_id, types[0], raw, sentence("objects of the type %(type)s are not understood here", type=types[0][:50])
    )


def tombstone(raw: Mapping[str, Any], *, allow_http: bool = False, draft: bool = False) -> Tombstone:
    """The tombstone in *raw*.

    Raises:
        Malformed: without a usable id; with *draft* it may have none.
    """
    former = raw.get("formerType", raw.get("former_type"))  # Lotide writes it with an underscore
    return Tombstone(
        id=links.own_id(raw, allow_http=allow_http, draft=draft),
        former_type=former if isinstance(former, str) else None,
        deleted_ms=dates.instant_ms(raw.get("deleted")),
    )


def _untyped(raw: Mapping[str, Any], allow_http: bool) -> Unknown:
    stated = raw.get("type")
    if stated is not None and stated != [] and stated != "":
        raise Malformed(sentence("a type is text"))
    found_id = links.optional_uri(raw.get("id"), allow_http=allow_http)
    if raw.get("@type") is not None:
        return Unknown(found_id, "", raw, sentence("its context is not ActivityStreams"))
    return Unknown(found_id, "", raw, sentence("it has no type"))
