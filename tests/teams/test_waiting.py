"""A contributor writes with an unmodified application; nobody but her team sees it until it is approved."""

from typing import Any

import pytest

from tests.privacy.world import picture
from tests.teams.conftest import Team

WORD = "canari vert"


async def readers(team: Team) -> dict[str, str]:
    """Everybody who is not of the team, by every way there is: what they are shown, which must not hold the word."""
    node, host = team.node, team.host
    if not team.others:
        lyon = await team.fediverse.node("lyon.example")
        bruno = await lyon.person("bruno")
        await bruno.follow(f"mairie@{host}")
        eve = await node.person("eve")
        await eve.follow(f"mairie@{host}")
        await team.fediverse.settle()
        team.others = {"bruno": bruno.client, "eve": eve.client, "nobody": node.visitor()}
    others = team.others
    shown: dict[str, str] = {}
    account = team.hall.actor.id
    for who, path in (
        *(("eve", path) for path in ("/api/v1/timelines/home", "/api/v1/notifications")),
        ("bruno", "/api/v1/timelines/home"), ("bruno", "/api/v1/notifications"),
        *((who, path) for who in ("eve", "nobody") for path in (
            "/api/v1/timelines/public", "/api/v1/timelines/public?local=true", "/api/v1/timelines/tag/canari",
            f"/api/v1/accounts/{account}/statuses", "/api/v2/search?q=canari")),
        *(("nobody", path) for path in (
            "/", "/@mairie", "/@mairie.rss", "/tags/canari", "/users/mairie/outbox", "/users/mairie/outbox?page=true")),
    ):  # fmt: skip
        answer = await others[who].get(path, accept="application/activity+json" if "/users/" in path else "*/*")
        assert answer.status == 200, (path, answer.status)
        shown[f"{who} {path}"] = answer.text
    return shown


async def sees(team: Team) -> list[str]:
    await team.fediverse.settle()
    return [where for where, text in (await readers(team)).items() if WORD in text.lower()]


