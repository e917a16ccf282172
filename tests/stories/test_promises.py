"""What an answer promises is kept in the database first; and a node that is not ready says so."""

from node.runtime.database import Tx
from tests.support.fediverse import Fediverse
from tests.support.peer import peer_on


async def test_a_delivery_that_could_not_be_stored_is_not_promised(fediverse: Fediverse) -> None:
    """202 means: it will be worked. A sender that hears anything else keeps the activity and tries again."""
    node = await fediverse.node("lyon.example")
    bob = await node.person("bob")
    zoe = await peer_on(fediverse, "elsewhere.example").actor("zoe")
    follow = zoe.follow(bob.actor.uri)
    await node.ctx.db.write(lambda tx: tx.execute("ALTER TABLE inbox RENAME TO elsewhere"))
    answer = await zoe.send(node.host, follow)
    assert answer.status >= 500, f"the node promised ({answer.status}) what it could not keep"
    await node.ctx.db.write(lambda tx: tx.execute("ALTER TABLE elsewhere RENAME TO inbox"))
    assert (await zoe.send(node.host, follow)).status == 202
    await fediverse.settle()
    assert [each["type"] for each in await bob.notifications()] == ["follow"]


async def test_a_post_and_its_delivery_stand_or_fall_together(fediverse: Fediverse) -> None:
    """A post that nobody would be told of is not published: its author is told, and tries again."""
    node = await fediverse.node("lyon.example")
    bob = await node.person("bob")

    async def count(tx: Tx) -> int:
        return int(await tx.value("SELECT COUNT(*) FROM posts"))

    await node.ctx.db.write(lambda tx: tx.execute("ALTER TABLE delivery_orders RENAME TO elsewhere"))
    answer = await bob.client.post("/api/v1/statuses", {"status": "Bonjour"})
    assert answer.status >= 500
    assert await node.ctx.db.write(count) == 0, "a post was kept without its delivery"
    await node.ctx.db.write(lambda tx: tx.execute("ALTER TABLE elsewhere RENAME TO delivery_orders"))
    await bob.post("Bonjour")
    assert await node.ctx.db.reader.value("SELECT COUNT(*) FROM delivery_orders") == 1


async def test_a_node_that_waits_for_its_migrations_gets_no_traffic(fediverse: Fediverse) -> None:
    """It lives (do not restart it) and is not ready (send nobody); its figures are nowhere on the public address."""
    node = await fediverse.node("lyon.example")
    visitor = node.visitor()
    assert [(await visitor.get(path)).status for path in ("/healthz", "/readyz", "/metrics")] == [200, 200, 404]
    await node.ctx.db.write(lambda tx: tx.execute("DELETE FROM schema_migrations"))
    late = await visitor.get("/readyz")
    assert late.status == 503
    assert "beffroi migrate" in late.text, "the keeper is not told what to do"
    assert (await visitor.get("/healthz")).status == 200
    await node.ctx.db.write(lambda tx: tx.execute("DROP TABLE schema_migrations"))
    assert (await visitor.get("/readyz")).status == 503
    assert (await visitor.get("/healthz")).status == 200
