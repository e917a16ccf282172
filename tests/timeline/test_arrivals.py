"""Strangers' posts arrive: once, cleaned, in their place in a conversation, never over a Delete."""

import asyncio
from typing import Any

import pytest

from node.runtime.errors import Forbidden
from node.runtime.ids import first_at
from node.timeline import edits, hashtags, home, mentions, posts
from node.timeline.facts import PostEdited, PostPublished
from node.timeline.posts import Post
from tests.support.town import PUBLIC, Town


async def update(town: Town, author: Any, raw: Any, **changes: Any) -> Post | None:
    """An Update of the post *raw* describes."""
    document = town.document(author, **{"id": raw, **changes})
    return await town.ctx.db.write(
        lambda tx: posts.receive_update(tx, town.ctx, author=author, document=document, mentions=[])
    )


async def test_a_post_arrives_once(town: Town) -> None:
    """The same Create again, also at the same moment, changes nothing."""
    bruno = await town.remote("bruno")
    document = town.document(
        bruno, content="<p>Salut <script>alert(1)</script></p>", tag={"type": "Hashtag", "name": "#Été"}
    )

    async def take() -> Post | None:
        return await town.ctx.db.write(
            lambda tx: posts.receive(tx, town.ctx, author=bruno, document=document, mentions=[])
        )

    first, second = await asyncio.gather(take(), take())
    assert first is not None
    assert first == second == await take()
    assert "script" not in first.content, "a stranger's script was kept"
    assert len(town.told(PostPublished)) == 1, "one post was announced twice"
    assert (await town.actor(bruno)).posts_count == 1
    assert [tag.name for tag in (await hashtags.of_posts(town.reader, [first.id]))[first.id]] == ["ete"]


async def test_who_may_read_follows_from_whom_it_is_addressed_to(town: Town) -> None:
    bruno = await town.remote("bruno")
    for word in ("public", "unlisted", "followers", "direct"):
        assert (await town.received(bruno, word)).visibility == word
    assert (await town.received(bruno, to="as:Public", cc=None)).visibility == "public"
    assert (await town.received(bruno, to=[], cc=[])).visibility == "direct"


async def test_who_is_addressed_without_being_named_may_read_and_is_not_told(town: Town) -> None:
    """Servers address people in to without a Mention: they may read, no notification disturbs them."""
    bruno, marie, luc = await town.remote("bruno"), await town.local("marie"), await town.local("luc")
    document = town.document(bruno, "direct")
    post = await town.ctx.db.write(
        lambda tx: posts.receive(tx, town.ctx, author=bruno, document=document, mentions=[luc], addressed=[marie, luc])
    )
    assert post is not None
    assert (await mentions.of_posts(town.reader, [post.id]))[post.id] == [luc.id]
    assert await mentions.everyone(town.reader, post.id) == sorted([marie.id, luc.id])


async def test_what_was_deleted_never_comes_back(town: Town) -> None:
    """A Delete that overtakes its Create is remembered; a stranger cannot forbid another server's post."""
    bruno, claude = await town.remote("bruno"), await town.remote("claude", "other.example")
    forbidden, allowed = f"{bruno.uri}/statuses/gone", f"{bruno.uri}/statuses/here"

    async def forget(uri: str, actor_uri: str) -> bool:
        return await town.ctx.db.write(lambda tx: posts.remember_deleted(tx, town.ctx, uri=uri, actor_uri=actor_uri))

    assert await forget(forbidden, bruno.uri)
    assert not await forget(allowed, claude.uri), "a stranger deleted another server's post"
    assert not await forget("not a uri", claude.uri)
    assert await town.receive(bruno, id=forbidden) is None
    post = await town.received(bruno, id=allowed)
    await town.delete(post)
    assert await town.receive(bruno, id=allowed) is None, "a deleted post came back"
    assert await posts.buried(town.reader, allowed)


async def test_a_neighbour_neither_forbids_nor_brings_back_a_post(town: Town) -> None:
    """Somebody of the same server says beforehand that a post is gone: it comes all the same, and goes for good."""
    bruno, claude = await town.remote("bruno"), await town.remote("claude")
    uri = f"{bruno.uri}/statuses/1"
    await town.ctx.db.write(lambda tx: posts.remember_deleted(tx, town.ctx, uri=uri, actor_uri=claude.uri))
    await town.delete(await town.received(bruno, id=uri))
    assert await town.receive(bruno, id=uri) is None, "a deleted post came back behind a neighbour's tombstone"


