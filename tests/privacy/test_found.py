"""Worlds kept for a reason: what was once shown to the wrong reader, and the rules whose absence each must notice."""

import pytest

from tests.privacy.deeds import (
    Answer,
    Approve,
    Block,
    Boost,
    Decide,
    Delete,
    Do,
    Drawn,
    Edit,
    Follow,
    Judge,
    Say,
    Suspend,
    Unfollow,
)
from tests.privacy.test_worlds import played
from tests.support.fediverse import Fediverse

FOUND: dict[str, Drawn] = {
    # A followers-only answer was sent to the server of whom it answers, who does not follow.
    "an answer for followers": Drawn(
        [(0, 4), (6, 0)],
        [Say(4), Say(0, "followers", answers=0), Say(0, "direct", frozenset({6}), answers=0), Edit(1), Edit(2)],
    ),
    # Its edits were sent to everybody who had liked it, also after they were no followers any more.
    "an edit after an unfollow": Drawn(
        [(4, 0), (6, 0)], [Say(0, "followers"), Do(4, 0), Say(4, answers=0), Unfollow(4, 0), Edit(0)]
    ),
    "an edit after a block": Drawn([(4, 0), (6, 0)], [Say(0, "followers"), Do(4, 0), Block(0, 4), Edit(0)]),
    # The numbers of a poll are an Update too, and went to who had voted.
    "a mention over a block": Drawn([(0, 5)], [Block(4, 0), Say(0, "direct", frozenset({4}))]),
    # A request for consent brought a direct post to whom it quotes.
    "a quote in private": Drawn(
        [(0, 4), (6, 0)],
        [Say(4), Say(0, "direct", frozenset({6}), quotes=0), Say(0, "followers", quotes=0), Say(0, quotes=0)],
    ),
    # The number of quotes told of those for followers.
    "a quote for followers": Drawn([(0, 2), (2, 0), (1, 0)], [Say(2), Say(0, "followers", quotes=0), Say(0, quotes=0)]),
}

RULES: dict[str, Drawn] = {
    "blocks": Drawn(
        [(2, 0), (0, 2), (1, 0)],
        [Say(0), Say(0, "unlisted", frozenset({2})), Say(0, "direct", frozenset({2})), Do(2, 0), Do(2, 1), Block(0, 2)],
    ),
    "followers": Drawn([(2, 0)], [Say(0, "followers"), Say(0, "followers", frozenset({1})), Say(2, answers=0)]),
    "boosts over a block": Drawn([(2, 3), (3, 0), (1, 3)], [Say(0), Block(0, 2), Boost(3, 0), Say(3), Boost(1, 1)]),
    "an edit on a list": Drawn([(2, 3), (1, 3)], [Say(3, "direct", frozenset({1})), Edit(0), Say(3, "followers"), Edit(1)]),
    "streams": Drawn([(2, 0), (3, 0)], [Say(0, "followers"), Say(0, answers=0), Suspend(2), Say(0), Say(0, "followers")]),
    "collections": Drawn(
        [(4, 0)],
        [Say(0, "followers"), Do(0, 0, "pin"), Say(0), Do(0, 1, "pin"), Say(0, "followers", answers=1), Say(4, answers=1)],
        closed=True,
    ),
    "servers": Drawn(
        [(0, 4), (4, 0), (2, 6)],
        [Say(4, "followers"), Say(6), Do(0, 0, "bookmark"), Say(0, "followers"), Decide("east"), Say(0), Decide("west", "silence")],
    ),
    "replies": Drawn(
        [(2, 0), (4, 0), (6, 0), (1, 2), (0, 4), (4, 2), (4, 3), (2, 3)],
        [
            Say(0, rule="held"), Say(2, answers=0, tagged=True, named=frozenset({0, 4})), Say(4, answers=0, tagged=True),
            Say(6, answers=2, named=frozenset({0})), Boost(2, 1), Do(2, 1), Do(2, 1, "pin"), Do(6, 0), Edit(1), Edit(2),
            Say(2, answers=1), Say(0, answers=2, named=frozenset({4})), Judge(0), Judge(1), Boost(4, 1), Say(4, answers=1),
            Judge(0, yes=False), Edit(1), Judge(0), Say(3, rule="followers"), Say(4, answers=5), Say(6, answers=5),
            Say(1, answers=5), Say(4, "followers", answers=0), Judge(3), Delete(2), Delete(0), Judge(0),
        ],
    ),
    "what waits": Drawn(
        [(2, 0), (4, 0), (1, 0), (0, 2), (4, 3)],
        [
            Say(0, named=frozenset({1, 5}), tagged=True, waits=True), Say(2), Say(0, answers=1, more="poll", waits=True),
            Say(3, "followers", named=frozenset({4}), more="picture", waits=True), Do(0, 0), Boost(0, 0), Do(0, 0, "pin"),
            Edit(2), Say(2, answers=0, named=frozenset({0})), Say(0, "direct", frozenset({4}), waits=True), Approve(1),
            Approve(0), Boost(2, 0), Delete(3), Edit(0), Approve(0),
        ],
    ),
    "boosts": Drawn(
        [(2, 0), (1, 2), (2, 4), (0, 3), (3, 0)],
        [Say(0, tagged=True), Say(4), Answer(1, 2), Follow(1, 3), Do(2, 0), Say(0, "followers"), Delete(0), Say(0, more="poll")],
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FOUND)
async def test_what_was_found_once(fediverse: Fediverse, name: str) -> None:
    await played(fediverse, FOUND[name])


@pytest.mark.parametrize("name", RULES)
async def test_worlds_that_need_a_rule(fediverse: Fediverse, name: str) -> None:
    await played(fediverse, RULES[name])
