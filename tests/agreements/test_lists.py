"""A territory as plain clients show it: an account, a list, a list of all territories without doubles."""

from tests.agreements.conftest import Scene, Side, text


async def titles(scene: Scene) -> dict[str, str]:
    return {each["title"]: each["id"] for each in (await scene.alice.client.get("/api/v1/lists")).ok()}


async def in_list(scene: Scene, list_id: str, **params: str) -> list[str]:
    page = (await scene.alice.client.get(f"/api/v1/timelines/list/{list_id}", params)).ok()
    return [text((each["reblog"] or each)["content"]) for each in page]


async def test_a_followed_territory_is_a_list(scene: Scene) -> None:
    """By time of announcing, with the territory's own news; older pages follow."""
    await scene.agreed()
    for number in range(3):
        await scene.ornans.post(f"Billet {number}")
        await scene.settle()
        scene.fediverse.clock.forward(60)
    await scene.doubs.post("Piscine ouverte")
    await scene.settle()
    [(title, list_id)] = (await titles(scene)).items()
    assert title == "Doubs"
    assert await in_list(scene, list_id) == ["Piscine ouverte", "Billet 2", "Billet 1", "Billet 0"]
    page = await scene.alice.client.get(f"/api/v1/timelines/list/{list_id}", {"limit": 2})
    assert 'rel="next"' in page.headers["link"]
    oldest = page.json[-1]["id"]
    assert await in_list(scene, list_id, max_id=oldest) == ["Billet 1", "Billet 0"]
    account = (await scene.alice.find(scene.doubs.handle))["id"]
    statuses = (await scene.alice.client.get(f"/api/v1/accounts/{account}/statuses")).ok()
    assert len(statuses) == 4, "the account shows something else than the list"
    assert (await scene.alice.client.get(f"/api/v1/lists/{list_id}")).ok()["replies_policy"] == "none"
    people = (await scene.alice.client.get(f"/api/v1/lists/{list_id}/accounts")).ok()
    assert [each["acct"] for each in people] == ["doubs@doubs.example"]
    assert (await scene.alice.client.get(f"/api/v1/accounts/{account}/lists")).ok()[0]["id"] == list_id


async def test_all_territories_without_doubles(scene: Scene) -> None:
    """A post that two territories announce stands once in the list of all."""
    region = await (await scene.fediverse.node("region.example")).territory("region")
    await scene.alice.follow(region.handle)
    await region.find(scene.ornans.handle)
    await scene.ornans.find(region.handle)
    await scene.agreed()
    uris = (region.actor.uri, scene.ornans.actor.uri)
    await Side(region.node, *uris).propose("territory")
    await scene.settle()
    await Side(scene.here.node, *uris).accept("member")
    await scene.settle()
    scene.fediverse.clock.forward(1)
    await scene.ornans.post("Marché ce soir")
    await scene.settle()
    found = await titles(scene)
    assert set(found) == {"Tous mes territoires", "Doubs", "Region"}
    for title, list_id in found.items():
        assert await in_list(scene, list_id) == ["Marché ce soir"], f"in the list {title}"


async def test_the_lists_are_nobody_elses(scene: Scene) -> None:
    """They follow from the follows: not changed, gone with the follow."""
    [list_id] = (await titles(scene)).values()
    client = scene.alice.client
    for answer in (
        await client.put(f"/api/v1/lists/{list_id}", {"title": "Amis"}),
        await client.delete(f"/api/v1/lists/{list_id}"),
        await client.post(f"/api/v1/lists/{list_id}/accounts", {"account_ids[]": list_id}),
    ):
        assert answer.status == 403
    bob = await scene.alice.node.person("bob")
    assert (await bob.client.get(f"/api/v1/timelines/list/{list_id}")).status == 404
    assert (await bob.client.get("/api/v1/lists")).ok() == []
    await client.post(f"/api/v1/accounts/{list_id}/unfollow")
    assert await titles(scene) == {}
    assert (await client.get(f"/api/v1/timelines/list/{list_id}")).status == 404
