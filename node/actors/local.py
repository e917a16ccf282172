"""Local actors: made, described, deleted. Read as `actors.create_local` and so on.

Ids never change: `https://{service host}/users/{username}`. A name that was used stays taken, because other
servers remember who it was.
"""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any, TypedDict
from urllib.parse import quote

from node.actors import follows, keys, names, pictured
from node.actors.actor import NAMES, Actor, Field, Type, read, values
from node.actors.domains import Domain
from node.actors.facts import ActorCreated, ActorDeleted, ActorUpdated
from node.actors.freezing import refuse_frozen
from node.actors.keys import NewKeys
from node.media.attachments import REMOVE_JOB
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.runtime.text import composing

MAX_NAME_CHARS = 100
MAX_SUMMARY_CHARS = 5_000
MAX_FIELDS = 8
MAX_FIELD_NAME_CHARS = 100
MAX_FIELD_VALUE_CHARS = 500
MAX_ALT_CHARS = 1_500

VISIBILITIES = ("public", "unlisted", "followers", "direct")
_SAYING = frozenset({"name", "summary_source", "fields"})
_PRIVATE = frozenset({"post_visibility", "post_language", "post_sensitive", "replies"})


class NameTaken(Invalid):
    """Somebody has this name here, had it, or has one that looks like it."""


class Changes(TypedDict, total=False):
    """What to change of a profile; what is not named stays."""

    name: str
    summary_source: str
    fields: Sequence[tuple[str, str]]
    """(name, value) as typed."""
    avatar: str | None
    avatar_alt: str
    header: str | None
    header_alt: str
    locked: bool
    discoverable: bool
    indexable: bool
    bot: bool
    hides_network: bool
    kind: str
    insee: str | None
    siren: str | None
    codes_proof: str
    also_known_as: Sequence[str]
    moved_to: str | None
    post_visibility: str
    post_language: str
    post_sensitive: bool
    replies: str


async def create_local(
    tx: Tx,
    ctx: Context,
    *,
    domain: Domain,
    username: str,
    type: Type,  # noqa: A002 - the word of ActivityStreams
    name: str,
    keys: NewKeys,
    kind: str = "",
    summary_source: str = "",
    fields: Sequence[tuple[str, str]] = (),
    locked: bool = False,
    discoverable: bool = True,
    indexable: bool = False,
    insee: str | None = None,
    siren: str | None = None,
    codes_proof: str = "",
    language: str = "fr",
) -> Actor:
    """Make an actor at *domain*, with fresh *keys* (`await keys.make_keys()`, before the transaction).

    Raises:
        Invalid: the name is not one, is reserved, or a text is too long.
        NameTaken: the name, or one that looks like it, is or was somebody's on this host.
    """
    username = names.check(username, kind=type)
    home = f"{ctx.settings.scheme}://{domain.service_host}"
    uri = f"{home}/users/{username}"
    actor = replace(
        _blank(ctx, domain, username, uri, type, keys),
        kind=kind,
        url=f"{home}/@{username}",
        shared_inbox=f"{home}/inbox",
        followers=f"{uri}/followers",
        following=f"{uri}/following",
        featured=f"{uri}/collections/featured",
        locked=locked,
        discoverable=discoverable,
        indexable=indexable,
        insee=insee,
        siren=siren,
        codes_proof=codes_proof,
        post_language=language,
    )
    described: Changes = {"name": name, "summary_source": summary_source, "fields": fields}
    actor = await pictured.with_emojis(tx, ctx, replace(actor, **_read_changes(actor, described)))
    if not await _insert(tx, actor, names.skeleton(username)):
        raise NameTaken(sentence("This name is taken, or looks like one that is: %(handle)s", handle=actor.handle))
    await _take_keys(tx, ctx, actor, keys)
    return actor


