"""Every question of every viewer is asked, and the answers compared with the model."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

from node.web import visitors
from tests.privacy import ways
from tests.privacy.model import Viewer
from tests.privacy.question import AP, NOTHING, Question
from tests.privacy.world import World
from tests.support.client import Client, pairs


@dataclass(frozen=True)
class Got:
    """An answer, of whichever client."""

    status: int
    headers: Mapping[str, str]
    body: bytes


async def read_all(world: World) -> set[str]:
    """Ask everything; the routes that were asked.

    Raises:
        AssertionError: somebody is shown what is not for him, or is not shown what is.
    """
    asked: set[str] = set()
    for viewer in (None, *world.model.host):
        world.fediverse.clock.forward(301)  # a new window of requests
        for number, question in enumerate(ways.everything(world, viewer)):
            answer = await _ask(world, viewer, question, number)
            _compare(world, viewer, question, answer)
            asked.add(question.route)
    await _count(world)
    return asked | await _notices(world)


async def _ask(world: World, viewer: Viewer, question: Question, number: int) -> Got:
    documents = question.route.startswith("GET /users/")
    if viewer is not None and not world.model.local(viewer):
        query = urlencode(pairs(question.params))
        url = f"https://{world.node.host}{question.path}" + (f"?{query}" if query else "")
        signed = await world.stranger(viewer).get(url)
        return Got(signed.status, signed.headers, signed.body)
    cookies = {}
    if question.session and viewer is not None:
        name = visitors.cookie_name(world.node.ctx, "beffroi")
        cookies = {"cookie": f"{name}={await world.session(viewer)}"}
    # Nobody has no quota of his own: each hundredth request comes from another address.
    address = f"198.51.{number // 100}.{world.number % 250}"
    token = None if viewer is None or question.session else world.citizen(viewer).client.token
    client = Client(world.node.app, world.node.host, token, address=address)
    if number % 250 == 249:
        world.fediverse.clock.forward(301)
    answer = await client.request(
        question.method, question.path, params=question.params, data=question.data,
        headers={"accept": AP if documents else "*/*", **cookies},
    )  # fmt: skip
    return Got(answer.status, answer.headers, answer.body)


def _compare(world: World, viewer: Viewer, question: Question, answer: Got) -> None:
    who = f"{question.method} {question.path} {dict(question.params)} shows {world.name(viewer)}"
    assert answer.status != 429, f"{who} nothing: too many requests"
    assert answer.status < 500, f"{who} a fault of the node: {answer.body[:500]!r}"
    found = world.canaries(answer.body) | world.canaries(" ".join(answer.headers.values()).encode())
    leak, missing = found - question.may, question.must - found
    assert not leak, f"{who} what is not for this reader: {world.what(leak)}\n{answer.status} {answer.body[:2000]!r}"
    assert not missing, f"{who} too little, {world.what(missing)} is missing\n{answer.status} {answer.body[:2000]!r}"
    if question.lists is not None and not question.refused:
        named, (least, most) = _named(world, answer.body), question.lists
        assert named <= most, f"{who} the address of what is private: {world.what(named - most)}"
        assert least <= named, f"{who} too little, {world.what(least - named)} is not named"
    private = found - world.model.readable(None)
    caches = answer.headers.get("Cache-Control") or answer.headers.get("cache-control") or ""
    assert not private or "no-store" in caches or "private" in caches, f"{who} to every cache on the way: {caches!r}"
    refused = answer.status in (401, 403, 404, 410, 422)
    assert refused or not question.refused, f"{who} something: {answer.status} {answer.body[:500]!r}"
    assert question.refused or answer.status in (200, 302, 303), f"{who} {answer.status}: {answer.body[:500]!r}"


def _named(world: World, body: bytes) -> frozenset[int]:
    """The posts that a page of a collection names: ids, Creates, or what is announced."""
    numbers = {uri: number for number, (_, uri) in world.posts.items()}
    items = orjson.loads(body)["orderedItems"]
    objects = [item["object"] if isinstance(item, dict) else item for item in items]
    return frozenset(numbers[each["id"] if isinstance(each, dict) else each] for each in objects)


async def _notices(world: World) -> set[str]:
    """Each notification by its id, which only its own reader has."""
    model = world.model
    people = [who for who in model.host if model.local(who) and not model.gone(who)]
    for who in people:
        for notice in (await world.citizen(who).client.get("/api/v1/notifications", {"limit": 80})).ok():
            for other in people:
                path = f"/api/v1/notifications/{notice['id']}"
                may = model.with_quoted(who, model.readable(who)) if other == who else NOTHING
                question = Question("GET /api/v1/notifications/:id", path, may, refused=other != who)
                _compare(world, other, question, await _ask(world, other, question, 0))
    return {"GET /api/v1/notifications/:id"}


async def _count(world: World) -> None:
    """Counts tell nobody of what is private."""
    model = world.model
    visitor = Client(world.node.app, world.node.host, address=f"192.0.2.{world.number % 250}")
    for number in sorted(model.readable(None)):
        post = model.posts[number]
        if post.boosts is not None or not model.local(post.author):
            continue
        status: dict[str, Any] = (await visitor.get(f"/api/v1/statuses/{world.posts[number][0]}")).ok()
        said = (status["replies_count"], status["reblogs_count"], status["favourites_count"])
        likes = sum(what == number for _, what in model.liked)
        expected = (model.counted_answers(number), model.counted_boosts(number), likes)
        assert said == expected, f"{post} counts {said} answers, boosts and favourites instead of {expected}"
        quotes = sum(
            each.quotes == number and each.visibility in ("public", "unlisted") for each in model.posts.values()
        )
        assert status["quotes_count"] == quotes, f"{post} counts {status['quotes_count']} quotes instead of {quotes}"
        assert status["account"]["statuses_count"] == model.counted_posts(post.author), f"the posts of {post.author}"
