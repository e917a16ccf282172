"""Strangers' old posts and accounts go where nobody here has a tie to them; what anybody here looks at stays as it was."""

import itertools
import random
import re
from collections.abc import Awaitable, Callable
from typing import Any

import orjson
import pytest

from node.actors import actors
from node.actors.actor import Actor
from node.actors.facts import FollowAccepted
from node.api import rendering
from node.moderation import pruning, ties
from node.notifications import notices, reactions
from node.runtime import choices
from node.runtime.context import Context
from node.runtime.database import Step
from node.timeline import account, bookmarks, counts, favourites, home, posts, scheduled, threads, visibility
from node.timeline.extras import Extra, mark
from node.timeline.facts import Favourited, PostsPublished
from node.timeline.pages import Page
from node.timeline.posts import Post
from tests.support import populated
from tests.support.town import Town, ids_of

DAY_S = 86_400
DAYS = 30
PAGE = Page(limit=80)


@pytest.fixture
async def town(ctx: Context) -> Town:
    """A town whose feeds, counters and notifications react."""
    return await Town.found(
        ctx,
        {
            PostsPublished: (home.on_published, reactions.on_published, counts.on_published),
            Favourited: (reactions.on_favourited,),
            FollowAccepted: (home.on_followed,),
        },
    )


async def prune(town: Town, days: int = DAYS) -> None:
    """Let the job run until it is done."""
    since_ms = town.ctx.clock.now_ms() - days * DAY_S * 1000
    args: dict[str, Any] = {"since_ms": since_ms, "kind": "posts", "after": 0}
    while True:
        await pruning.prune_job(town.ctx, args)
        row = await town.reader.row("SELECT args FROM jobs WHERE kind = $1", pruning.PRUNE_JOB)
        if row is None:
            return
        args = orjson.loads(row["args"])
        await town.ctx.db.write(lambda tx: tx.execute("DELETE FROM jobs WHERE kind = $1", pruning.PRUNE_JOB))


async def there(town: Town, post: Post) -> bool:
    return await posts.by_id(town.reader, post.id) is not None


async def quote(town: Town, quoting: Post, quoted: Post) -> None:
    """*quoting* quotes *quoted*, whose author agreed."""

    async def step(tx: Any) -> None:
        await tx.execute(
            "INSERT INTO quotes (post_id, quoted_uri, quoted_id, state) VALUES ($1, $2, $3, 'accepted')",
            quoting.id, quoted.uri, quoted.id,
        )  # fmt: skip
        await mark(tx, quoting.id, Extra.QUOTE)
        await mark(tx, quoted.id, Extra.QUOTED)

    await town.ctx.db.write(step)


