"""Polls between servers: asked here or elsewhere, voted in, closed, told; and nobody learns who chose what.

What is expected is read off ActivityStreams (Question), Mastodon's documentation of polls and votes, snac's and
Misskey's votes.
"""

from typing import Any

import pytest

from tests.federation.conftest import Scene
from tests.support.fediverse import Citizen, Fediverse
from tests.support.peer import AS, PUBLIC

DAY_S = 86_400
OPTIONS = ["Le jeudi", "Le samedi", "Jamais"]


@pytest.fixture
async def neighbours(fediverse: Fediverse) -> tuple[Citizen, Citizen]:
    """Alice of Lyon reads Bruno of Villeurbanne."""
    alice = await (await fediverse.node("lyon.example")).person("alice")
    bruno = await (await fediverse.node("villeurbanne.example")).person("bruno")
    await alice.follow(bruno.handle)
    await fediverse.settle()
    return alice, bruno


async def asked(who: Citizen, text: str = "Quel jour pour le marché ?", **poll: Any) -> dict[str, Any]:
    """A poll of *who*, open for a day."""
    form = {"status": text, "poll": {"options": OPTIONS, "expires_in": DAY_S, **poll}}
    status: dict[str, Any] = (await who.client.post("/api/v1/statuses", json=form)).ok()
    return status


async def shown(who: Citizen, poll_id: str) -> dict[str, Any]:
    found: dict[str, Any] = (await who.client.get(f"/api/v1/polls/{poll_id}")).ok()
    return found


def counts(poll: dict[str, Any]) -> list[int | None]:
    return [option["votes_count"] for option in poll["options"]]


async def vote(who: Citizen, poll_id: str, *choices: int) -> dict[str, Any]:
    found: dict[str, Any] = (await who.client.post(f"/api/v1/polls/{poll_id}/votes", json={"choices": choices})).ok()
    return found


async def test_a_poll_is_made_and_read_by_clients(neighbours: tuple[Citizen, Citizen]) -> None:
    _, bruno = neighbours
    poll = (await asked(bruno))["poll"]
    assert poll["options"] == [{"title": title, "votes_count": 0} for title in OPTIONS]
    assert (poll["multiple"], poll["expired"], poll["votes_count"], poll["voters_count"]) == (False, False, 0, 0)
    assert (poll["voted"], poll["own_votes"], poll["emojis"]) == (True, [], []), "one's own poll is not voted in"
    assert poll["expires_at"].endswith(".000Z")
    status = (await bruno.node.visitor().get(f"/api/v1/statuses/{poll['id']}")).ok()
    assert "voted" not in status["poll"], "a stranger has voted in nothing"


