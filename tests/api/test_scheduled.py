"""Statuses written now and published later: once, at their time, by whom may then; what cannot be is kept with the reason."""

from typing import Any

import pytest

from node import worker
from node.actors import memberships
from node.media import attachments
from node.runtime.clock import iso
from node.runtime.jobs.queue import JobQueue
from node.timeline import scheduled
from tests.api.conftest import Place, Someone, picture


def at(place: Place, seconds: int) -> str:
    return iso(place.ctx.clock.now_ms() + seconds * 1000)


async def work(place: Place) -> None:
    """Everything that is due is done."""
    queue = JobQueue(worker.HANDLERS)
    while await queue.turn(place.ctx):
        pass


async def written(
    someone: Someone, place: Place, text: str = "Demain", seconds: int = 3600, **more: Any
) -> dict[str, Any]:
    made: dict[str, Any] = await someone.do(
        "/api/v1/statuses", {"status": text, "scheduled_at": at(place, seconds), **more}
    )
    return made


async def own(someone: Someone) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = await someone.get(f"/api/v1/accounts/{someone.id}/statuses")
    return found


async def test_a_status_is_published_once_at_its_time(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    file = (await alice.client.upload("/api/v2/media", {"file": ("a.png", "image/png", picture())})).ok()
    kept = await written(
        alice, place, "@bruno le marché #rennes", spoiler_text="Annonce", language="fr", visibility="unlisted",
        **{"media_ids[]": file["id"]},
    )  # fmt: skip
    assert kept["scheduled_at"] == at(place, 3600)
    assert kept["params"] == {
        "text": "@bruno le marché #rennes", "poll": None, "media_ids": [file["id"]], "sensitive": False,
        "spoiler_text": "Annonce", "visibility": "unlisted", "in_reply_to_id": None, "language": "fr",
        "application_id": 0, "scheduled_at": None, "idempotency": None, "with_rate_limit": False,
        "quoted_status_id": None, "quote_approval_policy": "public", "local_only": False,
    }  # fmt: skip
    assert [each["id"] for each in kept["media_attachments"]] == [file["id"]]
    assert await alice.get("/api/v1/scheduled_statuses") == [kept]
    assert await alice.get(f"/api/v1/scheduled_statuses/{kept['id']}") == kept
    place.later(3590)
    await work(place)
    assert await own(alice) == []
    assert all(each["type"] != "mention" for each in await bruno.get("/api/v1/notifications"))
    place.later(11)
    await work(place)
    (status,) = await own(alice)
    assert status["visibility"] == "unlisted"
    assert (status["spoiler_text"], status["language"]) == ("Annonce", "fr")
    assert [each["id"] for each in status["media_attachments"]] == [file["id"]]
    assert status["tags"][0]["name"] == "rennes"
    assert (await bruno.get("/api/v1/notifications"))[0]["type"] == "mention"
    assert await alice.get("/api/v1/scheduled_statuses") == []
    assert (await alice.client.get(f"/api/v1/scheduled_statuses/{kept['id']}")).status == 404
    await scheduled.publish_job(place.ctx, {"id": int(kept["id"])})
    assert len(await own(alice)) == 1, "a job that ran again published it again"


async def test_a_job_that_is_killed_before_its_commit_publishes_once(place: Place, monkeypatch: pytest.MonkeyPatch):
    """The row and the post change in one transaction: nothing is half done, and the next try does all of it."""
    alice = await place.person("alice")
    kept = await written(alice, place)
    place.later(3601)
    react = place.ctx.db.before_commit

    async def die(tx: Any, fact: object) -> None:
        raise RuntimeError("killed")

    place.ctx.db.before_commit = die
    with pytest.raises(RuntimeError):
        await scheduled.publish_job(place.ctx, {"id": int(kept["id"])})
    place.ctx.db.before_commit = react
    assert await own(alice) == []
    assert len(await alice.get("/api/v1/scheduled_statuses")) == 1
    await work(place)
    await work(place)
    assert [each["content"] for each in await own(alice)] == ["<p>Demain</p>"]


async def test_another_time_counts_and_a_status_thrown_away_is_never_published(place: Place):
    alice = await place.person("alice")
    one, other = await written(alice, place, "Un"), await written(alice, place, "Deux")
    path = f"/api/v1/scheduled_statuses/{one['id']}"
    later = (await alice.client.put(path, {"scheduled_at": at(place, 7200)})).ok()
    assert later["scheduled_at"] == at(place, 7200)
    assert (await alice.client.delete(f"/api/v1/scheduled_statuses/{other['id']}")).ok() == {}
    place.later(3601)
    await work(place)
    assert await own(alice) == []
    place.later(3600)
    await work(place)
    assert [each["content"] for each in await own(alice)] == ["<p>Un</p>"]
    sooner = await written(alice, place, "Trois", 7200)
    (await alice.client.put(f"/api/v1/scheduled_statuses/{sooner['id']}", {"scheduled_at": at(place, 400)})).ok()
    place.later(401)
    await work(place)
    assert len(await own(alice)) == 2


@pytest.mark.parametrize(
    "when",
    ["tomorrow", "2026-13-01T00:00:00Z", "0001-01-01T00:00:00+23:59", "9999-12-31T23:59:59Z", "2001-01-01T00:00:00Z"],
)
async def test_a_time_that_is_none_is_refused(place: Place, when: str):
    alice = await place.person("alice")
    said = await alice.client.post("/api/v1/statuses", {"status": "x", "scheduled_at": when})
    assert (said.status, bool(said.json["error"])) == (422, True)
    assert await own(alice) == await alice.get("/api/v1/scheduled_statuses") == []


async def test_what_could_not_be_published_is_refused_when_it_is_written(place: Place):
    alice = await place.person("alice")
    for more in (
        {"scheduled_at": at(place, 299)}, {"scheduled_at": at(place, 400), "status": ""},
        {"scheduled_at": at(place, 400), "status": "x" * 5001}, {"scheduled_at": at(place, 400), "media_ids[]": "1"},
        {"scheduled_at": at(place, 400), "poll[options]": ["un seul"], "poll[expires_in]": "600"},
    ):  # fmt: skip
        said = await alice.client.post("/api/v1/statuses", {"status": "x", **more})
        assert said.status == 422, (more, said.body)
    kept = await written(alice, place)
    for more in ({}, {"scheduled_at": at(place, 10)}, {"scheduled_at": "soon"}):
        assert (await alice.client.put(f"/api/v1/scheduled_statuses/{kept['id']}", more)).status == 422, more
    assert await alice.get("/api/v1/scheduled_statuses") == [kept]


async def test_so_many_and_no_more(place: Place, monkeypatch: pytest.MonkeyPatch):
    alice = await place.person("alice")
    monkeypatch.setattr(scheduled, "MAX_A_DAY", 2)
    monkeypatch.setattr(scheduled, "MAX_ALL", 3)
    day = 24 * 3600
    kept = [await written(alice, place, "x", seconds) for seconds in (day, day)]
    over = await alice.client.post("/api/v1/statuses", {"status": "x", "scheduled_at": at(place, day)})
    assert over.status == 422
    (await alice.client.put(f"/api/v1/scheduled_statuses/{kept[0]['id']}", {"scheduled_at": at(place, day)})).ok()
    await written(alice, place, "x", 3 * day)
    over = await alice.client.post("/api/v1/statuses", {"status": "x", "scheduled_at": at(place, 9 * day)})
    assert over.status == 422


async def test_a_client_that_sends_twice_schedules_once(place: Place):
    alice = await place.person("alice")
    form = {"status": "Une fois", "scheduled_at": at(place, 3600)}
    one = await alice.do("/api/v1/statuses", form, Idempotency_Key="k")
    two = await alice.do("/api/v1/statuses", form, Idempotency_Key="k")
    assert one == two
    assert len(await alice.get("/api/v1/scheduled_statuses")) == 1


async def test_its_files_are_its_own_until_its_time(place: Place):
    alice = await place.person("alice")
    file = (await alice.client.upload("/api/v2/media", {"file": ("a.png", "image/png", picture())})).ok()
    kept = await written(alice, place, seconds=3 * 24 * 3600, **{"media_ids[]": file["id"]})
    place.later(2 * 24 * 3600)
    await place.ctx.db.write(lambda tx: attachments.remove_unused(tx, place.ctx))
    assert (await alice.client.delete(f"/api/v1/media/{file['id']}")).status == 422
    stolen = await alice.client.post("/api/v1/statuses", {"status": "x", "media_ids[]": file["id"]})
    assert stolen.status == 422
    (await alice.client.delete(f"/api/v1/scheduled_statuses/{kept['id']}")).ok()
    await alice.post("x", **{"media_ids[]": file["id"]})


async def test_somebody_elses_is_not_there(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    kept = await written(alice, place)
    path = f"/api/v1/scheduled_statuses/{kept['id']}"
    assert await bruno.get("/api/v1/scheduled_statuses") == []
    for said in (
        await bruno.client.get(path), await bruno.client.put(path, {"scheduled_at": at(place, 900)}),
        await bruno.client.delete(path), await alice.client.get("/api/v1/scheduled_statuses/1"),
    ):  # fmt: skip
        assert (said.status, said.json) == (404, {"error": "Record not found"})
    assert (await place.client().get(path)).status == 401
    assert await alice.get(path) == kept


async def test_what_a_contributor_scheduled_waits_for_approval_at_its_time(place: Place):
    owner = await place.person("mairie", type="Organization")
    carla = await place.agent(owner.actor, role="contributor")
    edith = await place.agent(owner.actor, role="editor")
    kept = await written(carla, place, "Le kiosque")
    others = await written(edith, place, "Le marché")
    assert (await carla.client.delete(f"/api/v1/scheduled_statuses/{others['id']}")).status == 403
    assert [each["id"] for each in await carla.get("/api/v1/scheduled_statuses")] == [others["id"], kept["id"]]
    place.later(3601)
    await work(place)
    seen = {each["visibility"]: each["content"] for each in await own(owner)}
    assert seen["public"] == "<p>Le marché</p>"
    assert "Le kiosque" in seen["direct"]
    (waiting,) = await owner.get("/api/v1/beffroi/statuses/waiting")
    assert waiting["beffroi"]["waiting"] is True


async def test_who_has_left_publishes_nothing_any_more(place: Place):
    owner = await place.person("mairie", type="Organization")
    edith = await place.agent(owner.actor, role="editor")
    await written(edith, place, "Le marché")
    await place.ctx.db.write(lambda tx: memberships.remove(tx, person_id=edith.person_id, actor_id=owner.actor.id))
    place.later(3601)
    await work(place)
    assert [each["visibility"] for each in await own(owner)] == ["direct"], "it waits for somebody of the team"


async def test_what_cannot_be_published_at_its_time_is_kept_and_says_why(place: Place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    asked = await bruno.post("Qui vient ?")
    kept = await written(alice, place, "@bruno moi", in_reply_to_id=asked["id"])
    (await bruno.client.delete(f"/api/v1/statuses/{asked['id']}")).ok()
    place.later(3601)
    await work(place)
    assert await own(alice) == []
    (failed,) = await alice.get("/api/v1/scheduled_statuses")
    assert failed["id"] == kept["id"]
    assert "gone" in failed["beffroi"]["failed"]


async def test_a_poll_is_open_from_its_publication(place: Place):
    alice = await place.person("alice")
    poll: dict[str, Any] = {"poll[options]": ["Oui", "Non"], "poll[expires_in]": "600"}
    kept = await written(alice, place, "Vous venez ?", **poll)
    assert kept["params"]["poll"] == {"options": ["Oui", "Non"], "expires_in": "600", "multiple": False, "hide_totals": False}  # fmt: skip
    place.later(3600)
    await work(place)
    (status,) = await own(alice)
    assert status["poll"]["expires_at"] == at(place, 600)