async def test_a_contributors_post_waits_for_its_team(team: Team):
    """She gets a real status; her team sees it, nobody else does; approved, it is on top everywhere and elsewhere."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    assert await sees(team) == []
    sent = await carla.client.upload(
        "/api/v2/media", {"file": ("a.png", "image/png", picture())}, {"description": "Le kiosque"}
    )
    body = {
        "status": "Canari vert au kiosque, @bruno@lyon.example @eve #canari", "media_ids[]": sent.ok()["id"], "language": "fr",
        "spoiler_text": "", "visibility": "public",
    }  # fmt: skip
    status = (await carla.client.post("/api/v1/statuses", body, idempotency_key="k1")).ok()
    again = (await carla.client.post("/api/v1/statuses", body, idempotency_key="k1")).ok()
    assert again["id"] == status["id"], "the same key made a second post"
    assert status["visibility"] == "direct"
    assert status["beffroi"] == {"waiting": True, "refused": None, "visibility": "public"}
    assert "En attente d’approbation" in status["content"]
    assert "Canari vert au kiosque" in status["content"]
    assert status["uri"].endswith(status["id"])
    assert status["media_attachments"][0]["description"] == "Le kiosque"
    for field in ("account", "created_at", "url", "tags", "mentions", "emojis", "application", "poll", "card"):
        assert field in status
    for who in (carla, edith, await team.agent("rene", "reader")):
        assert (await who.client.get(f"/api/v1/statuses/{status['id']}")).status == 200
        assert (await who.client.get(f"/api/v1/statuses/{status['id']}/context")).status == 200
        home = (await who.client.get("/api/v1/timelines/home")).ok()
        assert [each["id"] for each in home] == [status["id"]]
        own = (await who.client.get(f"/api/v1/accounts/{team.hall.actor.id}/statuses")).ok()
        assert [each["id"] for each in own] == [status["id"]]
    assert await sees(team) == []
    assert (await team.node.visitor().get(f"/@mairie/{status['id']}")).status == 404
    assert (await team.others["eve"].get(f"/api/v1/statuses/{status['id']}")).status == 404
    account = (await team.node.visitor().get(f"/api/v1/accounts/{team.hall.actor.id}")).ok()
    assert (account["statuses_count"], account["last_status_at"]) == (0, None)

    assert (await carla.client.post(f"/api/v1/beffroi/statuses/{status['id']}/approve")).status == 403
    await team.post("Entre-temps, la piscine ferme.")
    team.fediverse.clock.forward(60)
    published = (await edith.client.post(f"/api/v1/beffroi/statuses/{status['id']}/approve")).ok()
    assert published["visibility"] == "public"
    assert "beffroi" not in published
    assert "En attente" not in published["content"]
    assert published["media_attachments"][0]["description"] == "Le kiosque"
    assert published["created_at"] > status["created_at"], "it is published when it is approved"
    assert len(await sees(team)) > 10, "once approved, it is read by everybody"
    bruno, eve = team.others["bruno"], team.others["eve"]
    assert "kiosque" in (await eve.get("/api/v1/timelines/home")).ok()[0]["content"], "it is not on top"
    assert "kiosque" in (await bruno.get("/api/v1/timelines/home")).ok()[0]["content"]
    assert [each["type"] for each in (await bruno.get("/api/v1/notifications")).ok()] == ["mention"]
    for path in (f"/api/v1/statuses/{status['id']}", f"/api/v1/statuses/{status['id']}/source"):
        assert (await carla.client.get(path)).ok()["id"] == published["id"], "her application lost its post"
    again = (await carla.client.post("/api/v1/statuses", body, idempotency_key="k1")).ok()
    assert again["id"] == published["id"]
    home = (await carla.client.get("/api/v1/timelines/home")).ok()
    assert home[0]["id"] == published["id"]
    assert status["id"] not in [each["id"] for each in home]
    assert (await eve.get(f"/api/v1/statuses/{status['id']}")).status == 404, "the old id is the team's alone"


async def test_what_is_refused_is_changed_and_waits_again(team: Team):
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert, reunion"})).ok()
    base = f"/api/v1/beffroi/statuses/{status['id']}"
    assert (await edith.client.post(f"{base}/refuse", {"reason": " "})).status == 422, "a refusal without a reason"
    refused = (await edith.client.post(f"{base}/refuse", {"reason": "Il manque l’heure."})).ok()
    assert refused["beffroi"] == {"waiting": False, "refused": "Il manque l’heure.", "visibility": "public"}
    assert "Il manque l’heure." in refused["content"]
    assert (await edith.client.post(f"{base}/approve")).status == 422
    edited = (
        await carla.client.put(f"/api/v1/statuses/{status['id']}", {"status": "Canari vert, réunion à 19 h"})
    ).ok()
    assert edited["id"] == status["id"]
    assert edited["beffroi"]["waiting"] is True
    waiting = (await edith.client.get("/api/v1/beffroi/statuses/waiting")).ok()
    assert [each["id"] for each in waiting] == [status["id"]]
    assert await sees(team) == []
    (await edith.client.put(f"/api/v1/statuses/{status['id']}", {"status": "Canari vert, réunion à 19 h 30"})).ok()
    published = (await edith.client.post(f"{base}/approve")).ok()
    assert "19 h 30" in published["content"]
    assert published["edited_at"] is None
    assert await sees(team)


async def test_she_changes_her_mind(team: Team):
    """What is withdrawn leaves nothing: not on her team's lists, not as a deletion that others hear of."""
    carla, didier = await team.agent("carla", "contributor"), await team.agent("didier", "contributor")
    await readers(team)
    asked = (await team.others["eve"].post("/api/v1/statuses", {"status": "@mairie une question"})).ok()
    status = (
        await carla.client.post("/api/v1/statuses", {"status": "Canari vert @eve", "in_reply_to_id": asked["id"]})
    ).ok()
    assert status["in_reply_to_id"] == asked["id"]
    context = (await didier.client.get(f"/api/v1/statuses/{asked['id']}/context")).ok()
    assert [each["id"] for each in context["descendants"]] == [status["id"]]
    assert (await didier.client.delete(f"/api/v1/statuses/{status['id']}")).status == 403
    assert (await didier.client.put(f"/api/v1/statuses/{status['id']}", {"status": "x"})).status == 403
    before = await _told(team)
    gone = (await carla.client.delete(f"/api/v1/statuses/{status['id']}")).ok()
    assert gone["text"] == "Canari vert @eve"
    assert (await carla.client.get(f"/api/v1/statuses/{status['id']}")).status == 404
    assert (await carla.client.get("/api/v1/timelines/home")).ok() == []
    path = f"/users/mairie/statuses/{status['id']}"
    answer = await team.node.visitor().get(path, accept="application/activity+json")
    assert answer.status == 404, "a tombstone tells that something waited"
    assert await sees(team) == []
    assert await _told(team) == before, "another server hears that something was deleted"


