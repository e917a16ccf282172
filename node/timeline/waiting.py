"""Posts that wait: what a contributor writes is there for her team alone, until an editor or an owner approves it.

While it waits it is a direct post that names nobody: by the oldest rule of the one door only its author reads it, and
that is the team, whose tokens all stand for the author. It has no hashtags, no mentions, no counts, and nothing reacts
to it that could tell others. What it shall be stands in `waiting_posts`. Approved, it is published like any other post,
at that moment and under a new id, so that it lands on top of every timeline; the id that the client was given leads to
it from then on (docs/decisions/waiting-posts.md).
"""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal, cast

import orjson

from node.actors import actors, permissions
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence
from node.timeline import attached, drafts, polls, publishing, records
from node.timeline.deletion import take_out
from node.timeline.extras import Extra
from node.timeline.facts import PostApproved, PostRefused, PostWaits
from node.timeline.publishing import Composed, Draft
from node.timeline.records import Post
from node.timeline.visibility import Visibility

State = Literal["waiting", "refused", "published"]

MAX_REASON_CHARS: Final = 1_000
_WAITS, _REFUSED = int(Extra.WAITS), int(Extra.REFUSED)
_COLUMNS: Final = (
    "id, actor_id, person_id, visibility, state, wanted, reason, decided_by_id, decided_ms, published_id, created_ms"
)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a contributor wrote, and what became of it."""

    id: int
    """The post's while it waits, and for ever what the client calls it."""
    actor_id: int
    person_id: int | None
    """Who wrote it."""
    visibility: Visibility
    """The one that it shall have."""
    state: State
    wanted: Mapping[str, Any]
    """The rest of the draft (`drafts.beside`)."""
    reason: str
    """Of a refusal."""
    decided_by: int | None
    decided_ms: int | None
    published_id: int | None
    created_ms: int


async def submit(tx: Tx, ctx: Context, *, draft: Draft) -> Post:
    """Keep what a contributor wrote until somebody approves it; states PostWaits.

    Raises: as `publishing.publish`, so that she hears now what would be wrong later.
    """
    composed = await publishing.compose(tx, ctx, draft)
    post = _shut(composed)
    await records.insert(tx, [post])
    await attached.attach(tx, actor_id=post.author_id, post_id=post.id, media_ids=draft.media_ids)
    if composed.poll is not None:
        await polls.sketch(tx, post_id=post.id, asked=composed.poll)
    await tx.execute(
        "INSERT INTO waiting_posts (id, actor_id, person_id, visibility, state, wanted, created_ms) "
        "VALUES ($1, $2, $3, $4, 'waiting', $5, $6)",
        post.id, post.author_id, draft.person_id, draft.visibility, _wanted(draft), post.created_ms,
    )  # fmt: skip
    tx.state(PostWaits(post.id, post.author_id, draft.person_id))
    return post


async def rewrite(
    tx: Tx,
    ctx: Context,
    *,
    post: Post,
    draft: Draft,
    by: Person,
    describe: Callable[[Tx], Awaitable[None]] | None = None,
) -> None:
    """Let who wrote it, or who may edit any post, change what waits; it waits again if it was refused.

    *draft* is `draft_of` with changes; *describe* gives its media other descriptions.

    Raises: as `submit`; Forbidden: somebody else's.
    """
    post, kept = await _locked(tx, post)
    await require_hand(tx, post=post, by=by)
    composed = await publishing.compose(tx, ctx, draft)
    changed = composed.post
    if describe is not None:
        await describe(tx)
    await attached.attach(tx, actor_id=post.author_id, post_id=post.id, media_ids=draft.media_ids)
    if composed.poll is not None:
        await polls.sketch(tx, post_id=post.id, asked=composed.poll)
    await tx.execute(
        "UPDATE posts SET type = $2, content = $3, source = $4, summary = $5, sensitive = $6, language = $7, "
        "edited_ms = $8, extras = $9, emojis = $10, fragment = NULL WHERE id = $1",
        post.id, changed.type, changed.content, changed.source, changed.summary, changed.sensitive, changed.language,
        ctx.clock.now_ms(), _shut(composed).extras, changed.emojis,
    )  # fmt: skip
    await tx.execute(
        "UPDATE waiting_posts SET visibility = $2, state = 'waiting', wanted = $3, reason = '' WHERE id = $1",
        post.id, draft.visibility, _wanted(draft),
    )  # fmt: skip
    tx.state(PostWaits(post.id, post.author_id, kept.person_id, anew=True))


