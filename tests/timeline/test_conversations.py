"""Talks below the API, on both databases: threads that become one, and posts from before there were talks."""

from typing import Any

import pytest

from node.actors.facts import Blocked
from node.runtime.context import Context
from node.timeline import conversations, posts
from node.timeline.facts import PostDeleted, PostEdited, PostsPublished
from node.timeline.pages import Page
from tests.support.town import Town


@pytest.fixture
async def town(ctx: Context) -> Town:
    """A town whose talks react to what happens."""
    return await Town.found(
        ctx,
        {
            PostsPublished: (conversations.on_published,),
            PostEdited: (conversations.on_edited,),
            PostDeleted: (conversations.on_deleted,),
            Blocked: (conversations.on_blocked,),
        },
    )


async def talks(town: Town, who: Any) -> list[tuple[tuple[int, ...], int, bool]]:
    found = await conversations.page(town.reader, who.id, Page())
    return [(each.participants, each.last_post_id, each.unread) for each in found]


async def test_an_answer_that_came_before_what_it_answers_joins_its_talk(town: Town) -> None:
    """Deliveries overtake each other: the two halves of a thread become one talk."""
    mairie, bruno = await town.local("mairie"), await town.remote("bruno")
    uri = f"{bruno.uri}/statuses/first"
    to = {"to": [mairie.uri], "tag": [{"type": "Mention", "href": mairie.uri}]}
    late = await town.received(bruno, "direct", mentions=[mairie], inReplyTo=uri, **to)
    assert await talks(town, mairie) == [((bruno.id,), late.id, True)]
    await town.received(bruno, "direct", mentions=[mairie], id=uri, **to)
    assert len(await talks(town, mairie)) == 1, "an early answer stands in a talk of its own"
    assert len(await conversations.posts_page(town.reader, mairie.id, Page())) == 2


async def test_only_who_may_read_is_in_a_talk(town: Town) -> None:
    """A stranger whom the town blocks begins no talk; a word that is deleted leaves none."""
    mairie, bruno, zoe = await town.local("mairie"), await town.remote("bruno"), await town.remote("zoe")
    await town.block(mairie, zoe)
    await town.received(zoe, "direct", mentions=[mairie])
    assert await talks(town, mairie) == []
    post = await town.received(bruno, "direct", mentions=[mairie])
    await town.ctx.db.write(lambda tx: posts.delete(tx, town.ctx, post=post))
    assert await talks(town, mairie) == []


async def test_a_block_ends_the_talk_of_two(town: Town) -> None:
    """With the block the talk goes; of a larger circle the others' words remain."""
    mairie, bruno, zoe = await town.local("mairie"), await town.remote("bruno"), await town.remote("zoe")
    await town.received(bruno, "direct", mentions=[mairie])
    kept = await town.received(zoe, "direct", mentions=[mairie, bruno])
    await town.block(mairie, bruno)
    assert await talks(town, mairie) == [((bruno.id, zoe.id), kept.id, True)]
