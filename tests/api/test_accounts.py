"""Accounts: who somebody is, what she shows, whom she follows, and what one decides about her."""

import re

import pytest

from tests.api.conftest import picture


async def test_an_account_has_all_that_clients_draw(place):
    alice = await place.person("alice", summary_source="J'habite ici", fields=[("Site", "https://alice.example")])
    account = (await place.client().get(f"/api/v1/accounts/{alice.id}")).ok()
    assert account["username"] == account["acct"] == "alice"
    assert account["note"] == "<p>J'habite ici</p>"
    assert account["fields"][0]["name"] == "Site"
    assert account["created_at"].endswith("T00:00:00.000Z")
    for name in ("avatar", "avatar_static", "header", "header_static"):
        assert re.fullmatch(r"https://ville\.example/media/default/\w+\.png", account[name])


@pytest.mark.parametrize(
    ("kind", "bot", "group"),
    [("Person", False, False), ("Organization", False, False), ("Group", False, True), ("Application", True, False)],
)
async def test_a_town_is_neither_a_robot_nor_a_group(place, kind, bot, group):
    someone = await place.person("voisine", type=kind)
    account = (await place.client().get(f"/api/v1/accounts/{someone.id}")).ok()
    assert (account["bot"], account["group"]) == (bot, group)


async def test_who_am_i(place):
    alice = await place.person("alice", summary_source="Bonjour *toi*")
    me = await alice.get("/api/v1/accounts/verify_credentials")
    assert me["source"]["note"] == "Bonjour *toi*"
    assert me["source"]["privacy"] == "public"
    assert me["source"]["follow_requests_count"] == 0


async def test_the_profile_scope_says_who_i_am_and_no_more(place):
    alice = await place.person("alice", scopes=("profile",))
    assert (await alice.get("/api/v1/accounts/verify_credentials"))["acct"] == "alice"
    assert (await alice.get("/oauth/userinfo"))["preferred_username"] == "alice"
    assert (await alice.client.get("/api/v1/timelines/home")).status == 403
    assert (await alice.client.post("/api/v1/statuses", {"status": "x"})).status == 403


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_a_profile_is_changed(place, method):
    alice = await place.person("alice")
    data = {
        "display_name": "Alice B.", "note": "Nouvelle", "locked": "true", "bot": "0", "discoverable": "false",
        "indexable": "1", "fields_attributes[0][name]": "Ville", "fields_attributes[0][value]": "Rennes",
        "source[privacy]": "private", "source[sensitive]": "true", "source[language]": "br", "hide_collections": "1",
    }  # fmt: skip
    me = (await alice.client.request(method, "/api/v1/accounts/update_credentials", data=data)).ok()
    assert (me["display_name"], me["locked"], me["discoverable"], me["indexable"]) == ("Alice B.", True, False, True)
    assert me["fields"] == [{"name": "Ville", "value": "Rennes", "verified_at": None}]
    assert me["source"]["privacy"] == "private"
    assert me["hide_collections"] is True
    preferences = await alice.get("/api/v1/preferences")
    assert preferences["posting:default:visibility"] == "private"
    assert preferences["posting:default:language"] == "br"
    status = await alice.post("Discret")
    assert (status["visibility"], status["sensitive"], status["language"]) == ("private", True, "br")
    again = (await alice.client.request(method, "/api/v1/accounts/update_credentials", data={"note": "Autre"})).ok()
    assert again["display_name"] == "Alice B.", "what is not named must stay"


async def test_a_profile_that_cannot_be_is_refused(place):
    alice = await place.person("alice")
    for data in (
        {"note": "x" * 6000},
        {"source[privacy]": "everyone"},
        {"source[language]": "klingon!"},
        [(f"fields_attributes[{n}][name]", "x") for n in range(9)],
    ):
        said = await alice.client.patch("/api/v1/accounts/update_credentials", data)
        assert said.status == 422, said.body