class World:
    """People here and elsewhere, who did this and that for some months."""

    def __init__(self, town: Town, seed: int) -> None:
        self.town, self.chance = town, random.Random(seed)
        self.here: list[Actor] = []
        self.strangers: list[Actor] = []
        self.posts: list[Post] = []

    async def live(self) -> "World":
        town, chance = self.town, self.chance
        self.here = [await town.local(name) for name in ("marie", "bruno", "mairie")]
        self.strangers = [await town.remote(f"s{number}", f"h{number}.example") for number in range(5)]
        await town.follow(self.here[0], self.strangers[0])
        await town.follow(self.strangers[1], self.here[1])
        deeds: list[Callable[[], Awaitable[object]]] = [
            *[self.told] * 12, *[self.answered] * 8, *[self.boosted] * 3, *[self.quoted] * 3, self.wrote, self.replied,
            self.liked, self.kept, self.shared,
        ]  # fmt: skip
        for _ in range(70):
            town.later(chance.choice((60, 3_600, DAY_S, 3 * DAY_S)))
            await chance.choice(deeds)()
        await town.merge()
        return self

    def any_post(self) -> Post | None:
        return self.chance.choice(self.posts) if self.posts else None

    async def told(self) -> None:
        mentions = [self.chance.choice(self.here)] if self.chance.random() < 0.08 else []
        level = self.chance.choice(("public", "public", "unlisted", "followers"))
        self.posts.append(await self.town.received(self.chance.choice(self.strangers), level, mentions=mentions))

    async def answered(self) -> None:
        if (parent := self.any_post()) is not None:
            stranger = self.chance.choice(self.strangers)
            self.posts.append(await self.town.received(stranger, inReplyTo=parent.uri))

    async def boosted(self) -> None:
        post, stranger = self.any_post(), self.chance.choice(self.strangers)
        if post is None or not post.distributable:
            return
        known = await self.town.reader.value(
            "SELECT 1 FROM posts WHERE author_id = $1 AND boost_of_id = $2", stranger.id, post.id
        )
        if known is None:
            uri = f"{stranger.uri}/announces/{post.id}"
            await self.town.boost(stranger, post, uri=uri)

    async def quoted(self) -> None:
        if (post := self.any_post()) is not None and post.distributable:
            quoting = await self.town.received(self.chance.choice(self.strangers))
            self.posts.append(quoting)
            await quote(self.town, quoting, post)

    async def wrote(self) -> None:
        self.posts.append(await self.town.post(self.chance.choice(self.here)))

    async def readable(self, reader: Actor) -> Post | None:
        found = await visibility.readable_ids(
            self.town.reader, viewer_id=reader.id, post_ids=[post.id for post in self.posts]
        )
        return self.chance.choice([post for post in self.posts if post.id in set(found)]) if found else None

    async def replied(self) -> None:
        someone = self.chance.choice(self.here)
        if (parent := await self.readable(someone)) is not None:
            self.posts.append(await self.town.post(someone, reply_to=parent))

    async def liked(self) -> None:
        someone = self.chance.choice(self.here)
        if (post := await self.readable(someone)) is not None:
            await self.town.favourite(someone, post)

    async def kept(self) -> None:
        someone = self.chance.choice(self.here)
        if (post := await self.readable(someone)) is not None:
            await self.town.ctx.db.write(lambda tx: bookmarks.add(tx, self.town.ctx, actor=someone, post=post))

    async def shared(self) -> None:
        someone = self.chance.choice(self.here)
        post = await self.readable(someone)
        if post is not None:
            known = await self.town.reader.value(
                "SELECT 1 FROM posts WHERE author_id = $1 AND boost_of_id = $2", someone.id, post.id
            )
            if known is None:
                await self.town.boost(someone, post)

    async def views(self) -> dict[str, Any]:
        """What everybody here sees: lists, the conversations of all that is in them, and every word of it."""
        town, found = self.town, {}
        since = (town.ctx.clock.now_ms() - DAYS * DAY_S * 1000)  # fmt: skip
        own = [post.id for post in self.posts if post.local]
        for person in self.here:
            at_home = await town.home(person)
            recent = [
                row[0] for row in await town.reader.fetch(
                    "SELECT id FROM posts WHERE id = ANY($1::bigint[]) AND published_ms >= $2 ORDER BY id", at_home, since
                )
            ]  # fmt: skip
            kept = [entry.of_id for entry in await bookmarks.page(town.reader, person.id, PAGE)]
            liked = [entry.of_id for entry in await favourites.page(town.reader, person.id, PAGE)]
            written = await ids_of(account.rows(town.reader, person.id, PAGE, actor_id=person.id))
            told = [
                (each.type, each.from_actor_id, each.post_id)
                for each in await notices.page(town.reader, person.id, PAGE)
            ]
            listed = sorted(
                {*recent, *kept, *liked, *own, *written, *(each[2] for each in told if each[2] is not None)}
            )
            around: dict[int, Any] = {}
            for post in (await posts.by_ids(town.reader, listed)).values():
                original = await posts.original(town.reader, post)
                around[post.id] = await threads.context(town.reader, person.id, original)
            everything = sorted(
                {*listed, *(i for each in around.values() for i in (*each.ancestors, *each.descendants))}
            )
            words = await rendering.statuses(town.ctx, person.id, everything)
            found[person.username] = {
                "home": recent, "bookmarks": kept, "favourites": liked, "own": written, "told": told, "around": around,
                "words": {key: without_totals(value) for key, value in words.items()},
            }  # fmt: skip
        return found


