"""Our own authors write: what is checked, how it is stored, and a second request with the same key."""

import asyncio

import pytest

from node.runtime.errors import Forbidden, Invalid, NotFound
from node.timeline import hashtags, idempotency, mentions, posts
from node.timeline.facts import PostPublished
from node.timeline.posts import Draft
from tests.support.town import Town


async def test_a_post_is_stored_as_its_readers_get_it(town: Town) -> None:
    """Links, mentions and hashtags become HTML; addresses are those of the author's host."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    bruno = await town.remote("bruno")
    post = await town.post(
        mairie, "Fête ce soir #Musique @marie @bruno@remote.example @inconnu", mentions=[marie, bruno], summary="Fête"
    )
    assert post.uri == f"https://social.town.example/users/mairie/statuses/{post.id}"
    assert post.url == f"https://social.town.example/@mairie/{post.id}"
    assert 'href="https://social.town.example/@marie"' in post.content
    assert 'href="https://remote.example/@bruno"' in post.content
    assert 'href="https://social.town.example/tags/musique"' in post.content
    assert "@inconnu" in post.content
    assert post.sensitive, "a post with a content warning is sensitive"
    assert post.language == "fr"
    assert (await mentions.of_posts(town.reader, [post.id]))[post.id] == sorted([marie.id, bruno.id])
    tags = (await hashtags.of_posts(town.reader, [post.id]))[post.id]
    assert [(tag.name, tag.display) for tag in tags] == [("musique", "Musique")]
    (told,) = town.told(PostPublished)
    assert (told.post_id, told.author_id, told.local, told.visibility) == (post.id, mairie.id, True, "public")
    assert (told.boost_of_id, told.reply_to_author_id, told.reply_to_id) == (None, None, None)
    assert (told.post, told.tags, told.media) == (post, tuple(tags), False)
    assert [actor.id for actor in told.named] == sorted([marie.id, bruno.id])
    assert await town.now(post) == post, "what publish answers is not what is stored"


async def test_a_draft_is_refused_with_a_sentence(town: Town) -> None:
    """Nothing to say, too long, an unknown visibility: each is Invalid, and nothing is stored."""
    mairie = await town.local("mairie")
    for draft in (
        Draft(mairie, "  \n"),
        Draft(mairie, "x" * 5_001),
        Draft(mairie, "x" * 4_000, summary="y" * 1_001),
        Draft(mairie, "x", visibility="private"),  # type: ignore[arg-type]
        Draft(mairie, "x", media_ids=[12345]),
        Draft(mairie, "x", media_ids=[1, 2, 3, 4, 5]),
    ):
        with pytest.raises(Invalid) as refused:
            await town.publish(draft)
        assert str(refused.value)
    assert await town.reader.value("SELECT COUNT(*) FROM posts") == 0, "a refused draft left something behind"
    assert (await town.actor(mairie)).posts_count == 0


async def test_a_link_counts_as_23_characters(town: Town) -> None:
    """A long address does not use up the post."""
    mairie = await town.local("mairie")
    await town.post(mairie, "x" * 4_976 + " https://town.example/" + "a" * 500)


async def test_who_is_suspended_or_a_stranger_cannot_publish(town: Town) -> None:
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    with pytest.raises(Forbidden):
        await town.post(bruno)
    await town.suspend(mairie)
    with pytest.raises(Forbidden):
        await town.post(await town.actor(mairie))


async def test_nobody_answers_a_post_he_cannot_read(town: Town) -> None:
    """A reply to a followers-only post by a stranger is refused as if the post did not exist."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    secret = await town.post(mairie, visibility="followers")
    with pytest.raises(NotFound):
        await town.post(marie, "Moi aussi", reply_to=secret)
    await town.follow(marie, mairie)
    reply = await town.post(marie, "Moi aussi", reply_to=secret, visibility="followers")
    assert (reply.reply_to_id, reply.thread_id, reply.reply_to_author_id) == (secret.id, secret.id, mairie.id)


async def test_a_direct_post_may_name_nobody(town: Town) -> None:
    """A note to oneself."""
    mairie = await town.local("mairie")
    assert (await town.post(mairie, "À faire", "direct")).visibility == "direct"


async def test_at_most_thirty_hashtags_are_kept(town: Town) -> None:
    mairie = await town.local("mairie")
    post = await town.post(mairie, " ".join(f"#mot{n}" for n in range(50)) + " #MOT1")
    assert len((await hashtags.of_posts(town.reader, [post.id]))[post.id]) == hashtags.MAX_PER_POST


async def test_a_client_that_sends_twice_has_one_post(town: Town) -> None:
    """The same Idempotency-Key within the hour is the same post, also when both requests run at once."""
    mairie = await town.local("mairie")

    async def send(text: str) -> int:
        draft = Draft(mairie, text)
        post = await town.ctx.db.write(
            lambda tx: idempotency.once(
                tx, town.ctx, actor_id=mairie.id, key="k1", publish=lambda tx: posts.publish(tx, town.ctx, draft=draft)
            )
        )
        return post.id

    first, second = await asyncio.gather(send("un"), send("un"))
    assert first == second == await send("un"), "one click made two posts"
    town.later(3_601)
    assert await send("deux") != first, "after an hour the key stands for another post"
    assert (await town.actor(mairie)).posts_count == 2
