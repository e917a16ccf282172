"""Collections and their pages, ordered or not: one shape, since servers mix `items` and `orderedItems`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import limits, links, names, texts
from node.federation.vocab.links import Reference
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence

PAGE_TYPES = frozenset({"CollectionPage", "OrderedCollectionPage"})
TYPES = frozenset({"Collection", "OrderedCollection"}) | PAGE_TYPES


@dataclass(frozen=True, slots=True)
class Collection:
    """A collection, or one page of it."""

    id: str | None
    type: str
    name: str | None
    total_items: int | None
    """As its server counts; people's followers may be hidden while the number shows."""
    items: tuple[Reference, ...]
    first: Reference | None
    """May be embedded, without an id of its own (Bridgy Fed)."""
    next: str | None
    prev: str | None
    part_of: str | None
    attributed_to: str | None

    @property
    def is_page(self) -> bool:
        """Whether this is one page."""
        return self.type in PAGE_TYPES


def read(raw: Mapping[str, Any], *, allow_http: bool = False, draft: bool = False) -> Collection:
    """The collection or page in *raw*.

    Raises:
        Malformed: not a collection, or an `id` that is none.
    """
    del draft  # may always be without an id
    raw = names.plain(raw)
    kind = next((name for name in links.types_of(raw) if name in TYPES), None)
    if kind is None:
        raise Malformed(sentence("expected a collection"))

    def place(value: object) -> str | None:
        return links.optional_uri(value, allow_http=allow_http)

    name = texts.read(raw, "name")
    members = raw.get("orderedItems") if raw.get("orderedItems") is not None else raw.get("items")
    return Collection(
        id=links.uri(raw["id"], allow_http=allow_http) if raw.get("id") is not None else None,
        type=kind,
        name=limits.cut(name.value, limits.MAX_NAME_CHARS) if name else None,
        total_items=texts.count(raw.get("totalItems")),
        items=links.references(members, limits.MAX_ITEMS, allow_http=allow_http),
        first=_page(raw.get("first"), allow_http),
        next=place(raw.get("next")),
        prev=place(raw.get("prev")),
        part_of=place(raw.get("partOf")),
        attributed_to=next(iter(links.ids_of(raw.get("attributedTo"), 1, allow_http=allow_http)), None),
    )


def _page(value: object, allow_http: bool) -> Reference | None:
    """A first page: its id, or the page itself; nothing else that is embedded there."""
    found = next(iter(links.references(value, 1, allow_http=allow_http)), None)
    return found if found is None or found.raw is None or found.type in PAGE_TYPES else None
