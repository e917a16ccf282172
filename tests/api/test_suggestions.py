"""Whom one might want to follow: the communes around first."""

import pytest

from tests.api.conftest import Place


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def test_the_commune_and_those_around_it_come_first(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    town = await place.person("besancon", type="Organization", kind="commune", insee="25056")
    near = await place.person("ecole", type="Organization", kind="commune", insee="25212", domain=place.agglo)
    await place.person("paris", type="Organization", kind="commune", insee="75056", domain=place.agglo)
    await place.person("dora", discoverable=False)
    found = await alice.get("/api/v2/suggestions")
    assert [(each["account"]["id"], each["sources"]) for each in found] == [
        (town.id, ["featured"]), (near.id, ["featured"]), (bruno.id, ["most_followed"]),
    ]  # fmt: skip
    assert [each["id"] for each in await alice.get("/api/v1/suggestions?limit=1")] == [town.id]
    await alice.do(f"/api/v1/accounts/{town.id}/follow")
    assert (await alice.client.delete(f"/api/v1/suggestions/{bruno.id}")).ok() == {}
    assert (await alice.client.delete(f"/api/v1/suggestions/{bruno.id}")).ok() == {}
    assert (await alice.client.delete("/api/v1/suggestions/1")).status == 404
    assert [each["id"] for each in await alice.get("/api/v1/suggestions")] == [near.id]
    await alice.do(f"/api/v1/accounts/{near.id}/mute")
    assert await alice.get("/api/v1/suggestions") == []
