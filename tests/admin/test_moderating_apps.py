"""The Admin API: applications that moderate do what the console does, behind the same door, and the log says so."""

from typing import Any

import pytest

import admin.api.routes
from node.actors import memberships, sessions
from node.actors.actor import Actor
from node.actors.people import Person
from node.actors.sessions import FACTOR_MS
from node.moderation import filing
from node.oauth import apps, tokens
from node.runtime.database import Tx
from tests.admin.conftest import Office
from tests.permissions import expected
from tests.support.client import Client

SCOPES = ("read", "write", "admin:read", "admin:write")
NUMBER = "1234567890"


class Desk:
    """The office, and applications of those who keep it, each logged in for an account of her own."""

    def __init__(self, office: Office) -> None:
        self.office, self.ctx = office, office.town.node.ctx

    async def application(self, person: Person, *, proved: bool = True, scopes: tuple[str, ...] = SCOPES) -> Client:
        actor = (await self.office.town.node.person(person.email.partition("@")[0])).actor

        async def step(tx: Tx) -> str:
            await memberships.add(tx, self.ctx, person_id=person.id, actor_id=actor.id, role="owner")
            app = (
                await apps.register(tx, self.ctx, registration=apps.Registration("Une", None, ("urn:x",), scopes))
            ).app
            issued = await tokens.issue(tx, self.ctx, app=app, scopes=scopes, person_id=person.id, actor_id=actor.id)
            return issued.secret

        secret = await self.ctx.db.write(step)
        if proved:
            await self.office.at_console(person)
        return Client(self.office.town.node.app, self.office.town.host, secret)

    async def told(self, target: Actor, reporter: Actor, *posts: Any, comment: str = "Il insulte tout le monde") -> str:
        """A report; its id."""
        report, _token = await self.ctx.db.write(
            lambda tx: filing.file(
                tx, self.ctx, reporter=reporter, target=target, posts=posts, comment=comment, category="violation"
            )
        )
        return str(report.id)

    async def log(self) -> list[tuple[str, str, str]]:
        rows = await self.ctx.db.reader.fetch("SELECT act, name, via FROM audit ORDER BY id")
        return [tuple(row) for row in rows]


@pytest.fixture
async def desk(office: Office) -> Desk:
    return Desk(office)


