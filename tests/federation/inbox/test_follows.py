"""Follow, Accept, Reject, Block and their Undo, between one of ours and somebody on another server."""

from node.actors import blocks, follows
from node.actors.actor import Actor
from tests.federation.conftest import Scene
from tests.support.peer import PeerActor


async def zoe_here(scene: Scene) -> Actor:
    from node.actors import actors

    found = await actors.by_uri(scene.ctx.db.reader, scene.zoe.uri)
    assert found is not None, "Zoe was never met"
    return found


async def state(scene: Scene, *, bob_follows: bool = False) -> str:
    zoe, bob = await zoe_here(scene), scene.bob.actor
    pair = (bob.id, zoe.id) if bob_follows else (zoe.id, bob.id)
    return await follows.state(scene.ctx.db.reader, *pair)


async def test_an_open_account_accepts_at_once(scene: Scene) -> None:
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(follow)
    (accept,) = scene.peer.of_type("Accept")
    assert accept["actor"] == scene.bob.actor.uri
    assert accept["object"]["id"] == follow["id"]
    assert accept["object"]["actor"] == scene.zoe.uri
    assert await state(scene) == "accepted"


async def test_asking_again_sends_the_accept_again(scene: Scene) -> None:
    """The first Accept was lost: a follow with a new id is answered anew, with an id of its own."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    ids = [accept["id"] for accept in scene.peer.of_type("Accept")]
    assert len(set(ids)) == 2, "a second Follow must be answered, and not with the id of the first answer"


async def test_a_locked_account_is_asked(scene: Scene) -> None:
    carol = await scene.node.person("carol", locked=True)
    await scene.takes(scene.zoe.follow(carol.actor.uri))
    assert scene.peer.received == [], "a locked account accepted by itself"
    zoe = await zoe_here(scene)
    await scene.ctx.db.write(lambda tx: follows.accept(tx, scene.ctx, follower=zoe, followee=carol.actor))
    await scene.settle()
    assert [each["type"] for each in scene.peer.received] == ["Accept"]


async def test_who_is_blocked_is_told_no(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    zoe = await zoe_here(scene)
    await scene.ctx.db.write(lambda tx: blocks.block(tx, scene.ctx, actor=scene.bob.actor, target=zoe))
    await scene.settle()
    assert {"Block", "Reject"} <= {each["type"] for each in scene.peer.received}
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert len(scene.peer.of_type("Reject")) == 2, "a blocked follower waits for ever"
    assert await state(scene) == "none"


async def test_undo_and_follow_again(scene: Scene) -> None:
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(follow)
    await scene.takes(scene.zoe.activity("Undo", follow))
    assert await state(scene) == "none"
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    assert await state(scene) == "accepted", "a follow right after an unfollow must work"


async def test_an_undo_that_a_second_follow_overtook(scene: Scene) -> None:
    """She unfollowed and followed again; her server sent the second Follow before the Undo of the first."""
    first, second = scene.zoe.follow(scene.bob.actor.uri), scene.zoe.follow(scene.bob.actor.uri)
    assert first["id"] != second["id"]
    await scene.takes(first)
    await scene.takes(second)
    await scene.takes(scene.zoe.activity("Undo", first))
    assert await state(scene) == "accepted", "the Undo of the first follow ended the second"
    await scene.takes(scene.zoe.activity("Undo", second))
    assert await state(scene) == "none"


async def test_an_undo_of_an_older_id_some_time_after(scene: Scene) -> None:
    """As snac 2.94 does it: asked for twice under two ids, and the first is undone."""
    first, second = scene.zoe.follow(scene.bob.actor.uri), scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(first)
    await scene.takes(second)
    scene.fediverse.clock.forward(120)
    await scene.takes(scene.zoe.activity("Undo", first))
    assert await state(scene) == "none", "a reader who unfollowed is still sent posts"


async def test_an_undo_of_an_id_that_never_came(scene: Scene) -> None:
    """Some servers make a new id for the Follow within the Undo, or none: the pair is what counts."""
    for unknown in ({"id": f"{scene.peer.home}/never-sent"}, {"id": None}):
        await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
        await scene.takes(scene.zoe.activity("Undo", {**scene.zoe.follow(scene.bob.actor.uri), **unknown}))
        assert await state(scene) == "none", "a reader who unfollowed is still sent posts"


async def test_undo_by_id_alone(scene: Scene) -> None:
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(follow)
    await scene.takes(scene.zoe.activity("Undo", follow["id"]))
    assert await state(scene) == "none"


async def test_undo_that_names_the_one_followed(scene: Scene) -> None:
    """GoToSocial's quick unfollow: the object is the bare address of the actor."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    await scene.takes(scene.zoe.activity("Undo", scene.bob.actor.uri))
    assert await state(scene) == "none"


async def test_an_undo_that_overtook_its_follow(scene: Scene) -> None:
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(scene.zoe.activity("Undo", follow))
    await scene.takes(follow)
    assert await state(scene) == "none", "a follow that was undone before it came holds"


async def test_nobody_else_undoes_a_follow(scene: Scene) -> None:
    mallory = await scene.peer.actor("mallory")
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(follow)
    await scene.takes(mallory.activity("Undo", follow), mallory)
    await scene.takes(mallory.activity("Undo", follow["id"]), mallory)
    assert await state(scene) == "accepted", "a neighbour took Zoe's follow back"


