"""FEP-8fcf, both ways: who follows whom is the same on both servers again, and nobody reads who else follows."""

import orjson
import pytest

from node.actors import follows
from node.federation.delivery import synchronization
from node.federation.inbox import synchronization as receiving
from node.federation.signatures import Scheme
from tests.federation.conftest import Scene
from tests.federation.delivery import fep_8fcf as fep
from tests.support.peer import PeerActor, a_follower, peer_on

NAME = "collection-synchronization"


# -- the specification


def test_the_digest_of_the_specification():
    assert synchronization.digest_of(fep.PART["testing.example.org"]) == fep.DIGEST
    assert {uri: synchronization.digest_of([uri]) for uri in fep.DIGESTS} == fep.DIGESTS
    assert synchronization.digest_of([]) == "0" * 64


def test_the_header_of_the_specification():
    claim = synchronization.read(fep.HEADER)
    assert claim == synchronization.Claim(
        f"{fep.ACTOR}/followers", f"{fep.ACTOR}/followers_synchronization", fep.DIGEST
    )


@pytest.mark.parametrize("header", ["x", 'collectionId="a"', fep.HEADER[:-2], fep.HEADER * 100, 'a="b" c="d"', "=,=,"])
def test_what_is_no_header(header):
    assert synchronization.read(header) is None


# -- sending


@pytest.fixture
async def read_by_three(scene: Scene) -> Scene:
    """Bob is followed by Zoe and Yan of one server, and by Max of another."""
    await a_follower(scene.peer, "yan", scene.bob)
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await a_follower(peer_on(scene.fediverse, "third.example"), "max", scene.bob)
    await scene.settle()
    return scene


def last_post(scene: Scene) -> dict[str, str]:
    return next(headers for method, _, headers in reversed(scene.peer.requests) if method == "POST")


async def test_what_is_for_followers_says_who_they_are(read_by_three: Scene):
    scene, bob = read_by_three, read_by_three.bob.actor
    await scene.bob.post("Entre nous", visibility="private")
    await scene.settle()
    headers = last_post(scene)
    claim = synchronization.read(headers[NAME])
    assert claim is not None
    assert claim.collection == bob.followers
    assert claim.digest == synchronization.digest_of([scene.zoe.uri, f"{scene.peer.home}/users/yan"])
    assert NAME in headers["signature"], "the header is not signed: no receiver may believe it"
    answer = await scene.zoe.get(claim.url)
    assert answer.status == 200
    listed = orjson.loads(answer.body)
    assert synchronization.digest_of(listed["orderedItems"]) == claim.digest
    assert listed["id"] == claim.url


async def test_what_is_for_all_says_nothing(read_by_three: Scene):
    await read_by_three.bob.post("À tous")
    await read_by_three.settle()
    assert NAME not in last_post(read_by_three)


async def test_an_edit_says_it_again_and_who_left_is_no_longer_counted(read_by_three: Scene):
    scene = read_by_three
    posted = await scene.bob.post("Entre nous", visibility="private")
    await scene.settle()
    before = last_post(scene)[NAME]
    follow = next(raw for raw in await _follows(scene) if raw[0] == scene.zoe.uri)
    await scene.takes(scene.zoe.activity("Undo", {"id": follow[1], "type": "Follow", "actor": scene.zoe.uri,
                                                  "object": scene.bob.actor.uri}))  # fmt: skip
    (await scene.bob.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "Entre nous deux"})).ok()
    await scene.settle()
    claim = synchronization.read(last_post(scene)[NAME])
    assert claim is not None
    assert last_post(scene)[NAME] != before
    assert claim.digest == synchronization.digest_of([f"{scene.peer.home}/users/yan"])


async def _follows(scene: Scene) -> list[tuple[str, str]]:
    return await scene.rows("SELECT a.uri, f.uri FROM follows f JOIN actors a ON a.id = f.follower_id")


async def test_digests_are_asked_for_once_a_post(read_by_three: Scene, monkeypatch):
    asked = []
    survey = type(read_by_three.ctx.db.survey)
    plain = survey.fetch

    async def counted(self, sql, *args):
        asked.extend([sql] if "a.service_host, a.uri" in sql else [])
        return await plain(self, sql, *args)

    monkeypatch.setattr(survey, "fetch", counted)
    await read_by_three.bob.post("Entre nous", visibility="private")
    await read_by_three.settle()
    assert len(asked) == 1, "each delivery works out the digests of all"


async def test_nobody_reads_the_followers_of_another_server(read_by_three: Scene):
    scene = read_by_three
    url = synchronization.url_of(scene.bob.actor)
    stranger = await peer_on(scene.fediverse, "curious.example").actor("eve")
    answer = await stranger.get(url)
    assert orjson.loads(answer.body)["orderedItems"] == []
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert (await stranger.get(url, signed=False)).status == 401


# -- receiving


