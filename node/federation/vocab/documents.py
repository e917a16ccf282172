"""Any ActivityStreams document -> the value of its family: the table that says which reader reads what."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import activities, actors, collections, dates, links, posts
from node.federation.vocab.activities import Activity
from node.federation.vocab.actors import Actor
from node.federation.vocab.collections import Collection
from node.federation.vocab.posts import Post
from node.runtime.errors import Malformed


@dataclass(frozen=True, slots=True)
class Tombstone:
    """What is left of a deleted object."""

    id: str
    former_type: str | None
    deleted_ms: int | None


@dataclass(frozen=True, slots=True)
class Unknown:
    """An object of a type that this node does not read yet: kept, never an error."""

    id: str | None
    type: str
    raw: Mapping[str, Any]


Document = Actor | Post | Activity | Collection | Tombstone | Unknown

_READERS: dict[frozenset[str], Any] = {
    actors.TYPES: actors.read,
    posts.TYPES: posts.read,
    collections.TYPES: collections.read,
    activities.TYPES: activities.read,
}


def read(raw: Mapping[str, Any], *, allow_http: bool = False) -> Document:
    """The document in *raw*, read as the first of its types that is known.

    An unknown type with an `actor` is an activity that is not understood; without one, an unknown object.

    Raises:
        Malformed: no type, or what its family's reader refuses.
    """
    types = links.types_of(raw)
    if not types:
        raise Malformed("the document has no type")
    for name in types:
        for family, reader in _READERS.items():
            if name in family:
                document: Document = reader(raw, allow_http=allow_http)
                return document
    if "Tombstone" in types:
        return tombstone(raw, allow_http=allow_http)
    if raw.get("actor") is not None:
        return activities.read(raw, allow_http=allow_http)
    return Unknown(links.optional_uri(raw.get("id"), allow_http=allow_http), types[0], raw)


def tombstone(raw: Mapping[str, Any], *, allow_http: bool = False) -> Tombstone:
    """The tombstone in *raw*.

    Raises:
        Malformed: without a usable id.
    """
    former = raw.get("formerType", raw.get("former_type"))  # Lotide writes it with an underscore
    return Tombstone(
        id=links.uri(raw.get("id"), allow_http=allow_http),
        former_type=former if isinstance(former, str) else None,
        deleted_ms=dates.instant_ms(raw.get("deleted")),
    )
