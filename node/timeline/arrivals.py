"""Strangers' posts: read into rows once, updated by their author only, never over a tombstone."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace

from node.actors import hosts
from node.actors.actors import Actor
from node.actors.freezing import refuse_frozen
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden
from node.runtime.jobs import enqueue
from node.timeline import (
    additions,
    attached,
    carried,
    documents,
    edits,
    hashtags,
    held,
    mentions,
    policies,
    records,
    replies,
    tombstones,
    waves,
)
from node.timeline.additions import Addition
from node.timeline.documents import Document
from node.timeline.extras import Extra
from node.timeline.facts import PostEdited
from node.timeline.records import Post
from node.timeline.replies import Place
from node.timeline.tombstones import buried
from node.timeline.waves import Suspect

# What is younger gets an id of now: a reader who asks for what is new since the last post must not miss it. What
# is older takes its place in the past, where a timeline read later shows it.
_FRESH_MS = 10 * 60_000


@dataclass(frozen=True, slots=True)
class Arriving:
    """A remote post on its way in."""

    author: Actor
    document: Document
    mentions: Sequence[Actor]
    """The known actors whom it names."""
    addressed: Sequence[Actor] = ()
    """Those in to or cc beside them: they may read it."""
    reply_to: Post | None = None
    """What it answers, if that is in hand."""

    @property
    def answered(self) -> str | None:
        """The id of what it answers, which is not itself."""
        return self.document.in_reply_to if self.document.in_reply_to != self.document.id else None


SPAM = Place("manual")


@dataclass(frozen=True, slots=True)
class Placed:
    """A new post, and what its place means for it."""

    post: Post
    arriving: Arriving
    place: Place


async def receive(
    tx: Tx,
    ctx: Context,
    *,
    author: Actor,
    document: Document,
    mentions: Sequence[Actor],
    reply_to: Post | None = None,
    addressed: Sequence[Actor] = (),
) -> Post | None:
    """`receive_all` of one."""
    (kept,) = await receive_all(tx, ctx, [Arriving(author, document, mentions, addressed, reply_to)])
    return kept


async def receive_all(tx: Tx, ctx: Context, arriving: Sequence[Arriving]) -> list[Post | None]:
    """Store remote posts and state PostsPublished; for each the new post, or the standing one when it is known already.

    None for what was deleted, for a vote, and when another author holds the id. A reply whose parent is missing waits
    for it. The number of statements is the same for one and for many: what costs more has media, a poll or an event,
    or answers a boost.

    Raises:
        Forbidden: an author is suspended or deleted, its host is blocked, or a document names another author; then
            none is stored.
    """
    for each in arriving:
        _refuse_other_author(each.document, each.author)
    await refuse_author(tx, *(each.author for each in arriving))
    ids = [each.document.id for each in arriving]
    around = sorted({*ids, *(each.answered for each in arriving if each.answered)})
    # With the answered posts': a reply and its parent that arrive at once must see each other.
    await tx.lock(*(f"post:{uri}" for uri in around))
    graves = await tombstones.of(tx, ids)
    known = await records.by_uris(tx, around)
    found: list[Post | None] = []
    fresh: list[Placed] = []
    suspects: list[Suspect] = []
    strangers = await waves.strangers(
        tx, [each.author for each in arriving if waves.suspicious(ctx, author=each.author, named=each.mentions)]
    )
    for each in arriving:
        uri, author = each.document.id, each.author
        post = known.get(uri)
        if uri in graves and graves[uri].counts(by=author.uri):
            post = None
        elif post is not None:
            post = post if post.author_id == author.id else None
        elif (placed := await _let_in(tx, ctx, each, known, suspects, strangers)) is not None:
            known[uri] = post = placed.post
            fresh.append(placed)
        found.append(post)
    await additions.add(tx, ctx, [_addition(each.post, each.arriving) for each in fresh])
    await attached.give_remote(
        tx, ctx, [(each.post.author_id, each.post.id, documents.media_of(each.arriving.document)) for each in fresh]
    )
    for new in fresh:
        if new.post.extras & carried.ROWS:
            await carried.keep(tx, ctx, post=new.post, document=new.arriving.document)
        if new.place.governing is not None or new.post.held:
            await _judge(tx, ctx, new)
    if suspects:
        await waves.note(tx, ctx, suspects)
    return found


async def _let_in(
    tx: Tx,
    ctx: Context,
    arriving: Arriving,
    known: Mapping[str, Post],
    suspects: list[Suspect],
    strangers: Collection[int],
) -> Placed | None:
    """`_placed`; and what belongs to a wave of spam is held, or not taken."""
    placed, author = await _placed(tx, ctx, arriving, known), arriving.author
    looked_at = author.id in strangers and waves.suspicious(ctx, author=author, named=arriving.mentions)
    if placed is None or not looked_at:
        return placed
    found = await waves.look(
        tx, ctx, post=placed.post, author=author, named=arriving.mentions, pictures=documents.media_of(arriving.document),
        before=suspects,
    )  # fmt: skip
    if found.verdict == "dropped":
        ctx.metrics.count("spam_dropped")
        return None
    suspects.append(found)
    return placed if found.verdict == "shown" else replace(placed, post=replace(placed.post, held=True), place=SPAM)


async def _judge(tx: Tx, ctx: Context, placed: Placed) -> None:
    """Have somebody judge a reply that is held; give one that is let through its stamp."""
    post, author, governing = placed.post, placed.arriving.author, placed.place.governing
    if placed.place is SPAM:
        return  # `waves.note` says why it is held
    if not post.held:
        assert governing is not None
        await held.permitted(tx, ctx, post=post, governing=governing, author=author)
        return
    if governing is None or governing.local:
        owner_id = None if governing is None else governing.author_id
        await held.hold(tx, ctx, post, reason="reply", governing=governing, owner_id=owner_id)
        return
    await held.hold(tx, ctx, post, reason="unproved", governing=governing)
    if placed.arriving.document.approved_by is not None:
        args = {"post_id": post.id, "stamp": placed.arriving.document.approved_by}
        await enqueue(tx, ctx, held.PROVE_JOB, args, unique=f"{held.PROVE_JOB}:{post.id}")


async def _placed(tx: Tx, ctx: Context, arriving: Arriving, known: Mapping[str, Post]) -> Placed | None:
    """The row of a new post, in its place in the conversation; None for a vote, and a reply that is not allowed."""
    author, document, answered = arriving.author, arriving.document, arriving.answered
    read = documents.row_of(document)
    if documents.is_vote(document, read.content):
        return None
    parent = arriving.reply_to
    if answered and (parent is None or parent.uri != answered):
        parent = known.get(answered)
    if parent is not None and parent.boost_of_id is not None:
        parent = await records.original(tx, parent)
    visibility = documents.visibility_of(document.audience, author.followers)
    place = replies.FREE
    if parent is not None:
        among = replies.between(visibility, (each.id for each in (*arriving.mentions, *arriving.addressed)))
        unwritten = {post.id: post for post in known.values()}
        place = await replies.place(tx, parent=parent, author=author, uri=document.id, among=among, unwritten=unwritten)
    if place.verdict == "denied":
        ctx.metrics.count("replies_refused")
        return None
    now_ms = ctx.clock.now_ms()
    published_ms = now_ms if document.published_ms is None else max(0, min(document.published_ms, now_ms))
    post_id = ctx.ids.next(published_ms if now_ms - published_ms > _FRESH_MS else None)
    policy = policies.kept(document.policy, author)
    extras = carried.extras_of(document, policy=policy, visibility=visibility)
    placed = replace(
        read,
        id=post_id,
        author_id=author.id,
        visibility=visibility,
        extras=extras | replies.GOVERNED if place.governed else extras,
        policy=policy,
        held=place.verdict == "manual",
        reply_to_id=parent.id if parent else None,
        reply_to_uri=answered or (parent.uri if parent else None),
        reply_to_author_id=parent.author_id if parent else None,
        thread_id=parent.thread_id if parent else post_id,
        published_ms=published_ms,
        created_ms=now_ms,
        edited_ms=document.updated_ms if (document.updated_ms or 0) > published_ms else None,
    )
    return Placed(placed, arriving, place)


def _addition(post: Post, arriving: Arriving) -> Addition:
    return Addition(
        post, arriving.author, arriving.mentions, arriving.addressed, [tag.name for tag in arriving.document.hashtags],
        bool(documents.media_of(arriving.document)),
    )  # fmt: skip


async def receive_update(
    tx: Tx, ctx: Context, *, author: Actor, document: Document, mentions: Sequence[Actor]
) -> Post | None:
    """Change a remote post as its author says; None when it is not known (the caller may `receive` it).

    An older version than the standing one changes nothing; neither do visibility and the post answered.

    Raises:
        Forbidden: somebody else's post, or as `receive`.
    """
    await refuse_author(tx, author)
    _refuse_other_author(document, author)
    await tx.lock(f"post:{document.id}")
    post = await records.by_uri(tx, document.id)
    if post is None or await buried(tx, document.id, by=author.uri):
        return None
    if post.author_id != author.id or post.local or post.boost_of_id is not None:
        raise Forbidden("only its author changes a post")
    if document.updated_ms is not None and post.edited_ms is not None and document.updated_ms < post.edited_ms:
        return post
    read = documents.row_of(document)
    post = await carried.change(tx, ctx, post=post, document=document, author=author)
    changed = replace(
        post, type=read.type, url=read.url, name=read.name, content=read.content, summary=read.summary,
        sensitive=read.sensitive or bool(post.extras & Extra.MARKED), language=read.language, emojis=read.emojis,
    )  # fmt: skip
    new = await _named_too(tx, post, author, mentions)
    await hashtags.put(tx, ctx, post_id=post.id, names=[tag.name for tag in document.hashtags])
    media_before = await attached.snapshot(tx, post.id)
    other_media = await attached.put_remote(
        tx, ctx, actor_id=author.id, post_id=post.id, media=documents.media_of(document)
    )
    asks_anew = post.extras & carried.ROWS and await carried.keep(tx, ctx, post=changed, document=document)
    if changed == post and not other_media and not asks_anew:
        return post
    await edits.keep_original(tx, ctx, post, media=media_before)
    now_ms = ctx.clock.now_ms()
    edited_ms = now_ms if document.updated_ms is None else min(document.updated_ms, now_ms)
    changed = await edits.write(tx, ctx, replace(changed, edited_ms=edited_ms))
    tx.state(PostEdited(post.id, post.author_id, local=False, new_mentions=new))
    return changed


async def _named_too(tx: Tx, post: Post, author: Actor, named: Sequence[Actor]) -> tuple[int, ...]:
    return await mentions.add(tx, post_id=post.id, named=[actor.id for actor in named if actor.id != author.id])


async def refuse_author(tx: Tx, *authors: Actor) -> None:
    """Pass for authors whose posts this node takes.

    Raises:
        Forbidden: one is suspended, deleted, or on a blocked host; or one of ours is frozen.
    """
    if not all(author.active for author in authors):
        raise Forbidden("this author is suspended here")
    refuse_frozen(*authors)
    await hosts.refuse_blocked(tx, *(author.service_host for author in authors if not author.local))


def _refuse_other_author(document: Document, author: Actor) -> None:
    if document.attributed_to is not None and document.attributed_to != author.uri:
        raise Forbidden("the post names another author")