async def test_a_neighbour_cannot_undo_what_has_not_come(scene: Scene) -> None:
    mallory = await scene.peer.actor("mallory")
    follow = scene.zoe.follow(scene.bob.actor.uri)
    await scene.takes(mallory.activity("Undo", follow["id"]), mallory)
    await scene.takes(follow)
    assert await state(scene) == "accepted", "a neighbour forbade a follow before it came"


async def asked(scene: Scene) -> dict[str, object]:
    await scene.bob.follow(scene.zoe.handle)
    await scene.settle()
    (follow,) = scene.peer.of_type("Follow")
    return follow


async def test_our_follow_holds_once_it_is_accepted(scene: Scene) -> None:
    """Followers-only posts must not be asked for, nor shown, before (CVE-2025-30741)."""
    follow = await asked(scene)
    assert follow["actor"] == scene.bob.actor.uri
    assert follow["object"] == scene.zoe.uri
    assert await state(scene, bob_follows=True) == "requested"
    await scene.takes(scene.zoe.activity("Accept", follow["id"]))
    assert await state(scene, bob_follows=True) == "accepted"


async def test_an_accept_that_names_the_pair(scene: Scene) -> None:
    """Some servers lose our id and embed a Follow of the same two actors."""
    follow = await asked(scene)
    embedded = {**follow, "id": f"{scene.peer.home}/made-up/1"}
    await scene.takes(scene.zoe.activity("Accept", embedded))
    assert await state(scene, bob_follows=True) == "accepted"


async def test_only_the_followed_accepts(scene: Scene) -> None:
    follow = await asked(scene)
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Accept", follow), mallory)
    await scene.takes(mallory.activity("Accept", follow["id"]), mallory)
    assert await state(scene, bob_follows=True) == "requested", "somebody else accepted in Zoe's place"


async def test_an_accept_of_a_follow_that_never_was(scene: Scene) -> None:
    made_up = {"id": f"{scene.bob.actor.uri}#follows/1", "type": "Follow"}
    made_up |= {"actor": scene.bob.actor.uri, "object": scene.zoe.uri}
    await scene.takes(scene.zoe.activity("Accept", made_up))
    assert await state(scene, bob_follows=True) == "none", "a server made one of ours follow it"


async def test_a_refusal(scene: Scene) -> None:
    follow = await asked(scene)
    await scene.takes(scene.zoe.activity("Reject", follow))
    assert await state(scene, bob_follows=True) == "none"


async def test_being_removed_from_the_followers(scene: Scene) -> None:
    follow = await asked(scene)
    await scene.takes(scene.zoe.activity("Accept", follow))
    await scene.takes(scene.zoe.activity("Reject", follow["id"]))
    assert await state(scene, bob_follows=True) == "none"


async def test_only_the_followed_refuses(scene: Scene) -> None:
    follow = await asked(scene)
    await scene.takes(scene.zoe.activity("Accept", follow))
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Reject", follow), mallory)
    assert await state(scene, bob_follows=True) == "accepted"


async def blocked(scene: Scene, sender: PeerActor) -> bool:
    zoe = await zoe_here(scene)
    _ours, theirs = await blocks.between(scene.ctx.db.reader, scene.bob.actor.id, zoe.id)
    return theirs


async def test_a_block_is_honoured_and_taken_back(scene: Scene) -> None:
    await scene.befriended()
    block = scene.zoe.activity("Block", scene.bob.actor.uri)
    await scene.takes(block)
    assert await blocked(scene, scene.zoe)
    assert await state(scene, bob_follows=True) == "none", "who is blocked still follows"
    await scene.takes(scene.zoe.activity("Undo", block))
    assert not await blocked(scene, scene.zoe)
    await scene.takes(scene.zoe.activity("Block", scene.bob.actor.uri) | {"id": f"{scene.peer.home}/b/2"})
    await scene.takes(scene.zoe.activity("Undo", f"{scene.peer.home}/b/2"))
    assert not await blocked(scene, scene.zoe), "a block was not taken back by its id alone"


async def test_nobody_else_takes_a_block_back(scene: Scene) -> None:
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    block = scene.zoe.activity("Block", scene.bob.actor.uri)
    await scene.takes(block)
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Undo", block), mallory)
    assert await blocked(scene, scene.zoe)


async def test_what_leaves_when_ours_unfollows_and_blocks(scene: Scene) -> None:
    await scene.befriended()
    zoe = await zoe_here(scene)
    await scene.ctx.db.write(lambda tx: follows.undo(tx, scene.ctx, follower=scene.bob.actor, followee=zoe))
    await scene.settle()
    (undo,) = scene.peer.of_type("Undo")
    assert undo["object"]["type"] == "Follow"
    assert undo["object"]["object"] == scene.zoe.uri
    await scene.ctx.db.write(lambda tx: blocks.block(tx, scene.ctx, actor=scene.bob.actor, target=zoe))
    await scene.ctx.db.write(lambda tx: blocks.unblock(tx, scene.ctx, actor=scene.bob.actor, target=zoe))
    await scene.settle()
    assert [each["type"] for each in scene.peer.received[-2:]] == ["Block", "Undo"]
    assert scene.peer.received[-1]["object"]["type"] == "Block"
