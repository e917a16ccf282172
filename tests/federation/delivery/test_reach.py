"""'212 of 214 servers have it; two are down since…': what an author and a keeper read of one post."""

import pytest

from admin import operations
from node.federation.delivery import reach
from node.housekeeping import Housekeeping
from node.runtime.errors import NotFound
from node.runtime.net import ConnectionFailed
from tests.federation.conftest import Scene

DAY_S = 86_400


@pytest.fixture
async def published(post):
    """A post of the town hall for four servers, two of which have two of its readers each."""
    for name, host in (("a", "one.example"), ("b", "one.example"), ("c", "two.example"), ("d", "two.example")):
        await post.follower(name, host, shared=host == "one.example")
    await post.follower("e", "three.example")
    await post.follower("f", "four.example")
    written = await post.town.post(post.mairie)

    async def publish():
        from node.federation.delivery import Audience, order

        activity = {"id": f"{written.uri}/activity", "type": "Create", "object": written.uri}
        audience = Audience(followers=True)
        await post.ctx.db.write(
            lambda tx: order(
                tx, post.ctx, actor_id=post.mairie.id, activity=activity, audience=audience, post_id=written.id
            )
        )

    await publish()
    return written


async def told(post, written) -> reach.Reach:
    found = await reach.of_post(post.ctx.db.reader, written.id)
    assert found is not None, "nothing is known of a post that was ordered"
    return found


async def figures(post, written):
    found = await told(post, written)
    return found.servers, found.reached, found.under_way, found.lost, [each.host for each in found.missing]


async def test_servers_are_counted_and_not_inboxes(post, published):
    for host in ("one", "two", "three", "four"):
        post.server(f"{host}.example")
    found = await told(post, published)
    assert not found.begun, "it is not known yet for whom the post is, and 'nobody' is said"
    await post.expand()
    assert await figures(post, published) == (4, 0, 4, 0, [])
    await post.send()
    assert await figures(post, published) == (4, 4, 0, 0, [])


async def test_a_server_has_it_when_all_its_readers_have_it(post, published):
    for host in ("one", "three", "four"):
        post.server(f"{host}.example")
    post.server("two.example", answers=[202, 500])
    await post.settle()
    assert await figures(post, published) == (4, 3, 0, 0, ["two.example"])


async def test_what_is_down_and_since_when(post, published):
    for host in ("one", "two"):
        post.server(f"{host}.example")
    post.server("three.example", 403)
    post.server("four.example")
    post.network.faults["four.example"] = ConnectionFailed("cut")
    failed_ms = post.ctx.clock.now_ms()
    await post.settle()
    post.town.later(3600)
    await post.send()
    found = await told(post, published)
    assert [(each.host, each.given_up, each.down_since_ms) for each in found.missing] == [
        ("four.example", False, failed_ms),
        ("three.example", True, None),
    ]
    assert found.missing[1].reason == "the server answered 403"
    del post.network.faults["four.example"]
    await post.wait()
    assert await figures(post, published) == (4, 3, 0, 0, ["three.example"])


async def test_what_is_dropped_is_lost_and_never_counted_as_taken(post, published):
    for host in ("one", "two", "four"):
        post.server(f"{host}.example")
    post.server("three.example", 403)
    await post.settle()
    await operations.perform(post.ctx, "deliveries.drop", {})
    assert await figures(post, published) == (4, 3, 0, 1, [])


async def test_dead_servers_are_lost_at_once(post, published):
    await post.ctx.db.write(
        lambda tx: tx.execute("INSERT INTO hosts (host, state, created_ms) VALUES ('one.example', 'dead', 0)")
    )
    for host in ("two", "three", "four"):
        post.server(f"{host}.example")
    await post.settle()
    assert await figures(post, published) == (4, 3, 0, 1, [])


async def test_the_figures_outlive_the_orders(post, published):
    """After a month the bytes and the rows are forgotten; how far the post got is not."""
    for host in ("one", "two", "four"):
        post.server(f"{host}.example")
    post.server("three.example", 403)
    await post.settle()
    post.town.later(31 * DAY_S)
    await Housekeeping().turn(post.ctx)
    assert await post.ctx.db.reader.value("SELECT COUNT(*) FROM delivery_orders") == 0
    assert await figures(post, published) == (4, 3, 0, 1, [])


async def test_a_keeper_reads_it_in_her_language(post, published):
    for host in ("one", "two"):
        post.server(f"{host}.example")
    post.server("three.example", 403)
    post.server("four.example")
    post.network.faults["four.example"] = ConnectionFailed("cut")
    await post.settle()
    for named in (published.uri, published.url, str(published.id)):
        lines = [
            line.replace("\xa0", " ").replace("\u202f", " ")
            for line in await operations.perform(post.ctx, "post.deliveries", {"post": named})
        ]
        assert lines[0] == "Serveurs qui l’ont reçue : 2 sur 4."
        assert lines[1].startswith("four.example : ne répond plus depuis "), lines
        assert lines[2] == "three.example : il a répondu 403 ; abandonné"
    for nonsense in ("https://elsewhere.example/@mairie/1", "9" * 30, "", f"https://x.example/{published.id}"):
        with pytest.raises(NotFound):
            await operations.perform(post.ctx, "post.deliveries", {"post": nonsense})


async def test_its_author_reads_it_and_nobody_else(scene: Scene):
    await scene.takes(scene.zoe.activity("Follow", scene.bob.actor.uri))
    posted = await scene.bob.post("Bonjour")
    await scene.settle()
    path = f"/api/v1/beffroi/statuses/{posted['id']}/deliveries"
    assert (await scene.bob.client.get(path)).ok() == {
        "servers": 1, "reached": 1, "under_way": 0, "lost": 0, "complete": True, "missing": [],
    }  # fmt: skip
    anne = await scene.node.person("anne")
    assert (await anne.client.get(path)).status == 404
    assert (await scene.node.visitor().get(path)).status == 401
