"""Waves of spam like that of February 2024: many small servers, accounts made for it, names of people, a picture, no text.

What matters as much: whoever writes here for the first time as people do is never touched.
"""

from typing import Any

import pytest

from admin.operations import perform
from node.moderation import waves
from node.moderation.audit import MACHINE
from node.runtime.clock import iso
from node.runtime.errors import Invalid, NotFound
from node.timeline.waves import skeleton
from tests.support.fediverse import Citizen, Fediverse, Node, fediverse
from tests.support.peer import Peer, PeerActor, peer_on

__all__ = ["fediverse"]

BLURHASH = "UBL_:rOpGG-oBUNG,qRj2so|=eE1w^n4S5NH"


class Village:
    """A node with people on it, and servers that nobody here ever heard of."""

    def __init__(self, fediverse: Fediverse, node: Node, people: list[Citizen]) -> None:
        self.fediverse, self.node, self.people = fediverse, node, people
        self.servers: list[Peer] = []

    async def stranger(self, name: str = "bot") -> PeerActor:
        """Somebody on a server that is met for the first time."""
        peer = peer_on(self.fediverse, f"small{len(self.servers)}.example")
        self.servers.append(peer)
        return await peer.actor(f"{name}{len(self.servers)}")

    async def writes(self, who: PeerActor, text: str, to: list[Citizen], **more: Any) -> dict[str, Any]:
        tags = [{"type": "Mention", "href": each.actor.uri, "name": each.handle} for each in to]
        names = " ".join(f'<a href="{each.actor.url}" class="u-url mention">@{each.actor.username}</a>' for each in to)
        note = who.note(
            f"{names} {text}", tag=tags, cc=[each.actor.uri for each in to],
            published=iso(self.node.ctx.clock.now_ms()), **more,
        )  # fmt: skip
        answer = await who.send(self.node.host, who.create(note))
        assert answer.status == 202
        await self.fediverse.settle()
        return note

    async def seen(self) -> list[str]:
        """What a stranger and each of the people see: texts of the notices, of the public timeline."""
        found = []
        for citizen in self.people:
            found += [each["status"]["uri"] for each in await citizen.notifications() if each["status"]]
        page = (await self.node.visitor().get("/api/v1/timelines/public")).ok()
        return found + [each["uri"] for each in page]

    async def waves(self) -> list[waves.Wave]:
        return await waves.listed(self.node.ctx.db.reader)

    async def reports(self) -> int:
        return int(await self.node.ctx.db.reader.value("SELECT COUNT(*) FROM reports"))


@pytest.fixture
async def village(fediverse: Fediverse) -> Village:
    node = await fediverse.node("village.example")
    return Village(fediverse, node, [await node.person(name) for name in ("alice", "bruno", "chloe")])


def picture(n: int) -> dict[str, Any]:
    """The same picture, on another server each time."""
    return {
        "attachment": [
            {
                "type": "Document", "mediaType": "image/png", "url": f"https://small{n}.example/{n}.png",
                "blurhash": BLURHASH, "width": 600, "height": 400,
            }
        ]
    }  # fmt: skip


async def play(village: Village, count: int, text: str = "") -> list[dict[str, Any]]:
    """So many servers, a new account each, the same picture, other names and numbers each time."""
    notes = []
    for n in range(count):
        who = await village.stranger()
        notes.append(await village.writes(who, text or f"{n * 7919}", [village.people[n % 3]], **picture(n)))
    return notes


async def test_a_wave_is_held_with_what_came_before_it_was_seen(village: Village) -> None:
    """The first three are shown; with the fourth it is a wave, and none is shown any more. One report, not twelve."""
    notes = await play(village, 3)
    assert {note["id"] for note in notes} <= set(await village.seen())
    more = await play(village, 9)
    seen = await village.seen()
    assert not [note for note in (*notes, *more) if note["id"] in seen], "posts of a wave are shown"
    (wave,) = await village.waves()
    assert (wave.state, wave.posts) == ("open", 12)
    assert await village.reports() == 1, "each post of a wave makes a report"
    people = await village.node.ctx.db.reader.value("SELECT SUM(posts_count) FROM actors WHERE domain_id IS NULL")
    assert int(people) == 0, "what is held is counted"


