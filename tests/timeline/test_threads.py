"""Conversations as readers open them, and the replies that other servers fetch."""

from node.timeline import threads
from node.timeline.posts import Post
from tests.support.town import Town


async def test_a_conversation_is_in_reading_order(town: Town) -> None:
    """Above: from the first post down. Below: each answer followed by its own answers, the oldest first."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    root = await town.post(mairie)
    middle = await town.post(marie, reply_to=root)
    left = await town.post(mairie, reply_to=middle)
    right = await town.post(mairie, reply_to=middle)
    below_left = await town.post(marie, reply_to=left)
    aside = await town.post(mairie, reply_to=root)
    found = await threads.context(town.reader, marie.id, middle)
    assert (found.ancestors, found.descendants) == ([root.id], [left.id, below_left.id, right.id])
    found = await threads.context(town.reader, None, root)
    assert found.descendants == [middle.id, left.id, below_left.id, right.id, aside.id]
    found = await threads.context(town.reader, None, below_left)
    assert found.ancestors == [root.id, middle.id, left.id]


async def test_a_hidden_answer_does_not_hide_what_answers_it(town: Town) -> None:
    """Each post is decided by itself."""
    mairie, marie = await town.local("mairie"), await town.local("marie")
    root = await town.post(mairie)
    hidden = await town.post(marie, "secret", "direct", reply_to=root, mentions=[mairie])
    shown = await town.post(mairie, reply_to=hidden)
    assert (await threads.context(town.reader, None, root)).descendants == [shown.id]
    assert (await threads.context(town.reader, None, shown)).ancestors == [root.id]
    assert (await threads.context(town.reader, mairie.id, shown)).ancestors == [root.id, hidden.id]
    assert await threads.replies_page(town.reader, root.id) == []


async def test_a_long_chain_ends_where_it_is_promised(town: Town) -> None:
    """A hostile or very long thread costs a bounded amount: fewer posts for strangers."""
    mairie = await town.local("mairie")
    chain: list[Post] = [await town.post(mairie)]
    for _ in range(threads.MAX_DEPTH + 5):
        chain.append(await town.post(mairie, reply_to=chain[-1]))
    known = await threads.context(town.reader, mairie.id, chain[-1])
    assert known.ancestors == [post.id for post in chain[-1 - threads.MAX_ANCESTORS : -1]]
    assert len((await threads.context(town.reader, None, chain[-1])).ancestors) == threads.STRANGER_ANCESTORS
    assert len((await threads.context(town.reader, mairie.id, chain[0])).descendants) == threads.MAX_DEPTH
    assert len((await threads.context(town.reader, None, chain[0])).descendants) == threads.STRANGER_DEPTH


async def test_other_servers_read_the_public_replies(town: Town) -> None:
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    root = await town.post(mairie)
    replies = [await town.received(bruno, word, inReplyTo=root.uri) for word in ("public", "unlisted", "followers")]
    assert await threads.replies_page(town.reader, root.id) == [reply.id for reply in replies[:2]]
    assert await threads.replies_page(town.reader, root.id, above=replies[0].id) == [replies[1].id]
