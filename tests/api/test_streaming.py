"""What happens reaches connected clients at once: over WebSocket and as server-sent events."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest

from node.actors import blocks
from node.api.streaming import connection
from node.api.streaming.events import Event
from node.oauth import tokens
from node.runtime import log
from tests.api.conftest import picture
from tests.support.statements import counted


class Socket:
    """A WebSocket client inside the test process."""

    def __init__(
        self,
        place,
        *,
        token: str | None = None,
        subprotocols: tuple[str, ...] = (),
        host: str = "ville.example",
        **query: str,
    ) -> None:
        headers = [(b"host", host.encode())]
        if token:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        self.scope = {
            "type": "websocket", "path": "/api/v1/streaming", "raw_path": b"/api/v1/streaming", "headers": headers,
            "query_string": urlencode(query).encode(), "subprotocols": list(subprotocols), "root_path": "",
            "scheme": "wss", "client": ("203.0.113.7", 5), "server": ("ville.example", 443), "state": {},
            "asgi": {"version": "3.0"}, "http_version": "1.1",
        }  # fmt: skip
        self.sent: asyncio.Queue[Any] = asyncio.Queue()
        self.got: asyncio.Queue[Any] = asyncio.Queue()
        self.gone = False
        self.taking = asyncio.Event()
        self.taking.set()
        self.task = asyncio.create_task(place.app(self.scope, self.sent.get, self._take))

    async def _take(self, message: Any) -> None:
        if self.gone:
            raise OSError("the client is gone")  # as servers say it (ASGI, `send` after a disconnect)
        await self.taking.wait()
        await self.got.put(message)

    async def __aenter__(self):
        await self.sent.put({"type": "websocket.connect"})
        self.opening = await self.next()
        return self

    async def __aexit__(self, *_):
        self.gone = True
        await self.sent.put({"type": "websocket.disconnect", "code": 1000})
        await asyncio.wait_for(self.task, 5)

    async def next(self) -> Any:
        return await asyncio.wait_for(self.got.get(), 5)

    async def say(self, **message: Any) -> None:
        await self.sent.put({"type": "websocket.receive", "text": orjson.dumps(message).decode()})
        await asyncio.sleep(0.01)

    async def told(self) -> dict[str, Any]:
        message: dict[str, Any] = orjson.loads((await self.next())["text"])
        return message

    def quiet(self) -> bool:
        return self.got.empty()


@pytest.fixture(autouse=True)
def crashes(monkeypatch):
    """A connection that ends is no fault of the node: nothing of it may reach the log as one."""
    found: list[str] = []
    monkeypatch.setattr(log, "fail", lambda event, error, **_: found.append(f"{event}: {error!r}"))
    yield
    assert found == []


async def test_a_status_reaches_who_reads_it_at_home(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await alice.do(f"/api/v1/accounts/{bruno.id}/follow")
    async with Socket(place, token=alice.client.token, stream="user") as socket:
        assert socket.opening["type"] == "websocket.accept"
        status = await bruno.post("Bonjour")
        said = await socket.told()
        assert (said["stream"], said["event"]) == (["user"], "update")
        assert orjson.loads(said["payload"]) == await alice.get(f"/api/v1/statuses/{status['id']}")
        await bruno.client.put(f"/api/v1/statuses/{status['id']}", {"status": "Bonsoir"})
        said = await socket.told()
        assert said["event"] == "status.update"
        assert "Bonsoir" in orjson.loads(said["payload"])["content"]
        await bruno.client.delete(f"/api/v1/statuses/{status['id']}")
        assert await socket.told() == {"stream": ["user"], "event": "delete", "payload": status["id"]}


async def test_a_notification_is_told(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    async with Socket(place, token=alice.client.token, stream="user:notification") as socket:
        await bruno.post("@alice bonjour")
        said = await socket.told()
        assert said["event"] == "notification"
        payload = orjson.loads(said["payload"])
        assert (payload["type"], payload["account"]["acct"]) == ("mention", "bruno")
        assert socket.quiet()


async def test_a_private_talk_is_told_on_its_own_stream(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    async with Socket(place, token=alice.client.token, stream="direct") as socket:
        await bruno.post("bonjour à tous")
        status = await bruno.post("@alice à demain ?", visibility="direct")
        said = await socket.told()
        assert (said["stream"], said["event"]) == (["direct"], "conversation")
        assert orjson.loads(said["payload"]) == (await alice.get("/api/v1/conversations"))[0]
        assert orjson.loads(said["payload"])["last_status"]["id"] == status["id"]
        assert socket.quiet()


async def test_streams_are_joined_and_left_on_one_connection(place):
    alice = await place.person("alice")
    async with Socket(place, access_token=alice.client.token) as socket:
        await socket.say(type="subscribe", stream="public:local")
        await socket.say(type="subscribe", stream="hashtag", tag="Événement")
        await alice.post("#evenement")
        streams = [(await socket.told())["stream"] for _ in range(2)]
        assert sorted(streams) == [["hashtag", "Événement"], ["public:local"]]
        await socket.say(type="unsubscribe", stream="hashtag", tag="Événement")
        await alice.post("#evenement encore")
        assert (await socket.told())["stream"] == ["public:local"]
        await socket.say(type="unsubscribe", stream="public:local")
        await alice.post("#evenement toujours")
        await asyncio.sleep(0.05)
        assert socket.quiet()


async def test_streams_of_pictures_tell_nothing_else(place):
    """By the names of both protocols, with one's own site's and with all; what is deleted goes everywhere."""
    alice = await place.person("alice")
    async with Socket(place) as socket:
        for name in ("public:media", "public:local:media", "public:remote:media"):
            await socket.say(type="subscribe", stream=name)
        status = await _with_and_without(alice)
        said = [await socket.told() for _ in range(2)]
        assert sorted(each["stream"] for each in said) == [["public:local:media"], ["public:media"]]
        assert {orjson.loads(each["payload"])["id"] for each in said} == {status["id"]}
        await alice.client.delete(f"/api/v1/statuses/{status['id']}")
        assert {(await socket.told())["event"] for _ in range(2)} == {"delete"}
        assert socket.quiet()
    pieces = await sse(
        place, "/api/v1/streaming/public/local?only_media=true", None, lambda: _with_and_without(alice), 3
    )
    assert "Avec" in pieces[2]


async def _with_and_without(person) -> dict[str, Any]:
    file = ("photo.png", "image/png", picture())
    media = (await person.client.upload("/api/v2/media", {"file": file})).ok()
    await person.post("Sans image")
    status: dict[str, Any] = await person.post("Avec", media_ids=[media["id"]])
    return status


@pytest.mark.parametrize(
    "name", ["", "user:x", "public:media:local", "hashtag:media", "direct:media", "public:local:remote", "list"]
)
async def test_a_name_that_is_none_is_refused_on_both_ways(place, name):
    alice = await place.person("alice")
    async with Socket(place, token=alice.client.token) as socket:
        await socket.say(type="subscribe", stream=name)
        assert (await socket.told())["status"] == 400
    path = "/api/v1/streaming/" + name.replace(":", "/")
    assert (await alice.client.get(path)).status == 400


async def test_the_subprotocol_is_echoed_also_when_the_query_has_the_token(place):
    alice = await place.person("alice")
    for query in ({}, {"access_token": alice.client.token}):
        async with Socket(place, subprotocols=(alice.client.token,), stream="user", **query) as socket:
            assert socket.opening["subprotocol"] == alice.client.token


async def test_what_one_may_not_read_is_not_told(place):
    alice, bruno = await place.person("alice"), await place.person("bruno")
    await place.ctx.db.write(lambda tx: blocks.block(tx, place.ctx, actor=bruno.actor, target=alice.actor))
    async with Socket(place, token=alice.client.token, stream="public") as socket:
        await bruno.post("Bonjour")
        await bruno.post("Chut", visibility="private")
        carla = await place.person("carla")
        await carla.post("Moi")
        assert orjson.loads((await socket.told())["payload"])["account"]["acct"] == "carla"
        assert socket.quiet()


async def test_a_domain_hears_its_own_local_stream(place):
    zoe = await place.person("zoe", domain=place.agglo)
    alice = await place.person("alice")
    async with Socket(place, token=alice.client.token, stream="public:local") as socket:
        await zoe.post("À côté")
        await alice.post("Ici")
        assert orjson.loads((await socket.told())["payload"])["account"]["acct"] == "alice"


async def test_nonsense_is_answered_with_words_and_the_connection_lives(place):
    alice = await place.person("alice")
    async with Socket(place, token=alice.client.token) as socket:
        for message in ({"type": "subscribe", "stream": "nothing"}, {"type": "x"}, {"type": "subscribe", "stream": "hashtag"},
                        {"type": "subscribe", "stream": ["user"]}):  # fmt: skip
            await socket.say(**message)
            assert (await socket.told())["status"] == 400
        await socket.sent.put({"type": "websocket.receive", "text": "{"})
        assert "error" in await socket.told()
        await socket.say(type="subscribe", stream="user")
        await alice.post("Bonjour")
        assert (await socket.told())["event"] == "update"


async def test_a_stranger_hears_what_is_public_and_nothing_else(place):
    async with Socket(place) as socket:
        await socket.say(type="subscribe", stream="user")
        assert (await socket.told())["status"] == 401
        await socket.say(type="subscribe", stream="public")
        alice = await place.person("alice")
        await alice.post("Bonjour")
        assert (await socket.told())["event"] == "update"
    async with Socket(place, token="no such token", stream="user") as socket:
        assert socket.opening["type"] == "websocket.close"


async def test_a_token_that_ends_ends_its_connections(place, monkeypatch):
    monkeypatch.setattr(connection, "THUMP_S", 0.01)
    alice = await place.person("alice")
    async with Socket(place, token=alice.client.token, stream="user") as socket:
        await place.ctx.db.write(lambda tx: tokens.revoke_of_person(tx, place.ctx, person_id=alice.person_id))
        assert (await socket.next())["type"] == "websocket.close"


async def test_a_token_that_ends_ends_connections_on_which_something_always_happens(place, monkeypatch):
    """Whoever took it back wants nothing more read with it, however much is said."""
    monkeypatch.setattr(connection, "THUMP_S", 0.05)
    alice, bob = await place.person("alice"), await place.person("bob")
    async with Socket(place, token=alice.client.token, stream="public") as socket:
        await place.ctx.db.write(lambda tx: tokens.revoke_of_person(tx, place.ctx, person_id=alice.person_id))
        for number in range(100):
            await bob.post(f"Bonjour {number}")
            await asyncio.sleep(0.01)
            if (await socket.next())["type"] == "websocket.close":
                return
    raise AssertionError("a revoked token reads on as long as others speak")


async def test_many_who_listen_ask_as_often_as_two(place):
    """And each is shown what she did herself."""
    alice = await place.person("alice")
    others = [await place.person(f"voisin{number}") for number in range(12)]
    status = await alice.post("Bonjour")
    await others[1].do(f"/api/v1/statuses/{status['id']}/favourite")
    asked = []
    for audience in (others[:2], others):
        async with AsyncExitStack() as stack:
            sockets = [
                await stack.enter_async_context(Socket(place, token=who.client.token, stream="public"))
                for who in audience
            ]
            place.later()
            with counted(place.ctx) as statements:
                await alice.client.put(f"/api/v1/statuses/{status['id']}", {"status": f"Bonsoir à {len(audience)}"})
                told = [orjson.loads((await socket.told())["payload"]) for socket in sockets]
            asked.append(len([sql for sql in statements if "oauth_tokens" not in sql]))
            assert [each["favourited"] for each in told] == [who is others[1] for who in audience]
            assert all(each["content"] == f"<p>Bonsoir à {len(audience)}</p>" for each in told)
            for who, each in zip(audience, told, strict=True):
                assert each == await who.get(f"/api/v1/statuses/{status['id']}")
    assert asked[0] == asked[1]


async def test_who_reads_too_slowly_is_sent_away(place):
    """She missed something: she connects again and reads the timeline. Nothing is kept for her without bound."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    async with (
        Socket(place, token=alice.client.token, stream="public") as slow,
        Socket(place, token=bruno.client.token, stream="public") as quick,
    ):
        slow.taking.clear()
        status = await bruno.post("Bonjour")
        for number in range(1_000):
            place.ctx.live.publish("public", Event("delete", number))
            if number % 100 == 0:
                while not quick.quiet():
                    await quick.told()
                await asyncio.sleep(0)
        (listener,) = [each for each in place.ctx.live._listeners["public"] if each.overrun]
        assert listener.queue.qsize() <= 512
        slow.taking.set()
        heard = [await slow.next()]
        while heard[-1]["type"] == "websocket.send":
            heard.append(await slow.next())
        assert orjson.loads(orjson.loads(heard[0]["text"])["payload"])["id"] == status["id"]
        assert heard[-1]["type"] == "websocket.close"
        assert len(heard) < 10, "what she missed is read to her all the same, in parts"
        await bruno.post("Encore")
        while (await quick.told())["event"] != "update":
            pass


