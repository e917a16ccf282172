"""What people do with posts: boosts, favourites, bookmarks, pins; counters that stay true; edits and deletion."""

from typing import Any

import pytest

from node.runtime.errors import Forbidden, Invalid, NotFound
from node.timeline import attached, bookmarks, boosts, edits, favourites, pins, posts
from node.timeline.facts import Favourited, PostDeleted, PostEdited, PostPublished, Unfavourited
from node.timeline.pages import Page
from node.timeline.posts import Post
from tests.support.town import Town


async def edit(town: Town, post: Post, author: Any, text: str, **more: Any) -> Post:
    return await town.ctx.db.write(lambda tx: posts.edit(tx, town.ctx, post=post, author=author, text=text, **more))


async def media_of(town: Town, actor: Any, number: int = 1) -> list[int]:
    """Uploads that wait for a post."""
    ids = [town.ctx.ids.next() for _ in range(number)]
    await town.ctx.db.write(
        lambda tx: tx.executemany(
            "INSERT INTO media (id, actor_id, kind, storage_key, description, created_ms) VALUES ($1, $2, 'image', $3, 'Un chat', 0)",
            [(media_id, actor.id, f"files/{media_id}") for media_id in ids],
        )
    )
    return ids


async def test_a_boost_is_a_post_that_comes_and_goes(town: Town) -> None:
    """Once an actor and a post; counted in both; a boost of a boost boosts the post itself."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    post = await town.post(mairie)
    town.facts.clear()
    boosted = await town.boost(marie, post)
    assert boosted.uri == f"{marie.uri}/statuses/{boosted.id}/activity"
    assert await town.boost(marie, post) == boosted
    assert (await town.boost(mairie, boosted)).boost_of_id == post.id
    assert [fact.boost_of_id for fact in town.told(PostPublished)] == [post.id] * 2
    assert (await town.now(post)).boosts_count == 2
    assert (await town.actor(marie)).posts_count == 1
    for expected in (True, False):
        undone = await town.ctx.db.write(lambda tx: boosts.unboost(tx, town.ctx, actor=marie, post=post))
        assert undone is expected
    assert (await town.now(post)).boosts_count == 1
    assert (await town.actor(marie)).posts_count == 0
    [fact] = town.told(PostDeleted)
    assert (fact.boost_of_id, fact.boost_of_uri, fact.boost_of_author_id) == (post.id, post.uri, mairie.id)
    assert await posts.buried(town.reader, boosted.uri)


async def test_what_is_not_for_all_is_not_boosted(town: Town) -> None:
    """Followers-only and direct posts stay where they are; one's own may go to the same followers again."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    await town.follow(marie, mairie)
    private = await town.post(mairie, visibility="followers")
    direct = await town.post(mairie, visibility="direct", mentions=[marie])
    for post in (private, direct):
        with pytest.raises(Forbidden):
            await town.boost(marie, post)
    stranger = await town.local("luc")
    with pytest.raises(NotFound):
        await town.boost(stranger, private)
    with pytest.raises(Forbidden):
        await town.boost(mairie, direct)
    assert (await town.boost(mairie, private, visibility="public")).visibility == "followers"
    assert (await town.now(private)).boosts_count == 0, "a count tells of a boost for followers"
    with pytest.raises(Invalid):
        await town.boost(mairie, await town.post(mairie), visibility="direct")


async def test_a_boost_undone_before_it_arrived_stays_undone(town: Town) -> None:
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    post = await town.post(mairie)
    uri = f"{bruno.uri}/announce/1"
    await town.ctx.db.write(lambda tx: posts.remember_deleted(tx, town.ctx, uri=uri, actor_uri=bruno.uri))
    made = await town.ctx.db.write(lambda tx: boosts.boost(tx, town.ctx, actor=bruno, post=post, uri=uri))
    assert made is None
    with pytest.raises(Forbidden):
        await town.boost(bruno, post, uri=post.uri)


async def test_favourites_are_counted_once_and_never_below_zero(town: Town) -> None:
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    post = await town.post(mairie)
    town.facts.clear()
    assert await town.favourite(bruno, post)
    assert not await town.favourite(bruno, post)
    assert (await town.now(post)).favourites_count == 1
    [fact] = [fact for fact in town.facts if isinstance(fact, Favourited)]
    found = await favourites.by_uri(town.reader, fact.uri)
    assert found is not None
    assert (found.actor_id, found.post_id) == (bruno.id, post.id)
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE posts SET favourites_count = 0"))
    town.facts.clear()
    assert await town.ctx.db.write(lambda tx: favourites.remove(tx, actor=bruno, post=post))
    assert not await town.ctx.db.write(lambda tx: favourites.remove(tx, actor=bruno, post=post))
    assert (await town.now(post)).favourites_count == 0
    assert town.told(Unfavourited) == [Unfavourited(bruno.id, post.id, mairie.id, fact.uri)]


async def test_nobody_marks_what_he_cannot_read(town: Town) -> None:
    mairie, marie = await town.local("mairie"), await town.local("marie")
    private = await town.post(mairie, visibility="followers")
    with pytest.raises(NotFound):
        await town.favourite(marie, private)
    with pytest.raises(NotFound):
        await town.ctx.db.write(lambda tx: bookmarks.add(tx, town.ctx, actor=marie, post=private))
    await town.follow(marie, mairie)
    assert await town.ctx.db.write(lambda tx: bookmarks.add(tx, town.ctx, actor=marie, post=private))
    assert [entry.of_id for entry in await bookmarks.page(town.reader, marie.id, Page())] == [private.id]
    await town.unfollow(marie, mairie)
    assert await bookmarks.page(town.reader, marie.id, Page()) == [], "a bookmark keeps a closed door open"
    assert await town.ctx.db.write(lambda tx: bookmarks.remove(tx, actor=marie, post=private))


