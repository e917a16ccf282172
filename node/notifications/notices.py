"""Notifications: rows that say who did what to an actor of this node.

The types have Mastodon's names, also in the database (the one place outside node.api): mention, status (somebody
one asked to be told about wrote), reblog, favourite, follow, follow_request, update (a post one boosted changed),
poll (one that one asked or voted in is closed), quote,
moderation_warning (the keepers decided about the actor, who is then its own sender, as Mastodon has it).
`post_id` is the post itself, for a boost what is boosted.

The door is asked twice: when a notice is made and when it is read, so that a block, a suspension or an unfollow
takes it away. What makes notices is in `reactions.py`.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal, get_args

from node.actors.tastes import Taste
from node.notifications.facts import Notified
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence
from node.timeline.pages import Page, Places
from node.timeline.visibility import blocked_sql, follows_sql, readable_sql

Type = Literal[
    "mention",
    "status",
    "reblog",
    "favourite",
    "follow",
    "follow_request",
    "update",
    "poll",
    "quote",
    "moderation_warning",
]
TYPES: tuple[Type, ...] = get_args(Type)

UNREAD_AT_MOST = 100
"""Where `unread_count` stops counting, as Mastodon's default."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One notification."""

    id: int
    actor_id: int
    """Whom it is for."""
    type: Type
    from_actor_id: int
    post_id: int | None
    created_ms: int
    decision_id: int | None = None
    """Of node.moderation, for a moderation_warning."""


_ALL = int(Taste.MUTES | Taste.HOSTS | Taste.THREADS)
_COLUMNS = "n.id, n.actor_id, n.type, n.from_actor_id, n.post_id, n.created_ms, n.decision_id"
# The sender's row by primary key, the post's and its author's too; the notice decides the order.
_JOINED = "JOIN actors s ON s.id = +n.from_actor_id LEFT JOIN posts p ON p.id = n.post_id LEFT JOIN actors a ON a.id = p.author_id"


def _shown_sql(reader: str, bits: int, places: Places, now_ms: int) -> str:
    unwanted = "".join(f" AND NOT {sql}" for _, sql in _unwanted(reader, bits, places, now_ms))
    return (
        f"s.state = 'active' AND NOT {blocked_sql(reader, 'n.from_actor_id')} "
        f"AND (n.post_id IS NULL OR {readable_sql(reader)}){unwanted}"
    )


def _unwanted(reader: str, bits: int, places: Places, now_ms: int) -> Iterator[tuple[Taste, str]]:
    """Of what *reader* asked not to be told, by her tastes: a muted account, a blocked server, a muted conversation."""
    if bits & Taste.MUTES:
        now = places.put(now_ms)
        mute = f"mu.actor_id = {reader} AND mu.target_id = s.id AND mu.notifications"
        until = f"(mu.expires_ms IS NULL OR mu.expires_ms > {now})"
        yield Taste.MUTES, f"EXISTS (SELECT 1 FROM mutes mu WHERE {mute} AND {until})"
    if bits & Taste.HOSTS:
        block = f"hb.actor_id = {reader} AND hb.host = s.handle_host"
        yield Taste.HOSTS, f"EXISTS (SELECT 1 FROM host_blocks hb WHERE {block})"
    if bits & Taste.THREADS:
        mute = f"tm.actor_id = {reader} AND tm.thread_id = p.thread_id"
        yield Taste.THREADS, f"EXISTS (SELECT 1 FROM thread_mutes tm WHERE {mute})"


async def notify(
    tx: Tx,
    ctx: Context,
    *,
    actor_id: int,
    type: Type,  # noqa: A002 - Mastodon's word
    from_actor_id: int,
    post_id: int | None = None,
    decision_id: int | None = None,
) -> int | None:
    """Tell a local actor; the id of the notice, or None when it is not made.

    Not made: to strangers and to oneself (but for the end of one's own poll and a word of the keepers), twice for the same thing, over a block,
    from who is suspended, from who is limited and not followed, about a post that the actor may not read, and what it asked not to be told. States
    Notified.
    """
    if actor_id == from_actor_id and type not in ("poll", "moderation_warning"):
        return None
    places = Places(
        actor_id, from_actor_id, post_id, ctx.ids.next(), type, ctx.clock.now_ms(), decision_id
    )  # fmt: skip
    told = "".join(
        f"AND (r.tastes & {int(taste)} = 0 OR NOT {sql}) "
        for taste, sql in _unwanted("$1", _ALL, places, ctx.clock.now_ms())
    )
    row = await tx.row(
        "INSERT INTO notifications (id, actor_id, type, from_actor_id, post_id, created_ms, decision_id) "
        "SELECT $4, r.id, $5, s.id, $3, $6, $7::bigint FROM actors r JOIN actors s ON s.id = $2 "
        "LEFT JOIN posts p ON p.id = $3 LEFT JOIN actors a ON a.id = p.author_id "
        "WHERE r.id = $1 AND r.domain_id IS NOT NULL AND r.state = 'active' AND s.state = 'active' "
        f"AND (NOT s.limited OR {follows_sql('$1', '$2')}) AND NOT {blocked_sql('$1', '$2')} "
        f"AND ($3::bigint IS NULL OR {readable_sql('$1')}) {told}"
        "ON CONFLICT DO NOTHING RETURNING id",
        *places.values,
    )
    if row is None:
        return None
    tx.state(Notified(row[0], actor_id, type, from_actor_id, post_id))
    return int(row[0])


