"""Too much, too slow, too deep, again and again: nothing that a stranger sends keeps the node from serving."""

import asyncio

import orjson
import pytest

from node.cli.demo.agents import until
from tests.advisories.stage import Stage, answering, redirecting, slowly
from tests.support.peer import PUBLIC

pytestmark = pytest.mark.xdist_group("advisories")


async def test_cve_2023_36461(stage: Stage) -> None:
    """An answer of a byte a second is given up after the whole time that it may take, not byte by byte for ever."""
    stage.idlers.tricks["/lent"] = slowly(b"{" + b" " * 3_000)
    token = {"Authorization": f"Bearer {stage.client.access_token}"}
    search = f"/api/v2/search?resolve=true&q={stage.idlers.home}/lent"
    asked = asyncio.create_task(asyncio.to_thread(stage.get, search, **token))
    others = [asyncio.to_thread(stage.get, "/api/v2/instance") for _ in range(5)]
    answers = await asyncio.gather(*others)
    assert all(answer.status_code == 200 for answer in answers), "others wait for the slow one"
    assert not asked.done(), "it was not even begun"
    answered = await asyncio.wait_for(asked, 90)
    assert answered.json()["statuses"] == []


async def test_cve_2026_34148(stage: Stage) -> None:
    """A redirect to itself, a ring of two, a chain without end: three hops and no more."""
    home = stage.villains.home
    stage.villains.tricks["/moi"] = redirecting(f"{home}/moi")
    stage.villains.tricks["/tic"] = redirecting(f"{home}/tac")
    stage.villains.tricks["/tac"] = redirecting(f"{home}/tic")
    for number in range(50):
        stage.villains.tricks[f"/chaine/{number}"] = redirecting(f"{home}/chaine/{number + 1}")
    for start in ("/moi", "/tic", "/chaine/0"):
        before = len(stage.villains.requests)
        assert not stage.look_up(f"{home}{start}").statuses
        assert len(stage.villains.requests) - before <= 8, "it followed redirect after redirect"


async def test_cve_2025_23221_loop(stage: Stage) -> None:
    """WebFinger that redirects to itself."""
    path = "/.well-known/webfinger"
    stage.villains.tricks[path] = redirecting(f"{stage.villains.home}{path}?resource=acct:x")
    try:
        before = stage.villains.asked_for(path)
        assert not stage.look_up(f"@ring@{stage.villains.host}").accounts
        assert stage.villains.asked_for(path) - before <= 8
    finally:
        del stage.villains.tricks[path]


async def test_cve_2025_68475(stage: Stage) -> None:
    """100 kB of opened links as a page: nothing looks for alternates in HTML, and others are served meanwhile."""
    stage.villains.tricks["/page"] = answering(b"<a " * 33_000 + b"<link rel=" * 3_000, "text/html")
    asked = asyncio.create_task(asyncio.to_thread(stage.look_up, f"{stage.villains.home}/page"))
    answers = await asyncio.gather(*(asyncio.to_thread(stage.get, "/api/v2/instance") for _ in range(5)))
    assert all(answer.status_code == 200 for answer in answers), "a page kept the node busy"
    assert not (await asked).statuses


async def test_ghsa_gg8q_rcg7_p79g(stage: Stage) -> None:
    """Names of 300 kB, 500 aliases, 1,000 fields: cut where the limits of the network are."""
    fields = [{"type": "PropertyValue", "name": "n" * 3000, "value": "v" * 3000} for _ in range(60)]
    mallory = await stage.villain(
        name="N" * 100_000, summary="<p>" + "b" * 200_000 + "</p>", attachment=fields,
        alsoKnownAs=[f"{stage.villains.home}/users/alias{number}" for number in range(2_000)],
    )  # fmt: skip
    account = stage.account(mallory)
    assert account is not None, "a long profile is cut, not refused"
    assert len(account.display_name) <= 2_048
    assert len(account.note) <= 21_000
    assert len(account.fields) <= 50
    assert all(len(field.name) <= 2_047 and len(field.value) <= 2_200 for field in account.fields)


