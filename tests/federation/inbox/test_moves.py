"""Move (FEP-7628): an account is another one when both say so; our readers are carried over, once, and not for anybody."""

from typing import Any

from tests.federation.conftest import Scene
from tests.support.peer import Peer, PeerActor, peer_on

DAY_S = 86_400


async def new_home(scene: Scene, name: str = "zoe", **profile: Any) -> PeerActor:
    """Somebody on a third server, who says that she was Zoe unless told otherwise."""
    there = scene.fediverse.network.apps.get("new.example")
    server = there if isinstance(there, Peer) else peer_on(scene.fediverse, "new.example")
    return await server.actor(name, **{"alsoKnownAs": [scene.zoe.uri], **profile})


def leaves(scene: Scene, target: PeerActor, **profile: Any) -> dict[str, Any]:
    """Zoe's profile names *target*, and she says so."""
    scene.peer.documents[scene.zoe.uri] = scene.zoe.document(**{"movedTo": target.uri, **profile})
    return scene.zoe.activity("Move", scene.zoe.uri, target=target.uri, to=[scene.zoe.followers])


async def follows(scene: Scene) -> list[tuple[Any, ...]]:
    return await scene.rows(
        "SELECT a.uri, b.uri, f.state FROM follows f JOIN actors a ON a.id = f.follower_id "
        "JOIN actors b ON b.id = f.followee_id ORDER BY a.uri, b.uri"
    )


async def last_outcome(scene: Scene) -> tuple[Any, ...]:
    return (await scene.rows("SELECT type, state, error FROM inbox ORDER BY id DESC LIMIT 1"))[0]


async def test_readers_follow_the_new_account(scene: Scene) -> None:
    await scene.befriended()
    target = await new_home(scene)
    await scene.takes(leaves(scene, target))
    bob = scene.bob.actor.uri
    assert await follows(scene) == [(bob, target.uri, "requested")], "Bob no longer reads Zoe, or still the old account"
    (asked,) = target.peer.of_type("Follow")
    assert (asked["actor"], asked["object"]) == (bob, target.uri)
    undone = scene.peer.of_type("Undo")[-1]
    assert (undone["object"]["type"], undone["object"]["object"]) == ("Follow", scene.zoe.uri)
    assert (await target.send(scene.node.host, target.activity("Accept", asked))).status == 202
    await scene.settle()
    assert await follows(scene) == [(bob, target.uri, "accepted")]
    shown = (await scene.bob.client.get(f"/api/v1/accounts/{(await scene.bob.find(scene.zoe.handle))['id']}")).ok()
    assert shown["moved"]["url"] == target.uri
    looked_up = (await scene.bob.client.get("/api/v1/accounts/lookup", {"acct": scene.zoe.handle})).ok()
    assert looked_up["moved"]["acct"] == "zoe@new.example"


async def test_how_a_reader_follows_is_kept(scene: Scene) -> None:
    await scene.befriended()
    account = await scene.bob.find(scene.zoe.handle)
    (await scene.bob.client.post(f"/api/v1/accounts/{account['id']}/follow", {"reblogs": False, "notify": True})).ok()
    await scene.takes(leaves(scene, await new_home(scene)))
    assert await scene.rows("SELECT show_boosts, notify FROM follows") in ([(0, 1)], [(False, True)])


async def test_the_new_account_must_say_so(scene: Scene) -> None:
    """Zoe, or who stole her key, sends her readers to somebody who never asked for them."""
    await scene.befriended()
    victim = await new_home(scene, "mayor", alsoKnownAs=[])
    await scene.takes(leaves(scene, victim))
    assert await follows(scene) == [(scene.bob.actor.uri, scene.zoe.uri, "accepted")]
    assert (await last_outcome(scene))[:2] == ("Move", "refused")
    assert not victim.peer.of_type("Follow")
    shown = (await scene.bob.client.get(f"/api/v1/accounts/{(await scene.bob.find(scene.zoe.handle))['id']}")).ok()
    assert "moved" not in shown, "a claim that nobody confirmed is shown as a fact"


async def test_an_embedded_target_proves_nothing(scene: Scene) -> None:
    await scene.befriended()
    victim = await new_home(scene, "mayor", alsoKnownAs=[])
    forged = {**victim.document(), "alsoKnownAs": [scene.zoe.uri]}
    await scene.takes({**leaves(scene, victim), "target": forged})
    assert await follows(scene) == [(scene.bob.actor.uri, scene.zoe.uri, "accepted")]


async def test_a_profile_that_names_another_account(scene: Scene) -> None:
    await scene.befriended()
    target = await new_home(scene)
    await scene.takes(leaves(scene, target, movedTo="https://third.example/users/zoe"))
    assert await follows(scene) == [(scene.bob.actor.uri, scene.zoe.uri, "accepted")]


async def test_an_old_profile_that_is_silent_or_gone_has_signed(scene: Scene) -> None:
    """Bridgy and older Pleroma write no movedTo; some delete the old account right away."""
    await scene.befriended()
    target = await new_home(scene)
    move = leaves(scene, target)
    scene.peer.documents[scene.zoe.uri] = 410
    await scene.takes(move)
    assert await follows(scene) == [(scene.bob.actor.uri, target.uri, "requested")]


async def test_the_new_account_alone_moves_nobody(scene: Scene) -> None:
    """Pull mode: whoever writes alsoKnownAs into his own profile has not become Zoe."""
    await scene.befriended()
    thief = await new_home(scene)
    move = thief.activity("Move", scene.zoe.uri, target=thief.uri)
    await scene.takes(move, thief)
    assert await follows(scene) == [(scene.bob.actor.uri, scene.zoe.uri, "accepted")], "followers were stolen"
    assert (await last_outcome(scene))[:2] == ("Move", "refused")


