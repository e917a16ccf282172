"""Two towns on two nodes: real signatures, real databases, the API that clients speak."""

from node.actors import actors
from tests.support.fediverse import Fediverse


async def test_a_town_reads_its_neighbours_news(fediverse: Fediverse) -> None:
    """A post from Ornans reaches Besançon's follower once the follow is accepted; answers come back."""
    besancon = await fediverse.node("besancon.example")
    ornans = await fediverse.node("ornans.example")
    alice = await besancon.person("alice")
    mairie = await ornans.town("ornans")

    relationship = await alice.follow(mairie.handle)
    assert relationship["requested"], "the follow should wait for the other node's answer"
    await fediverse.settle()
    followed = await alice.find(mairie.handle)
    [now] = (await alice.client.get("/api/v1/accounts/relationships", {"id": [followed["id"]]})).ok()
    assert now["following"], "the Accept did not arrive"
    assert [each["type"] for each in await mairie.notifications()] == ["follow"]

    posted = await mairie.post("Marché ouvert ce soir #marché", language="fr")
    await fediverse.settle()
    [seen] = await alice.home()
    assert seen["uri"] == posted["uri"], "the post did not reach the follower's home"
    assert "Marché ouvert ce soir" in seen["content"]
    assert seen["account"]["acct"] == "ornans@ornans.example"

    await alice.post(f"{mairie.handle} J'y serai !", in_reply_to_id=seen["id"])
    await alice.act("favourite", seen["id"])
    await alice.act("reblog", seen["id"])
    await fediverse.settle()
    assert sorted(each["type"] for each in await mairie.notifications()) == ["favourite", "follow", "mention", "reblog"]
    context = (await mairie.client.get(f"/api/v1/statuses/{posted['id']}/context")).ok()
    assert [each["account"]["acct"] for each in context["descendants"]] == ["alice@besancon.example"]

    (await mairie.client.put(f"/api/v1/statuses/{posted['id']}", {"status": "Marché reporté à demain #marché"})).ok()
    await fediverse.settle()
    edited = (await alice.client.get(f"/api/v1/statuses/{seen['id']}")).ok()
    assert "reporté" in edited["content"], "the edit did not arrive"
    assert edited["edited_at"]

    await mairie.client.delete(f"/api/v1/statuses/{posted['id']}")
    await fediverse.settle()
    assert (await alice.client.get(f"/api/v1/statuses/{seen['id']}")).status == 404, "the deletion did not arrive"
    assert [each["content"] for each in await alice.home()] != [], "alice's own reply should still be there"


async def test_followers_only_news_stay_with_followers(fediverse: Fediverse) -> None:
    """What is for followers reaches them on their node, and nobody else there."""
    besancon = await fediverse.node("besancon.example")
    ornans = await fediverse.node("ornans.example")
    alice = await besancon.person("alice")
    bruno = await besancon.person("bruno")
    mairie = await ornans.town("ornans")
    await alice.follow(mairie.handle)
    await fediverse.settle()

    posted = await mairie.post("Pour nos abonnés", visibility="private")
    await fediverse.settle()
    assert [each["uri"] for each in await alice.home()] == [posted["uri"]]
    found = (await bruno.client.get("/api/v2/search", {"q": posted["uri"], "resolve": True})).ok()
    assert found["statuses"] == [], "somebody who does not follow could read it"
    local_id = (await alice.home())[0]["id"]
    assert (await bruno.client.get(f"/api/v1/statuses/{local_id}")).status == 404
    assert (await besancon.visitor().get(f"/api/v1/statuses/{local_id}")).status == 404


async def test_an_unfollow_then_a_follow_works(fediverse: Fediverse) -> None:
    """Changing one's mind twice, even before anything was delivered."""
    besancon = await fediverse.node("besancon.example")
    ornans = await fediverse.node("ornans.example")
    alice = await besancon.person("alice")
    mairie = await ornans.town("ornans")
    account = await alice.find(mairie.handle)
    for verb in ("follow", "unfollow", "follow"):
        (await alice.client.post(f"/api/v1/accounts/{account['id']}/{verb}")).ok()
    await fediverse.settle()
    [now] = (await alice.client.get("/api/v1/accounts/relationships", {"id": [account["id"]]})).ok()
    assert now["following"]
    followers = (await mairie.client.get(f"/api/v1/accounts/{mairie.actor.id}/followers")).ok()
    assert [each["acct"] for each in followers] == ["alice@besancon.example"]


async def test_a_node_that_was_away_catches_up(fediverse: Fediverse) -> None:
    """What is posted while the other node is down arrives when it comes back."""
    besancon = await fediverse.node("besancon.example")
    ornans = await fediverse.node("ornans.example")
    alice = await besancon.person("alice")
    mairie = await ornans.town("ornans")
    await alice.follow(mairie.handle)
    await fediverse.settle()
    fediverse.network.down.add("besancon.example")
    posted = [(await mairie.post(f"Nouvelle {number}"))["uri"] for number in range(3)]
    await fediverse.settle()
    assert await alice.home() == []
    fediverse.network.down.clear()
    await fediverse.later(3_600)
    assert {each["uri"] for each in await alice.home()} == set(posted), "news were lost while the node was away"


async def test_an_actor_that_leaves_leaves_nothing(fediverse: Fediverse) -> None:
    """A deleted actor's posts are erased on both nodes, and its id answers 410."""
    besancon = await fediverse.node("besancon.example")
    ornans = await fediverse.node("ornans.example")
    alice = await besancon.person("alice")
    mairie = await ornans.town("ornans")
    await alice.follow(mairie.handle)
    await fediverse.settle()
    await mairie.post("Une nouvelle")
    await fediverse.settle()
    [seen] = await alice.home()
    await ornans.ctx.db.write(lambda tx: actors.delete_local(tx, ornans.ctx, actor=mairie.actor))
    await fediverse.settle()
    for node in (besancon, ornans):
        count = await node.ctx.db.reader.value("SELECT COUNT(*) FROM posts")
        assert count == 0, f"{node.host} kept posts of an actor that is gone"
    assert (await alice.client.get(f"/api/v1/statuses/{seen['id']}")).status == 404
    gone = await ornans.visitor().get("/users/ornans", accept="application/activity+json")
    assert (gone.status, gone.json["type"]) == (410, "Tombstone")
