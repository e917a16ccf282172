"""Finding actors. The value is `actor.py`; a local one is written by `local.py`, a remote one by `remote.py`."""

from collections.abc import Iterable

from node.actors.actor import Actor, Emoji, Field, State, Type, columns, read
from node.actors.local import Changes, NameTaken, create_instance_actor, create_local, delete_local, update_profile
from node.runtime.database import Reader, Row
from node.runtime.errors import Forbidden, Gone, NotFound
from node.runtime.i18n.sentences import sentence

__all__ = [
    "Actor", "Changes", "Emoji", "Field", "NameTaken", "State", "Suspended", "Type", "by_handle", "by_id", "by_ids",
    "by_key_id", "by_uri", "by_uris", "create_instance_actor", "create_local", "delete_local", "instance_actor",
    "local_by_username", "require_by_handle", "require_by_id", "require_by_uri",
    "require_local_by_username", "suspended_here", "update_profile",
]  # fmt: skip

_ALL = columns("a")


class Suspended(Forbidden):
    """A moderator silenced this actor; not Gone, which would make other servers forget it."""


async def by_id(reader: Reader, actor_id: int) -> Actor | None:
    """The actor of that id."""
    return _maybe(await reader.row(f"SELECT {_ALL} FROM actors a WHERE a.id = $1", actor_id))


async def by_ids(reader: Reader, actor_ids: Iterable[int]) -> dict[int, Actor]:
    """The actors of those ids that exist, in one query."""
    wanted = list(set(actor_ids))
    if not wanted:
        return {}
    rows = await reader.fetch(f"SELECT {_ALL} FROM actors a WHERE a.id = ANY($1::bigint[])", wanted)
    return {actor.id: actor for actor in map(read, rows)}


async def by_uri(reader: Reader, uri: str) -> Actor | None:
    """The actor whose ActivityPub id is *uri*."""
    if not uri.isprintable():  # PostgreSQL refuses NUL, both refuse half a surrogate pair
        return None
    return _maybe(await reader.row(f"SELECT {_ALL} FROM actors a WHERE a.uri = $1", uri))


async def by_uris(reader: Reader, uris: Iterable[str]) -> dict[str, Actor]:
    """Those of *uris* that are known actors, in one query."""
    wanted = [uri for uri in set(uris) if uri.isprintable()]
    if not wanted:
        return {}
    rows = await reader.fetch(f"SELECT {_ALL} FROM actors a WHERE a.uri = ANY($1::text[])", wanted)
    return {actor.uri: actor for actor in map(read, rows)}


async def by_key_id(reader: Reader, key_id: str) -> Actor | None:
    """The actor that publishes the key *key_id*, as its first or beside it."""
    if not key_id.isprintable():
        return None
    # One question: of strangers who come for the first time neither place knows the key.
    return _maybe(
        await reader.row(
            f"SELECT {_ALL} FROM actors a WHERE a.id = COALESCE((SELECT MIN(id) FROM actors WHERE public_key_id = $1), "
            "(SELECT MIN(actor_id) FROM published_keys WHERE key_id = $1))",
            key_id,
        )
    )


async def by_handle(reader: Reader, username: str, host: str) -> Actor | None:
    """The actor called *username*@*host* (normal form), in whatever case.

    A server that was set up anew may have left an older actor of that name: the one heard of last is meant.
    """
    if not (username.isprintable() and host.isprintable()):
        return None
    return _maybe(
        await reader.row(
            f"SELECT {_ALL} FROM actors a WHERE LOWER(a.username) = $1 AND a.handle_host = $2 "
            "ORDER BY CASE WHEN a.state = 'deleted' THEN 1 ELSE 0 END, a.updated_ms DESC LIMIT 1",
            username.lower(), host,
        )
    )  # fmt: skip


async def local_by_username(reader: Reader, username: str, service_host: str) -> Actor | None:
    """The local actor of that name, by the host of its id: what `/users/{username}` and `/@{username}` mean."""
    if not username.isprintable():
        return None
    return _maybe(
        await reader.row(
            f"SELECT {_ALL} FROM actors a WHERE a.username = $1 AND a.service_host = $2 AND a.domain_id IS NOT NULL",
            username.lower(), service_host,
        )
    )  # fmt: skip


async def suspended_here(reader: Reader) -> list[Actor]:
    """The local actors that a moderator suspended, of all domains: few or none (index actors_suspended)."""
    rows = await reader.fetch(
        f"SELECT {_ALL} FROM actors a WHERE a.domain_id IS NOT NULL AND a.state = 'suspended' ORDER BY a.id"
    )
    return [read(row) for row in rows]


async def instance_actor(reader: Reader, service_host: str) -> Actor:
    """The Application actor that fetches and reports in the name of *service_host*.

    Raises:
        NotFound: no domain is served there.
    """
    row = await reader.row(
        f"SELECT {_ALL} FROM actors a WHERE a.service_host = $1 AND a.type = 'Application' AND a.kind = 'instance' "
        "AND a.domain_id IS NOT NULL",
        service_host,
    )
    return _found(_maybe(row))


async def require_by_id(reader: Reader, actor_id: int) -> Actor:
    """`by_id` of one that is shown.

    Raises:
        NotFound: there is none.
        Gone: it was deleted.
        Suspended: for now.
    """
    return _shown(await by_id(reader, actor_id))


async def require_by_uri(reader: Reader, uri: str) -> Actor:
    """`by_uri` of one that is shown; raises as `require_by_id`."""
    return _shown(await by_uri(reader, uri))


async def require_by_handle(reader: Reader, username: str, host: str) -> Actor:
    """`by_handle` of one that is shown; raises as `require_by_id`."""
    return _shown(await by_handle(reader, username, host))


async def require_local_by_username(reader: Reader, username: str, service_host: str) -> Actor:
    """`local_by_username` of one that is shown; raises as `require_by_id`."""
    return _shown(await local_by_username(reader, username, service_host))


def _maybe(row: Row | None) -> Actor | None:
    return None if row is None else read(row)


def _found(actor: Actor | None) -> Actor:
    if actor is None:
        raise NotFound(sentence("There is no such account here."))
    return actor


def _shown(actor: Actor | None) -> Actor:
    actor = _found(actor)
    if actor.deleted:
        raise Gone(sentence("This account was deleted."))
    if not actor.active:
        raise Suspended(sentence("This account is suspended."))
    return actor
