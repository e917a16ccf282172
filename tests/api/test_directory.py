"""The directory: who of a domain wants to be found."""

import pytest

from tests.api.conftest import Place


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


async def test_who_wants_to_be_found_stands_in_the_directory(place: Place):
    alice, bruno, chloe = [await place.person(name) for name in ("alice", "bruno", "chloe")]
    await place.person("dora", discoverable=False)
    await place.person("autre", domain=place.agglo)
    await place.stranger("eve")
    await bruno.post("Bonjour")

    async def names(query: str = "") -> list[str]:
        found = (await place.client().get(f"/api/v1/directory?{query}")).ok()
        return [each["acct"] for each in found]

    assert await names() == ["bruno", "chloe", "alice"]
    assert await names("order=new&limit=2&local=true") == ["chloe", "bruno"]
    assert await names("order=new&limit=2&offset=2") == ["alice"]
    assert await names("offset=100000") == []
    await alice.do(f"/api/v1/accounts/{chloe.id}/block")
    assert [each["acct"] for each in await alice.get("/api/v1/directory")] == ["bruno"]
