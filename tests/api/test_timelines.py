"""Timelines page by page: nothing missed, nothing twice, no page after the last, a fixed number of queries."""

import re

import pytest

from node.api import rendering
from node.runtime.database import Reader

LINK = re.compile(r'<([^>]+)>; rel="(\w+)"')


def links(answer) -> dict[str, str]:
    return {rel: url.removeprefix("https://ville.example") for url, rel in LINK.findall(answer.headers.get("link", ""))}


async def walk(client, path: str, rel: str = "next") -> list[list[str]]:
    pages = []
    while path:
        answer = await client.get(path)
        pages.append([item["id"] for item in answer.ok()])
        path = links(answer).get(rel, "")
        assert len(pages) < 50, "the Link header leads in a circle"
    return pages


@pytest.mark.parametrize("limit", [1, 2, 3, 6, 7, 10])
async def test_following_next_reads_everything_once(place, limit):
    alice = await place.person("alice")
    written = []
    for number in range(6):
        place.later()
        written.append((await alice.post(f"Numéro {number} #fil"))["id"])
    for path in (
        "/api/v1/timelines/home",
        "/api/v1/timelines/public",
        "/api/v1/timelines/tag/fil",
        f"/api/v1/accounts/{alice.id}/statuses",
    ):
        pages = await walk(alice.client, f"{path}?limit={limit}&local=true")
        assert [id_ for page in pages for id_ in page] == written[::-1], path
        assert all(pages), f"{path} has an empty page"
        assert all(len(page) == limit for page in pages[:-1])


async def test_links_are_absolute_and_keep_the_filters(place):
    alice = await place.person("alice")
    for number in range(3):
        await alice.post(f"Numéro {number}")
    answer = await alice.client.get(
        "/api/v1/timelines/public?limit=2&local=true&only_media=false&max_id=9000000000000000000"
    )
    ids = [status["id"] for status in answer.ok()]
    assert answer.headers["link"] == (
        f'<https://ville.example/api/v1/timelines/public?limit=2&local=true&only_media=false&max_id={ids[-1]}>; rel="next", '
        f'<https://ville.example/api/v1/timelines/public?limit=2&local=true&only_media=false&min_id={ids[0]}>; rel="prev"'
    )


async def test_prev_reads_what_came_since_and_then_nothing(place):
    alice = await place.person("alice")
    await alice.post("Un")
    prev = links(await alice.client.get("/api/v1/timelines/home"))["prev"]
    assert (await alice.client.get(prev)).ok() == []
    assert "link" not in (await alice.client.get(prev)).headers
    later = []
    for number in range(3):
        place.later()
        later.append((await alice.post(f"Plus tard {number}"))["id"])
    first = await alice.client.get(f"{prev}&limit=2")
    assert [s["id"] for s in first.ok()] == later[1::-1], "min_id reads upwards, next to what is known"
    second = await alice.client.get(links(first)["prev"])
    assert [s["id"] for s in second.ok()] == [later[2]]


async def test_local_is_the_domain_and_not_the_node(place):
    alice, zoe = await place.person("alice"), await place.person("zoe", domain=place.agglo)
    bob = await place.stranger("bob")
    here, there = await alice.post("Ici"), await zoe.post("À côté")
    away = await place.receive(bob)
    ids = {s["id"] for s in await alice.get("/api/v1/timelines/public")}
    assert ids == {here["id"], there["id"], str(away.id)}
    assert [s["id"] for s in await alice.get("/api/v1/timelines/public", {"local": True})] == [here["id"]]
    assert [s["id"] for s in await zoe.get("/api/v1/timelines/public", {"local": True})] == [there["id"]]
    assert [s["id"] for s in await alice.get("/api/v1/timelines/public", {"remote": "1"})] == [str(away.id)]


async def test_the_same_bytes_say_another_name_on_another_domain(place):
    alice, zoe = await place.person("alice"), await place.person("zoe", domain=place.agglo)
    await alice.post("@zoe@agglo.example bonjour")
    at_home, next_door = await alice.get("/api/v1/timelines/public"), await zoe.get("/api/v1/timelines/public")
    assert at_home[0]["account"]["acct"] == "alice"
    assert at_home[0]["mentions"][0]["acct"] == "zoe@agglo.example"
    assert next_door[0]["account"]["acct"] == "alice@ville.example"
    assert next_door[0]["mentions"][0]["acct"] == "zoe"
    assert at_home[0]["account"]["avatar"].startswith("https://ville.example/media/")
    assert next_door[0]["account"]["avatar"].startswith("https://social.agglo.example/media/")