async def test_pins_are_ones_own_and_few(town: Town) -> None:
    mairie, marie = await town.local("mairie"), await town.local("marie")
    own = [await town.post(mairie) for _ in range(5)]
    for post in own:
        assert await town.ctx.db.write(lambda tx, post=post: pins.pin(tx, town.ctx, actor=mairie, post=post))  # type: ignore[misc]
    assert await pins.of_actor(town.reader, None, mairie.id) == [post.id for post in reversed(own)]
    sixth, others = await town.post(mairie), await town.post(marie)
    direct, boosted = await town.post(mairie, visibility="direct"), await town.boost(mairie, others)
    for post, error in ((sixth, Invalid), (others, Forbidden), (direct, Invalid), (boosted, Invalid)):
        with pytest.raises(error):
            await town.ctx.db.write(lambda tx, post=post: pins.pin(tx, town.ctx, actor=mairie, post=post))  # type: ignore[misc]
    assert await town.ctx.db.write(lambda tx: pins.unpin(tx, actor=mairie, post=own[0]))
    private = await town.post(mairie, visibility="followers")
    assert await town.ctx.db.write(lambda tx: pins.pin(tx, town.ctx, actor=mairie, post=private))
    assert [post.id for post in await pins.featured(town.reader, mairie.id)] == [post.id for post in reversed(own[1:])]


async def test_edits_keep_the_first_version_and_the_pictures_of_each(town: Town) -> None:
    """Text, warning and pictures change; what does not change is no edit; only the author edits."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    media = await media_of(town, mairie, 2)
    post = await town.post(mairie, "un #fete", media_ids=media)
    assert await attached.ids_of(town.reader, post.id) == media
    town.facts.clear()
    assert await edit(town, post, mairie, "un #fete") == post
    town.later()
    changed = await edit(town, post, mairie, "deux", summary="Attention", media_ids=media[1:])
    assert (changed.content, changed.summary, changed.sensitive) == ("<p>deux</p>", "Attention", True)
    assert changed.edited_ms == town.ctx.clock.now_ms()
    assert town.told(PostEdited) == [PostEdited(post.id, mairie.id, True)]
    first, second = await edits.history(town.reader, changed)
    assert "fete" in first.content
    assert first.created_ms == post.published_ms
    assert [len(version.media) for version in (first, second)] == [2, 1]
    assert edits.source(changed) == edits.Source("deux", "Attention")
    with pytest.raises(Forbidden):
        await edit(town, post, marie, "trois")
    with pytest.raises(Invalid):
        await edit(town, post, mairie, "", media_ids=[])
    with pytest.raises(Invalid):
        await edit(town, post, mairie, "x", media_ids=await media_of(town, marie))
    assert (await town.now(post)).source == "deux", "a refused edit left something behind"


async def test_a_deleted_post_leaves_a_tombstone_and_true_counters(town: Town) -> None:
    """Its boosts go with it, its replies stay, its pictures wait for the sweeper; the fact says whom to tell."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    bruno, claude = await town.remote("bruno"), await town.remote("claude")
    await town.follow(marie, bruno)
    parent = await town.post(marie)
    media = await media_of(town, mairie)
    post = await town.post(mairie, "@bruno@remote.example", reply_to=parent, mentions=[bruno], media_ids=media)
    reply = await town.received(claude, inReplyTo=post.uri)
    boosted = await town.boost(bruno, post)
    await town.favourite(claude, post)
    await town.merge()
    assert boosted.id in await town.home(marie)
    town.facts.clear()
    await town.delete(post)
    await town.delete(post)
    [fact] = town.told(PostDeleted)
    assert (fact.uri, fact.author_uri, fact.local, fact.reply_to_id) == (post.uri, mairie.uri, True, parent.id)
    assert set(fact.recipients) == {bruno.id, claude.id, marie.id}
    assert await posts.buried(town.reader, post.uri)
    assert await posts.buried(town.reader, boosted.uri)
    assert (await town.now(parent)).replies_count == 0
    assert (await town.now(reply)).reply_to_id is None
    for actor in (mairie, bruno):
        assert (await town.actor(actor)).posts_count == 0, f"{actor.handle} still counts a post that is gone"
    assert await town.home(marie) == [parent.id]
    assert await town.reader.value("SELECT COUNT(*) FROM favourites") == 0
    assert await town.reader.value("SELECT post_id FROM media WHERE id = $1", media[0]) is None
    again = await town.post(mairie, "à nouveau", media_ids=media)
    assert await attached.ids_of(town.reader, again.id) == media, "delete and redraft loses the pictures"


async def test_the_posts_of_who_is_gone_go_in_small_steps(town: Town) -> None:
    mairie, marie = await town.local("mairie"), await town.local("marie")
    for _ in range(3):
        await town.boost(marie, await town.post(mairie))

    async def some() -> int:
        return await town.ctx.db.write(lambda tx: posts.delete_some_of(tx, town.ctx, author=mairie, limit=2))

    assert [await some(), await some(), await some()] == [2, 1, 0]
    assert await town.reader.value("SELECT COUNT(*) FROM posts") == 0
    assert (await town.actor(marie)).posts_count == 0
