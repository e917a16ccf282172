"""How much one server may send: counted by who signed, so that nobody can use up another's share."""

from node.federation.inbox import limits
from node.runtime import windows
from tests.federation.conftest import Scene
from tests.support.peer import peer_on


async def test_an_origin_has_its_own_share(scene: Scene) -> None:
    """A server that floods is told when to come back; others, and it itself a minute later, are heard."""
    await scene.takes(scene.zoe.follow(scene.bob.actor.uri))
    for _ in range(limits.ORIGIN.hits - 1):  # the other signed activities of this minute
        limits.hit(scene.ctx, limits.ORIGIN, "elsewhere.example")
    answer = await scene.zoe.send(scene.node.host, scene.zoe.activity("Undo", scene.zoe.follow(scene.bob.actor.uri)))
    assert answer.status == 429, "a flood of signed activities has no end"
    assert 0 < int(answer.headers["Retry-After"]) <= limits.ORIGIN.window_s
    assert scene.refused("TooMany") == 1
    yann = await peer_on(scene.fediverse, "brest.example").actor("yann")
    await scene.takes(yann.follow(scene.bob.actor.uri), yann)
    scene.fediverse.clock.forward(limits.ORIGIN.window_s + 1)
    await scene.takes(scene.zoe.activity("Like", scene.bob.actor.uri))


async def test_who_does_not_sign_uses_up_nobody_elses_share(scene: Scene) -> None:
    """Requests in Zoe's name that Zoe did not sign are counted to the address that sent them."""
    for _ in range(20):
        answer = await scene.zoe.send(scene.node.host, scene.zoe.follow(scene.bob.actor.uri), signed=False)
        assert answer.status == 401
    left = windows.standing(scene.ctx, limits.ORIGIN, "elsewhere.example").remaining
    assert left == limits.ORIGIN.hits, "unsigned requests were counted to the server they name"
