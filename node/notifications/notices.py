"""Notifications: rows that say who did what to an actor of this node.

The types have Mastodon's names, also in the database (the one place outside node.api): mention, status (somebody
one asked to be told about wrote), reblog, favourite, follow, follow_request, update (a post one boosted changed),
poll (one that one asked or voted in is closed), quote,
moderation_warning (the keepers decided about the actor, who is then its own sender, as Mastodon has it).
`post_id` is the post itself, for a boost what is boosted.

The door is asked twice: when a notice is made and when it is read, so that a block, a suspension or an unfollow
takes it away. What makes notices is in `reactions.py`.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from node.actors.tastes import Taste
from node.notifications.facts import Notified
from node.notifications.policies import ALWAYS_TOLD, judged_sql
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
    filtered: bool = False
    """Put aside (see `policies`)."""


COLUMNS = "n.id, n.actor_id, n.type, n.from_actor_id, n.post_id, n.created_ms, n.decision_id, n.filtered"
# The sender's row by primary key, the post's and its author's too; the notice decides the order.
JOINED = "JOIN actors s ON s.id = +n.from_actor_id LEFT JOIN posts p ON p.id = n.post_id LEFT JOIN actors a ON a.id = p.author_id"

_ASIDE, _DROPPED = judged_sql("filter", now_ms="$6::bigint"), judged_sql("drop", now_ms="$6::bigint")
_UNWANTED = (Taste.MUTES, Taste.HOSTS, Taste.THREADS)


def shown_sql(reader: str, *, filtered: bool, bits: int, places: Places, now_ms: int) -> str:
    """The condition on a notice joined with `JOINED`; with *filtered*, what is put aside is shown too.

    *bits*: what the reader has of `tastes`, which counts at *now_ms*.
    """
    thread = f" AND NOT {_unwanted_sql(reader, Taste.THREADS)}" if bits & Taste.THREADS else ""
    return (
        f"{'' if filtered else 'NOT n.filtered AND '}{heard_sql(reader, 's', bits=bits, places=places, now_ms=now_ms)} "
        f"AND (n.post_id IS NULL OR {readable_sql(reader)}){thread}"
    )


def heard_sql(reader: str, sender: str, *, bits: int, places: Places, now_ms: int) -> str:
    """The condition on the row of who sends: there, no block between the two, not muted, not of a server that is blocked."""
    now = places.put(now_ms) if bits & Taste.MUTES else ""
    unwanted = "".join(
        f" AND NOT {_unwanted_sql(reader, taste, sender, now)}" for taste in (Taste.MUTES, Taste.HOSTS) if bits & taste
    )
    return f"{sender}.state = 'active' AND NOT {blocked_sql(reader, f'{sender}.id')}{unwanted}"


def _unwanted_sql(reader: str, taste: Taste, sender: str = "s", now: str = "") -> str:
    """What *reader* asked not to be told: of a muted account, of a blocked server, of a muted conversation."""
    match taste:
        case Taste.MUTES:
            return (
                f"EXISTS (SELECT 1 FROM mutes mu WHERE mu.actor_id = {reader} AND mu.target_id = {sender}.id "
                f"AND mu.notifications AND (mu.expires_ms IS NULL OR mu.expires_ms > {now}))"
            )
        case Taste.HOSTS:
            return (
                f"EXISTS (SELECT 1 FROM host_blocks hb WHERE hb.actor_id = {reader} AND hb.host = {sender}.handle_host)"
            )
        case _:
            return f"EXISTS (SELECT 1 FROM thread_mutes tm WHERE tm.actor_id = {reader} AND tm.thread_id = p.thread_id)"


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

    Not made: to strangers and to oneself (but for the end of one's own poll and a word of the keepers), twice for the same
    thing, over a block, from who is suspended, about a post that the actor may not read, what it asked not to be told, and
    what its policy drops. What the policy puts aside is made and not told (None). States Notified. One statement.
    """
    if actor_id == from_actor_id and type not in ("poll", "moderation_warning"):
        return None
    if type in ALWAYS_TOLD:
        aside, dropped = "FALSE", f"(s.limited AND r.id <> s.id AND NOT {follows_sql('$1', '$2')})"
    else:
        aside, dropped = _ASIDE, _DROPPED
    unwanted = "".join(
        f"AND (r.tastes & {int(taste)} = 0 OR NOT {_unwanted_sql('$1', taste, now='$6::bigint')}) "
        for taste in _UNWANTED
    )
    row = await tx.row(
        "INSERT INTO notifications (id, actor_id, type, from_actor_id, post_id, created_ms, decision_id, filtered) "
        f"SELECT $4, r.id, $5, s.id, $3, $6, $7::bigint, {aside} FROM actors r JOIN actors s ON s.id = $2 "
        "LEFT JOIN posts p ON p.id = $3 LEFT JOIN actors a ON a.id = p.author_id "
        "LEFT JOIN notification_policies np ON np.actor_id = r.id "
        "WHERE r.id = $1 AND r.domain_id IS NOT NULL AND r.state = 'active' AND s.state = 'active' "
        f"AND NOT {dropped} AND NOT {blocked_sql('$1', '$2')} "
        f"AND ($3::bigint IS NULL OR {readable_sql('$1')}) {unwanted}"
        "ON CONFLICT DO NOTHING RETURNING id, filtered, "
        "(SELECT 1 FROM push_subscriptions ps WHERE ps.actor_id = $1 LIMIT 1)",
        actor_id, from_actor_id, post_id, ctx.ids.next(), type, ctx.clock.now_ms(), decision_id,
    )  # fmt: skip
    if row is None or row[1]:
        return None
    tx.state(Notified(row[0], actor_id, type, from_actor_id, post_id, pushed=row[2] is not None))
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
    filtered: bool = False,
    bits: int = 0,
    now_ms: int = 0,
) -> list[Notice]:
    """The actor's notifications, newest first. One query.

    Of *types* (none: all), without *exclude_types*, from one actor; with *filtered*, also what is put aside.

    *bits*: what the actor has of `tastes`, which counts at *now_ms*; so in what follows.

    SQLite: SEARCH n USING INDEX notifications_actor (actor_id=? AND id<?), the rest by primary key.
    """
    places = Places(actor_id, wanted(types, exclude_types))
    narrow = page.bounds("n.id", places)
    if from_actor_id is not None:
        narrow += f" AND n.from_actor_id = {places.put(from_actor_id)}"
    shown = shown_sql("$1", filtered=filtered, bits=bits, places=places, now_ms=now_ms)
    rows = await reader.fetch(
        f"SELECT {COLUMNS} FROM notifications n {JOINED} WHERE n.actor_id = $1{narrow} "
        f"AND n.type = ANY($2::text[]) AND {shown} ORDER BY n.id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(read(row) for row in rows)


async def by_id(reader: Reader, *, actor_id: int, notice_id: int, bits: int = 0, now_ms: int = 0) -> Notice:
    """One notification of the actor.

    Raises:
        NotFound: there is none, it is somebody else's, or it may no longer be shown.
    """
    places = Places(actor_id, notice_id)
    shown = shown_sql("$1", filtered=True, bits=bits, places=places, now_ms=now_ms)
    row = await reader.row(
        f"SELECT {COLUMNS} FROM notifications n {JOINED} WHERE n.actor_id = $1 AND n.id = $2 AND {shown}",
        *places.values,
    )
    if row is None:
        raise NotFound(sentence("There is no such notification."))
    return read(row)


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
    places = Places(actor_id, after_id, wanted(types, exclude_types))
    shown = shown_sql("$1", filtered=False, bits=bits, places=places, now_ms=now_ms)
    count = await reader.value(
        f"SELECT COUNT(*) FROM (SELECT n.id FROM notifications n {JOINED} WHERE n.actor_id = $1 AND n.id > COALESCE("
        "$2::bigint, (SELECT last_read_id FROM markers WHERE actor_id = $1 AND timeline = 'notifications'), 0) "
        f"AND n.type = ANY($3::text[]) AND {shown} ORDER BY n.id DESC LIMIT {max(1, min(int(limit), 1_000))}) AS counted",
        *places.values,
    )
    return int(count)


def wanted(types: Iterable[str], exclude_types: Iterable[str]) -> list[str]:
    """Of `TYPES`, those that were asked for."""
    chosen, refused = set(types), set(exclude_types)
    return [name for name in TYPES if (not chosen or name in chosen) and name not in refused]


def read(row: Row) -> Notice:
    """The notice of a row of `COLUMNS`."""
    return Notice(*row)