def without_totals(said: bytes) -> str:
    """A status without how many posts of its author are here: that is told as it is."""
    status = orjson.loads(said.replace(b"\x01", b"").replace(b"\x02", b""))

    def strip(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: strip(each) for key, each in value.items() if key != "statuses_count"}
        return [strip(each) for each in value] if isinstance(value, list) else value

    return orjson.dumps(strip(status)).decode()


@pytest.mark.parametrize("seed", range(8))
async def test_what_anybody_here_sees_is_as_before(town: Town, seed: int):
    """Random worlds: lists, conversations, notifications and every word of them; and something goes."""
    world = await World(town, seed).live()
    town.later(10 * DAY_S)
    before = await world.views()
    count = await town.reader.value("SELECT COUNT(*) FROM posts")
    expected = await pruning.going(town.ctx.db.survey, town.ctx, DAYS)
    await prune(town)
    after = await world.views()
    for person, views in before.items():
        for name, seen in views.items():
            assert after[person][name] == seen, f"{person} sees another {name} (world {seed})"
    gone = count - await town.reader.value("SELECT COUNT(*) FROM posts")
    assert gone >= expected.posts > 0, "nothing went: the world shows nothing"
    assert town.ctx.metrics.counted("pruned", kind="posts") == expected.posts
    left = await pruning.going(town.ctx.db.survey, town.ctx, DAYS)
    assert left.posts == 0, "what the preview counts is not what goes"
    assert await town.reader.value("SELECT COUNT(*) FROM tombstones") == 0


Tie = Callable[[Town, Actor, Post], Awaitable[object]]


async def _bookmarked(town: Town, marie: Actor, post: Post) -> None:
    await town.ctx.db.write(lambda tx: bookmarks.add(tx, town.ctx, actor=marie, post=post))


async def _told(town: Town, sql: str, *args: object) -> None:
    await town.ctx.db.write(lambda tx: tx.execute(sql, *args))


async def _answered_below(town: Town, marie: Actor, post: Post) -> None:
    between = await town.received(await town.remote("between"), inReplyTo=post.uri)
    await town.post(marie, reply_to=between)


async def _quoted_by_ours(town: Town, marie: Actor, post: Post) -> None:
    await quote(town, await town.post(marie), post)


async def _quotes_what_quotes_ours(town: Town, marie: Actor, post: Post) -> None:
    other = await town.received(await town.remote("between"))
    await quote(town, other, await town.post(marie))
    await quote(town, post, other)


async def _judged(town: Town, marie: Actor, post: Post) -> None:
    await _told(
        town, "INSERT INTO cases (id, year, place, target_id, created_ms) VALUES (1, 2026, 1, $1, 0)", post.author_id
    )  # fmt: skip


async def _pinned(town: Town, marie: Actor, post: Post) -> None:
    author = await actors.require_by_id(town.reader, post.author_id)
    await town.follow(marie, author)
    await _told(
        town, "INSERT INTO pins (id, actor_id, post_id, created_ms) VALUES (1, $1, $2, 0)", author.id, post.id
    )  # fmt: skip


async def _to_be_answered(town: Town, marie: Actor, post: Post) -> None:
    draft = posts.Draft(author=marie, text="Demain", reply_to=post)
    at_ms = town.ctx.clock.now_ms() + 90 * DAY_S * 1000
    await town.ctx.db.write(lambda tx: scheduled.schedule(tx, town.ctx, draft=draft, at_ms=at_ms))


async def _muted(town: Town, marie: Actor, post: Post) -> None:
    await _told(
        town, "INSERT INTO thread_mutes (actor_id, thread_id, created_ms) VALUES ($1, $2, 0)", marie.id, post.thread_id
    )  # fmt: skip


async def _to_come(town: Town, marie: Actor, post: Post) -> None:
    at_ms = town.ctx.clock.now_ms() + 90 * DAY_S * 1000
    await _told(town, "INSERT INTO events (post_id, starts_ms) VALUES ($1, $2)", post.id, at_ms)