async def test_an_avatar_is_made_safe_and_served(place):
    alice = await place.person("alice")
    kept = await alice.client.upload(
        "/api/v1/accounts/update_credentials", {"avatar": ("a.png", "image/png", picture(800, 500))}
    )
    assert kept.status == 404, "POST is not how a profile is changed"
    me = await upload(alice, "PATCH", avatar=picture(800, 500), header=picture(900, 300, "JPEG"))
    assert me["avatar"].startswith("https://ville.example/media/avatars/")
    assert me["header"].startswith("https://ville.example/media/headers/")
    path = me["avatar"].removeprefix("https://ville.example")
    file = await place.client().get(path)
    assert (file.status, file.headers["content-type"]) == (200, "image/png")
    assert file.headers["cache-control"] == "public, max-age=31536000, immutable"
    assert file.headers["x-content-type-options"] == "nosniff"
    assert "sandbox" in file.headers["content-security-policy"]
    me = (await alice.client.delete("/api/v1/profile/avatar")).ok()
    assert me["avatar"].endswith("/media/default/avatar.png")
    said = await upload(alice, "PATCH", avatar=b"not a picture", expect=422)
    assert "image" in said["error"]


async def upload(someone, method: str, *, expect: int = 200, **files: bytes):
    edge = "edge"
    body = b"".join(
        f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="f"\r\n\r\n'.encode() + data + b"\r\n"
        for name, data in files.items()
    )
    answer = await someone.client.request(
        method, "/api/v1/accounts/update_credentials", body=body + f"--{edge}--\r\n".encode(),
        headers={"content-type": f"multipart/form-data; boundary={edge}"},
    )  # fmt: skip
    assert answer.status == expect, answer.body
    return answer.json


async def test_a_bare_name_is_of_this_domain(place):
    alice, other = await place.person("alice"), await place.person("alice", domain=place.agglo)
    await place.stranger("alice")
    for acct, id_ in (
        ("alice", alice.id), ("@alice", alice.id), ("ALICE", alice.id), ("alice@ville.example", alice.id),
        ("alice@agglo.example", other.id), ("alice@social.agglo.example", other.id),
    ):  # fmt: skip
        found = await alice.get("/api/v1/accounts/lookup", {"acct": acct})
        assert found["id"] == id_, acct
    assert (await other.get("/api/v1/accounts/lookup", {"acct": "alice"}))["id"] == other.id
    for acct in ("personne", "alice@nulle.example", "@", "a@b@c", "x\0y"):
        assert (await alice.client.get("/api/v1/accounts/lookup", {"acct": acct})).status in (400, 404), acct


async def test_a_suspended_account_says_so_and_shows_nothing(place):
    alice, bob = await place.person("alice"), await place.stranger("bob", name="Bob", summary="<p>Je suis là</p>")
    post = await place.receive(bob)
    await place.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", bob.id))
    account = await alice.get(f"/api/v1/accounts/{bob.id}")
    assert account["suspended"] is True
    assert (account["display_name"], account["note"]) == ("", "")
    assert (await alice.client.get(f"/api/v1/accounts/{bob.id}/statuses")).status == 404
    assert (await alice.client.get(f"/api/v1/statuses/{post.id}")).status == 404
    assert (await alice.client.post(f"/api/v1/accounts/{bob.id}/follow")).status == 404
    await place.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET state = 'deleted' WHERE id = $1", bob.id))
    assert (await alice.client.get(f"/api/v1/accounts/{bob.id}")).status == 404


