"""What a client sends that is wrong, broken, somebody else's or sent again: a clear refusal in JSON, and nothing kept of it."""

import asyncio
import hashlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote

import pytest

from node.api.routes import ENDPOINTS
from node.oauth import tokens
from tests.api.conftest import Place, Someone, picture
from tests.media import films

UNTOLD = ("oauth_tokens", "sqlite_sequence")
"""When a token was last used, and the like."""


async def rows(place: Place) -> Mapping[str, str]:
    """One value for each table."""
    reader = place.ctx.db.reader
    tables = await reader.fetch("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name")
    found = {}
    for (name,) in tables:
        if name not in UNTOLD:
            lines = sorted(repr(tuple(row)) for row in await reader.fetch(f'SELECT * FROM "{name}"'))
            found[name] = hashlib.sha256("\n".join(lines).encode("utf-8", "backslashreplace")).hexdigest()
    return found


def changed(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    return [name for name in after if after[name] != before.get(name)]


async def things(place: Place, who: Someone) -> dict[str, str]:
    """Something of every kind that is *who*'s alone: family in the path -> id."""
    status = await who.post("Pour moi", visibility="direct")
    media = (await who.client.upload("/api/v2/media", {"file": ("a.png", "image/png", picture())})).ok()
    later = (
        await who.client.post("/api/v1/statuses", {"status": "Plus tard", "scheduled_at": "2099-01-01T00:00:00Z"})
    ).json
    filtered = (await who.client.post("/api/v2/filters", {"title": "x", "context[]": "home"})).ok()
    listed = (await who.client.post("/api/v1/lists", {"title": "x"})).ok()
    asked = {"status": "?", "visibility": "direct", "poll": {"options": ["a", "b"], "expires_in": 600}}
    asking = (await who.client.post("/api/v1/statuses", json=asked)).ok()
    friend = await place.person(f"ami{who.actor.username}")
    await friend.do(f"/api/v1/accounts/{who.id}/follow")
    told = await who.get("/api/v1/notifications")
    found = {
        "statuses": status["id"], "media": media["id"], "filters": filtered["id"], "lists": listed["id"],
        "polls": asking["poll"]["id"], "notifications": told[0]["id"],
    }  # fmt: skip
    return found | ({"scheduled_statuses": later["id"]} if "scheduled_at" in later else {})


def family(path: str) -> str:
    return path.split("/")[3]


async def test_what_is_somebody_elses_or_of_another_kind_is_not_there(place: Place):
    """Every endpoint with an id, given each thing of another person: nothing of it is shown, nothing changes."""
    alice, eve = await place.person("alice"), await place.person("eve")
    hers = await things(place, alice)
    await eve.get("/api/v1/preferences")
    before = await rows(place)
    tried = 0
    for each in ENDPOINTS:
        if ":id" not in each.path or each.path.endswith("/dismiss") or each.access == "app":
            continue
        for kind, its_id in hers.items():
            names = {":id": its_id}
            path = "/".join(names.get(part, its_id if part.startswith(":") else part) for part in each.path.split("/"))
            said = await eve.client.request(each.method, path)
            assert said.status in (400, 403, 404, 422), (
                f"{each.method} {each.path} with {kind}: {said.status} {said.body[:200]!r}"
            )
            assert said.json["error"], each.path
            if kind != family(each.path):
                assert said.status == 404, f"{each.method} {each.path} with {kind}: {said.status} {said.body[:200]!r}"
            assert b"Pour moi" not in said.body
            tried += 1
            place.later(5)
    assert tried > 300
    assert changed(before, await rows(place)) == []


async def test_ten_thousand_ids_are_refused_or_not_looked_for(place: Place):
    alice = await place.person("alice")
    await alice.get("/api/v1/preferences")
    before = await rows(place)
    for path in (
        "/api/v1/accounts/relationships",
        "/api/v1/accounts",
        "/api/v1/statuses",
        "/api/v1/accounts/familiar_followers",
    ):
        for form in ("id[]", "id[0]"):
            query = "&".join(f"{form}={number}" for number in range(10_000))
            said = await alice.client.get(f"{path}?{query}")
            assert said.status == 413, f"{path}: {said.status}"
            assert said.json["error"]
    many = [str(number) for number in range(10_000)]
    for body in (
        {"status": "x", "media_ids": many}, {"status": "x", "poll": {"options": many, "expires_in": 600}},
    ):  # fmt: skip
        said = await alice.client.post("/api/v1/statuses", json=body)
        assert 400 <= said.status < 500, body.keys()
        assert said.json["error"]
    assert changed(before, await rows(place)) == []


TRICKS = {
    "fullwidth": "ａｌｉｃｅ", "Cyrillic": "аlice", "zero width": "ali\u200bce", "joined": "ali\u200dce", "turned": "\u202eecila",
    "soft hyphen": "ali\u00adce", "composed": "alice\u0301", "line": "alice\nbob", "space": "alice bob",
    "slash": "alice/../bob", "long": "a" * 5_000, "surrogate": "alice\U000e0061", "BOM": "\ufeffalice", "Kelvin": "alic\u212a",
}  # fmt: skip
"""Names that look like alice's, or would be hers if somebody folded too much."""


@pytest.mark.parametrize("trick", TRICKS)
async def test_a_handle_that_only_looks_like_hers_is_not_hers(place: Place, trick: str):
    alice, eve = await place.person("alice"), await place.person("eve")
    name = TRICKS[trick]
    shown = quote(name, safe="", errors="surrogatepass")
    for handle in (shown, f"{shown}%40ville.example", f"alice%40{shown}", f"%40{shown}%40ville.example"):
        said = await eve.client.get(f"/api/v1/accounts/lookup?acct={handle}")
        assert said.status in (400, 404, 422), f"{trick}: {said.body[:200]!r}"
        said = await eve.client.get(f"/api/v1/accounts/search?q={handle}&resolve=true")
        assert said.status < 500, trick
        said = await eve.client.get(f"/api/v2/search?q={handle}&type=accounts&resolve=true")
        assert said.status < 500, trick
    status = await eve.post(f"Bonjour @{name}@ville.example !" if len(name) < 100 else "Bonjour")
    if trick not in ("composed", "line", "space", "slash", "surrogate", "zero width", "joined", "soft hyphen"):
        assert status["mentions"] == [], f"{trick}: it reached alice"
    assert place.ctx.network.sent == []  # type: ignore[attr-defined]
    assert (await alice.client.get("/api/v1/notifications")).status == 200


async def test_a_handle_in_capitals_is_hers(place: Place):
    await place.person("alice")
    assert (await place.client().get("/api/v1/accounts/lookup?acct=ALICE@VILLE.example")).ok()["username"] == "alice"


EDGE = "----edge"
PART = f'--{EDGE}\r\nContent-Disposition: form-data; name="file"; filename="a.png"\r\nContent-Type: image/png\r\n\r\n'.encode()
END = f"\r\n--{EDGE}--\r\n".encode()
BROKEN: Mapping[str, bytes] = {
    "no end": PART + picture(),
    "cut in a head": PART[:60],
    "cut in an edge": PART + picture() + b"\r\n----ed",
    "another edge": PART.replace(b"edge", b"dge") + picture() + END,
    "no name": PART.replace(b' name="file";', b"") + picture() + END,
    "two heads": PART.replace(b"\r\n\r\n", b"\r\nContent-Disposition: form-data; name=x\r\n\r\n") + picture() + END,
    "no head": f"--{EDGE}\r\n\r\n".encode() + picture() + END,
    "a head of a megabyte": PART.replace(b"image/png", b"x" * 1_000_000) + picture() + END,
    "a name of a megabyte": PART.replace(b'"file"', b'"' + b"f" * 1_000_000 + b'"') + picture() + END,
    "bytes in a name": PART.replace(b'"file"', b'"\xff\xfe\x00"') + picture() + END,
    "a body that is not there": b"",
    "an edge alone": END,
    "a thousand files": PART.join([b"", *[b"x\r\n"] * 1_000]) + END,
    "in base64": PART.replace(b"image/png", b"image/png\r\nContent-Transfer-Encoding: base64") + b"iVBORw0KGgo=" + END,
    "nested": PART.replace(b"image/png", b"multipart/mixed; boundary=b") + b"--b\r\n\r\nx\r\n--b--" + END,
}


@pytest.mark.parametrize("fault", BROKEN)
async def test_a_broken_form_is_refused_and_nothing_kept(place: Place, fault: str):
    alice = await place.person("alice")
    await alice.get("/api/v1/preferences")
    before = await rows(place)
    for method, path in (("POST", "/api/v2/media"), ("POST", "/api/v1/media"), ("POST", "/api/v1/statuses")):
        for kind in (f"multipart/form-data; boundary={EDGE}", "multipart/form-data", "multipart/form-data; boundary="):
            said = await alice.client.request(method, path, body=BROKEN[fault], headers={"content-type": kind})
            assert 400 <= said.status < 500, f"{path} {kind}: {said.status} {said.body[:200]!r}"
            assert said.json["error"], path
    assert changed(before, await rows(place)) == []
    assert [each for each in place.ctx.settings.media_path.rglob("*") if each.is_file()] == []


@pytest.mark.parametrize(
    "name", ["../../../etc/passwd", "..%2f..%2fx.png", "C:\\x.png", "a\0.png", "x" * 5_000, "CON", "é\u202egnp.exe", ""]
)
async def test_a_files_name_is_nothing_to_the_node(place: Place, name: str):
    alice = await place.person("alice")
    said = await alice.client.upload("/api/v2/media", {"file": (name, "text/html", picture())})
    if said.status == 200:
        assert said.json["url"].endswith(".png")
        assert name[:20] not in said.json["url"] or not name
    else:
        assert 400 <= said.status < 500
        assert said.json["error"]
    root = place.ctx.settings.media_path
    assert all(each.is_relative_to(root) for each in root.rglob("*"))


async def test_a_file_that_is_two_things_is_served_as_one(place: Place):
    """A picture, a film or a sound with a page or an archive in it: what is served is the picture alone, by its own type."""
    alice = await place.person("alice")
    evil = b"<html><script>alert(1)</script></html>PK\x03\x04"
    object.__setattr__(place.ctx, "settings", place.ctx.settings.model_copy(update={"ffmpeg": ""}))
    for what, data in {
        "PNG": picture() + evil, "GIF": picture(kind="GIF") + evil, "JPEG": picture(kind="JPEG") + evil,
        "MP3": evil + films.mp3() + evil, "MP4": films.mp4() + films.box(b"free", evil), "WAV": films.wav() + evil,
    }.items():  # fmt: skip
        said = await alice.client.upload("/api/v2/media", {"file": ("x.html", "text/html", data)})
        if said.status != 200:
            assert said.status == 422, f"{what}: {said.status}"
            continue
        file = await place.client().get(said.json["url"].removeprefix("https://ville.example"))
        assert file.headers["content-type"].partition("/")[0] in ("image", "video", "audio"), what
        assert file.headers["x-content-type-options"] == "nosniff"
        assert b"<script" not in file.body, f"{what}: the page is in it still"


async def test_a_client_that_sends_everything_again_does_nothing_twice(place: Place):
    """Networks fail between the act and its answer: each act twice, the second as if it were the first."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    post = await bruno.post("Bonjour")
    twice = (
        f"/api/v1/accounts/{bruno.id}/follow", f"/api/v1/statuses/{post['id']}/favourite",
        f"/api/v1/statuses/{post['id']}/bookmark", f"/api/v1/statuses/{post['id']}/reblog",
    )  # fmt: skip
    for path in twice:
        first, second = await alice.do(path), await alice.do(path)
        assert first.get("id") == second.get("id"), path
    shown = await bruno.get(f"/api/v1/statuses/{post['id']}")
    assert (shown["favourites_count"], shown["reblogs_count"]) == (1, 1)
    assert len(await bruno.get("/api/v1/notifications")) == 3
    for path in (path.replace("/follow", "/unfollow").replace("/favourite", "/unfavourite").replace("/bookmark", "/unbookmark").replace("/reblog", "/unreblog") for path in twice):  # fmt: skip
        await alice.do(path)
        await alice.do(path)
    said = await asyncio.gather(
        *(alice.client.post("/api/v1/statuses", {"status": "Une fois"}, idempotency_key="k") for _ in range(8))
    )
    assert {answer.status for answer in said} == {200}
    assert len({answer.json["id"] for answer in said}) == 1
    path = f"/api/v1/statuses/{said[0].json['id']}"
    assert (await alice.client.delete(path)).status == 200
    assert (await alice.client.delete(path)).status == 404
    assert (await alice.client.get(path)).status == 404


WRONG = (
    "",
    "Bearer",
    "Bearer ",
    "Basic YTpi",
    "Bearer a b",
    "bearer",
    "Token x",
    "Bearer \u00e9",
    "Bearer " + "x" * 7_000,
)


async def test_a_token_that_is_none_or_no_longer_one(place: Place):
    """Wrong in form, revoked, or of somebody who is gone: 401 at every endpoint, in the words that clients know."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    token = alice.client.token
    gone = bruno.client.token
    assert token
    assert gone
    await place.ctx.db.write(lambda tx: tokens.revoke_of_person(tx, place.ctx, person_id=alice.person_id))
    await place.ctx.db.write(lambda tx: tx.execute("DELETE FROM memberships WHERE actor_id = $1", bruno.actor.id))
    headers: list[tuple[str, dict[str, Any]]] = [
        ("revoked", {"authorization": f"Bearer {token}"}), ("no longer of the team", {"authorization": f"Bearer {gone}"}),
        *((wrong, {"authorization": wrong}) for wrong in WRONG),
    ]  # fmt: skip
    before = await rows(place)
    for each in ENDPOINTS:
        if each.access != "person":
            continue
        path = "/".join("1" if part.startswith(":") else part for part in each.path.split("/"))
        for what, head in headers:
            said = await place.client().request(each.method, path, headers=head)
            assert said.status == 401, f"{each.method} {path}, {what}: {said.status} {said.body[:100]!r}"
            assert said.json["error"]
            place.later(3)
    assert changed(before, await rows(place)) == []
