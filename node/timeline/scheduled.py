"""Posts that are written now and published later, as their author chose.

A row, and a job at its time. The job takes the row out and publishes in one transaction: a process that is killed in
between has done neither, and the next one does both, once. Who may publish is asked at that moment: what a contributor wrote,
or somebody who has left, waits for approval then. What cannot be published is kept with the reason.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, cast

import orjson

from node.actors import memberships, permissions
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import BeffroiError, Forbidden, Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.timeline import attached, drafts, publishing, waiting
from node.timeline.drafts import Kept
from node.timeline.idempotency import KEPT_MS
from node.timeline.pages import Page, Places
from node.timeline.publishing import Draft

PUBLISH_JOB: Final = "timeline.publish_scheduled"

SOONEST_MS: Final = 5 * 60_000
LATEST_MS: Final = 5 * 366 * 24 * 60 * 60_000
MAX_ALL: Final = 300
MAX_A_DAY: Final = 25
"""Of one account, as Mastodon's."""

_DAY_MS: Final = 24 * 60 * 60_000
_MAX_KEY_CHARS: Final = 256
_COLUMNS: Final = "id, actor_id, person_id, at_ms, draft, failure, created_ms"


@dataclass(frozen=True, slots=True)
class Scheduled:
    """One row."""

    id: int
    actor_id: int
    person_id: int | None
    """Who wrote it."""
    at_ms: int
    draft: Kept
    """`drafts.whole`."""
    failure: str
    """Why it was not published at its time; empty: it waits for it."""
    created_ms: int


async def schedule(tx: Tx, ctx: Context, *, draft: Draft, at_ms: int, key: str | None = None) -> Scheduled:
    """Have *draft* published at *at_ms*; the same *key* within an hour gets what was scheduled first.

    Raises: as `publishing.publish`, so that its author hears now what would be wrong later; and Invalid for a time that is
    too soon or too far away, or for more posts than are kept.
    """
    author_id = draft.author.id
    await tx.lock(f"scheduled:{author_id}")
    now_ms = ctx.clock.now_ms()
    key = None if not key else key[:_MAX_KEY_CHARS].replace("\0", "")
    if key is not None:
        known = await _row(tx, "actor_id = $1 AND idempotency_key = $2 AND created_ms > $3", author_id, key, now_ms - KEPT_MS)  # fmt: skip
        if known is not None:
            return known
        forget = "UPDATE scheduled_posts SET idempotency_key = NULL WHERE actor_id = $1 AND idempotency_key = $2"
        await tx.execute(forget, author_id, key)
    await _refuse_time(tx, now_ms, at_ms, author_id)
    await publishing.compose(tx, ctx, draft)
    made = Scheduled(ctx.ids.next(), author_id, draft.person_id, at_ms, drafts.whole(draft), "", now_ms)
    await tx.execute(
        "INSERT INTO scheduled_posts (id, actor_id, person_id, at_ms, draft, idempotency_key, created_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7)",
        made.id, author_id, made.person_id, at_ms, orjson.dumps(made.draft).decode(), key, now_ms,
    )  # fmt: skip
    await attached.reserve(tx, actor_id=author_id, scheduled_id=made.id, media_ids=draft.media_ids)
    await _later(tx, ctx, made.id, at_ms)
    return made


async def change_time(tx: Tx, ctx: Context, *, scheduled: Scheduled, at_ms: int, by: Person) -> Scheduled:
    """Have it published at another time, and tried again if it failed.

    Raises:
        Forbidden: somebody else's, and *by* may not edit any post.
        Invalid: as `schedule`; NotFound: it is published meanwhile, or gone.
    """
    await tx.lock(f"scheduled:{scheduled.actor_id}")
    await _require_hand(tx, scheduled, by)
    await _refuse_time(tx, ctx.clock.now_ms(), at_ms, scheduled.actor_id, but_id=scheduled.id)
    changed = await tx.fetch(
        f"UPDATE scheduled_posts SET at_ms = $2, failure = '' WHERE id = $1 RETURNING {_COLUMNS}", scheduled.id, at_ms
    )
    if not changed:
        raise NotFound(sentence("This post is published already, or was thrown away."))
    await _later(tx, ctx, scheduled.id, at_ms)
    return _read(changed[0])


async def cancel(tx: Tx, *, scheduled: Scheduled, by: Person) -> None:
    """Throw it away; its media are let go.

    Raises:
        Forbidden: somebody else's, and *by* may not edit any post.
        NotFound: it is published meanwhile, or gone.
    """
    await _require_hand(tx, scheduled, by)
    if not await tx.execute("DELETE FROM scheduled_posts WHERE id = $1", scheduled.id):
        raise NotFound(sentence("This post is published already, or was thrown away."))