async def test_following_and_its_end(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/follow"))["following"] is True
    await bruno.post("Bonjour")
    assert len(await alice.home()) == 1
    assert [a["id"] for a in await alice.get(f"/api/v1/accounts/{bruno.id}/followers")] == [alice.id]
    assert [a["id"] for a in await bruno.get(f"/api/v1/accounts/{alice.id}/following")] == [bruno.id]
    assert (await bruno.get(f"/api/v1/accounts/relationships?id[]={alice.id}"))[0]["followed_by"] is True
    quiet = await alice.do(f"/api/v1/accounts/{bruno.id}/follow", {"reblogs": False, "notify": True})
    assert (quiet["showing_reblogs"], quiet["notifying"]) == (False, True)
    kept = await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    assert (kept["showing_reblogs"], kept["notifying"]) == (False, True), "what is not named must stay"
    assert (await bruno.do(f"/api/v1/accounts/{alice.id}/remove_from_followers"))["followed_by"] is False
    assert await alice.home() == []
    assert (await alice.do(f"/api/v1/accounts/{bruno.id}/unfollow"))["following"] is False
    assert (await alice.client.post(f"/api/v1/accounts/{alice.id}/follow")).status == 403


async def test_a_locked_account_answers_those_who_ask(place):
    alice, bruno = await place.person("alice", locked=True), await place.person("bruno")
    carla = await place.person("carla")
    for each in (bruno, carla):
        asked = await each.do(f"/api/v1/accounts/{alice.id}/follow")
        assert (asked["requested"], asked["following"]) == (True, False)
    assert {a["id"] for a in await alice.get("/api/v1/follow_requests")} == {bruno.id, carla.id}
    assert (await alice.get("/api/v1/accounts/verify_credentials"))["source"]["follow_requests_count"] == 2
    assert (await alice.do(f"/api/v1/follow_requests/{bruno.id}/authorize"))["followed_by"] is True
    assert (await alice.do(f"/api/v1/follow_requests/{carla.id}/reject"))["followed_by"] is False
    assert await alice.get("/api/v1/follow_requests") == []
    assert (await alice.client.post(f"/api/v1/follow_requests/{carla.id}/authorize")).status == 404
    assert (await bruno.client.post(f"/api/v1/follow_requests/{carla.id}/authorize")).status == 404


async def test_a_block_parts_two_people(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    status = await bruno.post("Bonjour")
    assert (await bruno.do(f"/api/v1/accounts/{alice.id}/block"))["blocking"] is True
    standing = (await alice.get(f"/api/v1/accounts/relationships?id={bruno.id}"))[0]
    assert (standing["blocked_by"], standing["following"]) == (True, False)
    assert (await alice.client.get(f"/api/v1/statuses/{status['id']}")).status == 404
    assert (await alice.client.post(f"/api/v1/accounts/{bruno.id}/follow")).status == 403
    assert [a["id"] for a in await bruno.get("/api/v1/blocks")] == [alice.id]
    assert (await bruno.do(f"/api/v1/accounts/{alice.id}/unblock"))["blocking"] is False
    assert await bruno.get("/api/v1/blocks") == []
    assert (await alice.client.post(f"/api/v1/accounts/{alice.id}/block")).status == 403


async def test_who_hides_her_circle_shows_it_to_herself(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await bruno.do(f"/api/v1/accounts/{alice.id}/follow")
    (await alice.client.patch("/api/v1/accounts/update_credentials", {"hide_collections": True})).ok()
    assert await bruno.get(f"/api/v1/accounts/{alice.id}/followers") == []
    assert len(await alice.get(f"/api/v1/accounts/{alice.id}/followers")) == 1


async def test_relationships_with_whom_one_never_met(place):
    alice, bob = await place.person("alice"), await place.stranger("bob")
    found = await alice.get(f"/api/v1/accounts/relationships?id[]={bob.id}&id[]=17&id[]={alice.id}")
    assert [standing["id"] for standing in found] == [str(bob.id), alice.id]
    assert (await alice.get("/api/v1/accounts/relationships")) == []
    assert [a["id"] for a in await alice.get(f"/api/v1/accounts?id[]={bob.id}&id[]=17")] == [str(bob.id)]


async def test_an_account_shows_its_statuses_as_asked(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    first = await alice.post("Un #fil")
    bruno_s = await bruno.post("Deux")
    answer = await alice.post("@bruno Trois", in_reply_to_id=bruno_s["id"])
    boost = await alice.do(f"/api/v1/statuses/{bruno_s['id']}/reblog")
    path = f"/api/v1/accounts/{alice.id}/statuses"

    async def ids(**asked) -> list[str]:
        return [s["id"] for s in await bruno.get(path, asked)]

    assert await ids() == [boost["id"], answer["id"], first["id"]]
    assert await ids(exclude_replies=True) == [boost["id"], first["id"]]
    assert await ids(exclude_reblogs=True) == [answer["id"], first["id"]]
    assert await ids(tagged="fil") == [first["id"]]
    assert await ids(only_media=True) == []
    assert await bruno.get(f"/api/v1/accounts/{alice.id}/featured_tags") == []