async def create_instance_actor(tx: Tx, ctx: Context, *, domain: Domain, keys: NewKeys) -> Actor:
    """Make the Application actor of the domain's service host, or return the one that is there.

    It is called as the host, like Mastodon's, and stays readable without a signature.
    """
    home = f"{ctx.settings.scheme}://{domain.service_host}"
    uri = f"{home}/actor"
    actor = replace(
        _blank(ctx, domain, domain.service_host.partition(":")[0], uri, "Application", keys),
        kind="instance",
        name=domain.name,
        url=f"{home}/about",
        shared_inbox=f"{home}/inbox",
        handle_host=domain.service_host,
        locked=True,
        discoverable=False,
    )
    if await _insert(tx, actor, None):
        await _take_keys(tx, ctx, actor, keys)
        return actor
    row = await tx.row(f"SELECT {', '.join(NAMES)} FROM actors WHERE uri = $1", uri)
    if row is None:
        raise NameTaken(sentence("This name is taken, or looks like one that is: %(handle)s", handle=actor.handle))
    return read(row)


async def update_profile(tx: Tx, ctx: Context, *, actor: Actor, changes: Changes) -> Actor:
    """Change what a local actor says of itself; followers are told when others can see the change.

    Raises:
        Forbidden: not a local actor that is there.
        Invalid: a text is too long, or a value none of those allowed.
    """
    if not actor.local or actor.deleted:
        raise Forbidden(sentence("Only the profile of an account of this server can be changed."))
    changed = replace(actor, **_read_changes(actor, changes))
    if _SAYING & changes.keys():
        changed = await pictured.with_emojis(tx, ctx, changed)
    before, after = values(actor), values(changed)
    touched = [name for name in NAMES if after[name] != before[name]]
    if not touched:
        return actor
    if not _PRIVATE.issuperset(touched):
        refuse_frozen(actor)
        changed = replace(changed, updated_ms=ctx.clock.now_ms())
        tx.state(ActorUpdated(actor.id, local=True))
    after = values(changed)
    touched = [*touched, "updated_ms"]
    sets = ", ".join(f"{name} = ${place}" for place, name in enumerate(touched, start=2))
    await tx.execute(f"UPDATE actors SET {sets} WHERE id = $1", actor.id, *(after[name] for name in touched))
    return changed


async def delete_local(tx: Tx, ctx: Context, *, actor: Actor) -> None:
    """Delete a local actor for good: its profile is wiped, its name stays taken, its id answers 410.

    Its last keys stay, so that the Delete can be signed. Deleting again does nothing.

    Raises:
        Forbidden: a remote actor, or the one the node itself speaks with.
    """
    if not actor.local or actor.kind == "instance":
        raise Forbidden(sentence("This account cannot be deleted here."))
    if await erase(tx, ctx, actor=actor):
        await keys.retire(tx, ctx, actor_id=actor.id)
        await tx.execute("DELETE FROM memberships WHERE actor_id = $1", actor.id)


async def erase(tx: Tx, ctx: Context, *, actor: Actor) -> bool:
    """Leave nothing of an actor, local or remote, but its ids, its tombstone and the rows that Delete needs.

    Whether it was there until now.
    """
    now_ms = ctx.clock.now_ms()
    gone = await tx.execute(
        "UPDATE actors SET state = 'deleted', name = '', summary = '', summary_source = '', fields = '[]', "
        "emojis = '[]', also_known_as = '[]', moved_to = NULL, avatar = NULL, avatar_alt = '', header = NULL, "
        "header_alt = '', discoverable = FALSE, indexable = FALSE, insee = NULL, siren = NULL, codes_proof = '', "
        "updated_ms = $2 WHERE id = $1 AND state <> 'deleted'",
        actor.id, now_ms,
    )  # fmt: skip
    if not gone:
        return False
    files = [key for key in (actor.avatar, actor.header) if key and actor.local]
    if files:
        await enqueue(tx, ctx, REMOVE_JOB, {"keys": files})
    await tx.execute(
        "INSERT INTO tombstones (uri, actor_uri, type, deleted_ms) VALUES ($1, $1, $2, $3) ON CONFLICT DO NOTHING",
        actor.uri, actor.type, now_ms,
    )  # fmt: skip
    await follows.end_all(tx, actor_id=actor.id, keep_remote=actor.local)
    await tx.execute("DELETE FROM blocks WHERE actor_id = $1 OR target_id = $1", actor.id)
    tx.state(ActorDeleted(actor.id, actor.uri, actor.local))
    return True


