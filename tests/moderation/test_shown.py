"""What a suspension hides: every list and every address, at once, and nothing more than it should."""

from node.actors import actors, follows
from node.moderation import domains, suspensions
from node.runtime.database import orm
from node.timeline import home, public
from node.timeline import records as posts
from node.timeline.models import HomeFeedRow, Post
from node.timeline.pages import Page
from node.timeline.search import accounts, addresses
from node.timeline.visibility import may_read
from tests.support.town import ids_of


async def wrote(town, author, text, **more):
    """A public post of *author*, in the feed of everybody who reads it here."""
    db = orm.client(town.ctx.db)
    post_id = town.ctx.ids.next()
    uri = f"{author.uri}/posts/{post_id}"
    await Post.create(
        using_db=db, id=post_id, uri=uri, url=uri, author_id=author.id, local=author.local, visibility="public",
        thread_id=post_id, content=text, published_ms=1, created_ms=1, **more,
    )  # fmt: skip
    for reader in await follows.local_followers(town.ctx.db.reader, author.id):
        await HomeFeedRow.create(using_db=db, actor_id=reader, post_id=post_id)
    found = await posts.by_id(town.ctx.db.reader, post_id)
    assert found is not None
    return found


async def seen(town, viewer, post):
    """Where *viewer* meets *post*."""
    reader = town.ctx.db.reader
    places = {
        "home": post.id in await ids_of(home.rows(reader, viewer.id, Page())),
        "public": post.id in await ids_of(public.rows(reader, viewer.id, Page())),
        "address": await may_read(reader, viewer_id=viewer.id, post=post),
        "search": await addresses.post_by_url(reader, viewer.id, post.uri) is not None,
        "stranger": await may_read(reader, viewer_id=None, post=post),
        "people": post.author_id in await accounts.find(reader, viewer.id, (await _author(town, post)).username),
    }
    return {place for place, shown in places.items() if shown}


async def _author(town, post):
    found = await actors.by_id(town.ctx.db.reader, post.author_id)
    assert found is not None
    return found


EVERYWHERE = {"home", "public", "address", "search", "stranger", "people"}


async def met(town):
    alice, loud = await town.local("alice"), await town.remote("loud", host="a.evil.example")
    await town.ctx.db.write(lambda tx: follows.request(tx, town.ctx, follower=alice, followee=loud))
    await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=loud))
    return alice, loud, await wrote(town, loud, "Bonjour")


async def test_a_suspended_author_is_seen_nowhere_and_comes_back_everywhere(town):
    alice, loud, post = await met(town)
    assert await seen(town, alice, post) == EVERYWHERE
    await town.ctx.db.write(lambda tx: suspensions.suspend(tx, town.ctx, actor=loud))
    assert await seen(town, alice, post) == set()
    await town.ctx.db.write(lambda tx: suspensions.unsuspend(tx, town.ctx, actor=loud))
    assert await seen(town, alice, post) == EVERYWHERE


async def test_a_server_cut_off_is_seen_nowhere(town):
    """After the block is taken back its posts are public again, but nobody here follows them any more."""
    alice, _, post = await met(town)
    await town.ctx.db.write(lambda tx: domains.block(tx, town.ctx, host="evil.example"))
    assert await seen(town, alice, post) == set()
    await town.ctx.db.write(lambda tx: domains.unblock(tx, town.ctx, host="evil.example"))
    assert await seen(town, alice, post) == EVERYWHERE - {"home"}


async def test_a_boost_shows_nothing_of_a_server_cut_off(town):
    alice, _, post = await met(town)
    carla = await town.remote("carla", host="good.example")
    await town.ctx.db.write(lambda tx: follows.request(tx, town.ctx, follower=alice, followee=carla))
    await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=carla))
    boost = await wrote(town, carla, "", boost_of_id=post.id)
    assert "home" in await seen(town, alice, boost)
    await town.ctx.db.write(lambda tx: domains.block(tx, town.ctx, host="evil.example"))
    assert not await seen(town, alice, boost) & {"home", "address", "stranger"}


async def test_a_silenced_server_is_for_those_who_follow_it(town):
    """It leaves the public timeline; its followers still read it at home."""
    alice, _, post = await met(town)
    await town.ctx.db.write(lambda tx: domains.block(tx, town.ctx, host="evil.example", severity="silence"))
    places = await seen(town, alice, post)
    assert "public" not in places
    assert {"home", "address"} <= places
