"""What 'who moderates' means: who may have the announcement of a single post taken back, by command, client or message."""

from typing import Any

import pytest

from admin import operations
from node.agreements import moderating, terms
from node.agreements.moderating import NotTheirs
from tests.agreements.conftest import Scene, Side
from tests.support.fediverse import Citizen
from tests.support.peer import peer_on


@pytest.fixture(params=["each", "territory", "member"])
def moderation(request: pytest.FixtureRequest) -> str:
    word: str = request.param
    return word


async def withdraw(scene: Scene, side: Side, post: str) -> list[str]:
    who = {"territory": scene.doubs.handle, "member": scene.ornans.handle, "post": post}
    lines = await operations.perform(side.node.ctx, "agreement.withdraw", who)
    await scene.settle()
    return lines


def test_the_rule_in_one_place() -> None:
    for word, territory, member in (("each", True, True), ("territory", True, False), ("member", False, True)):
        agreed = terms.make(moderation=word)
        assert moderating.may_withdraw(agreed, "territory") is territory
        assert moderating.may_withdraw(agreed, "member") is member


async def test_the_territory_by_command(scene: Scene, moderation: str) -> None:
    await scene.agreed(moderation=moderation)
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    if moderation == "member":
        with pytest.raises(NotTheirs):
            await withdraw(scene, scene.there, post["uri"])
        assert await scene.announced() == ["Marché ce soir"], "the territory did what only the commune may"
        return
    await withdraw(scene, scene.there, post["uri"])
    assert await scene.announced() == []
    (await scene.ornans.client.put(f"/api/v1/statuses/{post['id']}", {"status": "Marché demain"})).ok()
    await scene.settle()
    assert await scene.announced() == [], "an edit brought back what was taken back"
    await scene.ornans.post("Bal samedi")
    await scene.settle()
    assert await scene.announced() == ["Bal samedi"], "one post taken back stopped all of them"


async def test_the_member_from_its_own_node(scene: Scene, moderation: str) -> None:
    """Its node asks the territory's by Reject of the Announce."""
    await scene.agreed(moderation=moderation)
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    if moderation == "territory":
        with pytest.raises(NotTheirs):
            await withdraw(scene, scene.here, post["url"])
        assert await scene.announced() == ["Marché ce soir"]
        return
    assert post["url"] in (await withdraw(scene, scene.here, post["url"]))[0]
    assert await scene.announced() == [], "the territory announces what the commune had taken back"


async def test_a_node_that_does_not_keep_the_terms(scene: Scene) -> None:
    """A Reject of a party to which it is not left, of a stranger, and of what is not announced, change nothing."""
    await scene.agreed(moderation="territory")
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    [(uri,)] = await scene.there.node.ctx.db.reader.fetch(
        "SELECT uri FROM posts WHERE boost_of_id IS NOT NULL AND local"
    )
    mallory = await peer_on(scene.fediverse, "third.example").actor("mallory")
    forged = mallory.activity(
        "Reject", {"id": uri, "type": "Announce", "actor": scene.doubs.actor.uri, "object": post["uri"]}
    )
    assert (await mallory.send("doubs.example", forged)).status == 202
    await scene.settle()
    ctx, pair = scene.here.node.ctx, await scene.here.pair()
    from node.agreements.facts import WithdrawalAsked

    agreement = await scene.here.agreement()
    assert agreement is not None

    async def anyway(tx) -> None:
        tx.state(WithdrawalAsked(agreement.id, "member", int(post["id"]), uri))

    await ctx.db.write(anyway)
    await scene.settle()
    refused = await scene.there.node.ctx.db.reader.fetch("SELECT state FROM inbox WHERE type = 'Reject' ORDER BY id")
    assert [row[0] for row in refused] == ["done", "refused"]
    assert pair.member.uri in post["uri"]
    assert await scene.announced() == ["Marché ce soir"], "a word that was nobody's to say took it back"


async def test_the_territory_from_a_client(scene: Scene, moderation: str) -> None:
    """Its agent takes the boost back as any boost, by the post or by the boost itself, where that is hers to decide."""
    await scene.agreed(moderation=moderation)
    for words in ("Un", "Deux"):
        await scene.ornans.post(words)
        await scene.settle()
        boost = await latest(scene.doubs)
        meant = boost["id"] if words == "Un" else boost["reblog"]["id"]
        answer = await scene.doubs.client.post(f"/api/v1/statuses/{meant}/unreblog")
        await scene.settle()
        assert answer.status == (403 if moderation == "member" else 200)
    assert await scene.announced() == (["Deux", "Un"] if moderation == "member" else [])


async def latest(territory: Citizen) -> dict[str, Any]:
    statuses = (await territory.client.get(f"/api/v1/accounts/{territory.actor.id}/statuses")).ok()
    found: dict[str, Any] = next(each for each in statuses if each["reblog"])
    return found


async def test_after_the_end_the_last_terms_hold(scene: Scene) -> None:
    """What was announced stays, and who agreed not to touch it alone still does not."""
    await scene.agreed(moderation="member")
    post = await scene.ornans.post("Marché ce soir")
    await scene.settle()
    await scene.there.end("territory")
    await scene.settle()
    with pytest.raises(NotTheirs):
        await withdraw(scene, scene.there, post["uri"])
    await withdraw(scene, scene.here, post["uri"])
    assert await scene.announced() == []


async def test_the_author_is_bound_by_no_term(scene: Scene) -> None:
    """Deleting and opting out are the author's own, whoever moderates."""
    await scene.agreed(moderation="territory")
    one, two = await scene.ornans.post("Un"), await scene.ornans.post("Deux")
    await scene.settle()
    (await scene.ornans.client.put(f"/api/v1/statuses/{one['id']}", {"status": "Un #nopartage"})).ok()
    await scene.ornans.client.delete(f"/api/v1/statuses/{two['id']}")
    await scene.settle()
    assert await scene.announced() == []