async def approve(tx: Tx, ctx: Context, *, post: Post, by: Person, seen_ms: int | None = None) -> Post:
    """Publish what waits; the published post. States PostsPublished and PostApproved.

    *seen_ms* is `version_ms` of what *by* has read.

    Raises: as `publishing.publish`; Forbidden: *by* may not approve for this account; Invalid: it does not wait any
    more, it says something else than was read, or what it answers or quotes is gone.
    """
    await permissions.require(tx, person=by, act="approve", actor_id=post.author_id)
    post, kept = await _locked(tx, post)
    if seen_ms is not None and seen_ms != version_ms(post):
        raise Invalid(sentence("It was changed in the meantime: read it again, then decide."))
    if kept.state != "waiting":
        raise Invalid(sentence("It was refused: who wrote it has to change it first."))
    draft = await draft_of(tx, post, kept)
    if (draft.reply_to is None) != (post.reply_to_uri is None) or (draft.quoted is None) != (
        "quoted" not in kept.wanted
    ):
        raise Invalid(sentence("What it answers or quotes is gone: refuse it, so that it can be written anew."))
    await tx.execute("UPDATE waiting_posts SET state = 'published' WHERE id = $1", post.id)
    await take_out(tx, post=post)
    published = await publishing.publish(tx, ctx, draft=draft)
    await tx.execute(
        "UPDATE waiting_posts SET decided_by_id = $2, decided_ms = $3, published_id = $4 WHERE id = $1",
        post.id, by.id, ctx.clock.now_ms(), published.id,
    )  # fmt: skip
    # A client that sends its post again, because it lost the answer, gets the one that it became.
    await tx.execute(
        "UPDATE idempotency SET post_id = $3 WHERE actor_id = $1 AND post_id = $2",
        post.author_id,
        post.id,
        published.id,
    )
    tx.state(PostApproved(post.id, published.id, post.author_id, kept.person_id, by.id))
    return published


def version_ms(post: Post) -> int:
    """When what waits was last changed; 0: never."""
    return post.edited_ms or 0


async def refuse(tx: Tx, ctx: Context, *, post: Post, by: Person, reason: str) -> None:
    """Say why it is not published as it is; who wrote it may change it, and then it waits again. States PostRefused.

    Raises:
        Forbidden: *by* may not approve for this account.
        Invalid: no reason, or one that is too long; it does not wait any more.
    """
    await permissions.require(tx, person=by, act="approve", actor_id=post.author_id)
    reason = reason.strip()
    if not reason:
        raise Invalid(sentence("Say why, so that it can be written better."))
    if len(reason) > MAX_REASON_CHARS:
        raise Invalid(sentence("A reason has at most %(count)s characters.", count=MAX_REASON_CHARS))
    post, kept = await _locked(tx, post)
    if kept.state != "waiting":
        raise Invalid(sentence("It was refused: who wrote it has to change it first."))
    now_ms = ctx.clock.now_ms()
    await tx.execute(
        "UPDATE waiting_posts SET state = 'refused', reason = $2, decided_by_id = $3, decided_ms = $4 WHERE id = $1",
        post.id, reason, by.id, now_ms,
    )  # fmt: skip
    await tx.execute(
        "UPDATE posts SET extras = extras | $2, edited_ms = $3, fragment = NULL WHERE id = $1",
        post.id,
        _REFUSED,
        now_ms,
    )
    tx.state(PostRefused(post.id, post.author_id, kept.person_id, by.id, reason))