async def says(scene: Scene, who: PeerActor, followers: list[str], *, digest: str | None = None, **how) -> None:
    """*who* posts for its followers and says who of Lyon they are; its list says so too."""
    url = f"{who.uri}/followers_synchronization"
    scene.peer.documents[url] = {"id": url, "type": "OrderedCollection", "orderedItems": followers}
    digest = digest or synchronization.digest_of(followers)
    header = f'collectionId="{who.followers}", url="{url}", digest="{digest}"'
    note = who.note("Entre nous", to=[who.followers], cc=[])
    await scene.takes(who.create(note), who, **({"more": {"Collection-Synchronization": header}} | how))
    await scene.fediverse.later(120)


def fetched(scene: Scene) -> int:
    return sum("followers_synchronization" in url for _, url, _ in scene.peer.requests)


async def test_both_agree_and_nothing_is_asked(scene: Scene):
    await scene.befriended()
    await says(scene, scene.zoe, [scene.bob.actor.uri])
    assert fetched(scene) == 0
    assert scene.ctx.metrics.counted("followers_synchronized", outcome="same") == 1


@pytest.mark.parametrize("scheme", list(Scheme))
async def test_a_follow_that_the_other_lost_is_ended_here(scene: Scene, scheme: Scheme):
    """Zoe's server was set back to an old copy: Bob would go on reading as if he followed, and get nothing."""
    await scene.befriended()
    await says(scene, scene.zoe, [], scheme=scheme)
    assert fetched(scene) == 1
    assert await follows.state(scene.ctx.db.reader, scene.bob.actor.id, await zoe_id(scene)) == "none"
    assert scene.peer.of_type("Undo"), "the other side is not told"


async def zoe_id(scene: Scene) -> int:
    return (await scene.rows("SELECT id FROM actors WHERE uri = $1", scene.zoe.uri))[0][0]


async def test_a_follow_that_only_the_other_knows_is_undone_there(scene: Scene):
    """Our Undo was lost: Zoe's server goes on sending what is for her followers."""
    anne = await scene.node.person("anne")
    await scene.befriended()
    await says(scene, scene.zoe, [scene.bob.actor.uri, anne.actor.uri])
    [undo] = scene.peer.of_type("Undo")
    assert undo["actor"] == anne.actor.uri
    assert undo["object"] == {**undo["object"], "type": "Follow", "actor": anne.actor.uri, "object": scene.zoe.uri}
    assert await follows.state(scene.ctx.db.reader, scene.bob.actor.id, await zoe_id(scene)) == "accepted"


async def test_an_accept_that_was_lost_is_made_up_for(scene: Scene):
    await scene.bob.follow(scene.zoe.handle)
    await scene.settle()
    await says(scene, scene.zoe, [scene.bob.actor.uri])
    assert await follows.state(scene.ctx.db.reader, scene.bob.actor.id, await zoe_id(scene)) == "accepted"
    assert not scene.peer.of_type("Undo")


async def test_a_list_that_is_not_what_was_announced_ends_nothing(scene: Scene):
    await scene.befriended()
    await says(scene, scene.zoe, [], digest="ab" * 32)
    assert fetched(scene) == 1
    assert await follows.state(scene.ctx.db.reader, scene.bob.actor.id, await zoe_id(scene)) == "accepted"


async def test_a_header_that_was_not_signed_is_none(scene: Scene):
    await scene.befriended()
    header = (
        f'collectionId="{scene.zoe.followers}", url="{scene.zoe.uri}/followers_synchronization", digest="{"0" * 64}"'
    )
    await says(scene, scene.zoe, [], more={}, change={"Collection-Synchronization": header})
    assert fetched(scene) == 0
    assert not await scene.rows("SELECT 1 FROM jobs WHERE kind = $1", receiving.JOB)


@pytest.mark.parametrize("number", range(len(fep.IGNORED)))
async def test_what_the_specification_ignores(scene: Scene, number: int):
    await scene.befriended()
    host = scene.peer.host
    header = fep.IGNORED[number].replace("elsewhere.example", "stranger.example")
    header = header.replace("https://example.org", f"https://{host}").replace("users/1", "users/zoe").strip()
    await says(scene, scene.zoe, [], more={"Collection-Synchronization": header})
    assert fetched(scene) == 0, f"{header!r} made us ask"
    assert await follows.state(scene.ctx.db.reader, scene.bob.actor.id, await zoe_id(scene)) == "accepted"


async def test_a_flood_of_headers_is_one_question(scene: Scene):
    """A digest that changes with every post makes us compare once in ten minutes."""
    await scene.befriended()
    for number in range(5):
        url = f"{scene.zoe.uri}/followers_synchronization"
        header = f'collectionId="{scene.zoe.followers}", url="{url}", digest="{number:064x}"'
        await scene.takes(
            scene.zoe.create(scene.zoe.note("Encore")), scene.zoe, more={"Collection-Synchronization": header}
        )
        await scene.fediverse.later(70)
    assert fetched(scene) == 1
