"""Statuses that stay on the node: whoever is logged in here may read them, nobody else ever hears of them."""

from typing import Any

import pytest

from node.runtime.errors import NotFound
from node.timeline import boosts, records, visibility
from tests.api.conftest import Place


async def told(place: Place) -> int:
    """How many activities were to be sent."""
    found: int = await place.ctx.db.reader.value("SELECT COUNT(*) FROM delivery_orders")
    return found


@pytest.mark.parametrize(
    ("form", "level"),
    [
        ({"local_only": "true"}, "public"), ({"local_only": "true", "visibility": "unlisted"}, "unlisted"),
        ({"federated": "false", "visibility": "private"}, "private"), ({"visibility": "local"}, "public"),
    ],
)  # fmt: skip
async def test_it_has_a_usual_visibility_and_a_mark(place: Place, form: dict[str, str], level: str):
    alice = await place.person("alice")
    status = await alice.post("Entre nous", **form)
    assert (status["visibility"], status["local_only"]) == (level, True)
    assert await alice.get(f"/api/v1/statuses/{status['id']}") == status
    usual = await alice.post("Pour tous", federated="true")
    assert "local_only" not in usual


async def test_members_read_it_and_strangers_do_not(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    far = await place.stranger("zoe")
    status = await alice.post("Entre nous #rennes @zoe@ailleurs.example", local_only="true")
    path = f"/api/v1/statuses/{status['id']}"
    lists = ("/api/v1/timelines/public", "/api/v1/timelines/tag/rennes", f"/api/v1/accounts/{alice.id}/statuses")
    for where in lists:
        assert [each["id"] for each in await bruno.get(where)] == [status["id"]], where
        assert (await place.client().get(where)).ok() == [], where
    assert (await bruno.get(path))["id"] == status["id"]
    for more in ("", "/context", "/history", "/card", "/reblogged_by", "/favourited_by", "/quotes"):
        assert (await place.client().get(path + more)).status == 404, more
    post = await records.require(place.ctx.db.reader, int(status["id"]))
    assert not await visibility.may_read(place.ctx.db.reader, viewer_id=far.id, post=post), "named, and elsewhere"
    with pytest.raises(NotFound):
        await place.ctx.db.write(lambda tx: boosts.boost(tx, place.ctx, actor=far, post=post, uri=f"{far.uri}/boost"))


async def test_nothing_that_is_done_with_it_is_told_elsewhere(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    before = await told(place)
    status = await alice.post(
        "Entre nous", **{"local_only": "true", "poll[options]": ["a", "b"], "poll[expires_in]": "600"}
    )
    path = f"/api/v1/statuses/{status['id']}"
    answer = await bruno.post("@alice oui", in_reply_to_id=status["id"])
    quoting = await bruno.post("Voilà", quoted_status_id=status["id"])
    assert answer["local_only"] is quoting["local_only"] is True
    await alice.do(f"{path}/pin")
    await alice.do(f"{path}/unpin")
    (await alice.client.put(path, {"status": "Entre nous deux"})).ok()
    boosted = await bruno.do(f"{path}/reblog")
    assert boosted["reblog"]["local_only"] is True
    assert (await place.client().get(f"/api/v1/statuses/{boosted['id']}")).status == 404
    await bruno.do(f"{path}/favourite")
    await bruno.do(f"{path}/unreblog")
    await bruno.do(f"{path}/reblog")
    (await alice.client.delete(path)).ok()
    assert await told(place) == before
    await alice.post("Pour tous")
    assert await told(place) > before


async def test_what_stays_cannot_quote_what_came_from_elsewhere(place: Place):
    alice, far = await place.person("alice"), await place.stranger("zoe")
    allowed: dict[str, Any] = {"canQuote": {"automaticApproval": ["https://www.w3.org/ns/activitystreams#Public"]}}
    quoted = await place.receive(far, interactionPolicy=allowed)
    form = {"status": "Voyez", "local_only": "true", "quoted_status_id": str(quoted.id)}
    said = await alice.client.post("/api/v1/statuses", form)
    assert (said.status, "cannot quote" in said.json["error"]) == (422, True)
    answer = await alice.post("@zoe@ailleurs.example oui", local_only="true", in_reply_to_id=str(quoted.id))
    assert answer["local_only"] is True