async def sse(place, path: str, token: str | None, do, want: int, host: str = "ville.example") -> list[str]:
    """The first *want* pieces of a stream of events."""
    pieces: list[str] = []
    started, enough, left = asyncio.Event(), asyncio.Event(), asyncio.Event()
    path, _, query = path.partition("?")
    headers = [(b"host", host.encode())] + ([(b"authorization", f"Bearer {token}".encode())] if token else [])
    scope = {
        "type": "http", "method": "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": headers, "client": ("203.0.113.7", 5), "server": ("ville.example", 443), "scheme": "https",
        "root_path": "", "state": {}, "http_version": "1.1", "asgi": {"version": "3.0"},
    }  # fmt: skip

    async def receive():
        await left.wait()
        return {"type": "http.disconnect"}

    async def send(message):
        if message["type"] == "http.response.start":
            pieces.append(str(message["status"]))
        else:
            pieces.append(message["body"].decode())
            started.set()
        if len(pieces) >= want:
            enough.set()

    task = asyncio.create_task(place.app(scope, receive, send))
    await asyncio.wait_for(started.wait(), 5)
    await do()
    await asyncio.wait_for(enough.wait(), 5)
    left.set()
    await asyncio.wait_for(task, 5)
    return pieces


async def test_server_sent_events_begin_with_a_smile(place):
    alice = await place.person("alice")
    for path in ("/api/v1/streaming/user", "/api/v1/streaming/public/local", "/api/v1/streaming/hashtag?tag=fil",
                 "/api/v1/streaming?stream=public"):  # fmt: skip
        pieces = await sse(place, path, alice.client.token, lambda: alice.post("Bonjour #fil"), 3)
        assert pieces[:2] == ["200", ":)\n\n"]
        assert pieces[2].startswith('event: update\ndata: {"id":')
        assert pieces[2].endswith("}\n\n")


async def test_a_silent_stream_shows_that_it_lives(place, monkeypatch):
    monkeypatch.setattr(connection, "THUMP_S", 0.01)

    async def nothing():
        pass

    pieces = await sse(place, "/api/v1/streaming/public", None, nothing, 4)
    assert pieces[2:4] == [":thump\n\n", ":thump\n\n"]


async def test_streams_that_are_not_there_or_not_for_us_are_refused(place):
    nobody = place.client()
    assert (await nobody.get("/api/v1/streaming/user")).status == 401
    assert (await nobody.get("/api/v1/streaming/nothing")).status == 400
    assert (await nobody.get("/api/v1/streaming/hashtag")).status == 400
    health = await nobody.get("/api/v1/streaming/health")
    assert (health.status, health.body) == (200, b"OK")
    assert place.ctx.live.heard("streams") is False
