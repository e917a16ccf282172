"""Two ways to sign: draft-cavage first, RFC 9421 where that is refused, remembered for each server, and forgotten."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from node.federation.signatures import Request
from node.runtime.clock import SetClock
from tests.federation.conftest import Scene
from tests.federation.delivery.conftest import Post, Server
from tests.support.peer import Peer, peer_on

INBOX = "https://a.example/inbox"
DAY_S = 86_400


def form(request: Request) -> str:
    return "rfc9421" if "signature-input" in request.headers else "cavage"


@dataclass
class Judge(Server):
    """A server whose answer follows from how the request is signed."""

    judge: Callable[[str], int] = lambda _form: 202

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.answer = self.judge("rfc9421" if b"signature-input" in dict(scope["headers"]) else "cavage")
        await super().__call__(scope, receive, send)

    def forms(self) -> list[str]:
        """How each request was signed, in their order; what was seen is forgotten."""
        seen = [form(each) for each in self.requests]
        self.requests.clear()
        return seen


def only(understood: str, refusal: int = 401) -> Callable[[str], int]:
    return lambda given: 202 if given == understood else refusal


def judging(post: Post, judge: Callable[[str], int], host: str = "a.example") -> Judge:
    made = post.network.apps[host] = Judge(judge=judge)
    return made


async def one(post: Post, server: Judge) -> list[str]:
    await post.to(INBOX)
    await post.send()
    return server.forms()


async def errors(post: Post) -> list[str]:
    return [row["error"] for row in await post.rows()]


async def test_who_understands_the_draft_never_sees_anything_else(post: Post) -> None:
    """A server such as snac 2.94 answers 202 to RFC 9421 and drops the message: it must not be tried where it is not asked for."""
    server = judging(post, lambda _form: 202)
    for _ in range(3):
        assert await one(post, server) == ["cavage"]


@pytest.mark.parametrize("refusal", [400, 401])
async def test_who_refuses_the_draft_is_asked_the_other_way_and_remembered(post: Post, refusal: int) -> None:
    server = judging(post, only("rfc9421", refusal))
    assert await one(post, server) == ["cavage", "rfc9421"]
    assert await errors(post) == [], "the delivery stands as failed though the second knock was heard"
    assert await one(post, server) == ["rfc9421"], "what worked is not remembered"
    post.ctx.cache.of("signature_forms", 1).clear()  # as another process, or after a restart
    assert await one(post, server) == ["rfc9421"], "what worked is remembered by this process alone"


@pytest.mark.parametrize("answer", [403, 404, 410, 429, 500, 503])
async def test_what_is_not_about_the_signature_is_not_asked_twice(post: Post, answer: int) -> None:
    server = judging(post, lambda _form: answer)
    assert await one(post, server) == ["cavage"]


async def test_one_server_says_nothing_about_another(post: Post) -> None:
    first, second = judging(post, only("rfc9421")), judging(post, lambda _form: 202, "b.example")
    await one(post, first)
    await post.to("https://b.example/inbox")
    await post.send()
    assert second.forms() == ["cavage"]


async def test_who_refuses_both_is_not_asked_twice_again_and_again(post: Post) -> None:
    """Our key cannot be read there, or they block us: the next ones are one knock each, for ten minutes."""
    server = judging(post, lambda _form: 401)
    assert await one(post, server) == ["cavage", "rfc9421"]
    assert (await errors(post))[0] == "the server answered 401"
    assert await one(post, server) == ["cavage"]
    post.town.later(601)
    await post.send()
    assert server.forms()[:2] == ["cavage", "rfc9421"]


async def test_what_is_remembered_is_forgotten_when_it_starts_failing(post: Post) -> None:
    """The server was replaced by one that knows the draft alone."""
    server = judging(post, only("rfc9421"))
    await one(post, server)
    server.judge = only("cavage")
    assert await one(post, server) == ["rfc9421", "cavage"]
    assert await one(post, server) == ["cavage"]


async def test_what_is_remembered_is_doubted_after_an_hour_then_less_and_less(post: Post) -> None:
    """A 401 that had another cause costs an hour at most; a server that insists is asked about it once a month."""
    server = judging(post, only("rfc9421"))
    assert await one(post, server) == ["cavage", "rfc9421"]
    doubted: list[int] = []
    for hour in range(1, 80):
        post.town.later(3_600)
        if await one(post, server) == ["cavage", "rfc9421"]:
            doubted.append(hour)
    assert doubted == [1, 3, 7, 15, 31, 63]
    post.town.later(29 * DAY_S)
    await one(post, server)
    post.town.later(29 * DAY_S)
    server.judge = lambda _form: 202
    post.town.later(31 * DAY_S)
    assert await one(post, server) == ["cavage"], "what was learned once holds for ever"
    assert await one(post, server) == ["cavage"]


# --- the same for what is fetched


def forms(peer: Peer) -> list[str]:
    seen = ["rfc9421" if "signature-input" in headers else "cavage" for method, _, headers in peer.requests if method == "GET"
            and "signature" in headers]  # fmt: skip
    peer.requests.clear()
    return seen


@dataclass
class Particular(Peer):
    """A foreign server that takes signed GETs in one form only."""

    takes: str = "rfc9421"

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        given = dict(scope["headers"])
        signed = "rfc9421" if b"signature-input" in given else "cavage" if b"signature" in given else ""
        if scope["method"] == "GET" and signed not in ("", self.takes):
            self.requests.append(
                (scope["method"], scope["path"], {name.decode(): value.decode() for name, value in given.items()})
            )
            await send({"type": "http.response.start", "status": 401, "headers": []})
            await send({"type": "http.response.body", "body": b""})
            return
        await super().__call__(scope, receive, send)


async def test_a_document_behind_rfc9421_is_read_and_the_form_remembered(scene: Scene) -> None:
    peer = Particular("particular.example", scene.fediverse.network, scene.fediverse.clock)
    rosa, carl = await peer.actor("rosa"), await peer.actor("carl")
    assert (await scene.bob.find(rosa.handle))["acct"] == "rosa@particular.example"
    assert forms(peer)[:2] == ["cavage", "rfc9421"]
    await scene.bob.find(carl.handle)
    assert set(forms(peer)) == {"rfc9421"}, "what worked is not remembered"
    await scene.bob.follow(rosa.handle)
    await scene.settle()
    posted = [headers for method, _, headers in peer.requests if method == "POST"]
    assert all("signature-input" in headers for headers in posted), "what a GET taught is not used for a delivery"


async def test_a_document_that_stays_closed_is_asked_for_in_both_forms_once(scene: Scene) -> None:
    peer = peer_on(scene.fediverse, "closed.example")
    rosa = await peer.actor("rosa")
    peer.documents[rosa.uri] = 401
    found = (await scene.bob.client.get("/api/v2/search", {"q": rosa.uri, "resolve": True})).ok()
    assert found["accounts"] == []
    assert forms(peer) == ["cavage", "rfc9421"]
    clock = scene.fediverse.clock
    assert isinstance(clock, SetClock)
    clock.forward(120)
    await scene.bob.client.get("/api/v2/search", {"q": rosa.uri, "resolve": True})
    assert forms(peer) == ["cavage"]