async def test_a_vote_crosses_and_results_come_back(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    posted = await asked(bruno)
    await fediverse.settle()
    (status,) = await alice.home()
    poll = status["poll"]
    assert [option["title"] for option in poll["options"]] == OPTIONS
    assert poll["voted"] is False
    voted = await vote(alice, poll["id"], 1)
    assert (voted["voted"], voted["own_votes"], counts(voted)) == (True, [1], [0, 1, 0])
    await fediverse.settle()
    assert counts(await shown(bruno, posted["poll"]["id"])) == [0, 1, 0], "the vote did not arrive"
    carol = await (await fediverse.node("lyon.example")).person("carol")
    assert (await carol.seen(posted["uri"]))["poll"]["voters_count"] == 1
    await fediverse.later(200)
    assert counts((await alice.home())[0]["poll"]) == [0, 1, 0]


async def test_the_question_as_it_is_sent(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    _, bruno = neighbours
    posted = await asked(bruno, multiple=True)
    note = (
        await bruno.node.visitor().get(posted["uri"].split("example", 1)[1], accept="application/activity+json")
    ).json
    assert note["type"] == "Question"
    assert note["anyOf"] == [
        {"type": "Note", "name": title, "replies": {"type": "Collection", "totalItems": 0}} for title in OPTIONS
    ]
    assert "oneOf" not in note
    assert "closed" not in note
    assert note["endTime"] > note["published"]
    assert note["votersCount"] == 0


async def test_closing_tells_the_author_the_voters_and_the_followers(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    posted = await asked(bruno)
    await fediverse.settle()
    await vote(alice, (await alice.home())[0]["poll"]["id"], 0)
    await fediverse.settle()
    await fediverse.later(DAY_S + 60)
    assert [notice["type"] for notice in await bruno.notifications(types=["poll"])] == ["poll"]
    (told,) = await alice.notifications(types=["poll"])
    assert told["account"]["acct"] == "bruno@villeurbanne.example"
    assert told["status"]["poll"]["expired"] is True
    assert counts(told["status"]["poll"]) == [1, 0, 0]
    late = await alice.client.post(f"/api/v1/polls/{told['status']['poll']['id']}/votes", json={"choices": ["1"]})
    assert late.status == 422
    note = (
        await bruno.node.visitor().get(posted["uri"].split("example", 1)[1], accept="application/activity+json")
    ).json
    assert note["closed"] == note["endTime"]


async def test_one_vote_a_person_unless_several_are_allowed(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    one, several = await asked(bruno), await asked(bruno, "Quels jours ?", multiple=True)
    await fediverse.settle()
    several_here, one_here = [status["poll"]["id"] for status in await alice.home()]
    both = await alice.client.post(f"/api/v1/polls/{one_here}/votes", json={"choices": ["0", "1"]})
    assert both.status == 422
    await vote(alice, one_here, 0)
    assert (await alice.client.post(f"/api/v1/polls/{one_here}/votes", json={"choices": ["1"]})).status == 422
    assert (await vote(alice, several_here, 0, 2))["own_votes"] == [0, 2]
    await fediverse.settle()
    assert counts(await shown(bruno, one["id"])) == [1, 0, 0]
    poll = await shown(bruno, several["id"])
    assert (counts(poll), poll["votes_count"], poll["voters_count"]) == ([1, 0, 1], 2, 1)


@pytest.mark.parametrize("choices", [[], ["3"], ["-1"], ["x"]])
async def test_a_choice_that_there_is_not(neighbours: tuple[Citizen, Citizen], choices: list[str]) -> None:
    alice, _ = neighbours
    poll = (await asked(alice))["poll"]
    carol = await alice.node.person("carol")
    refused = await carol.client.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": choices})
    assert refused.status in (400, 422), "a vote for nothing was taken"
    own = await alice.client.post(f"/api/v1/polls/{poll['id']}/votes", json={"choices": ["0"]})
    assert own.status == 422, "one votes in one's own poll"


async def test_totals_may_be_hidden_until_the_end(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    alice, bruno = neighbours
    posted = await asked(bruno, hide_totals=True)
    carol = await bruno.node.person("carol")
    await vote(carol, posted["poll"]["id"], 2)
    poll = await shown(carol, posted["poll"]["id"])
    assert (counts(poll), poll["votes_count"]) == ([None, None, None], 1)
    await fediverse.settle()
    await fediverse.later(200)
    assert sum(count or 0 for count in counts((await alice.home())[0]["poll"])) == 0, "hidden totals were sent"
    await fediverse.later(DAY_S)
    assert counts(await shown(carol, posted["poll"]["id"])) == [0, 0, 1]
    assert counts((await alice.home())[0]["poll"]) == [0, 0, 1]


async def test_nobody_learns_who_chose_what(fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]) -> None:
    """A vote goes to the poll's author alone, whose server shows numbers only."""
    alice, bruno = neighbours
    dora = await (await fediverse.node("bron.example")).person("dora")
    await dora.follow(bruno.handle)
    await fediverse.settle()
    posted = await asked(bruno)
    await fediverse.settle()
    before = len(fediverse.network.sent)
    await vote(alice, (await alice.home())[0]["poll"]["id"], 2)
    await fediverse.settle()
    await fediverse.later(DAY_S + 300)
    votes = [sent for sent in fediverse.network.sent[before:] if sent.body and b'"Create"' in sent.body]
    assert [sent.url for sent in votes] == [bruno.actor.inbox], "a vote went elsewhere than to the author's own inbox"
    outside = [sent for sent in fediverse.network.sent[before:] if "bron.example" in sent.url and sent.body]
    assert outside, "the results were not sent"
    assert all(b"alice" not in sent.body for sent in outside), "a result names a voter"
    for who in (alice, bruno, dora):
        seen = await who.seen(posted["uri"])
        assert seen["replies_count"] == 0, "a vote is counted as a reply"
        around = (await who.client.get(f"/api/v1/statuses/{seen['id']}/context")).ok()
        assert around["descendants"] == [], "a vote is shown as a reply"
        if who is not alice:
            assert seen["poll"]["own_votes"] == []
    assert [notice["type"] for notice in await bruno.notifications() if notice["account"]["acct"] != "bruno"] == [
        "follow",
        "follow",
    ], "the author was told who voted"


async def test_a_poll_can_be_changed_and_its_votes_begin_anew(
    fediverse: Fediverse, neighbours: tuple[Citizen, Citizen]
) -> None:
    alice, bruno = neighbours
    posted = await asked(bruno)
    await fediverse.settle()
    here = (await alice.home())[0]["poll"]["id"]
    await vote(alice, here, 0)
    await fediverse.settle()
    same = {"status": "Quel jour, au juste ?", "poll": {"options": OPTIONS, "expires_in": DAY_S}}
    edited = (await bruno.client.put(f"/api/v1/statuses/{posted['id']}", json=same)).ok()
    assert counts(edited["poll"]) == [1, 0, 0], "another text took the votes away"
    other = {"status": "Quel mois ?", "poll": {"options": ["Mai", "Juin"], "expires_in": DAY_S}}
    (await bruno.client.put(f"/api/v1/statuses/{posted['id']}", json=other)).ok()
    await fediverse.settle()
    poll = await shown(alice, here)
    assert [option["title"] for option in poll["options"]] == ["Mai", "Juin"]
    assert (poll["voted"], counts(poll)) == (False, [0, 0])


@pytest.mark.parametrize(
    ("poll", "why"),
    [
        ({"options": ["Oui"], "expires_in": DAY_S}, "one option"),
        ({"options": ["Oui", "Oui"], "expires_in": DAY_S}, "the same twice"),
        ({"options": ["Oui", "N" * 300], "expires_in": DAY_S}, "too long"),
        ({"options": [str(n) for n in range(50)], "expires_in": DAY_S}, "too many"),
        ({"options": ["Oui", "Non"], "expires_in": 1}, "too short"),
        ({"options": ["Oui", "Non"], "expires_in": 400 * DAY_S}, "for years"),
        ({"options": ["Oui", "Non"]}, "without an end"),
    ],
)
async def test_a_poll_that_is_none(neighbours: tuple[Citizen, Citizen], poll: dict[str, Any], why: str) -> None:
    _, bruno = neighbours
    refused = await bruno.client.post("/api/v1/statuses", json={"status": "Alors ?", "poll": poll})
    assert refused.status == 422, f"a poll with {why} was taken"


# What other programs send and take.


def ballot(scene: Scene, poll: dict[str, Any], name: str, **more: Any) -> dict[str, Any]:
    """A vote of Zoe's as most programs write it."""
    return {
        "id": scene.peer.new_id("votes"), "type": "Note", "attributedTo": scene.zoe.uri, "name": name,
        "to": [scene.bob.actor.uri], "inReplyTo": poll["uri"], **more,
    }  # fmt: skip


async def test_votes_as_other_programs_write_them(scene: Scene) -> None:
    """Mastodon: no content. snac: `<br>`; several votes in one Create. All are counted and none is shown."""
    posted = await asked(scene.bob, multiple=True)
    await scene.takes(scene.zoe.activity("Create", ballot(scene, posted, OPTIONS[0]), to=scene.bob.actor.uri))
    yann, xavier = await scene.peer.actor("yann"), await scene.peer.actor("xavier")
    mine = ballot(scene, posted, OPTIONS[0], attributedTo=yann.uri, content="<br>")
    await scene.takes(yann.activity("Create", mine), yann)
    both = [ballot(scene, posted, name, attributedTo=xavier.uri, content="<br>") for name in OPTIONS[1:]]
    await scene.takes(xavier.activity("Create", both), xavier)
    poll = await shown(scene.bob, posted["id"])
    assert (counts(poll), poll["voters_count"]) == ([2, 1, 1], 3)
    assert await scene.rows("SELECT id FROM posts WHERE NOT local") == [], "a vote was kept as a post"
    assert await scene.bob.notifications() == []


async def test_a_second_vote_of_the_same_person_counts_nothing(scene: Scene) -> None:
    posted = await asked(scene.bob)
    await scene.takes(scene.zoe.activity("Create", ballot(scene, posted, OPTIONS[0])))
    await scene.takes(scene.zoe.activity("Create", ballot(scene, posted, OPTIONS[0])))
    await scene.takes(scene.zoe.activity("Create", ballot(scene, posted, OPTIONS[1])))
    assert counts(await shown(scene.bob, posted["id"])) == [1, 0, 0]


async def test_what_is_no_vote_is_refused(scene: Scene) -> None:
    """Too late, for an option that there is not, in a poll that is not for the voter, over a block, to somebody else."""
    closed, private, open_ = (
        await asked(scene.bob), await asked(scene.bob, "Entre nous ?"), await asked(scene.bob, "Et ?"),
    )  # fmt: skip
    hidden = (
        await scene.bob.client.post(
            "/api/v1/statuses",
            json={"status": "Privé ?", "visibility": "private", "poll": {"options": OPTIONS, "expires_in": DAY_S}},
        )
    ).ok()
    await scene.takes(scene.zoe.activity("Create", ballot(scene, hidden, OPTIONS[0])))
    await scene.takes(scene.zoe.activity("Create", ballot(scene, private, "Le dimanche")))
    elsewhere = ballot(scene, open_, OPTIONS[0], to=[f"{scene.peer.home}/users/other"])
    await scene.takes(scene.zoe.activity("Create", elsewhere))
    forged = ballot(scene, open_, OPTIONS[0], attributedTo=f"{scene.peer.home}/users/other")
    await scene.takes(scene.zoe.activity("Create", forged))
    await scene.fediverse.later(DAY_S + 60)
    await scene.takes(scene.zoe.activity("Create", ballot(scene, closed, OPTIONS[0])))
    for poll in (closed, private, open_, hidden):
        assert counts(await shown(scene.bob, poll["id"])) == [0, 0, 0], poll["content"]
    assert [state for kind, state in await scene.inbox() if kind == "Create"] == ["refused"] * 5


def question(scene: Scene, *, votes: tuple[int, ...] = (3, 1), **more: Any) -> dict[str, Any]:
    """A poll of Zoe's, as Mastodon writes it."""
    options = [
        {"type": "Note", "name": name, "replies": {"type": "Collection", "totalItems": total}}
        for name, total in zip(("Oui", "Non"), votes, strict=True)
    ]
    return {
        "id": f"{scene.peer.home}/questions/1", "type": "Question", "attributedTo": scene.zoe.uri,
        "content": "<p>Alors ?</p>", "to": [PUBLIC], "cc": [scene.zoe.followers],
        "published": "2026-09-21T13:00:00Z", "endTime": "2027-01-01T00:00:00Z", "votersCount": 4,
        "oneOf": options, **more,
    }  # fmt: skip


async def test_a_poll_from_elsewhere_and_its_results(scene: Scene) -> None:
    await scene.befriended()
    asked_there = question(scene)
    scene.peer.serve({"@context": AS, **asked_there})
    await scene.takes(scene.zoe.create(asked_there))
    (status,) = await scene.bob.home()
    assert (counts(status["poll"]), status["poll"]["voters_count"]) == ([3, 1], 4)
    await vote(scene.bob, status["poll"]["id"], 1)
    await scene.settle()
    (sent,) = scene.peer.of_type("Create")
    assert sent["object"]["name"] == "Non"
    assert sent["object"]["inReplyTo"] == asked_there["id"]
    assert sent["object"]["type"] == "Note"
    assert (sent["to"], sent["object"]["to"]) == ([scene.zoe.uri], [scene.zoe.uri])
    assert "content" not in sent["object"]
    assert sent["object"]["attributedTo"] == sent["actor"] == scene.bob.actor.uri
    await scene.takes(scene.zoe.activity("Update", question(scene, votes=(5, 2), votersCount=7)))
    (status,) = await scene.bob.home()
    assert (counts(status["poll"]), status["poll"]["own_votes"]) == ([5, 2], [1])
    assert status["edited_at"] is None, "new counts pass for an edit"
    closed = question(scene, votes=(6, 2), votersCount=8, closed="2026-09-21T14:00:00Z", endTime="2026-09-21T14:00:00Z")
    scene.peer.serve({"@context": AS, **closed})
    await scene.takes(scene.zoe.activity("Update", closed))
    (status,) = await scene.bob.home()
    assert (status["poll"]["expired"], counts(status["poll"])) == (True, [6, 2])


async def test_only_the_author_says_how_a_poll_stands(scene: Scene) -> None:
    await scene.befriended()
    await scene.takes(scene.zoe.create(question(scene)))
    mallory = await scene.peer.actor("mallory")
    await scene.takes(mallory.activity("Update", question(scene, votes=(0, 99))), mallory)
    (status,) = await scene.bob.home()
    assert counts(status["poll"]) == [3, 1]


async def test_of_who_is_suspended_no_poll_is_told(scene: Scene) -> None:
    posted = await asked(scene.bob)
    await scene.takes(scene.zoe.activity("Create", ballot(scene, posted, OPTIONS[0])))
    before = len(scene.peer.received)
    sql = "UPDATE actors SET state = 'suspended' WHERE id = $1"
    await scene.ctx.db.write(lambda tx: tx.execute(sql, scene.bob.actor.id))
    await scene.fediverse.later(DAY_S + 300)
    assert scene.peer.received[before:] == [], "results of a suspended account were sent"


async def test_results_are_told_once_for_many_votes(scene: Scene) -> None:
    """To followers and to who voted, three minutes after the first vote, however many come until then."""
    posted = await asked(scene.bob)
    voters = [await scene.peer.actor(name) for name in ("yann", "xavier", "wanda")]
    for voter in voters:
        mine = ballot(scene, posted, OPTIONS[0], attributedTo=voter.uri)
        await scene.takes(voter.activity("Create", mine), voter)
        await scene.fediverse.later(30)
    assert scene.peer.of_type("Update") == [], "each vote is told at once"
    await scene.fediverse.later(120)
    (update,) = scene.peer.of_type("Update")
    assert [option["replies"]["totalItems"] for option in update["object"]["oneOf"]] == [3, 0, 0]
    assert update["object"]["votersCount"] == 3
    assert "updated" not in update["object"], "new numbers pass for an edit"
    assert not any(voter.name in str(update) for voter in voters), "a result names a voter"