async def publish_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job: publish one, if its time has come and it is still there."""
    scheduled_id = int(args["id"])

    async def step(tx: Tx) -> None:
        found = await _row(tx, "id = $1", scheduled_id)
        if found is None or found.failure:
            return
        if found.at_ms > ctx.clock.now_ms():  # it was given a later time
            await _later(tx, ctx, found.id, found.at_ms)
            return
        if await tx.execute("DELETE FROM scheduled_posts WHERE id = $1", found.id):  # and its media are free
            await _publish(tx, ctx, found)

    try:
        await ctx.db.write(step)
    except BeffroiError as error:
        if error.again:
            raise
        why, sql = str(error), "UPDATE scheduled_posts SET failure = $2 WHERE id = $1"
        await ctx.db.write(lambda tx: tx.execute(sql, scheduled_id, why))


async def by_id(reader: Reader, scheduled_id: int) -> Scheduled | None:
    """The one of that id."""
    return await _row(reader, "id = $1", scheduled_id)


async def of_actor(reader: Reader, page: Page, *, actor_id: int) -> list[Scheduled]:
    """What is to be published in the name of an account. A range of scheduled_posts_actor."""
    places = Places(actor_id)
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM scheduled_posts WHERE actor_id = $1{page.bounds('id', places)} "
        f"ORDER BY id {page.order} LIMIT {page.count}",
        *places.values,
    )
    return page.arranged(_read(row) for row in rows)


async def _publish(tx: Tx, ctx: Context, found: Scheduled) -> None:
    draft = await drafts.restored(tx, found.draft, author_id=found.actor_id, person_id=found.person_id)
    if (draft.reply_to is None) != (found.draft["reply_to"] is None):
        raise Invalid(sentence("What it answers or quotes is gone."))
    if (draft.quoted is None) != ("quoted" not in found.draft):
        raise Invalid(sentence("What it answers or quotes is gone."))
    role = None
    if found.person_id is not None:
        role = await memberships.role_of(tx, person_id=found.person_id, actor_id=found.actor_id)
    if permissions.may(role, "publish"):
        await publishing.publish(tx, ctx, draft=draft)
    else:
        await waiting.submit(tx, ctx, draft=draft)


async def _refuse_time(reader: Reader, now_ms: int, at_ms: int, actor_id: int, but_id: int = 0) -> None:
    if at_ms < now_ms + SOONEST_MS:
        raise Invalid(sentence("A post is scheduled at least five minutes ahead."))
    if at_ms > now_ms + LATEST_MS:
        raise Invalid(sentence("A post is scheduled five years ahead at most."))
    day = at_ms - at_ms % _DAY_MS
    row = await reader.row(
        "SELECT COUNT(*), COALESCE(SUM(CASE WHEN at_ms >= $2 AND at_ms < $3 THEN 1 ELSE 0 END), 0) "
        "FROM scheduled_posts WHERE actor_id = $1 AND id <> $4",
        actor_id, day, day + _DAY_MS, but_id,
    )  # fmt: skip
    everything, that_day = (0, 0) if row is None else (row[0], row[1])
    if everything >= MAX_ALL:
        raise Invalid(sentence("At most %(count)s posts of an account are scheduled at a time.", count=MAX_ALL))
    if that_day >= MAX_A_DAY:
        raise Invalid(sentence("At most %(count)s posts of an account are scheduled for one day.", count=MAX_A_DAY))


async def _require_hand(reader: Reader, scheduled: Scheduled, by: Person) -> None:
    role = await permissions.require(reader, person=by, act="write", actor_id=scheduled.actor_id)
    if scheduled.person_id != by.id and not permissions.may(role, "edit any post"):
        raise Forbidden(sentence("Somebody else of your team wrote this, and may change it."))


async def _later(tx: Tx, ctx: Context, scheduled_id: int, at_ms: int) -> None:
    await enqueue(tx, ctx, PUBLISH_JOB, {"id": scheduled_id}, at_ms=at_ms, unique=f"{PUBLISH_JOB}:{scheduled_id}")


async def _row(reader: Reader, where: str, *args: object) -> Scheduled | None:
    row = await reader.row(f"SELECT {_COLUMNS} FROM scheduled_posts WHERE {where}", *args)
    return None if row is None else _read(row)


def _read(row: Row) -> Scheduled:
    values: list[Any] = list(row)
    values[4] = cast(Kept, orjson.loads(row["draft"]))
    return Scheduled(*values)