async def test_who_is_suspended_or_on_a_blocked_host_is_not_heard(town: Town) -> None:
    bruno, claude = await town.remote("bruno"), await town.remote("claude", "a.evil.example")
    await town.suspend(bruno)
    with pytest.raises(Forbidden):
        await town.receive(await town.actor(bruno))
    await town.ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO host_policies (host, severity, created_ms) VALUES ('evil.example', 'suspend', 0)"
        )
    )
    with pytest.raises(Forbidden):
        await town.receive(claude)
    assert await town.reader.value("SELECT COUNT(*) FROM posts") == 0


async def test_nobody_writes_in_anothers_name(town: Town) -> None:
    """Another author in the document is refused; an id that somebody holds is not taken over."""
    bruno, claude = await town.remote("bruno"), await town.remote("claude")
    with pytest.raises(Forbidden):
        await town.receive(claude, attributedTo=bruno.uri)
    post = await town.received(bruno)
    assert await town.receive(claude, id=post.uri) is None
    with pytest.raises(Forbidden):
        await update(town, claude, post.uri, content="volé")
    assert await town.now(post) == post


async def test_a_reply_that_comes_first_waits_for_what_it_answers(town: Town) -> None:
    """The conversation is put together, its counter corrected, and followers find the reply at home."""
    marie, bruno, claude = await town.local("marie"), await town.remote("bruno"), await town.remote("claude")
    await town.follow(marie, bruno)
    await town.follow(marie, claude)
    root_uri = f"{bruno.uri}/statuses/root"
    reply = await town.received(claude, inReplyTo=root_uri)
    deeper = await town.received(claude, inReplyTo=reply.uri)
    hidden = await town.received(claude, "followers", inReplyTo=root_uri)
    assert reply.reply_to_id is None
    assert reply.thread_id == reply.id == deeper.thread_id
    await town.merge()
    assert reply.id not in await town.home(marie), "a reply to nobody knows whom stands in the feed"
    root = await town.received(bruno, id=root_uri)
    for post in (reply, deeper, hidden):
        assert (await town.now(post)).thread_id == root.id
    assert (await town.now(reply)).reply_to_id == root.id
    assert (await town.now(reply)).reply_to_author_id == bruno.id
    assert (await town.now(root)).replies_count == 1, "a hidden reply is counted, or the public one is not"
    assert {reply.id, root.id} <= set(await town.home(marie)), "the tail forgot the reply that found its parent"
    await town.merge()
    assert {reply.id, root.id} <= set(await town.home(marie)), "the merged feed forgot it"


async def test_a_reply_and_its_parent_that_arrive_together_find_each_other(town: Town) -> None:
    """Two workers, two transactions at once: neither may miss the other's row."""
    bruno, claude = await town.remote("bruno"), await town.remote("claude")
    for number in range(5):
        root_uri = f"{bruno.uri}/statuses/root{number}"
        reply, root = await asyncio.gather(town.received(claude, inReplyTo=root_uri), town.received(bruno, id=root_uri))
        assert (await town.now(reply)).reply_to_id == root.id
        assert (await town.now(root)).replies_count == 1


async def test_posts_that_answer_each_other_make_no_circle(town: Town) -> None:
    """A hostile server says that A answers B and B answers A, and that C answers itself."""
    bruno = await town.remote("bruno")
    a, b, c = (f"{bruno.uri}/statuses/{name}" for name in "abc")
    first = await town.received(bruno, id=a, inReplyTo=b)
    second = await town.received(bruno, id=b, inReplyTo=a)
    own = await town.received(bruno, id=c, inReplyTo=c)
    assert (await town.now(second)).reply_to_id == first.id
    assert (await town.now(first)).reply_to_id is None, "two posts answer each other"
    assert (own.reply_to_id, own.reply_to_uri) == (None, None)


async def test_a_vote_is_no_post(town: Town) -> None:
    """A Note with a name and inReplyTo and no text answers a poll; snac writes <br> in it."""
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    asked = await town.post(mairie)
    for content in ("", "<br>"):
        assert await town.receive(bruno, "direct", name="Oui", content=content, inReplyTo=asked.uri) is None
    assert (await town.now(asked)).replies_count == 0