async def test_a_frozen_wave_is_gone_and_comes_no_more(village: Village) -> None:
    await play(village, 5)
    (wave,) = await village.waves()
    said = await perform(village.node.ctx, "wave.freeze", {"id": str(wave.id)}, MACHINE)
    assert "5" in said[0]
    reader = village.node.ctx.db.reader
    assert await reader.value("SELECT COUNT(*) FROM posts") == 0
    await play(village, 3)
    assert await reader.value("SELECT COUNT(*) FROM posts") == 0, "what still came of a frozen wave was kept"


async def test_what_was_no_wave_is_shown(village: Village) -> None:
    """A petition that four new people send: a moderator lets it go, and the fifth is shown at once."""
    words = "Sauvons la médiathèque de la rue Haute, signez avant dimanche"
    for _ in range(4):
        await village.writes(await village.stranger("citoyenne"), words, [village.people[0]])
    assert await village.seen() == []
    (wave,) = await village.waves()
    await perform(village.node.ctx, "wave.let_go", {"id": str(wave.id)}, MACHINE)
    await village.fediverse.settle()
    assert len(set(await village.seen())) == 4
    await village.writes(await village.stranger("citoyenne"), words, [village.people[0]])
    assert len(set(await village.seen())) == 5
    notices = await village.people[0].notifications()
    assert len(notices) == 5


@pytest.mark.parametrize(("act", "left"), [("wave.let_go", 7), ("wave.freeze", 0)])
async def test_of_a_large_wave_nothing_is_left_over(
    village: Village, monkeypatch: pytest.MonkeyPatch, act: str, left: int
) -> None:
    """What one transaction does not do, the next ones do."""
    monkeypatch.setattr("node.moderation.waves._AT_ONCE", 3)
    await play(village, 7)
    (wave,) = await village.waves()
    await perform(village.node.ctx, act, {"id": str(wave.id)}, MACHINE)
    await village.fediverse.settle()
    held = await village.node.ctx.db.reader.value("SELECT COUNT(*) FROM posts WHERE held")
    assert (len(set(await village.seen())), held) == (left, 0)


async def test_whom_somebody_here_follows_is_never_touched(village: Village) -> None:
    """Even with the words of a wave; and a wave that is frozen leaves what such an account wrote."""
    who = await village.stranger("amie")
    await village.people[1].follow(f"@{who.name}@{who.peer.host}")
    await village.fediverse.settle()
    await who.send(village.node.host, who.activity("Accept", who.peer.of_type("Follow")[-1]))
    await village.fediverse.settle()
    await play(village, 6)
    note = await village.writes(who, "42", [village.people[0]], **picture(99))
    assert note["id"] in await village.seen()
    (wave,) = await village.waves()
    await perform(village.node.ctx, "wave.freeze", {"id": str(wave.id)}, MACHINE)
    assert note["id"] in await village.seen()


async def test_who_is_no_longer_new_is_not_looked_at(village: Village) -> None:
    strangers = [await village.stranger() for _ in range(6)]
    for who in strangers:
        await village.writes(who, "Bonjour à vous, je découvre ce serveur", [])
        await village.writes(who, f"{'abcdef'[strangers.index(who)] * 30} de moi", [village.people[0]])
    await village.fediverse.later(8 * 86_400)
    notes = [
        await village.writes(who, "Venez à la fête du quartier samedi soir", [village.people[0]]) for who in strangers
    ]
    seen = await village.seen()
    assert all(note["id"] in seen for note in notes), "accounts that are known for a week are held"
    assert await village.waves() == []


async def test_people_who_write_as_people_do_are_not_touched(village: Village) -> None:
    """New people, each with words of her own, or with the few words that everybody says."""
    letters = [
        "Bonjour, à quelle heure ouvre la piscine demain matin ?", "Merci beaucoup", "Merci beaucoup", "merci beaucoup !",
        "Merci  beaucoup.", "Le lampadaire de la rue Basse ne marche plus", "Où s’inscrire pour le marché de Noël ?",
    ]  # fmt: skip
    notes = [await village.writes(await village.stranger("habitante"), text, [village.people[0]]) for text in letters]
    seen = await village.seen()
    assert all(note["id"] in seen for note in notes)
    assert await village.waves() == []


