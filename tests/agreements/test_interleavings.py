"""Two whole nodes and a reader's, under random acts and a network that loses, doubles, delays and stops.

Whatever happens in between: once the network works again, both nodes hold the same agreement, and nothing is announced
that the commune had not agreed to share at the moment when it published it.
"""

import contextlib
import random

import pytest
from multidict import CIMultiDict, CIMultiDictProxy

from node.agreements import terms
from node.runtime.errors import BeffroiError
from node.runtime.net import NetworkFailure, Response
from tests.agreements.conftest import Scene, Side
from tests.support.asgi_network import Sent

CATEGORIES = ("", "culture", "culture voirie", "voirie")


class Weather:
    """What the network does to messages between the two nodes."""

    def __init__(self, scene: Scene, chance: random.Random) -> None:
        self.scene, self.chance = scene, chance
        self.kept: list[tuple[str, Sent]] = []

    def __call__(self, sent: Sent) -> Response | None:
        if sent.method != "POST":
            return None
        self.kept.append((sent.url, sent))
        match self.chance.randrange(4):
            case 0:  # answered, and lost all the same
                return Response(202, CIMultiDictProxy(CIMultiDict()), b"", sent.url)
            case 1:
                return Response(503, CIMultiDictProxy(CIMultiDict()), b"", sent.url)
        return None

    async def again(self) -> None:
        """Something that was sent before comes once more, perhaps long after."""
        if self.kept:
            url, sent = self.chance.choice(self.kept)
            headers = {name: value for name, value in sent.headers.items() if name.lower() != "host"}
            network = self.scene.fediverse.network
            with contextlib.suppress(NetworkFailure):
                await network.request("POST", url, headers=headers, body=sent.body, max_bytes=100_000)


async def act(scene: Scene, chance: random.Random, side: Side, party: str) -> None:
    """One of the two does something; what is refused is refused."""
    wanted = chance.choice(CATEGORIES)
    try:
        match chance.randrange(6):
            case 0 | 1:
                await side.propose(party, categories=wanted)  # type: ignore[arg-type]
            case 2:
                await side.accept(party)  # type: ignore[arg-type]
            case 3:
                await side.limit(party, categories=wanted)  # type: ignore[arg-type]
            case _:
                await side.end(party)  # type: ignore[arg-type]
    except BeffroiError:
        pass


def consented(agreement: object, tag: str) -> bool:
    """Whether the commune, as it stands at home, agrees to share a post with this hashtag."""
    from node.agreements.agreements import Agreement

    if not isinstance(agreement, Agreement) or agreement.member.terms is None:
        return False
    return not agreement.member.terms.categories or tag in agreement.member.terms.categories


@pytest.mark.parametrize("seed", range(6))
async def test_whatever_happens_both_hold_the_same(scene: Scene, seed: int) -> None:
    chance = random.Random(seed)
    network, weather = scene.fediverse.network, Weather(scene, chance)
    hosts = ("ornans.example", "doubs.example")
    # His follow brings every post to the territory's node, agreed or not.
    bob = await scene.there.node.person("bob")
    await bob.follow(scene.ornans.handle)
    await scene.settle()
    if seed % 2:
        await scene.agreed()
    for host in hosts:
        network.faults[host] = weather
    allowed: set[str] = set()
    for number in range(30):
        scene.fediverse.clock.forward(chance.randint(1, 90))
        match chance.randrange(8):
            case 0 | 1:
                await act(scene, chance, scene.here, "member")
            case 2 | 3:
                await act(scene, chance, scene.there, "territory")
            case 4 | 5:
                tag = chance.choice(["culture", "voirie"])
                if consented(await scene.here.agreement(), tag):
                    allowed.add(f"{number}")
                await scene.ornans.post(f"Billet {number} #{tag}")
            case 6:
                await weather.again()
            case _:
                host = chance.choice(hosts)
                network.down ^= {host}
        if chance.random() < 0.6:
            await scene.settle()
    network.faults.clear()
    network.down.clear()
    for _ in range(6):
        await scene.later(86_400)
    here, there = await scene.here.agreement(), await scene.there.agreement()
    assert (here is None) == (there is None), "one node knows of an agreement of which the other never heard"
    if here is not None and there is not None:
        assert (here.territory, here.member) == (there.territory, there.member), "the nodes remember different words"
        assert (here.state, here.terms) == (there.state, there.terms)
    numbers = {each.split()[1] for each in await scene.announced()}
    assert numbers <= allowed, "a post is announced that the commune had not agreed to share"


async def test_an_agreement_that_holds_shares_again_after_a_storm(scene: Scene) -> None:
    """The reader's side of the same: nobody has to be careful to be understood in the end."""
    network = scene.fediverse.network
    weather = Weather(scene, random.Random(1))
    network.faults = {"ornans.example": weather, "doubs.example": weather}
    await scene.there.propose("territory", terms.make(categories="culture"))
    await scene.later(3_600)
    await scene.later(86_400)
    network.faults = {}
    await scene.later(86_400)
    await scene.here.accept("member")
    await scene.later(86_400)
    await scene.ornans.post("Concert #culture")
    await scene.settle()
    assert len(await scene.announced()) == 1
