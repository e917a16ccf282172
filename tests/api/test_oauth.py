"""An application logs a person in, over HTTP as it really happens; the page of consent is node.web's."""

import base64
import hashlib

import pytest

from node.oauth import authorizations, codes

CALLBACK = "com.tapbots.Ivory.24601:/request_token"
VERIFIER = "a-verifier-of-forty-three-characters-or-more-123"
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).rstrip(b"=").decode()


async def register(place, **more):
    data = {"client_name": "Ivory", "redirect_uris": CALLBACK, "scopes": "read write follow push", **more}
    return (await place.client().post("/api/v1/apps", data)).ok()


async def consent(place, app, someone, **more) -> str:
    """What the page does when the person says yes."""
    asked = {
        "client_id": app["client_id"], "response_type": "code", "redirect_uri": app["redirect_uris"][0],
        "scope": "read write", **more,
    }  # fmt: skip
    request = await authorizations.read(place.ctx.db.reader, asked)
    assert authorizations.refused(request) is None
    return await place.ctx.db.write(
        lambda tx: codes.issue(tx, place.ctx, request=request, person_id=someone.person_id, actor_id=someone.actor.id)
    )


def exchange(app, code: str, **more) -> dict[str, str]:
    return {
        "grant_type": "authorization_code", "client_id": app["client_id"], "client_secret": app["client_secret"],
        "redirect_uri": app["redirect_uris"][0], "code": code, **more,
    }  # fmt: skip


@pytest.mark.parametrize("form", ["form", "json", "list"])
async def test_a_person_logs_in_with_an_unmodified_application(place, form):
    alice = await place.person("alice")
    if form == "json":
        data = {"client_name": "Ivory", "redirect_uris": [CALLBACK], "scopes": "read write follow push"}
        app = (await place.client().post("/api/v1/apps", json=data)).ok()
    else:
        app = await register(place, redirect_uris=[CALLBACK] if form == "list" else CALLBACK)
    assert app["redirect_uri"] == CALLBACK
    assert app["website"] is None
    code = await consent(place, app, alice, code_challenge=CHALLENGE, code_challenge_method="S256")
    token = (await place.client().post("/oauth/token", exchange(app, code, code_verifier=VERIFIER, scope="read"))).ok()
    assert (token["token_type"], token["scope"]) == ("Bearer", "read write")
    assert isinstance(token["created_at"], int)
    client = place.client(token["access_token"])
    assert (await client.get("/api/v1/accounts/verify_credentials")).ok()["acct"] == "alice"
    assert (await client.get("/api/v1/apps/verify_credentials")).ok()["name"] == "Ivory"
    gone = await place.client().post(
        "/oauth/revoke",
        {"client_id": app["client_id"], "client_secret": app["client_secret"], "token": token["access_token"]},
    )
    assert gone.ok() == {}
    assert (await client.get("/api/v1/accounts/verify_credentials")).status == 401


async def test_credentials_may_travel_in_the_header(place):
    alice = await place.person("alice")
    app = await register(place)
    basic = base64.b64encode(f"{app['client_id']}:{app['client_secret']}".encode()).decode()
    code = await consent(place, app, alice)
    data = {"grant_type": "authorization_code", "redirect_uri": CALLBACK, "code": code}
    assert (await place.client().post("/oauth/token", data, Authorization=f"Basic {basic}")).ok()["access_token"]
    for bad in ("Basic", "Basic x", "Basic " + base64.b64encode(b"\xff").decode()):
        said = await place.client().post("/oauth/token", data, Authorization=bad)
        assert (said.status, said.json["error"]) == (401, "invalid_client")


async def test_an_application_speaks_for_itself(place):
    app = await register(place)
    data = {"grant_type": "client_credentials", "client_id": app["client_id"], "client_secret": app["client_secret"]}
    token = (await place.client().post("/oauth/token", {**data, "scope": "read"})).ok()
    client = place.client(token["access_token"])
    assert (await client.get("/api/v1/apps/verify_credentials")).ok()["client_id"] == app["client_id"]
    assert (await client.get("/api/v1/timelines/public")).status == 200
    assert (await client.get("/api/v1/timelines/home")).status == 422
    said = await place.client().post("/oauth/token", {**data, "scope": "admin:write"})
    assert (said.status, said.json["error"]) == (400, "invalid_scope")


@pytest.mark.parametrize(
    ("wrong", "status", "error"),
    [
        ({"client_id": "unknown"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"code": "wrong"}, 400, "invalid_grant"),
        ({"code": ""}, 400, "invalid_request"),
        ({"redirect_uri": "app://elsewhere"}, 400, "invalid_grant"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
        ({"grant_type": ""}, 400, "unsupported_grant_type"),
        ({"code_verifier": "wrong"}, 400, "invalid_grant"),
    ],
)
async def test_a_wrong_exchange_is_refused_in_oauths_words(place, wrong, status, error):
    alice, app = await place.person("alice"), await register(place)
    code = await consent(place, app, alice, code_challenge=CHALLENGE, code_challenge_method="S256")
    data = exchange(app, code, code_verifier=VERIFIER)
    said = await place.client().post("/oauth/token", {**data, **wrong})
    assert (said.status, said.json["error"]) == (status, error)
    assert said.json["error_description"]


async def test_a_code_used_twice_ends_the_session_it_gave(place):
    alice, app = await place.person("alice"), await register(place)
    code = await consent(place, app, alice)
    token = (await place.client().post("/oauth/token", exchange(app, code))).ok()
    assert (await place.client().post("/oauth/token", exchange(app, code))).status == 400
    assert (await place.client(token["access_token"]).get("/api/v1/timelines/home")).status == 401


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"client_name": ""}, 422),
        ({"redirect_uris": ""}, 422),
        ({"redirect_uris": "javascript:alert(1)"}, 422),
        ({"scopes": "everything"}, 400),
        ({"website": "x"}, 422),
    ],
)
async def test_an_application_that_cannot_be_is_refused(place, wrong, status):
    data = {"client_name": "Ivory", "redirect_uris": CALLBACK, "scopes": "read", **wrong}
    said = await place.client().post("/api/v1/apps", data)
    assert said.status == status
    assert said.json["error"]


async def test_anybody_can_read_how_to_log_in(place):
    found = (await place.client(domain=place.agglo).get("/.well-known/oauth-authorization-server")).ok()
    assert found["issuer"] == "https://social.agglo.example/"
    assert found["authorization_endpoint"] == "https://social.agglo.example/oauth/authorize"
    assert found["code_challenge_methods_supported"] == ["S256"]
    assert "profile" in found["scopes_supported"]


async def test_a_stranger_cannot_revoke_somebodys_token(place):
    alice, app, thief = await place.person("alice"), await register(place), await register(place)
    code = await consent(place, app, alice)
    token = (await place.client().post("/oauth/token", exchange(app, code))).ok()["access_token"]
    data = {"client_id": thief["client_id"], "client_secret": thief["client_secret"], "token": token}
    assert (await place.client().post("/oauth/revoke", data)).ok() == {}
    assert (await place.client(token).get("/api/v1/timelines/home")).status == 200
    assert (await place.client().post("/oauth/revoke", {"token": token})).status == 401