async def _told(team: Team) -> int:
    count: int = await team.node.ctx.db.reader.value(
        "SELECT COUNT(*) FROM delivery_orders WHERE actor_id = $1", team.hall.actor.id
    )
    return count


@pytest.mark.parametrize("act", ["reblog", "favourite", "pin", "follow", "edit", "delete", "profile", "block"])
async def test_what_a_contributor_does_not_do_alone(team: Team, act: str):
    """She writes; she does not speak in the town's name otherwise."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    post = await team.post("Bonjour")
    eve = await team.node.person("eve")
    ways = {
        "reblog": ("POST", f"/api/v1/statuses/{post.id}/reblog", {}),
        "favourite": ("POST", f"/api/v1/statuses/{post.id}/favourite", {}),
        "pin": ("POST", f"/api/v1/statuses/{post.id}/pin", {}),
        "follow": ("POST", f"/api/v1/accounts/{eve.actor.id}/follow", {}),
        "edit": ("PUT", f"/api/v1/statuses/{post.id}", {"status": "Autre"}),
        "delete": ("DELETE", f"/api/v1/statuses/{post.id}", {}),
        "profile": ("PATCH", "/api/v1/accounts/update_credentials", {"note": "x"}),
        "block": ("POST", f"/api/v1/accounts/{eve.actor.id}/block", {}),
    }
    method, path, data = ways[act]
    for role, status in (("contributor", 403), ("reader", 403)):
        await team.role(carla.person, role)  # type: ignore[arg-type]
        team.fediverse.clock.forward(6)
        assert (await carla.client.request(method, path, data=data)).status == status, role
    assert (await edith.client.request(method, path, data=data)).status == 200


@pytest.mark.parametrize("verb", ["reblog", "pin"])
async def test_what_waits_is_nothing_to_share(team: Team, verb: str):
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert", "poll[options][]": "Oui"})).status
    assert status == 422, "a poll with one option waits"
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert"})).ok()
    assert (await edith.client.post(f"/api/v1/statuses/{status['id']}/{verb}")).status >= 400
    answer = await edith.client.post("/api/v1/statuses", {"status": "réponse", "in_reply_to_id": status["id"]})
    assert answer.status == 422, "an answer tells of what waits"
    quoting = await edith.client.post("/api/v1/statuses", {"status": "vu", "quoted_status_id": status["id"]})
    assert quoting.status >= 400
    policy = f"/api/v1/statuses/{status['id']}/interaction_policy"
    assert (await edith.client.put(policy, {"quote_approval_policy": "nobody"})).status == 422


async def test_a_poll_waits_too(team: Team):
    """It is shown as it will be, is open from its publication, and nobody hears of its end before."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    asked = {"status": "Canari vert ?", "poll": {"options": ["Oui", "Non"], "expires_in": 3600, "multiple": False}}
    status = (await carla.client.post("/api/v1/statuses", json=asked)).ok()
    assert [each["title"] for each in status["poll"]["options"]] == ["Oui", "Non"]
    await team.fediverse.later(7200)
    assert (await edith.client.get("/api/v1/notifications")).ok() == []
    published = (await edith.client.post(f"/api/v1/beffroi/statuses/{status['id']}/approve")).ok()
    assert published["poll"]["expired"] is False
    assert [each["title"] for each in published["poll"]["options"]] == ["Oui", "Non"]