async def withdraw(
    tx: Tx,
    *,
    type: Type,  # noqa: A002 - Mastodon's word
    from_actor_id: int,
    actor_id: int,
    post_id: int | None = None,
) -> bool:
    """What was told is no longer so: its notice goes; whether there was one."""
    return bool(
        await tx.execute(
            "DELETE FROM notifications WHERE actor_id = $1 AND type = $2 AND from_actor_id = $3 "
            "AND COALESCE(post_id, 0) = $4",
            actor_id, type, from_actor_id, post_id or 0,
        )
    )  # fmt: skip


async def page(
    reader: Reader,
    actor_id: int,
    page: Page,
    *,
    types: Iterable[str] = (),
    exclude_types: Iterable[str] = (),
    from_actor_id: int | None = None,
    bits: int = 0,
    now_ms: int = 0,
) -> list[Notice]:
    """The actor's notifications, newest first: of *types* (none: all), without *exclude_types*, from one actor. One query.

    *bits*: what the actor has of `tastes`, which counts at *now_ms*; so in what follows.

    SQLite: SEARCH n USING INDEX notifications_actor (actor_id=? AND id<?), the rest by primary key.
    """
    places = Places(actor_id, _wanted(types, exclude_types))
    narrow = page.bounds("n.id", places)
    if from_actor_id is not None:
        narrow += f" AND n.from_actor_id = {places.put(from_actor_id)}"
    shown = _shown_sql("$1", bits, places, now_ms)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM notifications n {_JOINED} WHERE n.actor_id = $1{narrow} "
        f"AND n.type = ANY($2::text[]) AND {shown} ORDER BY n.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(_read(row) for row in rows)


async def by_id(reader: Reader, *, actor_id: int, notice_id: int, bits: int = 0, now_ms: int = 0) -> Notice:
    """One notification of the actor.

    Raises:
        NotFound: there is none, it is somebody else's, or it may no longer be shown.
    """
    places = Places(actor_id, notice_id)
    shown = _shown_sql("$1", bits, places, now_ms)
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM notifications n {_JOINED} WHERE n.actor_id = $1 AND n.id = $2 AND {shown}",
        *places.values,
    )
    if row is None:
        raise NotFound(sentence("There is no such notification."))
    return _read(row)


async def dismiss(tx: Tx, *, actor_id: int, notice_id: int) -> None:
    """Take one notification away; one that is not there is no error."""
    await tx.execute("DELETE FROM notifications WHERE actor_id = $1 AND id = $2", actor_id, notice_id)


async def clear(tx: Tx, *, actor_id: int) -> None:
    """Take all away."""
    await tx.execute("DELETE FROM notifications WHERE actor_id = $1", actor_id)


async def unread_count(
    reader: Reader,
    *,
    actor_id: int,
    after_id: int | None = None,
    limit: int = UNREAD_AT_MOST,
    types: Iterable[str] = (),
    exclude_types: Iterable[str] = (),
    bits: int = 0,
    now_ms: int = 0,
) -> int:
    """How many are newer than *after_id* (the marker of "notifications" by default); stops at *limit*. One query."""
    places = Places(actor_id, after_id, _wanted(types, exclude_types))
    shown = _shown_sql("$1", bits, places, now_ms)
    count = await reader.value(
        f"SELECT COUNT(*) FROM (SELECT n.id FROM notifications n {_JOINED} WHERE n.actor_id = $1 AND n.id > COALESCE("
        "$2::bigint, (SELECT last_read_id FROM markers WHERE actor_id = $1 AND timeline = 'notifications'), 0) "
        f"AND n.type = ANY($3::text[]) AND {shown} ORDER BY n.id DESC LIMIT {max(1, min(int(limit), 1_000))}) AS c",
        *places.values,
    )
    return int(count)


def _wanted(types: Iterable[str], exclude_types: Iterable[str]) -> list[str]:
    chosen, refused = set(types), set(exclude_types)
    return [name for name in TYPES if (not chosen or name in chosen) and name not in refused]


def _read(row: Row) -> Notice:
    return Notice(*row)
