"""What is refused, in which words: missing, bad, weak and foreign tokens, unknown routes, other people's things."""

import pytest

from node.api.routes import ENDPOINTS
from node.oauth import tokens
from tests.support.client import Client

NEEDS_PERSON = [each for each in ENDPOINTS if each.access == "person"]


def path_of(endpoint, id_: str = "1") -> str:
    return "/".join(id_ if part.startswith(":") else part for part in endpoint.path.split("/"))


async def test_every_endpoint_of_a_person_asks_for_her_token(place):
    nobody, app = (
        place.client(),
        place.client(await place.token(None, None, ("read", "write", "follow", "push", "profile"))),
    )
    for each in NEEDS_PERSON:
        said = await nobody.request(each.method, path_of(each))
        assert (said.status, said.json) == (401, {"error": "The access token is invalid"}), each.path
        said = await app.request(each.method, path_of(each))
        assert (said.status, said.json) == (422, {"error": "This method requires an authenticated user"}), each.path
        place.later(30)


async def test_every_scope_is_asked_for(place):
    alice = await place.person("alice", scopes=("admin:read",))
    for each in ENDPOINTS:
        if each.scope is None:
            continue
        said = await alice.client.request(each.method, path_of(each))
        assert (said.status, said.json) == (403, {"error": "This action is outside the authorized scopes"}), each.path
        place.later(30)


async def test_what_is_not_there_is_not_found_at_every_endpoint(place):
    alice = await place.person("alice")
    strange = ("0", "1", "9" * 19, "9" * 40, "abc", "-1", "1%00", "%F0%9F%98%80")
    for each in ENDPOINTS:
        if ":id" not in each.path or each.path.endswith("/dismiss"):
            continue
        for id_ in strange:
            said = await alice.client.request(each.method, path_of(each, id_))
            assert said.status == 404, f"{each.method} {each.path} with {id_}: {said.status} {said.body[:200]!r}"
            assert said.json == {"error": "Record not found"}, each.path
            place.later(5)


async def test_an_unknown_route_is_json_too(place):
    for method, path in (
        ("GET", "/api/v1/nothing"),
        ("POST", "/api/v9"),
        ("GET", "/api/"),
        ("GET", "/api/v1/statuses/1/x/y"),
    ):
        said = await place.client().request(method, path)
        assert said.status == 404
        assert "error" in said.json
    said = await place.client().request("DELETE", "/api/v1/timelines/home")
    assert said.status == 404


async def test_a_path_may_end_in_a_slash(place):
    assert (await place.client().get("/api/v1/timelines/public/")).ok() == []


async def test_a_bad_token_is_refused_also_where_none_is_needed(place):
    said = await place.client("no such token").get("/api/v1/timelines/public")
    assert (said.status, said.json["error"]) == (401, "The access token is invalid")
    assert (await place.client("no such token").get("/api/v2/instance")).status == 200


async def test_a_revoked_token_is_refused_at_the_next_request(place):
    alice = await place.person("alice")
    await alice.get("/api/v1/timelines/home")
    await place.ctx.db.write(lambda tx: tokens.revoke_of_person(tx, place.ctx, person_id=alice.person_id))
    said = await alice.client.get("/api/v1/timelines/home")
    assert (said.status, said.json["error"]) == (401, "The access token is invalid")


async def test_a_token_is_worth_nothing_on_another_domain_of_the_node(place):
    alice = await place.person("alice")
    said = await place.client(alice.client.token, place.agglo).get("/api/v1/accounts/verify_credentials")
    assert said.status == 401


async def test_a_host_that_is_none_of_ours_is_not_served(place):
    for host in ("autre.example", "", "ville.example:99", "[::1", "x" * 300, "ville.example/"):
        said = await Client(place.app, host).get("/api/v2/instance")
        assert said.status == 404, host


@pytest.mark.parametrize(
    ("role", "writes", "edits"),
    [
        ("owner", 200, 200),
        ("editor", 200, 200),
        ("contributor", 200, 403),
        ("moderator", 403, 403),
        ("reader", 403, 403),
    ],
)
async def test_an_agent_does_what_her_role_allows(place, role, writes, edits):
    town = await place.person("mairie-de-ville", type="Organization")
    agent = await place.agent(town.actor, role=role)
    assert (await agent.client.get("/api/v1/timelines/home")).status == 200
    assert (await agent.client.post("/api/v1/statuses", {"status": "Bonjour"})).status == writes
    said = await agent.client.patch("/api/v1/accounts/update_credentials", {"note": "La ville"})
    assert said.status == edits


