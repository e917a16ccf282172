"""The value: one actor, local or met elsewhere, and how its row is read and written."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any, Literal

import orjson

from node.runtime.database import Row

Type = Literal["Organization", "Person", "Group", "Application", "Service"]

State = Literal["active", "suspended", "host_suspended", "deleted"]
"""Whatever is not active neither speaks nor is shown. `host_suspended` ends with the policy of the host."""


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a profile. *value* is safe HTML; *source* is what a local author typed."""

    name: str
    value: str
    source: str = ""
    verified_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Emoji:
    """A picture that stands for `:shortcode:` in names and texts."""

    shortcode: str
    url: str
    """Address of a stranger's; key in the storage of one of ours."""
    static: str = ""
    """Key of the picture that does not move, of one of ours; so are the rest."""
    id: int = 0
    updated_ms: int = 0


@dataclass(frozen=True, slots=True)
class Actor:
    """One actor, with the columns of its table in their order."""

    id: int
    uri: str
    type: Type
    kind: str
    """What a local Organization is (commune, epci, association…); empty elsewhere."""
    domain_id: int | None
    username: str
    service_host: str
    """Host (and port, in a laboratory) of the id."""
    handle_host: str
    name: str
    summary: str
    """Safe HTML."""
    summary_source: str
    url: str
    inbox: str
    shared_inbox: str | None
    outbox: str
    followers: str
    following: str
    featured: str
    fields: tuple[Field, ...]
    emojis: tuple[Emoji, ...]
    also_known_as: tuple[str, ...]
    moved_to: str | None
    avatar: str | None
    """Key in the storage of a local actor, URL of a remote one; so is *header*."""
    avatar_alt: str
    header: str | None
    header_alt: str
    locked: bool
    discoverable: bool
    indexable: bool
    bot: bool
    hides_network: bool
    insee: str | None
    siren: str | None
    codes_proof: str
    post_visibility: str
    post_language: str
    post_sensitive: bool
    state: State
    limited: bool
    public_key_id: str | None
    public_key: str | None
    """RSA, PEM."""
    followers_count: int
    following_count: int
    posts_count: int
    last_post_ms: int | None
    published_ms: int
    created_ms: int
    updated_ms: int
    fetched_ms: int | None
    frozen: bool = False
    """A moderator lets it read, and publish nothing (`freezing.py`)."""
    replies: str = ""
    """Who may reply to its new posts, if it lives here (node.timeline.replies); empty: everybody."""

    @property
    def local(self) -> bool:
        """It lives on this node."""
        return self.domain_id is not None

    @property
    def handle(self) -> str:
        """`user@host`, as people write it."""
        return f"{self.username}@{self.handle_host}"

    @property
    def active(self) -> bool:
        """It speaks and is shown."""
        return self.state == "active"

    @property
    def suspended(self) -> bool:
        """A moderator silenced it, or all of its host; it may come back."""
        return self.state in ("suspended", "host_suspended")

    @property
    def deleted(self) -> bool:
        """It is gone for good."""
        return self.state == "deleted"


NAMES = tuple(field.name for field in fields(Actor))
_BOOLEANS = ("locked", "discoverable", "indexable", "bot", "hides_network", "post_sensitive", "limited", "frozen")
_LISTS = {"fields": Field, "emojis": Emoji}


def columns(table: str) -> str:
    """The columns of an actor for a SELECT in which its table is called *table*."""
    return ", ".join(f"{table}.{name}" for name in NAMES)


_AT = {name: position for position, name in enumerate(NAMES)}


def read(row: Row, start: int = 0) -> Actor:
    """The actor in the columns of *row* that `columns` named, from position *start* on."""
    values: list[Any] = [row[start + position] for position in range(len(NAMES))]
    for name in _BOOLEANS:
        values[_AT[name]] = bool(values[_AT[name]])  # SQLite keeps 0 and 1
    for name, kind in _LISTS.items():
        text = values[_AT[name]]
        values[_AT[name]] = () if text == "[]" else tuple(kind(**item) for item in orjson.loads(text))
    aliases = values[_AT["also_known_as"]]
    values[_AT["also_known_as"]] = () if aliases == "[]" else tuple(orjson.loads(aliases))
    return Actor(*values)


def listed(items: Sequence[Field] | Sequence[Emoji] | Sequence[str]) -> str:
    """A list as its column keeps it."""
    return orjson.dumps(list(items)).decode()


def values(actor: Actor) -> dict[str, Any]:
    """What the columns of *actor* hold."""
    held = {name: getattr(actor, name) for name in NAMES}
    for name in ("fields", "emojis", "also_known_as"):
        held[name] = listed(held[name])
    return held
