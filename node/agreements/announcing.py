"""What is agreed is announced: a boost by the territory, made and taken back with the agreement and the post.

Announced are public posts that answer nobody, published while the agreement held and within its dates, with one of
its hashtags, by an author who is neither suspended, limited nor opted out. `#nopartage` opts out: in a post, that
post; in a profile, all. An author who is no party (whose post a member territory passes on) opts out too by not
being discoverable.

A territory that is a member of another is passed on by what it announces itself: each post once (posts_boost).
"""

import hashlib
import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from node.actors import actors
from node.actors.actor import Actor
from node.agreements import agreements, history
from node.agreements.agreements import Agreement, other
from node.agreements.facts import AgreementChanged, WordTaken
from node.agreements.terms import Terms
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.jobs import enqueue
from node.runtime.text.folding import fold
from node.runtime.text.plain import plain
from node.timeline import boosts, hashtags, policies, posts
from node.timeline.extras import Extra
from node.timeline.facts import PostDeleted, PostEdited, PostsPublished
from node.timeline.posts import Post

WITHDRAW_JOB: Final = "agreements.withdraw"
OPT_OUT: Final = "nopartage"
_OPTED_OUT: Final = re.compile(rf"#{OPT_OUT}\b")
_AT_ONCE: Final = 50


def uri_of(announcer: Actor, post: Post) -> str:
    """The id of the Announce of *post* by *announcer*: the same whenever it is made, so that nobody shows it twice."""
    return f"{announcer.uri}/announces/{hashlib.sha256(post.uri.encode()).hexdigest()[:32]}"


def _agreed(agreement: Agreement, post: Post, author: Actor, tags: Collection[str]) -> bool:
    """Whether *post* is within what is agreed now; *tags* are its folded hashtags."""
    terms, since_ms = agreement.terms, agreement.active_since_ms
    if not agreement.active or terms is None or since_ms is None or not _shareable(post, author):
        return False
    named = set(tags)
    if post.published_ms < since_ms or OPT_OUT in named or _opted_out(author):
        return False
    if author.id not in (agreement.member_id, agreement.territory_id) and not author.discoverable:
        return False
    return _covered(terms, post, named)


async def _consented(
    reader: Reader, agreement: Agreement, announcer_id: int, post: Post, tags: Collection[str]
) -> bool:
    """Whether the party whose news these are agreed to this when the post was published.

    It may have said less then, and more again since; and its word may have come long after the post.
    """
    party = other(agreement.party_of(announcer_id))
    terms = await history.consented(reader, agreement, party, post.published_ms)
    return terms is not None and _covered(terms, post, tags)