async def test_bad_bodies_are_answered_400_and_413(place):
    alice = await place.person("alice")
    for body, kind, status in (
        (b"{", "application/json", 400),
        (b"x", "multipart/form-data; boundary=y", 400),
        (b"<a/>", "application/xml", 400),
        (b"status=" + b"x" * 2_000_000, "application/x-www-form-urlencoded", 413),
    ):
        said = await alice.client.request("POST", "/api/v1/statuses", body=body, headers={"content-type": kind})
        assert said.status == status, said.body
        assert said.json["error"]


async def test_wrong_values_are_answered_400_and_422(place):
    alice = await place.person("alice")
    for path, query in (
        ("/api/v1/timelines/home", "max_id=abc"),
        ("/api/v1/timelines/home", "limit=many"),
        ("/api/v1/timelines/home", "max_id[a]=1"),
        ("/api/v1/accounts/relationships", "id[]=x"),
        ("/api/v1/accounts/lookup", ""),
        ("/api/v2/search", "q="),
    ):
        said = await alice.client.get(f"{path}?{query}")
        assert said.status == 400, f"{path}?{query}: {said.body!r}"
    for data in (
        {"status": ""},
        {"status": "   "},
        {"status": "x" * 5001},
        {"status": "x", "visibility": "everyone"},
        {"status": "x", "media_ids": ["1"]},
        {"status": "x", "scheduled_at": "2003-01-01T00:00:00Z"},
        {"status": "x", "poll[options]": ["a", "b"]},
    ):
        said = await alice.client.post("/api/v1/statuses", data)
        assert said.status == 422, f"{data}: {said.body!r}"
    said = await alice.client.post("/api/v1/statuses", {"status": "x", "in_reply_to_id": "1"})
    assert said.status == 404


async def test_too_often_is_refused_with_the_time_to_come_back(place):
    nobody = place.client()
    for left in range(299, -1, -1):
        said = await nobody.get("/api/v1/custom_emojis")
        assert (said.status, said.headers["x-ratelimit-remaining"]) == (200, str(left))
    said = await nobody.get("/api/v1/custom_emojis")
    assert (said.status, said.json) == (429, {"error": "Too many requests"})
    assert said.headers["x-ratelimit-limit"] == "300"
    assert said.headers["x-ratelimit-reset"].endswith("Z")
    assert int(said.headers["retry-after"]) > 0
    assert (await place.client(address="198.51.100.1").get("/api/v1/custom_emojis")).status == 200
    place.later(301)
    assert (await nobody.get("/api/v1/custom_emojis")).status == 200


async def test_a_person_is_counted_by_her_token_and_not_by_her_school(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    for _ in range(300):
        await alice.get("/api/v1/preferences")
    assert (await alice.client.get("/api/v1/preferences")).status == 429
    assert (await bruno.client.get("/api/v1/preferences")).status == 200


async def test_guessing_tokens_is_counted(place):
    for number in range(301):
        said = await place.client(f"guess{number}").get("/api/v1/timelines/home")
    assert said.status == 429


async def test_web_applications_on_other_origins_may_ask(place):
    said = await place.client().request(
        "OPTIONS", "/api/v1/statuses",
        headers={"origin": "https://elk.zone", "access-control-request-method": "POST",
                 "access-control-request-headers": "authorization,idempotency-key"},
    )  # fmt: skip
    assert said.status == 200
    assert said.headers["access-control-allow-origin"] == "*"
    assert "authorization" in said.headers["access-control-allow-headers"]
    for path in ("/api/v1/nothing", "/api/v2/instance", "/oauth/token", "/oauth/revoke", "/oauth/userinfo"):
        said = await place.client().get(path)
        assert said.headers["access-control-allow-origin"] == "*", path
        assert "Link" in said.headers["access-control-expose-headers"]
        assert "access-control-allow-credentials" not in said.headers
