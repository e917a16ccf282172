"""Every address of the node is known to the model: asked by its worlds, listened to, or silent for a reason."""

from tests.privacy import routes
from tests.privacy.deeds import Answer, Block, Boost, Do, Drawn, Say
from tests.privacy.test_worlds import played
from tests.support.fediverse import Fediverse

RICH = Drawn(
    [(0, 1), (2, 0), (0, 2), (4, 0), (0, 4), (2, 3)],
    [
        Answer(1, 0), Say(0, tagged=True), Say(0, "followers", frozenset({4}), more="poll"), Say(2, answers=0),
        Say(4, answers=0), Boost(3, 0), Boost(2, 0, "unlisted"), Say(2, quotes=0), Do(2, 0), Do(2, 0, "bookmark"),
        Do(0, 0, "pin"), Do(2, 1, "vote"), Say(1, "direct", frozenset({2})), Say(2, "followers"), Block(1, 0),
    ],
)  # fmt: skip
"""A little of everything."""


def test_every_address_is_in_one_table() -> None:
    """Whoever adds an address says there whether it shows posts; if it does, it is asked in `ways.py`."""
    known = [*routes.READS, *routes.LISTENED, *routes.SILENT]
    served = routes.served()
    new, old = sorted(served - set(known)), sorted(set(known) - served)
    assert not new, f"can {new} show a post? Say so in tests/privacy/routes.py"
    assert not old, f"{old} are no addresses of the node any more"
    assert len(known) == len(set(known)), "an address is in two tables"


async def test_what_can_show_a_post_is_asked(fediverse: Fediverse) -> None:
    asked = await played(fediverse, RICH)
    assert asked == routes.READS, "the tables of tests/privacy/routes.py and the questions of its worlds differ"
