"""Announcements in applications: read, dismissed, reacted to with emojis, and told on open streams."""

import orjson
import pytest

from node.media import emojis
from node.moderation import announcements
from tests.api.test_streaming import Socket
from tests.support.statements import counted

PATH = "/api/v1/announcements"


async def announce(place, words="Coupure lundi", *, domain=None, publish=True):
    told = announcements.told(words)
    return await place.ctx.db.write(
        lambda tx: announcements.add(tx, place.ctx, domain=domain or place.ville, told=told, publish=publish)
    )


def reaction(made, emoji: str = "🎉") -> str:
    return f"{PATH}/{made.id}/reactions/{emoji}"


async def test_people_react_and_take_it_back(place):
    """Each emoji once a person; everybody sees how many, and each whether she is among them."""
    alice, bruno = await place.person("alice"), await place.person("bruno")
    made = await announce(place)
    for who, emoji in ((alice, "🎉"), (bruno, "🎉"), (alice, "👍🏽"), (alice, "🎉")):
        assert (await who.client.put(reaction(made, emoji))).json == {}
    (seen,) = await alice.get(PATH)
    assert seen["reactions"] == [{"name": "🎉", "count": 2, "me": True}, {"name": "👍🏽", "count": 1, "me": True}]
    (seen,) = await bruno.get(PATH)
    assert [each["me"] for each in seen["reactions"]] == [True, False]
    for _ in range(2):
        assert (await bruno.client.delete(reaction(made))).json == {}
    (seen,) = await bruno.get(PATH)
    assert [(each["name"], each["count"]) for each in seen["reactions"]] == [("🎉", 1), ("👍🏽", 1)]


@pytest.mark.parametrize("name", ["bonjour", "🎉🎉", "blobcat", "1", "a🎉", "%00", "<b>"])
async def test_what_is_no_emoji_is_refused(place, name):
    alice, made = await place.person("alice"), await announce(place)
    assert (await alice.client.put(reaction(made, name))).status == 422
    assert (await alice.get(PATH))[0]["reactions"] == []


async def test_the_sites_own_emojis_stand_in_words_and_reactions(place):
    """With their pictures; one that is no longer there leaves no empty picture behind."""
    alice = await place.person("alice")
    made = emojis.NewPicture("emojis/a.png", "emojis/b.png", 1)
    for name in ("vache", "chou"):
        await place.ctx.db.write(
            lambda tx, name=name: emojis.add(
                tx, place.ctx, shortcode=name, category="", made=made, in_picker=True
            )
        )  # fmt: skip
    announced = await announce(place, "Foire :vache: ce soir, :poney: non")
    for name, status in (("chou", 200), ("poney", 422), (":chou:", 422), ("chou:", 422)):
        assert (await alice.client.put(reaction(announced, name))).status == status, name
    (seen,) = await alice.get(PATH)
    assert [each["shortcode"] for each in seen["emojis"]] == ["vache"]
    (one,) = seen["reactions"]
    assert (one["name"], one["count"], one["me"]) == ("chou", 1, True)
    assert one["url"].startswith("https://ville.example/")
    assert one["url"].endswith("a.png")
    assert one["static_url"].endswith("b.png")
    await place.ctx.db.write(lambda tx: tx.execute("UPDATE custom_emojis SET disabled = TRUE WHERE shortcode = 'chou'"))
    place.ctx.cache.clear("custom_emojis")
    assert (await alice.get(PATH))[0]["reactions"] == []


async def test_there_are_only_so_many_different_ones(place):
    """Who comes later may still join those that are there."""
    alice, bruno, made = await place.person("alice"), await place.person("bruno"), await announce(place)
    for emoji in "🎉👍🌻🚲🎵📚🏛⛄":
        (await alice.client.put(reaction(made, emoji))).ok()
    answer = await bruno.client.put(reaction(made, "🍎"))
    assert answer.status == 422
    assert "8" in answer.json["error"]
    (await bruno.client.put(reaction(made, "⛄"))).ok()
    assert [each["count"] for each in (await bruno.get(PATH))[0]["reactions"]] == [1] * 7 + [2]


async def test_nobody_reacts_to_what_is_not_shown_to_her(place):
    """A draft, another site's, one that is not there."""
    alice = await place.person("alice")
    draft, other = await announce(place, publish=False), await announce(place, domain=place.agglo)
    for number in (draft.id, other.id, 12):
        for method in ("PUT", "DELETE"):
            answer = await alice.client.request(method, f"{PATH}/{number}/reactions/🎉")
            assert answer.status == 404, (method, number)
    assert (await place.client().put(reaction(other))).status == 401
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM announcement_reactions") == 0


async def test_the_list_costs_two_queries_whatever_is_announced(place):
    alice = await place.person("alice")
    for number in range(5):
        made = await announce(place, f"Annonce {number}")
        (await alice.client.put(reaction(made))).ok()
    with counted(place.ctx) as asked:
        assert len(await alice.get(PATH)) == 5
    assert len([sql for sql in asked if "announcement" in sql]) == 2


async def test_open_applications_are_told(place):
    """What is announced, how it is answered, that it is gone; on the stream of one's own, and of one's own site."""
    alice, zoe = await place.person("alice"), await place.person("zoe", domain=place.agglo)
    async with (
        Socket(place, token=alice.client.token, stream="user") as socket,
        Socket(place, token=alice.client.token, stream="user:notification") as silent,
        Socket(place, token=zoe.client.token, host="social.agglo.example", stream="user") as elsewhere,
    ):
        made = await announce(place)
        said = await socket.told()
        assert (said["stream"], said["event"]) == (["user"], "announcement")
        assert orjson.loads(said["payload"]) == (await alice.get(PATH))[0]
        await alice.client.put(reaction(made))
        said = await socket.told()
        assert said["event"] == "announcement.reaction"
        assert orjson.loads(said["payload"]) == {"name": "🎉", "count": 1, "announcement_id": str(made.id)}
        await place.ctx.db.write(lambda tx: announcements.publish(tx, place.ctx, announcement=made, on=False))
        assert await socket.told() == {"stream": ["user"], "event": "announcement.delete", "payload": str(made.id)}
        assert silent.quiet()
        assert elsewhere.quiet()
