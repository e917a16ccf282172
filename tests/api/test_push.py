"""Web Push: an application that is closed is told, what it is told only it can read, and no endpoint harms the node."""

from typing import Any

import orjson
import pytest

from node.runtime.jobs.queue import JobQueue
from node.worker import HANDLERS
from tests.support.push_service import Client, PushService
from tests.support.statements import Statements

PATH = "/api/v1/push/subscription"
HOST = "push.example"


class Phone:
    """An application of somebody, which subscribed."""

    def __init__(self, place, someone, service: PushService) -> None:
        self.place, self.someone, self.service, self.keys = place, someone, service, Client()

    async def subscribe(self, *, standard: bool = False, policy: str = "", **alerts: bool) -> dict[str, Any]:
        keys = {"p256dh": self.keys.p256dh, "auth": self.keys.auth_text}
        wanted = {"endpoint": f"https://{HOST}/{self.someone.id}", "standard": standard, "keys": keys}
        data: dict[str, Any] = {"alerts": alerts or {"mention": True, "follow": True, "favourite": True}}
        if policy:
            data["policy"] = policy
        answer = await self.someone.client.post(PATH, json={"subscription": wanted, "data": data})
        found: dict[str, Any] = answer.ok()
        return found

    async def told(self) -> list[dict[str, Any]]:
        """What came since the last time, opened."""
        await work(self.place)
        found = [orjson.loads(self.keys.open(body, headers)) for _, headers, body in self.service.got]
        self.service.got.clear()
        return found


async def work(place) -> None:
    queue = JobQueue(HANDLERS)
    while await queue.turn(place.ctx):
        pass


@pytest.fixture
async def service(place) -> PushService:
    made = PushService(f"https://{HOST}")
    place.ctx.network.apps[HOST] = made
    return made


async def pair(place, service):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    return alice, bruno, Phone(place, alice, service)


@pytest.mark.parametrize("standard", [True, False])
async def test_a_closed_application_is_told(place, service, standard):
    alice, bruno, phone = await pair(place, service)
    made = await phone.subscribe(standard=standard)
    assert made["standard"] is standard
    await bruno.post("@alice bonjour <b>toi</b>")
    await work(place)
    ((path, headers, _body),) = service.got
    assert path == f"/{alice.id}"
    assert headers["Content-Encoding"] == ("aes128gcm" if standard else "aesgcm")
    assert int(headers["Ttl"]) > 0
    assert headers["Urgency"] == "high"
    key, claims = service.sender(headers)
    assert key == made["server_key"]
    assert claims["sub"] == "mailto:contact@ville.example"
    (said,) = await phone.told()
    (notice,) = await alice.get("/api/v1/notifications")
    assert said["access_token"] == alice.client.token
    assert str(said["notification_id"]) == notice["id"]
    assert said["notification_type"] == "mention"
    assert said["preferred_locale"] == "fr"
    assert said["title"] == "Bruno vous mentionne"
    assert said["body"].startswith("@alice bonjour")
    assert said["icon"].startswith("https://ville.example/")


async def test_one_key_for_a_domain_wherever_it_is_said(place, service):
    _alice, _bruno, phone = await pair(place, service)
    key = (await phone.subscribe())["server_key"]
    stranger = place.client()
    for path in ("/api/v1/instance", "/api/v2/instance"):
        assert (await stranger.get(path)).ok()["configuration"]["vapid"]["public_key"] == key
    app = {"client_name": "Ivory", "redirect_uris": "urn:ietf:wg:oauth:2.0:oob"}
    assert (await stranger.post("/api/v1/apps", app)).ok()["vapid_key"] == key
    place.ctx.cache.clear("vapid_keys")
    assert (await stranger.get("/api/v2/instance")).ok()["configuration"]["vapid"]["public_key"] == key
    other = (await place.client(domain=place.agglo).get("/api/v2/instance")).ok()
    assert other["configuration"]["vapid"]["public_key"] not in ("", key)
    sealed = await place.ctx.db.reader.value("SELECT sealed FROM vapid_keys LIMIT 1")
    assert bytes(sealed).startswith(b"BK1"), "the private key lies open in the database"


async def test_only_what_is_asked_for_is_told(place, service):
    alice, bruno, phone = await pair(place, service)
    made = await phone.subscribe(favourite=True)
    assert made["alerts"]["favourite"] is True
    assert made["alerts"]["mention"] is False
    status = await alice.post("Bonjour")
    await bruno.post("@alice bonjour")
    await bruno.do(f"/api/v1/statuses/{status['id']}/favourite")
    assert [said["notification_type"] for said in await phone.told()] == ["favourite"]
    changed = (await alice.client.put(PATH, json={"data": {"alerts": {"mention": True}}})).ok()
    assert changed["alerts"]["mention"] is True
    await bruno.post("@alice encore")
    assert [said["notification_type"] for said in await phone.told()] == ["mention"]