TIES: dict[str, Tie] = {
    "answered": lambda town, marie, post: town.post(marie, reply_to=post),
    "answered further below": _answered_below,
    "boosted": lambda town, marie, post: town.boost(marie, post),
    "liked": lambda town, marie, post: town.favourite(marie, post),
    "bookmarked": _bookmarked,
    "quoted": _quoted_by_ours,
    "quotes what quotes ours": _quotes_what_quotes_ours,
    "judged": _judged,
    "pinned": _pinned,
    "to come": _to_come,
    "to be answered": _to_be_answered,
    "its conversation muted": _muted,
}


@pytest.mark.parametrize("tie", TIES)
async def test_one_tie_keeps_a_post_and_its_conversation(town: Town, tie: str):
    """Its answers stay too; what is beside it and has no tie goes."""
    marie, stranger, other = await town.local("marie"), await town.remote("s"), await town.remote("t")
    tied = await town.received(stranger)
    answer = await town.received(other, inReplyTo=tied.uri)
    free = await town.received(other)
    freed = await town.received(other, inReplyTo=free.uri)
    await TIES[tie](town, marie, tied)
    town.later(60 * DAY_S)
    await prune(town)
    assert [await there(town, each) for each in (tied, answer, free, freed)] == [True, True, False, False]


async def test_what_is_young_or_talked_about_lately_stays(town: Town):
    """A new answer or boost keeps what is old; a post of long ago that was met yesterday stays."""
    stranger, other = await town.remote("s"), await town.remote("t")
    answered, boosted, old = [await town.received(stranger) for _ in range(3)]
    town.later(60 * DAY_S)
    await town.received(other, inReplyTo=answered.uri)
    await town.boost(other, boosted, uri=f"{other.uri}/announces/1")
    late = await town.received(stranger, published="2020-01-01T00:00:00Z")
    await prune(town)
    assert [await there(town, each) for each in (answered, boosted, late, old)] == [True, True, True, False]


async def test_what_went_comes_back_when_it_is_fetched_again(town: Town):
    """Post and author: no tombstone stands in the way, counters count what is here."""
    stranger = await town.remote("s")
    document = town.document(stranger)
    keep: Step[Any] = lambda tx: posts.receive(tx, town.ctx, author=stranger, document=document, mentions=[])  # noqa: E731
    first = await town.ctx.db.write(keep)
    town.later(60 * DAY_S)
    await prune(town)
    assert await actors.by_id(town.reader, stranger.id) is None, "nobody here knows them"
    stranger = await town.remote("s")
    again = await town.ctx.db.write(
        lambda tx: posts.receive(tx, town.ctx, author=stranger, document=document, mentions=[])
    )
    assert again is not None
    assert (again.uri, (await town.actor(stranger)).posts_count) == (first.uri, 1)


async def test_accounts_that_anybody_here_knows_stay(town: Town):
    """Followed, following, blocked, or the author of something that stays; and who was judged."""
    marie = await town.local("marie")
    names = ("followed", "follower", "blocked", "author", "judged", "nobody")
    known = {name: await town.remote(name) for name in names}
    await town.follow(marie, known["followed"])
    await town.follow(known["follower"], marie)
    await town.block(marie, known["blocked"])
    await town.favourite(marie, await town.received(known["author"]))
    await town.suspend(known["judged"])
    await town.received(known["nobody"])
    town.later(60 * DAY_S)
    await prune(town)
    left = [name for name in names if await actors.by_id(town.reader, known[name].id) is not None]
    assert left == ["followed", "follower", "blocked", "author", "judged"]


