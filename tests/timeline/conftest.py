"""A town whose feeds and notifications react to what is published."""

import pytest

from node.actors.facts import FollowAccepted, FollowRejected, Unfollowed
from node.notifications import reactions
from node.runtime.context import Context
from node.timeline import counts, home
from node.timeline.facts import Favourited, PostsPublished
from tests.support.town import Reactions, Town

REACTIONS: Reactions = {
    PostsPublished: (home.on_published, reactions.on_published, counts.on_published),
    Favourited: (reactions.on_favourited,),
    FollowAccepted: (home.on_followed,),
    FollowRejected: (home.on_unfollowed,),
    Unfollowed: (home.on_unfollowed,),
}


@pytest.fixture
async def town(ctx: Context) -> Town:
    """The domain town.example, on each kind of database in turn."""
    return await Town.found(ctx, REACTIONS)