class Counting:
    """A reader that counts."""

    def __init__(self, inner: Reader) -> None:
        self.inner, self.count, self.dialect = inner, 0, inner.dialect

    async def fetch(self, *asked):
        self.count += 1
        return await self.inner.fetch(*asked)

    async def row(self, *asked):
        self.count += 1
        return await self.inner.row(*asked)

    async def value(self, *asked):
        self.count += 1
        return await self.inner.value(*asked)


async def test_a_page_costs_a_fixed_number_of_queries(place):
    people = [await place.person(f"voisin{number}") for number in range(4)]
    ids = []
    for number in range(20):
        status = await people[number % 4].post(f"Numéro {number} #fil @voisin0")
        ids.append(int(status["id"]))
        if number % 3 == 0:
            boost = await people[(number + 1) % 4].do(f"/api/v1/statuses/{status['id']}/reblog")
            ids.append(int(boost["id"]))

    async def cost(how_many: int, *, cold: bool) -> int:
        if cold:
            place.ctx.cache.of("post_fragments").clear()
            place.ctx.cache.of("account_fragments").clear()
        reader = Counting(place.ctx.db.reader)
        found = await rendering.statuses(place.ctx, people[0].actor.id, ids[:how_many], reader)
        assert len(found) == how_many
        return reader.count

    assert await cost(2, cold=True) == await cost(20, cold=True) == 3
    assert await cost(20, cold=False) == 1


async def test_what_hangs_on_posts_costs_the_same_for_few_and_many(place):
    """Polls, quotes and posts that some may quote: a fixed number of queries more, and none where there are none."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    ids: list[int] = []
    for number in range(6):
        poll = {"status": f"Sondage {number}", "poll": {"options": ["Oui", "Non"], "expires_in": 3600}}
        ids.append(int((await alice.client.post("/api/v1/statuses", json=poll)).ok()["id"]))
        limited = await bruno.post(f"Pour mes abonnés {number}", quote_approval_policy="followers")
        quoted = await alice.post(f"Citez {number}")
        ids += [int(limited["id"]), int((await bruno.post("Lisez", quoted_status_id=quoted["id"]))["id"])]

    async def cost(how_many: int) -> int:
        await rendering.statuses(place.ctx, alice.actor.id, ids[:how_many])  # the bytes are in memory then
        reader = Counting(place.ctx.db.reader)
        assert len(await rendering.statuses(place.ctx, alice.actor.id, ids[:how_many], reader)) == how_many
        return reader.count

    assert await cost(3) == await cost(18) == 10


async def test_a_profile_that_changes_changes_on_every_status(place):
    alice = await place.person("alice")
    await alice.post("Bonjour")
    place.later()
    (await alice.client.patch("/api/v1/accounts/update_credentials", {"display_name": "Alice B."})).ok()
    assert (await alice.get("/api/v1/timelines/home"))[0]["account"]["display_name"] == "Alice B."


async def test_what_one_reader_did_is_not_on_the_page_of_another(place):
    """Lines stay in memory, and what a reader did does not stay on them."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    status = await alice.post("Bonjour")
    boost = await alice.do(f"/api/v1/statuses/{status['id']}/reblog")
    page = f"/api/v1/accounts/{alice.id}/statuses"
    for _ in range(2):  # the second time from memory
        await bruno.get(page)
        await bruno.do(f"/api/v1/statuses/{status['id']}/favourite")
        his, hers = await bruno.get(page), await alice.get(page)
        assert [line["id"] for line in his] == [boost["id"], status["id"]]
        assert [line["favourited"] for line in (*his, his[0]["reblog"])] == [True] * 3
        assert [line["reblogged"] for line in (*his, his[0]["reblog"])] == [False] * 3
        assert [line["favourited"] for line in (*hers, hers[0]["reblog"])] == [False] * 3
        assert [line["reblogged"] for line in (*hers, hers[0]["reblog"])] == [True] * 3
        assert ["pinned" in line for line in (*his, *hers)] == [False, False, False, True]
        strangers = (await place.client().get(page)).ok()
        assert not any("favourited" in line for line in (*strangers, strangers[0]["reblog"]))


async def test_hashtags_are_one_whatever_their_accents(place):
    alice = await place.person("alice")
    await alice.post("#Événement ce soir")
    for name in ("evenement", "%C3%89v%C3%A9nement", "EVENEMENT"):
        assert len(await alice.get(f"/api/v1/timelines/tag/{name}")) == 1, name
    tag = await alice.get("/api/v1/tags/evenement")
    assert (tag["name"], tag["following"]) == ("Événement", False)
    assert await alice.get("/api/v1/timelines/tag/inconnu") == []
