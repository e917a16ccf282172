"""What an account chose for itself costs a page a fixed number of queries, however much it chose and however long the page."""

import pytest

from tests.api.conftest import Place
from tests.api.test_timelines import Counting


@pytest.fixture(params=["sqlite", "postgresql"])
def dialect(request: pytest.FixtureRequest) -> str:
    """Both: each list adds conditions to its statement."""
    kind: str = request.param
    if kind == "postgresql":
        request.getfixturevalue("postgresql")
    return kind


PAGES = (
    "/api/v1/timelines/home", "/api/v1/timelines/public", "/api/v1/timelines/tag/fete", "/api/v1/notifications",
    "/api/v1/mutes", "/api/v1/domain_blocks", "/api/v1/followed_tags", "/api/v1/featured_tags", "/api/v1/endorsements",
    "/api/v2/filters", "/api/v1/filters", "/api/v1/lists", "/api/v1/suggestions", "/api/v2/suggestions", "/api/v1/directory",
)  # fmt: skip


async def test_what_one_chose_costs_the_same_for_little_and_much(place: Place):
    alice = await place.person("alice")
    list_id = (await alice.do("/api/v1/lists", {"title": "Voisins"}))["id"]
    names = iter(range(100))

    async def fill(many: int) -> None:
        for _ in range(many):
            number = next(names)
            loud, calm = await place.person(f"fort{number}"), await place.person(f"calme{number}")
            for other in (loud, calm):
                await alice.do(f"/api/v1/accounts/{other.id}/follow")
                status = await other.post(f"@alice Numéro {number} #fete")
                await alice.do(f"/api/v1/statuses/{status['id']}/mute")
            await alice.do(f"/api/v1/accounts/{loud.id}/mute")
            await alice.do(f"/api/v1/accounts/{calm.id}/endorse")
            await alice.do(f"/api/v1/lists/{list_id}/accounts", {"account_ids[]": calm.id})
            await alice.do("/api/v1/domain_blocks", {"domain": f"loin{number}.example"})
            await alice.do(f"/api/v1/tags/mot{number}/follow")
            await alice.do("/api/v1/featured_tags", {"name": f"mot{number}"})
            await alice.do("/api/v1/filters", {"phrase": f"Numéro {number}", "context[]": "home"})
            place.later()

    async def cost(path: str) -> int:
        await alice.get(path)  # what was just written is in memory then, as for whoever reads on
        reader = place.ctx.db.reader
        place.ctx.db.reader = counting = Counting(reader)
        try:
            await alice.get(path)
        finally:
            place.ctx.db.reader = reader
        return counting.count

    await fill(1)
    members = (f"/api/v1/timelines/list/{list_id}", f"/api/v1/lists/{list_id}/accounts")
    few = {path: await cost(path) for path in (*PAGES, *members)}
    await fill(4)
    many = {path: await cost(path) for path in few}
    assert many == few, "a page asks more because more was chosen"
    assert max(few.values()) <= 5, f"{few}"
