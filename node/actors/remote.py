"""Actors of other servers: kept as their own server describes them, believed about nothing else.

The caller fetched the document from the origin of its id, and proved the handle by WebFinger.
"""

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Protocol, cast, get_args
from urllib.parse import urlsplit

from node.actors import hosts, local
from node.actors.actor import NAMES, Actor, Emoji, Field, Type, read, values
from node.actors.facts import ActorUpdated
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Gone, Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.text.cleaning import clean, storable

_USERNAME = re.compile(r"[^\s@/?#:<>\"\x00-\x1f\x7f]{1,255}")
_PLAIN_NAME = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_KEPT = (
    "id",
    "created_ms",
    "limited",
    "frozen",
    "state",
    "followers_count",
    "following_count",
    "posts_count",
    "last_post_ms",
)
"""Columns that a document never changes."""


class Picture(Protocol):
    """An icon or a banner (node.federation.vocab.pictures.Media)."""

    @property
    def url(self) -> str: ...
    @property
    def alt(self) -> str | None: ...


class Line(Protocol):
    """A field of a profile: *value* is HTML, not yet cleaned."""

    @property
    def name(self) -> str: ...
    @property
    def value(self) -> str: ...


class Symbol(Protocol):
    """A custom emoji, without its colons."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...


class Key(Protocol):
    """A public key that the actor owns."""

    @property
    def id(self) -> str: ...
    @property
    def pem(self) -> str | None: ...
    @property
    def multibase(self) -> str | None: ...


class Document(Protocol):
    """What is read of an actor's document: node.federation.vocab.actors.Actor, limits already applied."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def username(self) -> str | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...
    @property
    def inbox(self) -> str | None: ...
    @property
    def shared_inbox(self) -> str | None: ...
    @property
    def outbox(self) -> str | None: ...
    @property
    def followers(self) -> str | None: ...
    @property
    def following(self) -> str | None: ...
    @property
    def featured(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def icon(self) -> Picture | None: ...
    @property
    def image(self) -> Picture | None: ...
    @property
    def fields(self) -> Sequence[Line]: ...
    @property
    def emojis(self) -> Sequence[Symbol]: ...
    @property
    def keys(self) -> Sequence[Key]: ...
    @property
    def locked(self) -> bool: ...
    @property
    def discoverable(self) -> bool | None: ...
    @property
    def indexable(self) -> bool | None: ...
    @property
    def moved_to(self) -> str | None: ...
    @property
    def also_known_as(self) -> Sequence[str]: ...
    @property
    def published_ms(self) -> int | None: ...


async def upsert(tx: Tx, ctx: Context, *, document: Document, handle_host: str) -> Actor:
    """Keep a remote actor as *document* describes it now; its type may change, its id never does.

    *handle_host* is the right side of its handle, proved by WebFinger.

    Raises:
        HostSuspended: the node has no dealings with the host of its id, or of its handle.
        Gone: it was deleted; a document fetched late does not bring it back.
        Forbidden: the id is a local actor's.
        Invalid: a type, name or host that cannot be.
    """
    return (await upsert_all(tx, ctx, [(document, handle_host)]))[0]


async def upsert_all(tx: Tx, ctx: Context, proved: Sequence[tuple[Document, str]]) -> list[Actor]:
    """`upsert` of several documents, each with its handle host; what refuses one of them refuses all.

    One statement an actor, and three for all.
    """
    named = [(document, hosts.of_uri(document.id), hosts.authority(handle)) for document, handle in proved]
    policies = await hosts.about(tx, {host for _, *both in named for host in both})
    ours = await tx.fetch(
        "SELECT service_host, handle_host FROM domains WHERE service_host = ANY($1::text[]) OR handle_host = ANY($2::text[])",
        [service_host for _, service_host, _ in named], [handle_host for _, _, handle_host in named],
    )  # fmt: skip
    our_services, our_handles = {row[0] for row in ours}, {row[1] for row in ours}
    graves = await tx.fetch("SELECT uri FROM tombstones WHERE uri = ANY($1::text[])", [each[0].id for each in named])
    buried = {row[0] for row in graves}
    for document, service_host, handle_host in named:
        policies.refuse_blocked(service_host)
        policies.refuse_blocked(handle_host)
        if service_host in our_services or handle_host in our_handles:
            raise Forbidden("only this server says who its own accounts are")
        if document.id in buried:
            raise Gone(sentence("This account was deleted."))
    return [await _upsert(tx, ctx, *each, policies) for each in named]


async def _upsert(
    tx: Tx, ctx: Context, document: Document, service_host: str, handle_host: str, policies: hosts.Policies
) -> Actor:
    met = _met(ctx, document, service_host, handle_host)
    limited = any(policies.of(host).severity == "silence" for host in (service_host, handle_host))
    met = replace(met, limited=limited)
    names = [name for name in NAMES if name not in _KEPT]
    sets = ", ".join(f"{name} = excluded.{name}" for name in names if name not in ("uri", "published_ms"))
    places = ", ".join(f"${place}" for place in range(1, len(NAMES) + 1))
    held = values(met)
    row = await tx.row(
        f"INSERT INTO actors ({', '.join(NAMES)}) VALUES ({places}) ON CONFLICT (uri) DO UPDATE SET {sets} "
        f"WHERE actors.domain_id IS NULL AND actors.state <> 'deleted' RETURNING {', '.join(NAMES)}",
        *(held[name] for name in NAMES),
    )
    if row is None:
        raise Gone(sentence("This account was deleted."))
    actor = read(row)
    await _keep_further_keys(tx, actor, document, known=actor.id != met.id)
    if actor.id != met.id:
        tx.state(ActorUpdated(actor.id, local=False))
    return actor


async def _keep_further_keys(tx: Tx, actor: Actor, document: Document, *, known: bool) -> None:
    if known:
        await tx.execute("DELETE FROM published_keys WHERE actor_id = $1", actor.id)
    further = {
        key.id: public
        for key in reversed(document.keys)
        if key.id != actor.public_key_id and (public := key.pem or key.multibase) is not None
    }
    if further:
        await tx.executemany(
            "INSERT INTO published_keys (actor_id, key_id, public) VALUES ($1, $2, $3)",
            [(actor.id, key_id, public) for key_id, public in further.items()],
        )


async def further_keys(reader: Reader, actor_id: int) -> dict[str, str]:
    """The keys that an actor elsewhere publishes beside its first, by their ids: PEM, or a Multikey's multibase."""
    rows = await reader.fetch("SELECT key_id, public FROM published_keys WHERE actor_id = $1", actor_id)
    return {row["key_id"]: row["public"] for row in rows}


async def mark_gone(tx: Tx, ctx: Context, *, actor: Actor) -> bool:
    """Its server says that it is deleted (Delete, or 410 on refetch); whether it was there until now.

    Raises:
        Forbidden: a local actor.
    """
    if actor.local:
        raise Forbidden("another server does not delete our accounts")
    return await local.erase(tx, ctx, actor=actor)


def _met(ctx: Context, document: Document, service_host: str, handle_host: str) -> Actor:
    now_ms = ctx.clock.now_ms()
    if document.type not in get_args(Type):
        raise Invalid(f"{document.type[:50]!a} is no type of actor")
    key = next((key for key in document.keys if key.pem is not None), None)
    icon, image = document.icon, document.image
    return Actor(
        id=ctx.ids.next(),
        uri=document.id,
        type=cast(Type, document.type),
        kind="",
        domain_id=None,
        username=_username(document, service_host),
        service_host=service_host,
        handle_host=handle_host,
        name=storable(document.name or ""),
        summary=clean(document.summary or ""),
        summary_source="",
        url=document.url or document.id,
        inbox=_place(document.inbox) or "",
        shared_inbox=_place(document.shared_inbox),
        outbox=document.outbox or "",
        followers=document.followers or "",
        following=document.following or "",
        featured=document.featured or "",
        fields=tuple(Field(storable(line.name), clean(line.value)) for line in document.fields),
        emojis=tuple(Emoji(storable(emoji.name), emoji.url) for emoji in document.emojis),
        also_known_as=tuple(document.also_known_as),
        moved_to=document.moved_to,
        avatar=icon.url if icon else None,
        avatar_alt=storable(icon.alt or "") if icon else "",
        header=image.url if image else None,
        header_alt=storable(image.alt or "") if image else "",
        locked=document.locked,
        discoverable=document.discoverable is not False,
        indexable=document.indexable is True,
        bot=document.type in ("Application", "Service"),
        hides_network=False,
        insee=None,
        siren=None,
        codes_proof="",
        post_visibility="public",
        post_language="",
        post_sensitive=False,
        state="active",
        limited=False,
        public_key_id=key.id if key else None,
        public_key=key.pem if key else None,
        followers_count=0,
        following_count=0,
        posts_count=0,
        last_post_ms=None,
        published_ms=document.published_ms or now_ms,
        created_ms=now_ms,
        updated_ms=now_ms,
        fetched_ms=now_ms,
    )


def _place(url: str | None) -> str | None:
    """An address that can be delivered to; what cannot be read as one is none."""
    try:
        return url if url and hosts.of_uri(url) else None
    except Invalid:
        return None


def name_in(uri: str) -> str | None:
    """The last part of an id's path, where it reads as a name: `preferredUsername` is optional (ActivityPub §4.1)."""
    last = urlsplit(uri).path.rstrip("/").rpartition("/")[2]
    return last if _PLAIN_NAME.fullmatch(last) else None


def _username(document: Document, service_host: str) -> str:
    """Its name; of those without one, the end of their id, or (relays, some services) the host they speak for."""
    service = document.type in ("Application", "Service")
    username = document.username or (None if service else name_in(document.id)) or service_host.partition(":")[0]
    if not _USERNAME.fullmatch(username):
        raise Invalid(f"{username[:50]!a} cannot be the name of an account")
    return username
