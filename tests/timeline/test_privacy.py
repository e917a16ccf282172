"""Nobody reads what is not for him, by any list: small random towns, compared with a model of a few lines.

Posts are written while everyone follows everyone; then follows, blocks and suspensions become what was drawn, as
they may in life. Whatever list is opened then must show what the model says: nothing more, and nothing less.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import count

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.actors.actor import Actor
from node.notifications import notices
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError
from node.timeline import (
    account,
    bookmarks,
    boosts,
    favourites,
    hashtags,
    home,
    pins,
    posts,
    public,
    threads,
    visibility,
)
from node.timeline.account import Filters
from node.timeline.pages import Page
from node.timeline.records import Post
from node.timeline.search import addresses
from tests.support.town import Town, ids_of

PEOPLE = 5
LOCAL = 3
_names = count(1)
someone = st.integers(0, PEOPLE - 1)
pairs = st.sets(st.tuples(someone, someone), min_size=4, max_size=15)
ALL = Page(limit=80)


@dataclass(frozen=True)
class Said:
    """One act: a post, an answer, or a boost."""

    author: int
    visibility: str
    named: frozenset[int]
    answers: int | None
    boosts: int | None


sayings = st.builds(
    Said,
    author=someone,
    visibility=st.sampled_from(["public", "public", "unlisted", "followers", "direct"]),
    named=st.frozensets(someone, max_size=2),
    answers=st.none() | st.integers(0, 6),
    boosts=st.none() | st.integers(0, 6),
)


@dataclass
class World:
    """What was drawn, and what became of it."""

    people: list[Actor]
    follows: set[tuple[int, int]]
    blocks: set[tuple[int, int]]
    suspended: set[int]
    no_boosts: set[int]
    """Those whose boosts nobody wants."""
    posts: list[Post] = field(default_factory=list)
    named: dict[int, set[int]] = field(default_factory=dict)

    def number(self, actor_id: int | None) -> int | None:
        return next((n for n, actor in enumerate(self.people) if actor.id == actor_id), None)

    def post(self, post_id: int | None) -> Post | None:
        return next((post for post in self.posts if post.id == post_id), None)

    def may_read_row(self, viewer: int | None, post: Post) -> bool:
        author = self.number(post.author_id)
        assert author is not None
        if author in self.suspended:
            return False
        if viewer == author:
            return True
        if viewer is not None and ((viewer, author) in self.blocks or (author, viewer) in self.blocks):
            return False
        if post.visibility in ("public", "unlisted"):
            return True
        if viewer is None:
            return False
        follows = post.visibility == "followers" and (viewer, author) in self.follows
        return follows or viewer in self.named.get(post.id, set())

    def may_read(self, viewer: int | None, post: Post) -> bool:
        boosted = self.post(post.boost_of_id)
        return self.may_read_row(viewer, post) and (boosted is None or self.may_read_row(viewer, boosted))

    def at_home(self, viewer: int, post: Post) -> bool:
        author, answered = self.number(post.author_id), self.number(post.reply_to_author_id)
        if not self.may_read(viewer, post):
            return False
        if author == viewer:
            return True
        assert author is not None
        if (viewer, author) not in self.follows or post.visibility == "direct":
            return False
        if post.boost_of_id is not None:
            return author not in self.no_boosts
        return answered is None or answered in (author, viewer) or (viewer, answered) in self.follows

    def in_public(self, viewer: int | None, post: Post) -> bool:
        plain = post.boost_of_id is None and post.reply_to_author_id in (None, post.author_id)
        return plain and post.visibility == "public" and self.may_read(viewer, post)

    def newest(self, chosen: Iterable[Post]) -> list[int]:
        return sorted((post.id for post in chosen), reverse=True)


async def _build(town: Town, world: World, said: list[Said], merge_after: int) -> None:
    for n, follower in enumerate(world.people):
        for m, followee in enumerate(world.people):
            if n != m and (follower.local or followee.local):
                await town.follow(follower, followee)
    for n, each in enumerate(said):
        if n == merge_after:
            await town.merge()
        post = await _say(town, world, each)
        if post is not None and post.id not in world.named:
            world.posts.append(post)
            world.named[post.id] = set() if post.boost_of_id else set(each.named) - {each.author}
    if merge_after >= len(said):
        await town.merge()


async def _say(town: Town, world: World, said: Said) -> Post | None:
    author = world.people[said.author]
    target = said.boosts if said.boosts is not None else said.answers
    found = world.posts[target % len(world.posts)] if target is not None and world.posts else None
    named = [world.people[n] for n in said.named]
    try:
        if said.boosts is not None:
            return None if found is None else await town.boost(author, found)
        if author.local:
            text = "Bonjour #fête " + " ".join(f"@{actor.handle}" for actor in named)
            return await town.post(author, text, said.visibility, reply_to=found, mentions=named)
        if found is not None:
            found = await posts.original(town.reader, found)
        more = {} if found is None else {"inReplyTo": found.uri}
        tag = {"type": "Hashtag", "name": "#Fête"}
        return await town.receive(author, said.visibility, mentions=named, tag=[tag], **more)
    except BeffroiError:
        return None  # a post that its author could not read, or could not boost


async def _settle(town: Town, world: World) -> None:
    """Now follows, blocks and suspensions are what was drawn."""
    ids = [actor.id for actor in world.people]

    async def step(tx: Tx) -> None:
        await tx.execute("DELETE FROM follows WHERE follower_id = ANY($1::bigint[])", ids)
        for n, (one, other) in enumerate(sorted(world.follows)):
            await tx.execute(
                "INSERT INTO follows (id, follower_id, followee_id, uri, state, show_boosts, created_ms, remote) "
                "VALUES ($1, $2, $3, $4, 'accepted', $5, 0, $6)",
                town.ctx.ids.next(), ids[one], ids[other], f"https://f.example/{n}", other not in world.no_boosts,
                not world.people[one].local,
            )  # fmt: skip
        for n, (one, other) in enumerate(sorted(world.blocks)):
            await tx.execute(
                "INSERT INTO blocks (id, actor_id, target_id, uri, created_ms) VALUES ($1, $2, $3, $4, 0)",
                town.ctx.ids.next(), ids[one], ids[other], f"https://b.example/{n}",
            )  # fmt: skip
        for one in world.suspended:
            await tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", ids[one])

    await town.ctx.db.write(step)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    follows=pairs,
    blocks=st.sets(st.tuples(someone, someone), max_size=2),
    suspended=st.sets(someone, max_size=1),
    no_boosts=st.sets(someone, max_size=2),
    said=st.lists(sayings, min_size=3, max_size=9),
    merge_after=st.integers(0, 10),
    liked=st.lists(st.tuples(someone, st.integers(0, 7)), max_size=4),
)
async def test_every_list_shows_what_its_reader_may_read_and_all_of_it(
    town: Town,
    follows: set[tuple[int, int]],
    blocks: set[tuple[int, int]],
    suspended: set[int],
    no_boosts: set[int],
    said: list[Said],
    merge_after: int,
    liked: list[tuple[int, int]],
) -> None:
    """Home, public, hashtag, account, pins, favourites, bookmarks, threads, boosters, notices, search, single reads."""
    run = next(_names)
    people = [await town.local(f"p{run}n{n}") for n in range(LOCAL)]
    people += [await town.remote(f"p{run}n{n}", f"h{n}.example") for n in range(LOCAL, PEOPLE)]
    apart = {(one, other) for one, other in blocks if one != other}
    world = World(people, {pair for pair in follows if pair[0] != pair[1]}, apart, suspended, no_boosts)
    start = town.ctx.ids.next()
    await _build(town, world, said, merge_after)
    kept: dict[int, set[int]] = {}
    for who, what in liked:
        if what < len(world.posts):
            await _like(town, world, who, world.posts[what], kept)
    await _settle(town, world)

    for viewer in (*range(LOCAL), None):
        await _check_lists(town, world, viewer, Page(since_id=start, limit=80))
        if viewer is not None:
            await _check_own_lists(town, world, viewer, kept)
    await _check_counts(town, world)


async def _like(town: Town, world: World, who: int, post: Post, kept: dict[int, set[int]]) -> None:
    actor = world.people[who]
    try:
        await town.favourite(actor, post)
        await town.ctx.db.write(lambda tx: bookmarks.add(tx, town.ctx, actor=actor, post=post))
        kept.setdefault(who, set()).add(post.boost_of_id or post.id)
        await town.ctx.db.write(lambda tx: pins.pin(tx, town.ctx, actor=actor, post=post))
    except BeffroiError:
        return


async def _check_lists(town: Town, world: World, viewer: int | None, page: Page) -> None:
    reader, viewer_id = town.reader, None if viewer is None else world.people[viewer].id
    public_posts = [post for post in world.posts if world.in_public(viewer, post)]
    assert await ids_of(public.rows(reader, viewer_id, page)) == world.newest(public_posts), "the public timeline"
    local = [post for post in public_posts if post.local]
    assert await ids_of(public.rows(reader, viewer_id, page, domain_id=town.domain.id)) == world.newest(local)
    assert await ids_of(public.rows(reader, viewer_id, page, local=True)) == world.newest(local), "the local timeline"
    tagged = [p for p in world.posts if p.visibility == "public" and not p.boost_of_id and world.may_read(viewer, p)]
    assert await hashtags.page(reader, viewer_id, page, name="FETE") == world.newest(tagged), "the hashtag's timeline"
    for actor in world.people:
        own = [post for post in world.posts if post.author_id == actor.id and world.may_read(viewer, post)]
        assert await account.page(reader, viewer_id, ALL, actor_id=actor.id) == world.newest(own), "an account's page"
        bare = [post for post in own if not post.boost_of_id and post.reply_to_author_id in (None, actor.id)]
        filters = Filters(exclude_replies=True, exclude_boosts=True)
        assert await account.page(reader, viewer_id, ALL, actor_id=actor.id, filters=filters) == world.newest(bare)
        for pinned in await pins.of_actor(reader, viewer_id, actor.id):
            assert world.may_read(viewer, next(post for post in world.posts if post.id == pinned)), "a pin"
    for post in world.posts:
        allowed = world.may_read(viewer, post)
        assert await visibility.may_read(reader, viewer_id=viewer_id, post=post) is allowed, "a single post"
        found = await addresses.post_by_url(reader, viewer_id, post.url)
        assert (found is not None) is allowed, "a search by address"
        await _check_around(town, world, viewer, post)


async def _check_around(town: Town, world: World, viewer: int | None, post: Post) -> None:
    reader, viewer_id = town.reader, None if viewer is None else world.people[viewer].id
    below: set[int] = {post.id}
    above: list[Post] = []
    for other in world.posts:  # answers come after what they answer
        if other.reply_to_id in below:
            below.add(other.id)
    parent = world.post(post.reply_to_id)
    while parent is not None:
        above.insert(0, parent)
        parent = world.post(parent.reply_to_id)
    conversation = await threads.context(reader, viewer_id, post)
    shown = {other.id for other in world.posts if other.id in below - {post.id} and world.may_read(viewer, other)}
    assert set(conversation.descendants) == shown, "the answers in a thread"
    assert conversation.ancestors == [other.id for other in above if world.may_read(viewer, other)]
    who = [entry.of_id for entry in await boosts.page(reader, viewer_id, ALL, post_id=post.id)]
    expected = [p.author_id for p in world.posts if p.boost_of_id == post.id and world.may_read(viewer, p)]
    assert sorted(who) == sorted(expected), "who boosted"
    for entry in await favourites.by_page(reader, viewer_id, ALL, post_id=post.id):
        number = world.number(entry.of_id)
        assert number not in world.suspended
        assert (number, viewer) not in world.blocks
        assert (viewer, number) not in world.blocks, "who likes it, over a block"


async def _check_own_lists(town: Town, world: World, viewer: int, kept: dict[int, set[int]]) -> None:
    reader, actor = town.reader, world.people[viewer]
    at_home = [post for post in world.posts if world.at_home(viewer, post)]
    assert await ids_of(home.rows(reader, actor.id, ALL)) == world.newest(at_home), "the home feed"
    liked = {
        post_id for post_id in kept.get(viewer, ()) if (post := world.post(post_id)) and world.may_read(viewer, post)
    }
    assert {entry.of_id for entry in await favourites.page(reader, actor.id, ALL)} == liked, "the favourites"
    assert {entry.of_id for entry in await bookmarks.page(reader, actor.id, ALL)} == liked, "the bookmarks"
    for notice in await notices.page(reader, actor.id, ALL):
        post = world.post(notice.post_id)
        assert post is None or world.may_read(viewer, post), "a notification"


async def _check_counts(town: Town, world: World) -> None:
    for post in world.posts:
        now = await town.now(post)
        answers = [p for p in world.posts if p.reply_to_id == post.id and p.visibility in ("public", "unlisted")]
        boosting = [p for p in world.posts if p.boost_of_id == post.id and p.visibility in ("public", "unlisted")]
        assert now.replies_count == len({p.id for p in answers}), "a count tells of hidden answers"
        assert now.boosts_count == len({p.id for p in boosting})