@pytest.mark.parametrize(("policy", "told"), [("followed", [0, 1, 1]), ("follower", [0, 0, 1]), ("none", [0, 0, 0])])
async def test_of_whom_is_asked_too(place, service, policy, told):
    alice, bruno, phone = await pair(place, service)
    assert (await phone.subscribe(policy=policy, mention=True))["policy"] == policy
    seen = []
    for step in (None, (alice, bruno), (bruno, alice)):
        if step is not None:
            await step[0].do(f"/api/v1/accounts/{step[1].id}/follow")
        place.later()
        await bruno.post("@alice bonjour")
        seen.append(len(await phone.told()))
    assert seen == told


async def test_a_subscription_is_its_tokens_alone(place, service):
    alice, bruno, phone = await pair(place, service)
    assert (await alice.client.get(PATH)).status == 404
    assert (await alice.client.put(PATH, {"data[policy]": "all"})).status == 404
    made = await phone.subscribe()
    assert (await alice.get(PATH)) == made
    assert (await bruno.client.get(PATH)).status == 404
    again = await phone.subscribe(mention=True)
    assert again["id"] != made["id"], "a new subscription stands for the old one"
    await bruno.post("@alice bonjour")
    assert len(await phone.told()) == 1
    assert (await alice.client.delete(PATH)).json == {}
    assert (await alice.client.get(PATH)).status == 404
    await bruno.post("@alice encore")
    assert await phone.told() == []


async def test_a_token_without_the_scope_subscribes_to_nothing(place):
    alice = await place.person("alice", scopes=("read", "write"))
    for method in ("GET", "POST", "PUT", "DELETE"):
        assert (await alice.client.request(method, PATH)).status == 403


@pytest.mark.parametrize("status", [404, 410, 403, 301])
async def test_a_service_that_knows_it_no_more_ends_it(place, service, status):
    alice, bruno, phone = await pair(place, service)
    await phone.subscribe()
    service.status = status
    await bruno.post("@alice bonjour")
    await work(place)
    assert (await alice.client.get(PATH)).status == 404
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM jobs") == 0


@pytest.mark.parametrize("status", [429, 500, 503, 408])
async def test_a_service_that_is_busy_is_asked_later(place, service, status):
    alice, bruno, phone = await pair(place, service)
    await phone.subscribe()
    service.status = status
    await bruno.post("@alice bonjour")
    await work(place)
    assert len(service.got) == 1, "it was asked again at once"
    service.status = 201
    place.later(3600)
    assert len(await phone.told()) == 2
    assert (await alice.client.get(PATH)).status == 200
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM jobs") == 0


async def test_old_news_are_not_pushed(place, service):
    _alice, bruno, phone = await pair(place, service)
    await phone.subscribe()
    await bruno.post("@alice bonjour")
    place.later(3 * 86_400)
    assert await phone.told() == []


async def test_a_token_that_ended_is_told_nothing(place, service):
    alice, bruno, phone = await pair(place, service)
    await phone.subscribe()
    sql = "UPDATE oauth_tokens SET revoked_ms = 1 WHERE actor_id = $1"
    await place.ctx.db.write(lambda tx: tx.execute(sql, alice.actor.id))
    await bruno.post("@alice bonjour")
    assert await phone.told() == []
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM push_subscriptions") == 0


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x", "https://0x7f000001/",
        "ftp://push.example/", "javascript:alert(1)", "push.example/x", "https://", "https://push.example/" + "x" * 3000,
        "https://user:password@push.example/x",
    ],
)  # fmt: skip
async def test_an_endpoint_that_is_none_is_refused(place, service, endpoint):
    alice, _bruno, phone = await pair(place, service)
    keys = {"p256dh": phone.keys.p256dh, "auth": phone.keys.auth_text}
    answer = await alice.client.post(PATH, json={"subscription": {"endpoint": endpoint, "keys": keys}})
    assert answer.status == 422
    assert (await alice.client.get(PATH)).status == 404


async def test_a_name_that_leads_inside_is_not_dialled(place, service):
    _alice, bruno, phone = await pair(place, service)
    await phone.subscribe()
    place.ctx.network.addresses[HOST] = "127.0.0.1"
    await bruno.post("@alice bonjour")
    await work(place)
    assert service.got == []


async def test_where_nobody_subscribed_nothing_is_asked(place, service):
    """A mention costs the same number of statements before there was Web Push and now; only subscribers cost more."""
    alice, bruno, phone = await pair(place, service)
    statements = Statements(place.ctx)
    await bruno.post("@alice bonjour")
    asked = [sql for sql in statements.asked if "push_subscriptions" in sql and not sql.startswith("INSERT INTO notif")]
    statements.rest()
    assert asked == []
    await phone.subscribe()
    await bruno.post("@alice encore")
    assert len(await phone.told()) == 1
    assert alice.id