async def test_what_names_nobody_here_is_not_looked_at(village: Village) -> None:
    """A new account that answers a post of ours without naming anybody, or names people elsewhere."""
    posted = await village.people[0].post("Conseil jeudi")
    for n in range(6):
        who = await village.stranger()
        await village.writes(who, "Toujours la même réponse à tout le monde", [], inReplyTo=posted["uri"], **picture(n))
    assert await village.waves() == []


async def test_one_account_that_names_everybody(village: Village) -> None:
    """A new account names more people in a day than anybody does: what is too much is held, other words or not."""
    who = await village.stranger()
    for n in range(4):
        await village.writes(who, f"{'abcdefgh'[n] * 15} du texte", village.people)
    (wave,) = await village.waves()
    assert wave.of_one
    seen = await village.seen()
    assert not [uri for uri in seen if who.peer.host in uri]
    other = await village.writes(await village.stranger("autre"), "Bonjour, je cherche la mairie", [village.people[0]])
    assert other["id"] in await village.seen(), "somebody else is held with it"
    await perform(village.node.ctx, "wave.freeze", {"id": str(wave.id)}, MACHINE)
    await village.writes(who, "Encore une autre phrase tout à fait nouvelle", [village.people[0]])
    assert not [uri for uri in await village.seen() if who.peer.host in uri]


async def test_thresholds_are_settings(fediverse: Fediverse) -> None:
    node = await fediverse.node("calm.example", new_account_days=0)
    village = Village(fediverse, node, [await node.person(name) for name in ("alice", "bruno", "chloe")])
    await play(village, 6)
    assert await village.waves() == []
    strict = await fediverse.node("strict.example", wave_accounts=2)
    town = Village(fediverse, strict, [await strict.person(name) for name in ("alice", "bruno", "chloe")])
    town.servers = village.servers
    await play(town, 2)
    assert len(await town.waves()) == 1


async def test_a_wave_that_replies_to_a_town_does_not_reach_its_team(village: Village) -> None:
    """Where replies are held, what belongs to a wave goes to the moderators; let go, it goes to the team."""
    town = village.people[0]
    form = {"status": "Conseil jeudi", "interaction_policy": {"can_reply": {"with_approval": ["public"]}}}
    posted = (await town.client.post("/api/v1/statuses", json=form)).ok()
    for n in range(5):
        await village.writes(await village.stranger(), "x", [village.people[1]], inReplyTo=posted["uri"], **picture(n))
    waiting = (await town.client.get("/api/v1/interaction_requests")).ok()
    assert waiting == []
    (wave,) = await village.waves()
    await perform(village.node.ctx, "wave.let_go", {"id": str(wave.id)}, MACHINE)
    waiting = (await town.client.get("/api/v1/interaction_requests")).ok()
    assert len(waiting) == 5
    assert await village.seen() == [posted["uri"]]


@pytest.mark.parametrize("number", ["", "abc", "-1", "1" * 30])
async def test_a_number_that_is_none(village: Village, number: str) -> None:
    for verb in ("freeze", "let_go"):
        with pytest.raises(Invalid):
            await perform(village.node.ctx, f"wave.{verb}", {"id": number}, MACHINE)
        with pytest.raises(NotFound):
            await perform(village.node.ctx, f"wave.{verb}", {"id": "12"}, MACHINE)


def test_a_skeleton_leaves_out_what_spammers_change() -> None:
    """Whom it names, numbers, punctuation, addresses of hashtags; not the host of a link, nor a picture."""

    def of(host: str, name: str, number: int) -> str:
        return (
            f'<p><a href="https://ici.example/@{name}" class="u-url mention">@{name}</a> Gagnez {number} euros !!! '
            f'<a href="https://{host}/tags/argent" class="mention hashtag">#argent</a> '
            f'<a href="https://discord.example/{number}">https://discord.example/{number}</a></p>'
        )

    assert skeleton(of("a.example", "anne", 100), ()) == skeleton(of("b.example", "luc", 9_000), ())
    assert skeleton(of("a.example", "anne", 100), ()) != skeleton("<p>Gagnez des euros avec la tombola</p>", ())
    assert skeleton("<p>Merci !</p>", ()) == ""
    assert skeleton("", ()) == ""