async def test_articles_markdown_emojis_and_pictures(town: Town) -> None:
    """A title, an abstract as plain words, PeerTube's Markdown as text, at most 16 media, never a Link."""
    bruno = await town.remote("bruno")
    picture = {"type": "Document", "mediaType": "image/png", "url": "https://remote.example/1.png", "name": "Un chat"}
    post = await town.received(
        bruno, type="Article", name="Budget <b>2026</b>", summary="<p>En <i>bref</i></p>", mediaType="text/markdown",
        content="**gras** <b>", attachment=[picture, {"type": "Link", "href": "https://x.example/"}, *[picture] * 30],
        tag=[{"type": "Emoji", "name": ":chat:", "icon": {"type": "Image", "url": "https://remote.example/c.png"}}],
    )  # fmt: skip
    assert (post.name, post.summary, post.sensitive) == ("Budget 2026", "En bref", False)
    assert post.content == "<p>**gras** &lt;b&gt;</p>"
    assert {each.shortcode: each.url for each in post.pictured} == {"chat": "https://remote.example/c.png"}
    rows = await town.reader.fetch("SELECT kind, description, remote_url FROM media ORDER BY position")
    assert len(rows) == 16
    assert tuple(rows[0]) == ("image", "Un chat", "https://remote.example/1.png")
    warned = await town.received(bruno, summary="Attention")
    assert warned.sensitive, "a content warning hides nothing"


async def test_an_old_post_takes_its_place_in_the_past(town: Town) -> None:
    """What was published long ago sorts there; what is fresh comes after all that is here; the future is now."""
    bruno = await town.remote("bruno")
    before = await town.received(bruno)
    old = await town.received(bruno, published="2020-05-01T12:00:00Z")
    fresh = await town.received(bruno, published="2026-09-21T13:00:00Z")
    future = await town.received(bruno, published="2199-01-01T00:00:00Z")
    assert old.id < before.id < future.id
    assert old.id // first_at(1) // 1000 == 1_588_334_400
    assert fresh.published_ms <= town.ctx.clock.now_ms()
    assert future.published_ms == town.ctx.clock.now_ms()


async def test_an_update_keeps_what_was_said(town: Town) -> None:
    """Two edits: three versions; an older or an identical Update changes nothing; visibility stays."""
    bruno = await town.remote("bruno")
    post = await town.received(bruno, "followers", content="un", published="2026-01-01T00:00:00Z")
    town.facts.clear()
    for text, at in (("deux", "2026-01-02T00:00:00Z"), ("trois", "2026-01-03T00:00:00Z")):
        changed = await update(town, bruno, post.uri, content=text, updated=at, to=[PUBLIC], cc=[])
        assert changed is not None
        assert (changed.content, changed.visibility) == (text, "followers")
    await update(town, bruno, post.uri, content="vieux", updated="2026-01-02T12:00:00Z")
    await update(town, bruno, post.uri, content="trois", updated="2026-01-04T00:00:00Z")
    now = await town.now(post)
    assert now.content == "trois"
    assert [version.content for version in await edits.history(town.reader, now)] == ["un", "deux", "trois"]
    assert await edits.counted(town.reader, [post.id]) == {post.id: 3}
    assert town.told(PostEdited) == [PostEdited(post.id, bruno.id, False)] * 2
    assert await update(town, bruno, f"{bruno.uri}/statuses/unknown") is None


async def test_an_update_of_the_pictures_alone_is_an_edit(town: Town) -> None:
    bruno = await town.remote("bruno")
    picture = {"type": "Image", "mediaType": "image/png", "url": "https://remote.example/1.png", "name": "Un chat"}
    post = await town.received(bruno, content="un", attachment=picture)
    await update(town, bruno, post.uri, content="un", attachment={**picture, "name": "Deux chats"})
    versions = await edits.history(town.reader, await town.now(post))
    assert [version.media[0]["description"] for version in versions] == ["Un chat", "Deux chats"]


async def test_nobody_here_reads_it_at_home_so_it_does_not_wait(town: Town) -> None:
    """The tail holds only what a local follower gets; a direct post is in no feed but its author's."""
    marie, bruno, claude = await town.local("marie"), await town.remote("bruno"), await town.remote("claude")
    await town.follow(marie, bruno)
    await town.received(claude)
    await town.received(bruno, "direct", mentions=[marie])
    assert await home.merge_tail(town.ctx) == 0
    await town.received(bruno)
    assert await home.merge_tail(town.ctx) == 1