async def test_the_new_account_says_it_and_the_old_profile_too(scene: Scene) -> None:
    await scene.befriended()
    target = await new_home(scene)
    leaves(scene, target)
    await scene.takes(target.activity("Move", scene.zoe.uri, target=target.uri), target)
    assert await follows(scene) == [(scene.bob.actor.uri, target.uri, "requested")]


async def test_somebody_else_moves_nobody(scene: Scene) -> None:
    await scene.befriended()
    mallory = await scene.peer.actor("mallory")
    target = await new_home(scene)
    leaves(scene, target)
    await scene.takes(mallory.activity("Move", scene.zoe.uri, target=target.uri), mallory)
    assert await follows(scene) == [(scene.bob.actor.uri, scene.zoe.uri, "accepted")]


async def test_an_account_of_ours_is_not_moved_from_outside(scene: Scene) -> None:
    carol = await scene.node.person("carol")
    await scene.bob.follow(carol.handle)
    thief = await new_home(scene, alsoKnownAs=[carol.actor.uri])
    await scene.takes(thief.activity("Move", carol.actor.uri, target=thief.uri), thief)
    assert await follows(scene) == [(scene.bob.actor.uri, carol.actor.uri, "accepted")]
    assert (await last_outcome(scene))[:2] == ("Move", "refused")


async def test_what_the_old_profile_says_later_is_no_proof(scene: Scene) -> None:
    """Once moved, it names the mayor as its new self: nobody is shown that."""
    await scene.befriended()
    await scene.takes(leaves(scene, await new_home(scene)))
    mayor = await new_home(scene, "mayor", alsoKnownAs=[])
    await scene.takes(scene.zoe.activity("Update", scene.zoe.document(movedTo=mayor.uri)))
    shown = (await scene.bob.client.get(f"/api/v1/accounts/{(await scene.bob.find(scene.zoe.handle))['id']}")).ok()
    assert "moved" not in shown


async def test_it_is_no_merry_go_round(scene: Scene) -> None:
    """A second move within days, of the old account or of the new one, carries nobody."""
    await scene.befriended()
    target = await new_home(scene)
    await scene.takes(leaves(scene, target))
    third = await new_home(scene, "third", alsoKnownAs=[scene.zoe.uri, target.uri])
    await scene.takes(leaves(scene, third))
    target.peer.documents[target.uri] = target.document(movedTo=third.uri)
    (asked,) = target.peer.of_type("Follow")
    await scene.takes(target.activity("Accept", asked), target)
    await scene.takes(target.activity("Move", target.uri, target=third.uri), target)
    assert [row[1] for row in await follows(scene)] == [target.uri]
    assert "moved a short while ago" in (await last_outcome(scene))[2]
    scene.fediverse.clock.forward(8 * DAY_S)
    await scene.takes(target.activity("Move", target.uri, target=third.uri), target)
    assert [row[1] for row in await follows(scene)] == [third.uri], "who moves again a week later is believed"


async def test_many_readers_and_a_repeated_move(scene: Scene) -> None:
    await scene.befriended()
    (zoe_id,) = (await scene.rows("SELECT id FROM actors WHERE uri = $1", scene.zoe.uri))[0]
    people = [await scene.node.person(f"reader{number}") for number in range(60)]

    async def step(tx: Any) -> None:
        for number, reader in enumerate(people):
            await tx.execute(
                "INSERT INTO follows (id, follower_id, followee_id, uri, state, show_boosts, notify, created_ms) "
                "VALUES ($1, $2, $3, $4, 'accepted', TRUE, FALSE, 0)",
                scene.ctx.ids.next(), reader.actor.id, zoe_id, f"{reader.actor.uri}#follows/{number}",
            )  # fmt: skip

    await scene.ctx.db.write(step)
    target = await new_home(scene)
    await scene.takes(leaves(scene, target))
    assert {row[1] for row in await follows(scene)} == {target.uri}, "some readers were forgotten"
    assert len(target.peer.of_type("Follow")) == 61
    await scene.takes(leaves(scene, target))
    assert len(target.peer.of_type("Follow")) == 61, "the same move was made twice"


async def test_a_blocked_account_stays_blocked(scene: Scene) -> None:
    account = await scene.bob.find(scene.zoe.handle)
    (await scene.bob.client.post(f"/api/v1/accounts/{account['id']}/block")).ok()
    await scene.settle()
    target = await new_home(scene)
    await scene.takes(leaves(scene, target))
    blocked = await scene.rows("SELECT a.uri FROM blocks b JOIN actors a ON a.id = b.target_id ORDER BY a.uri")
    assert blocked == [(scene.zoe.uri,), (target.uri,)], "a block is escaped by moving"


async def test_a_move_of_somebody_whom_nobody_reads_is_dropped(scene: Scene) -> None:
    target = await new_home(scene)
    await scene.takes(leaves(scene, target))
    assert (await last_outcome(scene))[:2] == ("Move", "done")
    assert not [url for _, url, _ in target.peer.requests if url == target.uri], "a stranger made us ask elsewhere"


async def test_a_server_that_is_away_is_asked_again(scene: Scene) -> None:
    await scene.befriended()
    target = await new_home(scene)
    scene.fediverse.network.down.add("new.example")
    await scene.takes(leaves(scene, target))
    assert (await last_outcome(scene))[:2] == ("Move", "ready")
    scene.fediverse.network.down.clear()
    for _ in range(4):
        await scene.fediverse.later(600)
    assert await follows(scene) == [(scene.bob.actor.uri, target.uri, "requested")]