NO_TIES = {
    # What only accounts of ours have; such an account is a tie by itself.
    "actors": {
        "announcement_reads.actor_id", "bookmarks.actor_id", "delivery_orders.actor_id", "held_posts.owner_id",
        "idempotency.actor_id", "invitations.actor_id", "markers.actor_id", "media.actor_id", "notifications.actor_id",
        "oauth_codes.actor_id", "oauth_tokens.actor_id", "waiting_posts.actor_id", "scheduled_posts.actor_id",
        "mutes.actor_id", "account_notes.actor_id", "host_blocks.actor_id", "thread_mutes.actor_id", "filters.actor_id",
        "lists.actor_id", "list_members.actor_id", "tag_follows.actor_id", "featured_tags.actor_id",
        "endorsements.actor_id", "declined_suggestions.actor_id", "announcement_reactions.actor_id",
        "conversations.actor_id", "conversation_posts.actor_id", "notification_permissions.actor_id",
        "notification_policies.actor_id", "push_subscriptions.actor_id",
        # What belongs to an account or to its posts, and goes with them.
        "keys.actor_id", "published_keys.actor_id", "pins.actor_id", "spam_suspects.author_id",
    },
    # What only posts of ours have, or what belongs to a post and goes with it.
    "posts": {
        "approvals.post_id", "post_reach.post_id", "quote_stamps.quoted_id", "reply_stamps.answered_id",
        "waiting_posts.published_id", "media.post_id", "post_edits.post_id", "post_holders.post_id", "post_tags.post_id",
        "thread_reads.post_id", "post_cards.post_id",
        # What is asked in another way: of the boosts of a post, and from conversation to conversation.
        "agreement_announcements.boost_id", "quotes.post_id", "quotes.quoted_id",
    },
}  # fmt: skip
"""`table.column` that refers to a post or an account, and does not keep it."""


async def test_whatever_refers_to_a_post_or_an_account_keeps_it_or_is_known_not_to(ctx: Context):
    """A new table is a tie in `node/moderation/ties.py`, or stands above: else it would lose its rows in silence."""
    asked = {"posts": "\n".join(ties.OF_POSTS), "actors": "\n".join(ties.OF_ACTORS)}
    unknown, known = [], {(owner, each) for owner, names in NO_TIES.items() for each in names}
    for table in (await populated.tables(ctx.db.reader)).values():
        for column in table.columns.values():
            owner = column.parent[0] if column.parent else ""
            if owner not in asked or (owner, f"{table.name}.{column.name}") in known:
                known.discard((owner, f"{table.name}.{column.name}"))
            elif not re.search(rf"FROM {table.name} (\w+).*\b\1\.{column.name} = ", asked[owner]):
                unknown.append(f"{table.name}.{column.name} -> {owner}")
    assert (unknown, known) == ([], set())


async def test_it_happens_at_night_once_and_only_if_it_was_chosen(town: Town):
    """From one to five in Paris."""
    ctx = town.ctx

    async def due() -> int:
        await ctx.db.write(lambda tx: pruning.enqueue_due(tx, ctx))
        found: int = await town.reader.value("SELECT COUNT(*) FROM jobs WHERE kind = $1", pruning.PRUNE_JOB)
        await ctx.db.write(lambda tx: tx.execute("DELETE FROM jobs"))
        return found

    async def a_day() -> list[int]:
        hours = []
        for _ in range(24):
            town.later(3_600)
            hours.append(await due())
        return hours

    assert sum(await a_day()) == 0, "nobody chose it"
    await ctx.db.write(lambda tx: choices.choose(tx, pruning.KEPT_DAYS, 90))
    assert sum(await a_day()) == 1
    assert sum(await a_day()) == 1


async def test_a_step_writes_few_posts(town: Town):
    """However many go: others write in between."""
    stranger = await town.remote("s")
    for _ in range(60):
        await town.received(stranger)
    town.later(60 * DAY_S)
    left = [60]
    write = town.ctx.db.write

    async def counted(step: Step[Any]) -> Any:
        result = await write(step)
        left.append(await town.reader.value("SELECT COUNT(*) FROM posts"))
        return result

    town.ctx.db.write = counted  # type: ignore[method-assign]
    try:
        await prune(town)
    finally:
        town.ctx.db.write = write  # type: ignore[method-assign]
    assert left[-1] == 0
    assert max(one - other for one, other in itertools.pairwise(left)) <= 25
