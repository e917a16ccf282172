"""A word that was lost on its way, and one said since: what the first meant while it stood counts all the same."""

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from node.agreements import terms as terms_of
from node.agreements.history import MAX_EARLIER
from node.federation.vocab import agreements as vocab
from node.runtime.errors import Malformed
from node.runtime.net import Response
from tests.agreements.conftest import Scene
from tests.support.asgi_network import Sent


def swallow(sent: Sent) -> Response | None:
    """A word about an agreement is taken with thanks, and forgotten (a disk that was full, a backup put back)."""
    if sent.method != "POST" or b"#agreements/" not in (sent.body or b""):
        return None
    return Response(202, CIMultiDictProxy(CIMultiDict()), b"", sent.url)


async def test_what_was_not_agreed_for_a_while_is_not_announced_afterwards(scene: Scene) -> None:
    """It ends and agrees anew; the territory hears the last word only, and had announced what came between."""
    await scene.agreed()
    await scene.ornans.post("Avant")
    await scene.settle()
    scene.fediverse.network.faults["doubs.example"] = swallow
    scene.fediverse.clock.forward(60)
    await scene.here.end("member")
    await scene.settle()
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Entre les deux")
    await scene.settle()
    assert await scene.announced() == ["Entre les deux", "Avant"], "the territory could not know"
    scene.fediverse.clock.forward(60)
    await scene.here.propose("member")
    await scene.settle()
    scene.fediverse.network.faults.clear()
    await scene.later(86_400)
    await scene.there.accept("territory")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("active", "active")
    assert await scene.announced() == ["Avant"], "a post of a time without consent is still announced"


async def test_what_a_limit_left_out_is_not_announced_once_all_is_shared_again(scene: Scene) -> None:
    await scene.agreed()
    await scene.ornans.post("Avant #voirie")
    await scene.settle()
    scene.fediverse.network.faults["doubs.example"] = swallow
    scene.fediverse.clock.forward(60)
    await scene.here.limit("member", categories="culture")
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Travaux #voirie")
    await scene.ornans.post("Concert #culture")
    scene.fediverse.clock.forward(60)
    await scene.here.propose("member")
    await scene.settle()
    scene.fediverse.network.faults.clear()
    await scene.later(86_400)
    assert sorted(await scene.announced()) == ["Avant  # voirie", "Concert  # culture"]


async def test_a_post_that_comes_late_is_judged_by_what_was_agreed_when_it_was_published(scene: Scene) -> None:
    """The agreement was wider again when the territory's node came back, and the word came before the post."""
    await scene.agreed()
    await scene.here.limit("member", categories="culture")
    await scene.settle()
    scene.fediverse.clock.forward(60)
    scene.fediverse.network.down.add("doubs.example")
    await scene.ornans.post("Travaux #voirie")
    await scene.ornans.post("Concert #culture")
    await scene.settle()
    held = "UPDATE deliveries SET run_at_ms = run_at_ms + 7200000"
    await scene.here.node.ctx.db.write(lambda tx: tx.execute(held))
    scene.fediverse.network.down.clear()
    scene.fediverse.clock.forward(60)
    await scene.here.propose("member")
    await scene.settle()
    await scene.later(4 * 3_600)
    assert await scene.announced() == ["Concert  # culture"]


async def test_an_end_that_takes_everything_back_does_so_though_another_agreement_follows_at_once(scene: Scene) -> None:
    await scene.agreed(after_end="withdraw")
    await scene.ornans.post("Avant")
    await scene.settle()
    scene.fediverse.network.faults["doubs.example"] = swallow
    scene.fediverse.clock.forward(60)
    await scene.here.end("member")
    scene.fediverse.clock.forward(60)
    await scene.here.propose("member", terms_of.make(after_end="withdraw"))
    await scene.settle()
    scene.fediverse.network.faults.clear()
    await scene.later(86_400)
    await scene.there.accept("territory")
    await scene.settle()
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Après")
    await scene.settle()
    assert await scene.announced() == ["Après"]


async def test_the_end_of_the_commune_counts_though_the_territory_ended_it_too(scene: Scene) -> None:
    """Both end it while they do not hear each other, the commune first; it had written in between."""
    await scene.agreed()
    await scene.ornans.post("Avant")
    await scene.settle()
    scene.fediverse.network.faults["doubs.example"] = swallow
    scene.fediverse.clock.forward(60)
    await scene.here.end("member")
    scene.fediverse.clock.forward(60)
    await scene.ornans.post("Entre les deux")
    await scene.settle()
    scene.fediverse.clock.forward(60)
    await scene.there.end("territory")
    await scene.settle()
    assert await scene.announced() == ["Entre les deux", "Avant"], "the territory could not know"
    scene.fediverse.network.faults.clear()
    await scene.later(86_400)
    assert await scene.announced() == ["Avant"]


def told(*earlier: object) -> dict[str, object]:
    agreed = terms_of.make()
    return {
        "id": "https://doubs.example/users/doubs/agreements/4a1aa8e084e2d752c3fb5c7769d6dbdb",
        "type": "Agreement",
        "territory": "https://doubs.example/users/doubs",
        "member": "https://ornans.example/users/ornans",
        "terms": agreed.as_json(),
        "termsHash": agreed.hash,
        "heard": 0,
        "word": {"sequence": 99, "stance": "agree", "heard": 0, "refused": 0, "published": "2026-09-21T14:13:20.000Z"},
        "earlier": list(earlier),
    }


def ended(number: int) -> dict[str, object]:
    return {"sequence": number, "stance": "end", "published": "2026-09-21T14:13:20.000Z"}


def test_earlier_words_are_read_in_their_order() -> None:
    agreed = terms_of.make(categories="culture")
    once = {"sequence": 1, "stance": "agree", "published": "2026-09-20T14:13:20.000Z"}
    read = vocab.read("Offer", told(once | {"terms": agreed.as_json(), "termsHash": agreed.hash}, ended(2)))
    assert [(word.sequence, word.stance, word.terms) for word in read.earlier] == [
        (1, "agree", agreed),
        (2, "end", None),
    ]


@pytest.mark.parametrize(
    "earlier",
    [
        ["end"],
        [ended(3), ended(2)],
        [ended(3), ended(3)],
        [ended(99)],
        [ended(0)],
        [{"sequence": 1, "stance": "agree"}],
        [{"sequence": 1, "stance": "silent"}],
        [{"sequence": "1", "stance": "end"}],
        [ended(number) for number in range(1, MAX_EARLIER + 2)],
    ],
)
def test_earlier_words_that_nobody_says_are_refused(earlier: list[object]) -> None:
    with pytest.raises(Malformed):
        vocab.read("Offer", told(*earlier))