async def test_ghsa_6x3w_9g92_gvf3(stage: Stage) -> None:
    """10,000 options in a poll, 100,000 hashtags and mentions, an attachment a line."""
    mallory = await stage.villain()
    await stage.met(mallory)
    poll = mallory.note("Vote", type="Question", oneOf=[
        {"type": "Note", "name": f"choix {number}", "replies": {"type": "Collection", "totalItems": 0}}
        for number in range(8_000)
    ])  # fmt: skip
    assert await stage.tells(mallory, mallory.create(poll)) in (202, 413)
    seen = stage.sees(poll["id"])
    assert seen is None or seen.poll is None or len(seen.poll.options) <= 500
    tagged = mallory.note("Étiquettes", tag=[{"type": "Hashtag", "name": f"#e{number}"} for number in range(15_000)])
    assert await stage.tells(mallory, mallory.create(tagged)) in (202, 413)
    seen = stage.sees(tagged["id"])
    assert seen is None or len(seen.tags) <= 500
    named = mallory.note("Tous", tag=[
        {"type": "Mention", "href": f"{stage.villains.home}/users/inconnu{number}"} for number in range(8_000)
    ])  # fmt: skip
    before = len(stage.villains.requests)
    await stage.tells(mallory, mallory.create(named))
    assert len(stage.villains.requests) - before <= 60, "one note makes the node ask for thousands of people"


async def test_ghsa_qrgq_9fx2_vf2r(stage: Stage) -> None:
    """HTML that no parser wants: unclosed, deep, with NUL and lone surrogates; the next post still comes."""
    zoe = await stage.friend()
    await stage.met(zoe)
    for content in (
        "<div>" * 20_000, "<b><i>" * 5_000 + "x", "<!--" * 10_000, "&#x110000;&#0;&#xD800;", "<p>\x00\ufffe\udfff</p>".encode(
            "utf-8", "replace").decode(), "<a href='" + "x" * 100_000, "<svg><math>" * 3_000, "<![CDATA[" * 1_000,
    ):  # fmt: skip
        note = zoe.note("x", content=content)
        assert await stage.tells(zoe, zoe.create(note)) in (202, 400, 413)
    note = zoe.note("Toujours là")
    await stage.tells(zoe, zoe.create(note))
    assert stage.sees(note["id"]).content == "<p>Toujours là</p>"


async def test_cve_2026_69132(stage: Stage) -> None:
    """Thousands of followers with inboxes on hosts and ports that the villain invents: what is kept of each is bounded."""
    host, _, port = stage.villains.host.partition(":")
    for number in range(40):
        mallory = await stage.villain(
            inbox=f"https://x{number}.{host}:{port}/inbox",
            endpoints={"sharedInbox": f"https://{host}:{20_000 + number}/inbox"},
        )
        await stage.tells(mallory, mallory.follow(stage.uri))
    status = stage.client.status_post("À beaucoup d'adresses inventées")
    zoe = await stage.friend()
    await stage.tells(zoe, zoe.follow(stage.uri))
    second = stage.client.status_post("Et à Zoe, tout de suite")
    until("Zoe has the news", lambda: any(second.uri in str(each) for each in stage.friends.received))
    assert stage.client.status(status.id).uri == status.uri


async def test_cve_2023_49952(stage: Stage) -> None:
    """Another address in X-Forwarded-For at each attempt does not start the count anew.

    The request comes as from a proxy on this machine, which adds the caller's true address at the end.
    """
    statuses = []
    for number in range(40):
        with stage.node.session() as session:
            answered = session.post(
                f"{stage.node.url}/oauth/token",
                timeout=20,
                data={"grant_type": "password", "username": "x", "password": "y"},
                headers={
                    "X-Forwarded-For": f"198.51.100.{number}, 203.0.113.7",
                    "Forwarded": f"for=198.51.100.{number}",
                },
            )
        statuses.append(answered.headers.get("X-RateLimit-Remaining"))
    remaining = [int(each) for each in statuses if each is not None]
    assert remaining == sorted(remaining, reverse=True), "each invented address began with a full count"
    assert remaining
    assert remaining[-1] < remaining[0]


async def test_deep_and_long_bodies(stage: Stage) -> None:
    """Nested a hundred thousand deep, or longer than a megabyte: refused at the door (several advisories' last line)."""
    mallory = await stage.villain()
    deep = b'{"a":' * 100_000 + b"1" + b"}" * 100_000
    for body, expected in ((deep, (400, 413)), (orjson.dumps({"x": "y" * 1_200_000, "to": [PUBLIC]}), (413,))):
        answered = await mallory.send(stage.node.authority_part, body)
        assert answered.status in expected