async def withdraw(tx: Tx, *, post: Post, by: Person) -> None:
    """Let who wrote it, or who may edit any post, throw away what waits.

    Raises:
        Forbidden: somebody else's.
    """
    post, _ = await _locked(tx, post)
    await require_hand(tx, post=post, by=by)
    await take_out(tx, post=post)


async def require_hand(reader: Reader, *, post: Post, by: Person) -> None:
    """Pass, if *by* wrote what waits, or may edit whatever her team writes.

    Raises:
        Forbidden: she neither did nor may.
    """
    role = await permissions.require(reader, person=by, act="write", actor_id=post.author_id)
    if post.person_id != by.id and not permissions.may(role, "edit any post"):
        raise Forbidden(sentence("Somebody else of your team wrote this, and may change it."))


async def draft_of(reader: Reader, post: Post, kept: Waiting | None = None) -> Draft:
    """What waits, as it was submitted or last changed."""
    kept = kept or (await of_posts(reader, [post.id]))[post.id]
    draft = Draft(
        author=await actors.require_by_id(reader, post.author_id),
        text=post.source,
        visibility=kept.visibility,
        reply_to=None if post.reply_to_id is None else await records.by_id(reader, post.reply_to_id),
        summary=post.summary,
        sensitive=post.sensitive,
        language=post.language,
        media_ids=await attached.ids_of(reader, post.id),
        application=post.application,
        person_id=post.person_id,
    )
    return await drafts.completed(reader, draft, kept.wanted)


async def of_posts(reader: Reader, post_ids: Sequence[int]) -> dict[int, Waiting]:
    """What is known of those that wait, or waited. One query."""
    rows = await reader.fetch(f"SELECT {_COLUMNS} FROM waiting_posts WHERE id = ANY($1::bigint[])", list(post_ids))
    return {row["id"]: _read(row) for row in rows}


async def of_actor(reader: Reader, actor_id: int) -> list[Waiting]:
    """What waits in the name of an account, the oldest first, then what was refused. A range of waiting_posts_actor."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM waiting_posts WHERE actor_id = $1 AND state <> 'published' "
        "ORDER BY CASE state WHEN 'waiting' THEN 0 ELSE 1 END, id LIMIT 100",
        actor_id,
    )
    return [_read(row) for row in rows]


async def of_published(reader: Reader, post_ids: Sequence[int]) -> dict[int, Waiting]:
    """Of those published posts that waited: who wrote and who approved them, by the id of the published one."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM waiting_posts WHERE published_id = ANY($1::bigint[])", list(post_ids)
    )
    return {row["published_id"]: _read(row) for row in rows}


async def became(reader: Reader, *, actor_id: int, waiting_id: int) -> int | None:
    """The published post that a team once knew as *waiting_id*; None: there is none, or it is another team's."""
    found: int | None = await reader.value(
        "SELECT published_id FROM waiting_posts WHERE id = $1 AND actor_id = $2", waiting_id, actor_id
    )
    return found


async def _locked(tx: Tx, post: Post) -> tuple[Post, Waiting]:
    """The post and its row as they are now; others who decide about it wait.

    Raises:
        Invalid: it does not wait any more.
    """
    await tx.lock(f"post:{post.uri}")
    kept = (await of_posts(tx, [post.id])).get(post.id)
    now = await records.by_id(tx, post.id)
    if kept is None or now is None or not now.extras & _WAITS:
        raise Invalid(sentence("This post does not wait for approval any more."))
    return now, kept


def _shut(composed: Composed) -> Post:
    """The post as only its author reads it. Its own conversation is named once it is published."""
    return replace(
        composed.post, visibility="direct", held=False, context="", policy="",
        extras=_WAITS | (int(Extra.POLL) if composed.poll is not None else 0),
    )  # fmt: skip


def _wanted(draft: Draft) -> str:
    return orjson.dumps(drafts.beside(draft)).decode()


def _read(row: Row) -> Waiting:
    values: list[Any] = list(row)
    values[5] = cast(Mapping[str, Any], orjson.loads(row["wanted"]))
    return Waiting(*values)
