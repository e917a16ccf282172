"""A town whose notifications react to what happens."""

import pytest

from node.actors.facts import Blocked, FollowAccepted, FollowRejected, FollowRequested, Unfollowed
from node.notifications import reactions
from node.runtime.context import Context
from node.timeline.facts import Favourited, PostDeleted, PostEdited, PostsPublished, Unfavourited
from tests.support.town import Reactions, Town

REACTIONS: Reactions = {
    PostsPublished: (reactions.on_published,),
    PostEdited: (reactions.on_edited,),
    PostDeleted: (reactions.on_deleted,),
    Favourited: (reactions.on_favourited,),
    Unfavourited: (reactions.on_unfavourited,),
    FollowRequested: (reactions.on_follow_requested,),
    FollowAccepted: (reactions.on_followed,),
    FollowRejected: (reactions.on_unfollowed,),
    Unfollowed: (reactions.on_unfollowed,),
    Blocked: (reactions.on_blocked,),
}


@pytest.fixture
async def town(ctx: Context) -> Town:
    """The domain town.example, on each kind of database in turn."""
    return await Town.found(ctx, REACTIONS)