async def test_who_may_quote_and_reply_is_changed_with_what_waits(team: Team):
    """Applications send it with every edit; what is published in the end is what was said last."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert"})).ok()
    policy = {"can_reply": {"automatic_approval": ["followers"], "manual_approval": []}}
    change = {"status": "Canari bleu", "quote_approval_policy": "nobody", "interaction_policy": policy}
    changed = (await carla.client.put(f"/api/v1/statuses/{status['id']}", json=change)).ok()
    assert changed["beffroi"]["waiting"] is True
    published = (await edith.client.post(f"/api/v1/beffroi/statuses/{status['id']}/approve")).ok()
    assert published["quote_approval"]["automatic"] == []
    assert "public" not in published["interaction_policy"]["can_reply"]["automatic_approval"]


async def test_what_was_refused_hides_nothing_that_waits(team: Team):
    """A hundred posts that nobody ever changed, and one of this morning."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert"})).ok()
    refused = [(number, team.hall.actor.id) for number in range(1, 101)]
    await team.node.ctx.db.write(
        lambda tx: tx.executemany(
            "INSERT INTO waiting_posts (id, actor_id, visibility, state, created_ms) VALUES ($1, $2, 'public', 'refused', 1)",
            refused,
        )
    )
    waiting = (await edith.client.get("/api/v1/beffroi/statuses/waiting")).ok()
    assert [each["id"] for each in waiting] == [status["id"]], "what waits is not shown to who approves"


async def test_pictures_of_what_is_published_are_not_hers(team: Team):
    """What they show is said anew with an edit of their own post alone, which a contributor may not make."""
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    file = ("a.png", "image/png", picture())
    sent = (await edith.client.upload("/api/v2/media", {"file": file}, {"description": "Le kiosque"})).ok()
    shown = (await edith.client.post("/api/v1/statuses", {"status": "Au parc", "media_ids[]": sent["id"]})).ok()
    hers = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert"})).ok()
    change: Any = {
        "status": "Canari vert",
        "media_attributes": [{"id": sent["id"], "description": "Le maire est un voleur"}],
    }
    answer = await carla.client.put(f"/api/v1/statuses/{hers['id']}", json=change)
    assert answer.status == 404
    media = (await edith.client.get(f"/api/v1/media/{sent['id']}")).ok()
    assert media["description"] == "Le kiosque", "a contributor wrote into a published post"
    change["media_attributes"][0]["description"] = "Le kiosque rouge"
    edited = (await edith.client.put(f"/api/v1/statuses/{shown['id']}", json={**change, "status": "Au parc"})).ok()
    assert edited["media_attachments"][0]["description"] == "Le kiosque rouge"


async def test_two_editors_decide_at_once(team: Team):
    carla, edith = await team.agent("carla", "contributor"), await team.agent("edith", "editor")
    status = (await carla.client.post("/api/v1/statuses", {"status": "Canari vert"})).ok()
    base = f"/api/v1/beffroi/statuses/{status['id']}"
    (await edith.client.post(f"{base}/approve")).ok()
    assert (await edith.client.post(f"{base}/approve")).status == 404
    assert (await edith.client.post(f"{base}/refuse", {"reason": "x"})).status == 404
    other = await team.node.town("piscine")
    assert (await other.client.post(f"{base}/approve")).status == 404