def _covered(terms: Terms, post: Post, tags: Collection[str]) -> bool:
    if post.published_ms < (terms.from_ms or 0) or (terms.until_ms is not None and post.published_ms >= terms.until_ms):
        return False
    return not terms.categories or any(name in terms.categories for name in tags)


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Announce posts of a party, or what a member territory has just announced."""
    news = [post for post in fact.posts if post.visibility == "public" and not post.post.extras & Extra.LOCAL_ONLY]
    news = [post for post in news if post.boost_of_id is not None or post.reply_to_id is None]
    parties = await agreements.parties_among(tx, {post.author_id for post in news})
    for post in news:
        if post.author_id in parties:
            passed_on = post.boost_of_id is not None
            await _consider(tx, ctx, post.author_id, post.boost_of_id or post.post_id, passed_on=passed_on)


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """A hashtag that came makes a post shared, one that went (or #nopartage that came) takes it back."""
    for boost_id, agreement_id in await _announced(tx, post_id=fact.post_id):
        await _keep_or_withdraw(tx, ctx, boost_id, agreement_id)
    await _consider(tx, ctx, fact.author_id, fact.post_id, passed_on=False)


async def on_deleted(tx: Tx, ctx: Context, fact: PostDeleted) -> None:
    """A member territory took an announcement back: those who passed it on do so too."""
    if fact.boost_of_id is None:
        return
    rows = await tx.fetch(
        "SELECT n.boost_id, n.agreement_id FROM posts b JOIN agreement_announcements n ON n.boost_id = b.id "
        "JOIN agreements g ON g.id = n.agreement_id WHERE b.boost_of_id = $1 AND g.member_id = $2",
        fact.boost_of_id, fact.author_id,
    )  # fmt: skip
    for row in rows:
        await withdraw(tx, ctx, row["boost_id"], row["agreement_id"])


async def on_word(tx: Tx, ctx: Context, fact: WordTaken) -> None:
    """Look again at what was announced of posts published since a word that perhaps was said long ago."""
    rows = await tx.fetch(
        "SELECT n.boost_id FROM agreement_announcements n JOIN posts b ON b.id = n.boost_id "
        "JOIN posts p ON p.id = b.boost_of_id WHERE n.agreement_id = $1 AND p.published_ms > $2 ORDER BY n.boost_id",
        fact.agreement_id, fact.said_ms,
    )  # fmt: skip
    for row in rows:
        await _keep_or_withdraw(tx, ctx, row["boost_id"], fact.agreement_id)


async def on_changed(tx: Tx, ctx: Context, fact: AgreementChanged) -> None:
    """With the term `withdraw`, the end takes back everything, also when another agreement follows at once."""
    if fact.before != "active" or fact.after == "active":
        return
    agreement = await agreements.require(tx, fact.agreement_id)
    lines = iter(reversed(await history.of(tx, agreement.id)))
    next((line for line in lines if line.said_ms == fact.said_ms and line.state == fact.after), None)  # the end itself
    held = next((line.terms for line in lines if line.state == "active" and line.terms), None)
    if held is not None and held.after_end == "withdraw":
        args = {"agreement_id": agreement.id, "said_ms": fact.said_ms}
        await enqueue(tx, ctx, WITHDRAW_JOB, args, unique=f"{WITHDRAW_JOB}:{agreement.id}:{fact.said_ms}")


async def withdraw_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `agreements.withdraw`: what had been announced until `said_ms`, when an end was said, goes."""
    agreement_id, said_ms = int(args["agreement_id"]), int(args.get("said_ms", ctx.clock.now_ms()))

    async def step(tx: Tx) -> int:
        rows = await tx.fetch(
            "SELECT n.boost_id FROM agreement_announcements n JOIN posts b ON b.id = n.boost_id "
            "JOIN posts p ON p.id = b.boost_of_id WHERE n.agreement_id = $1 AND p.published_ms <= $2 "
            f"ORDER BY n.boost_id DESC LIMIT {_AT_ONCE}",
            agreement_id, said_ms,
        )  # fmt: skip
        for row in rows:
            await withdraw(tx, ctx, row["boost_id"], agreement_id)
        return len(rows)

    while await ctx.db.write(step):
        pass


async def _consider(tx: Tx, ctx: Context, party_id: int, post_id: int, *, passed_on: bool) -> None:
    """Announce the post by whom the agreements of the party *party_id*, who published it or passed it on, say."""
    standing = await agreements.active_of(tx, party_id)
    if not standing:
        return
    post = await posts.by_id(tx, post_id)
    if post is None:
        return
    people = await actors.by_ids(
        tx, {post.author_id, party_id, *(g.territory_id for g in standing), *(g.member_id for g in standing)}
    )
    if passed_on and people[party_id].type != "Group":
        return  # what a commune boosts is not its own news
    tags = [tag.name for tag in (await hashtags.of_posts(tx, [post.id]))[post.id]]
    for agreement in standing:
        if party_id == agreement.member_id:
            announcer = people[agreement.territory_id]
        elif not passed_on and agreement.terms is not None and agreement.terms.direction == "both":
            announcer = people[agreement.member_id]
        else:
            continue
        if not announcer.local or not announcer.active or announcer.frozen:
            continue
        if _agreed(agreement, post, people[post.author_id], tags) and await _consented(
            tx, agreement, announcer.id, post, tags
        ):
            await _announce(tx, ctx, agreement, announcer, post)


async def _announce(tx: Tx, ctx: Context, agreement: Agreement, announcer: Actor, post: Post) -> None:
    if post.author_id == announcer.id:
        return
    if await policies.verdict(tx, post=post, deed="announce", actor=announcer) != "automatic":
        return  # agreed in general, and not for this post
    uri = uri_of(announcer, post)
    made = await boosts.boost(tx, ctx, actor=announcer, post=post, uri=uri)
    if made is not None and made.uri == uri:  # else it was taken back once, or somebody boosted it by hand
        await tx.execute(
            "INSERT INTO agreement_announcements (boost_id, agreement_id) VALUES ($1, $2) ON CONFLICT DO NOTHING",
            made.id, agreement.id,
        )  # fmt: skip


async def _announced(tx: Tx, *, post_id: int) -> Sequence[tuple[int, int]]:
    rows = await tx.fetch(
        "SELECT n.boost_id, n.agreement_id FROM posts b JOIN agreement_announcements n ON n.boost_id = b.id "
        "WHERE b.boost_of_id = $1",
        post_id,
    )
    return [(row[0], row[1]) for row in rows]


async def _keep_or_withdraw(tx: Tx, ctx: Context, boost_id: int, agreement_id: int) -> None:
    """Withdraw what is not shared; what an ended agreement left stays while it was agreed to and its author wants it."""
    agreement, boost = await agreements.require(tx, agreement_id), await posts.by_id(tx, boost_id)
    if boost is None or boost.boost_of_id is None:
        return
    post = await posts.require(tx, boost.boost_of_id)
    author = await actors.by_id(tx, post.author_id)
    tags = [tag.name for tag in (await hashtags.of_posts(tx, [post.id]))[post.id]]
    wanted = author is not None and (
        _agreed(agreement, post, author, tags) if agreement.active else OPT_OUT not in tags
    )
    if not wanted or not await _consented(tx, agreement, boost.author_id, post, tags):
        await withdraw(tx, ctx, boost_id, agreement_id)


async def withdraw(tx: Tx, ctx: Context, boost_id: int, agreement_id: int) -> None:
    """The agreement is no longer a reason for the boost; without any it goes (Undo)."""
    await tx.execute(
        "DELETE FROM agreement_announcements WHERE boost_id = $1 AND agreement_id = $2", boost_id, agreement_id
    )
    if await tx.value("SELECT 1 FROM agreement_announcements WHERE boost_id = $1", boost_id) is None:
        boost = await posts.by_id(tx, boost_id)
        if boost is not None:
            await posts.delete(tx, ctx, post=boost)


def _shareable(post: Post, author: Actor) -> bool:
    public = post.visibility == "public" and not post.hidden and not post.held and not post.extras & Extra.LOCAL_ONLY
    return public and post.reply_to_uri is None and post.boost_of_id is None and author.active and not author.limited


def _opted_out(author: Actor) -> bool:
    return "#" in author.summary and bool(_OPTED_OUT.search(fold(plain(author.summary))))