def _blank(ctx: Context, domain: Domain, username: str, uri: str, kind: Type, made: NewKeys) -> Actor:
    now_ms = ctx.clock.now_ms()
    return Actor(
        id=ctx.ids.next(), uri=uri, type=kind, kind="", domain_id=domain.id, username=username,
        service_host=domain.service_host, handle_host=domain.handle_host, name="", summary="", summary_source="",
        url=uri, inbox=f"{uri}/inbox", shared_inbox=None, outbox=f"{uri}/outbox", followers="", following="",
        featured="", fields=(), emojis=(), also_known_as=(), moved_to=None, avatar=None, avatar_alt="", header=None,
        header_alt="", locked=False, discoverable=True, indexable=False, bot=kind in ("Application", "Service"),
        hides_network=False, insee=None, siren=None, codes_proof="", post_visibility="public", post_language="fr",
        post_sensitive=False, state="active", limited=False, public_key_id=keys.key_id(uri, "rsa"),
        public_key=made.rsa_public_pem, followers_count=0, following_count=0, posts_count=0, last_post_ms=None,
        published_ms=now_ms, created_ms=now_ms, updated_ms=now_ms, fetched_ms=None,
    )  # fmt: skip


async def _insert(tx: Tx, actor: Actor, skeleton: str | None) -> bool:
    held = values(actor)
    places = ", ".join(f"${place}" for place in range(1, len(NAMES) + 2))
    return bool(
        await tx.execute(
            f"INSERT INTO actors ({', '.join(NAMES)}, skeleton) VALUES ({places}) ON CONFLICT DO NOTHING",
            *(held[name] for name in NAMES), skeleton,
        )
    )  # fmt: skip


async def _take_keys(tx: Tx, ctx: Context, actor: Actor, made: NewKeys) -> None:
    await keys.store(tx, ctx, actor_id=actor.id, keys=made)
    tx.state(ActorCreated(actor.id))


def _read_changes(actor: Actor, changes: Changes) -> dict[str, Any]:
    """The columns that *changes* sets, checked, with the HTML that follows from what was typed."""
    made: dict[str, Any] = dict(changes)
    if "name" in changes:
        made["name"] = " ".join(_limited(sentence("name"), changes["name"], MAX_NAME_CHARS).split())
    if "summary_source" in changes:
        made["summary_source"] = _limited(sentence("biography"), changes["summary_source"], MAX_SUMMARY_CHARS)
        made["summary"] = _html(actor, made["summary_source"])
    if "fields" in changes:
        made["fields"] = _fields(actor, changes["fields"])
    for alt in ("avatar_alt", "header_alt"):
        if alt in made:
            made[alt] = _limited(sentence("description of a picture"), made[alt], MAX_ALT_CHARS)
    if changes.get("post_visibility", "public") not in VISIBILITIES:
        raise Invalid(sentence("The visibility is public, unlisted, followers or direct."))
    if "also_known_as" in changes:
        made["also_known_as"] = tuple(changes["also_known_as"])
    return made


def _fields(actor: Actor, typed: Sequence[tuple[str, str]]) -> tuple[Field, ...]:
    said = [(name.strip(), value.strip()) for name, value in typed if name.strip() or value.strip()]
    if len(said) > MAX_FIELDS:
        raise Invalid(sentence("A profile has at most %(count)s fields.", count=MAX_FIELDS))
    return tuple(
        Field(
            _limited(sentence("name of a field"), name, MAX_FIELD_NAME_CHARS),
            _line(actor, _limited(sentence("field"), value, MAX_FIELD_VALUE_CHARS)),
            composing.tidy(value),
        )
        for name, value in said
    )


def _limited(what: str, text: str, max_chars: int) -> str:
    text = composing.tidy(text)
    if len(text) > max_chars:
        raise Invalid(
            sentence("This is too long (%(what)s): at most %(count)s characters.", what=what, count=max_chars)
        )
    return text


def _html(actor: Actor, text: str) -> str:
    home = actor.uri.split("/users/")[0]
    return composing.compose(text, lambda _name: None, lambda tag: f"{home}/tags/{quote(tag)}").html


def _line(actor: Actor, text: str) -> str:
    # rel=me says that the page is the same person's: Mastodon verifies links by it (https://microformats.org/wiki/rel-me)
    html = _html(actor, " ".join(text.split())).replace('noreferrer"', 'noreferrer me"')
    return html.removeprefix("<p>").removesuffix("</p>")
