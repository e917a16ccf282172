"""Actors: people, organisations, groups, applications, services."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import dates, limits, links, names, pictures, tags, texts
from node.federation.vocab.pictures import Media
from node.federation.vocab.tags import Emoji, Hashtag
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence

TYPES = frozenset({"Person", "Organization", "Group", "Application", "Service"})

_MAX_PEM_CHARS = 8_000
_VALUE_TYPES = frozenset({"PropertyValue", "http://schema.org/PropertyValue", "https://schema.org/PropertyValue"})


@dataclass(frozen=True, slots=True)
class Key:
    """A public key that an actor publishes as its own: PEM (`publicKey`) or Multikey (`assertionMethod`, FEP-521a)."""

    id: str
    pem: str | None = None
    multibase: str | None = None


@dataclass(frozen=True, slots=True)
class Field:
    """A line of a profile; *value* is HTML, not yet cleaned."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Actor:
    """An actor as its server describes it."""

    id: str
    type: str
    username: str | None
    """`preferredUsername`: proved only by WebFinger."""
    name: str | None
    summary: str | None
    """Biography, HTML, not yet cleaned."""
    inbox: str | None
    """None: nothing can be delivered."""
    shared_inbox: str | None
    outbox: str | None
    followers: str | None
    following: str | None
    featured: str | None
    url: str | None
    """The page that a person opens."""
    icon: Media | None
    image: Media | None
    """Banner."""
    fields: tuple[Field, ...]
    emojis: tuple[Emoji, ...]
    hashtags: tuple[Hashtag, ...]
    keys: tuple[Key, ...]
    locked: bool
    """`manuallyApprovesFollowers`."""
    discoverable: bool | None
    indexable: bool | None
    suspended: bool
    memorial: bool
    moved_to: str | None
    also_known_as: tuple[str, ...]
    webfinger: str | None
    """FEP-2c59: `user@host`, to be checked by WebFinger."""
    attributed_to: str | None
    """The owner of a group (PeerTube: the account of a channel; Lemmy: the moderators)."""
    published_ms: int | None
    updated_ms: int | None


def read(raw: Mapping[str, Any], *, allow_http: bool = False, draft: bool = False) -> Actor:
    """The actor in *raw*.

    Raises:
        Malformed: not an actor, or without a usable id; with *draft* it may have none.
    """
    raw = names.plain(raw)
    kind = next((name for name in links.types_of(raw) if name in TYPES), None)
    if kind is None:
        raise Malformed(sentence("expected an actor"))
    actor_id = links.own_id(raw, allow_http=allow_http, draft=draft)
    marks = tags.read(raw.get("tag"), allow_http=allow_http)
    name = texts.read(raw, "name")
    summary = texts.read(raw, "summary")

    def place(value: object) -> str | None:
        return links.optional_uri(value, allow_http=allow_http)

    # Static sites let another host receive for them: the inbox alone may be elsewhere, and its shared inbox with it
    inbox = place(raw.get("inbox"))
    return Actor(
        id=actor_id,
        type=kind,
        username=texts.string(raw.get("preferredUsername"), limits.MAX_NAME_CHARS),
        name=limits.cut(name.value, limits.MAX_NAME_CHARS) if name else None,
        summary=limits.cut_bytes(summary.value, limits.MAX_BIOGRAPHY_BYTES) if summary else None,
        inbox=inbox,
        shared_inbox=_beside(inbox, place(_endpoint(raw, "sharedInbox"))),
        outbox=place(raw.get("outbox")),
        followers=_beside(actor_id, place(raw.get("followers"))),
        following=_beside(actor_id, place(raw.get("following"))),
        featured=_beside(actor_id, place(raw.get("featured"))),
        url=links.page_of(links.links_of(raw.get("url"), allow_http=allow_http)),
        icon=pictures.largest(raw.get("icon"), allow_http=allow_http),
        image=pictures.largest(raw.get("image"), allow_http=allow_http),
        fields=limits.first(_fields(raw.get("attachment")), limits.MAX_FIELDS),
        emojis=marks.emojis,
        hashtags=marks.hashtags,
        keys=limits.first(_keys(raw, actor_id, allow_http), limits.MAX_KEYS),
        locked=texts.flag(raw.get("manuallyApprovesFollowers")) or False,
        discoverable=texts.flag(raw.get("discoverable")),
        indexable=texts.flag(raw.get("indexable")),
        suspended=texts.flag(raw.get("suspended")) or False,
        memorial=texts.flag(raw.get("memorial")) or False,
        moved_to=place(raw.get("movedTo")),
        also_known_as=links.ids_of(raw.get("alsoKnownAs"), limits.MAX_ALIASES, allow_http=allow_http),
        webfinger=_handle(raw.get("webfinger")),
        attributed_to=next(iter(links.ids_of(raw.get("attributedTo"), 1, allow_http=allow_http)), None),
        published_ms=dates.instant_ms(raw.get("published")),
        updated_ms=dates.instant_ms(raw.get("updated")),
    )


def _beside(place: str | None, address: str | None) -> str | None:
    """*address* when it is on the origin of *place*: nobody may name another server's followers as theirs."""
    return address if place is not None and address is not None and links.same_origin(place, address) else None


def _endpoint(raw: Mapping[str, Any], name: str) -> object:
    endpoints = raw.get("endpoints")
    # Misskey also gives `sharedInbox` beside `inbox`, as older drafts did
    return endpoints.get(name) if isinstance(endpoints, dict) else raw.get(name)


def _handle(value: object) -> str | None:
    handle = texts.string(value, limits.MAX_NAME_CHARS)
    if handle is None:
        return None
    handle = handle.removeprefix("acct:").removeprefix("@")
    user, at, host = handle.partition("@")
    return handle if user and at and host and "@" not in host else None


def _fields(value: object) -> Iterator[Field]:
    items = [names.plain(item) for item in links.listed(value)[: limits.MAX_ITEMS] if isinstance(item, dict)]
    lines = [item for item in items if _VALUE_TYPES & set(links.types_of(item))]
    # FEP-fb2a: a Note or a Link for each line; who writes both means the same twice
    for item in lines or [item for item in items if links.types_of(item) in (("Note",), ("Link",))]:
        name = texts.read(item, "name")
        words = texts.read(item, "value") or texts.read(item, "content") or texts.read(item, "href")
        if name is not None:
            yield Field(
                limits.cut(name.value, limits.MAX_FIELD_CHARS),
                limits.cut(words.value, limits.MAX_FIELD_CHARS) if words else "",
            )


def _keys(raw: Mapping[str, Any], actor_id: str, allow_http: bool) -> Iterator[Key]:
    """The keys that are the actor's: it owns them, and their ids are on its origin.

    A key that names another owner, or stands under another server's id, proves nothing for this actor: believing it
    would let `evil@here` shadow the key of `admin@there` in a cache.
    """
    for property_name, owner_name in (("publicKey", "owner"), ("assertionMethod", "controller")):
        for item in links.listed(raw.get(property_name)):
            if not isinstance(item, dict):
                continue
            key_id = links.optional_uri(item.get("id"), allow_http=allow_http)
            owner = item.get(owner_name, actor_id)
            if key_id is None or owner != actor_id or not links.same_origin(key_id, actor_id):
                continue
            pem, multibase = item.get("publicKeyPem"), item.get("publicKeyMultibase")
            if isinstance(pem, str) and 0 < len(pem) <= _MAX_PEM_CHARS:
                yield Key(key_id, pem=pem)
            elif isinstance(multibase, str) and 0 < len(multibase) <= _MAX_PEM_CHARS:
                yield Key(key_id, multibase=multibase)