async def test_a_second_factor_of_today_is_needed(desk: Desk) -> None:
    """As at the console: a stolen token alone opens nothing."""
    keeper = desk.office.keeper
    client = await desk.application(keeper, proved=False)
    answer = await client.get("/api/v1/admin/accounts")
    assert answer.status == 403
    assert "/account/security" in answer.json["error"]
    await desk.office.at_console(keeper, proved=False)
    answer = await client.get("/api/v1/admin/accounts")
    assert (answer.status, "/account/factor" in answer.json["error"]) == (403, True)
    await desk.office.at_console(keeper)
    assert (await client.get("/api/v1/admin/accounts")).status == 200
    desk.ctx.clock.forward(FACTOR_MS // 1000 + 1)  # type: ignore[attr-defined]
    assert (await client.get("/api/v1/admin/accounts")).status == 403, "the factor of yesterday opens it today"
    await desk.office.at_console(keeper)
    assert (await client.get("/api/v1/admin/accounts")).status == 200
    await desk.ctx.db.write(lambda tx: sessions.close_all(tx, person_id=keeper.id))
    assert (await client.get("/api/v1/admin/accounts")).status == 403, "who logged out everywhere still moderates"


async def test_every_endpoint_asks_for_token_scope_and_duty(desk: Desk) -> None:
    """In that order; a moderator gets what is hers, an agent of a town nothing."""
    office = desk.office
    keeper, moderator = await desk.application(office.keeper), await desk.application(office.moderator)
    agent = await desk.application(office.town.odile)
    narrow = await desk.application(await office.town.person("karla@mairie.example"), scopes=("read", "write"))
    stranger = Client(office.town.node.app, office.town.host)
    wrong = []
    for endpoint in admin.api.routes.ENDPOINTS:
        path, duty = endpoint.path.replace(":id", NUMBER), endpoint.handler.duty  # type: ignore[attr-defined]
        named = f"{endpoint.method} {endpoint.path}"
        assert endpoint.scope is not None
        assert endpoint.scope.startswith("admin:read" if endpoint.method == "GET" else "admin:"), named
        said = [await who.request(endpoint.method, path) for who in (stranger, narrow, agent, moderator, keeper)]
        if [answer.status for answer in said[:3]] != [401, 403, 403]:
            wrong.append(f"{named}: {[answer.status for answer in said[:3]]} to who may not")
        if said[1].json["error"] != "This action is outside the authorized scopes":
            wrong.append(f"{named} asks for no scope")
        for who, answer in (("moderator", said[3]), ("keeper", said[4])):
            refused = answer.status in (401, 403)
            if refused == (who in expected.DUTIES[duty]):
                wrong.append(f"{named} ({duty}) answers {answer.status} to a {who}")
        wrong += [f"{named}: {answer.status} {answer.text[:200]}" for answer in said if answer.status >= 500]
    assert wrong == [], "\n".join(wrong)


async def test_an_account_is_judged_and_let_back(desk: Desk) -> None:
    """Limited, frozen, suspended, with reasons that its people read; each taken back; all of it in the log."""
    node = desk.office.town.node
    bruno, carla = (await node.person("bruno")).actor, (await node.person("carla")).actor
    client = await desk.application(desk.office.moderator)
    report = await desk.told(bruno, carla)
    path = f"/api/v1/admin/accounts/{bruno.id}"
    answer = await client.post(f"{path}/action", {"type": "silence", "report_id": report})
    assert answer.status == 422, "a measure without reasons"
    assert (await client.get(f"/api/v1/admin/reports/{report}")).ok()["action_taken"] is False
    assert (
        await client.post(f"{path}/action", {"type": "silence", "report_id": report, "text": "Insultes"})
    ).ok() == {}
    shown = (await client.get(path)).ok()
    assert (shown["silenced"], shown["suspended"], shown["disabled"]) == (True, False, False)
    assert shown["account"]["limited"] is True
    closed = (await client.get(f"/api/v1/admin/reports/{report}")).ok()
    assert closed["action_taken"] is True
    assert closed["action_taken_by_account"]["username"] == "maud"
    assert closed["target_account"]["id"] == str(bruno.id)
    assert closed["account"]["id"] == str(carla.id)
    for kind, back, state in (("disable", "enable", "disabled"), ("suspend", "unsuspend", "suspended")):
        await client.post(f"{path}/action", {"type": kind, "text": "Encore"})
        assert (await client.get(path)).ok()[state] is True, kind
        assert (await client.post(f"{path}/{back}")).ok()[state] is False, back
    assert (await client.post(f"{path}/unsilence")).ok()["silenced"] is False
    assert (await client.post(f"{path}/action", {"type": "none", "text": "Attention"})).ok() == {}
    assert (await client.post(f"{path}/action", {"type": "dance", "text": "x"})).status == 422
    assert (await client.post(f"{path}/action", {"type": "sensitive", "text": "x"})).status == 422
    acts = await desk.log()
    assert {(name, via) for act, name, via in acts if act.startswith(("actor.judge", "case."))} == {
        ("maud@mairie.example", "api")
    }
    assert [act for act, _, _ in acts if act == "actor.judge"] == ["actor.judge"] * 4


async def test_reported_posts_are_shown_and_marked(desk: Desk) -> None:
    """Also one that its author hid from everybody but followers: that is what is to be judged."""
    node, town = desk.office.town.node, desk.office.town
    bruno, carla = (await node.person("bruno")).actor, (await node.person("carla")).actor
    post = await town.post("Une image", author=bruno, visibility="followers")
    other = await town.post("Rien", author=bruno, visibility="direct")
    client = await desk.application(desk.office.moderator)
    report = await desk.told(bruno, carla, post)
    (listed,) = (await client.get("/api/v1/admin/reports")).ok()
    assert [status["id"] for status in listed["statuses"]] == [str(post.id)], "another letter is shown"
    assert str(other.id) not in str(listed)
    path = f"/api/v1/admin/accounts/{bruno.id}"
    await client.post(f"{path}/action", {"type": "sensitive", "text": "À voir avec prudence", "report_id": report})
    (status,) = (await client.get(f"/api/v1/admin/reports/{report}")).ok()["statuses"]
    assert status["sensitive"] is True
    assert (await client.post(f"{path}/unsensitive")).status == 200
    (status,) = (await client.get(f"/api/v1/admin/reports/{report}")).ok()["statuses"]
    assert status["sensitive"] is False


async def test_a_report_is_taken_over_answered_and_opened_again(desk: Desk) -> None:
    node = desk.office.town.node
    bruno, carla = (await node.person("bruno")).actor, (await node.person("carla")).actor
    client = await desk.application(desk.office.moderator)
    report, path = await desk.told(bruno, carla), "/api/v1/admin/reports"
    assert (await client.post(f"{path}/{report}/assign_to_self")).ok()["assigned_account"]["username"] == "maud"
    assert (await client.post(f"{path}/{report}/unassign")).ok()["assigned_account"] is None
    changed = (await client.put(f"{path}/{report}", json={"category": "spam", "rule_ids": ["4"]})).ok()
    assert (changed["category"], [rule["id"] for rule in changed["rules"]]) == ("spam", ["4"])
    assert (await client.put(f"{path}/{report}", {"category": "nothing"})).status == 422
    assert (await client.put(f"{path}/{report}", json={"rule_ids": ["99"]})).status == 422
    assert (await client.post(f"{path}/{report}/resolve")).ok()["action_taken"] is True
    assert (await client.post(f"{path}/{report}/resolve")).ok()["action_taken"] is True
    assert (await client.get(path)).ok() == []
    assert [each["id"] for each in (await client.get(path, {"resolved": "true"})).ok()] == [report]
    assert (await client.post(f"{path}/{report}/reopen")).ok()["action_taken"] is False
    assert [each["id"] for each in (await client.get(path, {"target_account_id": str(bruno.id)})).ok()] == [report]
    assert (await client.get(path, {"account_id": str(bruno.id)})).ok() == []
    assert (await client.get(f"{path}/{NUMBER}")).status == 404


async def test_accounts_are_found(desk: Desk) -> None:
    node = desk.office.town.node
    bruno = (await node.person("bruno", name="Bruno Durand")).actor
    client = await desk.application(desk.office.keeper)
    for question, found in (
        ({"username": "brun"}, {"bruno"}), ({"display_name": "durand"}, {"bruno"}), ({"username": "b_u"}, set()),
        ({"origin": "remote"}, set()), ({"remote": "true"}, set()), ({"email": "odile@mairie.example"}, {"mairie"}),
        ({"permissions": "staff"}, {"karim"}), ({"staff": "true"}, {"karim"}), ({"status": "suspended"}, set()),
        ({"suspended": "true"}, set()), ({"by_domain": "montreuil.example"}, {"bruno", "karim", "mairie"}),
        ({"origin": "local", "status": "active"}, {"bruno", "karim", "mairie"}), ({"status": "pending"}, set()),
    ):  # fmt: skip
        for version in ("v1", "v2"):
            shown = (await client.get(f"/api/{version}/admin/accounts", question)).ok()
            assert {each["username"] for each in shown} == found, question
    (hall,) = (await client.get("/api/v2/admin/accounts", {"email": "odile@mairie.example"})).ok()
    assert (hall["email"], hall["ips"], hall["role"]["permissions"]) == ("mairie@montreuil.example", [], "0"), (
        "not her first owner"
    )
    assert (await client.get("/api/v2/admin/accounts", {"ip": "192.0.2.1"})).status == 422
    assert (await client.get("/api/v2/admin/accounts", {"status": "happy"})).status == 422
    first = await client.get("/api/v2/admin/accounts", {"limit": "1"})
    assert len(first.ok()) == 1
    assert 'rel="next"' in first.headers["link"]
    me = (await client.get("/api/v1/accounts/verify_credentials")).ok()
    assert int(me["role"]["permissions"]) & (1 << 4), "the application does not learn that she moderates"
    assert not int(me["role"]["permissions"]) & 1
    assert (await client.get(f"/api/v1/admin/accounts/{bruno.id}")).ok()["id"] == str(bruno.id)


async def test_servers_are_refused_and_listed(desk: Desk) -> None:
    client, path = await desk.application(desk.office.moderator), "/api/v1/admin/domain_blocks"
    made = (await client.post(path, {"domain": "Evil.example", "private_comment": "Spam", "obfuscate": "true"})).ok()
    assert (made["domain"], made["severity"], made["private_comment"]) == ("evil.example", "silence", "Spam")
    again = await client.post(path, {"domain": "evil.example", "severity": "suspend"})
    assert (again.status, again.json["existing_domain_block"]["id"]) == (422, made["id"])
    changed = (await client.put(f"{path}/{made['id']}", {"severity": "suspend"})).ok()
    assert (changed["id"], changed["severity"], changed["obfuscate"]) == (made["id"], "suspend", True)
    assert (await client.post(path, {"domain": "montreuil.example"})).status == 422, "the node refuses itself"
    assert (await client.post(path, {"domain": "not a host"})).status == 422
    assert (await client.post(path, {"domain": "x.example", "severity": "noop"})).status == 422
    assert [each["domain"] for each in (await client.get(path)).ok()] == ["evil.example"]
    allows = "/api/v1/admin/domain_allows"
    good = (await client.post(allows, {"domain": "good.example"})).ok()
    assert (await client.post(allows, {"domain": "good.example"})).ok() == good
    assert (await client.post(allows, {"domain": "evil.example"})).status == 422
    assert (await client.get(allows)).ok() == [good]
    assert (await client.get(f"{allows}/{good['id']}")).ok() == good
    assert (await client.get(f"{path}/{good['id']}")).status == 404
    assert (await client.delete(f"{allows}/{good['id']}")).ok() == {}
    assert (await client.delete(f"{path}/{made['id']}")).ok() == {}
    assert (await client.get(f"{path}/{made['id']}")).status == 404
    assert ("block.add", "maud@mairie.example", "api") in await desk.log()


async def test_who_may_not_sign_up(desk: Desk) -> None:
    client = await desk.application(desk.office.keeper)
    mail = "/api/v1/admin/email_domain_blocks"
    made = (await client.post(mail, {"domain": "jetable.example"})).ok()
    assert (await client.get(mail)).ok() == [made]
    assert (await client.get(f"{mail}/{made['id']}")).ok()["domain"] == "jetable.example"
    networks = "/api/v1/admin/ip_blocks"
    block = (await client.post(networks, {"ip": "192.0.2.7/24", "severity": "sign_up_block", "comment": "x"})).ok()
    assert (block["ip"], block["severity"]) == ("192.0.2.0/24", "sign_up_block")
    changed = await client.put(f"{networks}/{block['id']}", {"severity": "sign_up_requires_approval"})
    assert (changed.ok()["severity"], changed.ok()["comment"]) == ("sign_up_requires_approval", "x")
    for bad in ({"ip": "192.0.2.0/24", "severity": "no_access"}, {"ip": "x", "severity": "sign_up_block"},
                {"ip": "192.0.3.0/24", "severity": "sign_up_block", "expires_in": "60"}):  # fmt: skip
        assert (await client.post(networks, bad)).status == 422, bad
    emails = "/api/v1/admin/canonical_email_blocks"
    one = (await client.post(emails, {"email": "Jean.Dupont+x@mail.example"})).ok()
    assert (await client.post(f"{emails}/test", {"email": "jeandupont@mail.example"})).ok() == [one]
    assert (await client.post(f"{emails}/test", {"email": "marie@mail.example"})).ok() == []
    assert "dupont" not in str(await desk.ctx.db.reader.fetch("SELECT details FROM audit")).lower(), "the log keeps it"
    for path, each in ((mail, made), (networks, block), (emails, one)):
        assert (await client.get(f"{path}/{each['id']}")).status == 200
        assert (await client.delete(f"{path}/{each['id']}")).ok() == {}
        assert (await client.get(f"{path}/{each['id']}")).status == 404
        assert (await client.get(path)).ok() == []


async def test_figures(desk: Desk) -> None:
    """Counted by day; what is not counted is left out, what cannot be asked is refused."""
    node = desk.office.town.node
    client = await desk.application(desk.office.keeper)
    await desk.office.town.post("Un #marché")
    bruno, carla = (await node.person("bruno")).actor, (await node.person("carla")).actor
    await desk.told(bruno, carla)
    tag = await desk.ctx.db.reader.value("SELECT id FROM tags")
    from datetime import UTC, datetime, timedelta

    today = datetime.fromtimestamp(desk.ctx.clock.now_ms() / 1000, UTC)
    days = {"start_at": (today - timedelta(days=2)).isoformat(), "end_at": today.isoformat()}
    keys = ["active_users", "new_users", "interactions", "opened_reports", "resolved_reports", "tag_uses", "tag_accounts",
            "tag_servers", "instance_accounts", "instance_statuses", "instance_reports", "instance_follows",
            "instance_followers", "instance_media_attachments"]  # fmt: skip
    of = {key: {"id": str(tag)} for key in keys if key.startswith("tag_")}
    of |= {key: {"domain": "montreuil.example"} for key in keys if key.startswith("instance_")}
    answer = await client.post("/api/v1/admin/measures", json={"keys": keys, **days, **of})
    found = {each["key"]: each for each in answer.ok()}
    assert set(found) == set(keys[:-1])
    totals = {key: each["total"] for key, each in found.items()}
    assert (totals["active_users"], totals["opened_reports"], totals["tag_uses"]) == ("1", "1", "1")
    assert totals["instance_accounts"] == "5", "the town, its own speaker, karim, bruno, carla"
    assert all(len(each["data"]) == 3 for each in found.values())
    keys = ["languages", "sources", "servers", "space_usage", "software_versions", "tag_servers", "tag_languages",
            "instance_accounts", "instance_languages", "horoscope"]  # fmt: skip
    of = {key: {"id": str(tag)} if key.startswith("tag_") else {"domain": "montreuil.example"} for key in keys[5:-1]}
    answer = await client.post("/api/v1/admin/dimensions", json={"keys": keys, **days, **of})
    assert [each["key"] for each in answer.ok()] == keys[:-1]
    cohorts = (await client.post("/api/v1/admin/retention", {**days, "frequency": "day"})).ok()
    assert [len(each["data"]) for each in cohorts] == [3, 2, 1]
    assert (await client.post("/api/v1/admin/retention", {**days, "frequency": "month"})).ok()
    assert (await client.get("/api/v1/admin/trends/tags")).ok() == [], "one author is a trend"
    assert (await client.get("/api/v1/admin/trends/statuses")).ok() == []
    for bad in ({"start_at": "yesterday", "end_at": "today"}, {"start_at": "2020-01-01", "end_at": "2026-01-01"}, {}):
        assert (await client.post("/api/v1/admin/measures", {"keys": ["new_users"], **bad})).status in (400, 422), bad


async def test_bad_input_is_refused_in_a_sentence(desk: Desk) -> None:
    """Ids that are none or of something else, and fields of every wrong kind: 4xx, JSON, and nothing is written."""
    client = await desk.application(desk.office.keeper)
    post = await desk.office.town.post("Bonjour")
    wrong = []
    bodies: tuple[Any, ...] = (
        {}, {"type": ["x"], "text": {"a": "b"}, "domain": {"x": "y"}, "ip": ["1"], "email": {"a": "b"}, "keys": {"a": "b"}},
        {"type": "suspend", "text": "x" * 6_000, "domain": "😀 .", "ip": "10.0.0.0/1", "email": "nobody",
         "severity": "x", "keys": "new_users", "start_at": "0001-01-01", "end_at": "9999-12-31", "report_id": "abc"},
        {"domain": "x" * 300, "ip": "::/0", "severity": "sign_up_block", "email": "\u0000", "category": "\u0000"},
    )  # fmt: skip
    for endpoint in admin.api.routes.ENDPOINTS:
        for id_ in ("0", "9" * 19, "9" * 40, "abc", "-1", "1%00", "%F0%9F%98%80", str(post.id)):
            if ":id" not in endpoint.path:
                break
            answer = await client.request(endpoint.method, endpoint.path.replace(":id", id_))
            if answer.status != 404:
                wrong.append(f"{endpoint.method} {endpoint.path} with {id_}: {answer.status} {answer.text[:120]}")
        if endpoint.method != "GET" and ":id" not in endpoint.path:
            for body in bodies:
                answer = await client.request(endpoint.method, endpoint.path, json=body)
                if not 400 <= answer.status < 500 or "error" not in answer.json:
                    wrong.append(f"{endpoint.method} {endpoint.path} with {body}: {answer.status} {answer.text[:120]}")
        desk.ctx.clock.forward(60)  # type: ignore[attr-defined]
    assert wrong == [], "\n".join(wrong)
    assert [act for act, _, via in await desk.log() if via == "api"] == [], "what was refused is in the log"
