"""A commune on another kind of server shares by following the territory and writing to it, and stops in four ways."""

import re
from typing import Any

import pytest

from node.agreements import requests
from node.agreements.agreements import Agreement
from tests.agreements.conftest import text
from tests.support.fediverse import Citizen, Fediverse, Node
from tests.support.peer import PUBLIC, Peer, PeerActor, peer_on


class Scene:
    """The territory of Doubs here; the commune of Pontarlier on a server of another kind."""

    def __init__(self, fediverse: Fediverse, node: Node, doubs: Citizen, peer: Peer, pontarlier: PeerActor) -> None:
        self.fediverse, self.node, self.doubs, self.peer, self.pontarlier = fediverse, node, doubs, peer, pontarlier

    async def sends(self, activity: dict[str, Any]) -> None:
        answer = await self.pontarlier.send(self.node.host, activity)
        assert answer.status == 202, answer.body
        await self.fediverse.settle()
        self.fediverse.clock.forward(1)

    async def follows(self) -> dict[str, Any]:
        follow = self.pontarlier.follow(self.doubs.actor.uri)
        await self.sends(follow)
        return follow

    async def writes(self, words: str, tags: tuple[str, ...] = (), *, direct: bool = True) -> None:
        """A post that mentions the territory first, as Mastodon writes it."""
        mention = f'<span class="h-card"><a href="{self.doubs.actor.url}" class="u-url mention">@<span>doubs</span></a></span>'
        to = [self.doubs.actor.uri] if direct else [PUBLIC, self.doubs.actor.uri]
        named = [{"type": "Mention", "href": self.doubs.actor.uri, "name": self.doubs.handle}]
        hashtags = [{"type": "Hashtag", "name": f"#{tag}", "href": f"{self.peer.home}/tags/{tag}"} for tag in tags]
        note = self.pontarlier.note("", to=to, cc=[], tag=named + hashtags, published=self.now())
        note["content"] = f"<p>{mention} {words} {' '.join('#' + tag for tag in tags)}</p>"
        self.peer.serve({"@context": "https://www.w3.org/ns/activitystreams", **note})
        await self.sends(self.pontarlier.create(note))

    async def publishes(self, words: str, **more: Any) -> dict[str, Any]:
        note = self.pontarlier.note(words, published=self.now(), **more)
        await self.sends(self.pontarlier.create(note))
        return note

    def now(self) -> str:
        from node.runtime.clock import iso

        return iso(self.fediverse.clock.now_ms())

    async def act(self, verb: str) -> None:
        from admin import operations

        who = {"territory": self.doubs.handle, "member": self.pontarlier.handle}
        await operations.perform(self.node.ctx, f"agreement.{verb}", who)
        await self.fediverse.settle()
        self.fediverse.clock.forward(1)

    async def shares(self) -> None:
        """It follows, asks, and the keeper confirms; the territory's follow is accepted."""
        await self.follows()
        await self.writes("partager")
        await self.act("accept")
        follow = self.peer.of_type("Follow")[-1]
        await self.sends(self.pontarlier.activity("Accept", follow))

    async def agreement(self) -> Agreement | None:
        from node.agreements import agreements

        return await agreements.by_uri(
            self.node.ctx.db.reader, agreements.uri_of(self.doubs.actor.uri, self.pontarlier.uri)
        )

    async def state(self) -> str:
        found = await self.agreement()
        return "none" if found is None else found.state

    def letters(self) -> list[str]:
        return [text(each["object"]["content"]) for each in self.peer.of_type("Create")]

    def announced(self) -> list[str]:
        undone = {each["object"]["id"] for each in self.peer.of_type("Undo")}
        return [each["object"] for each in self.peer.of_type("Announce") if each["id"] not in undone]


@pytest.fixture
async def scene(fediverse: Fediverse) -> Scene:
    node = await fediverse.node("doubs.example")
    doubs = await node.territory("doubs")
    peer = peer_on(fediverse, "pontarlier.example")
    software(peer, "mastodon")
    return Scene(fediverse, node, doubs, peer, await peer.actor("pontarlier"))


def software(peer: Peer, name: str) -> None:
    """What the peer's NodeInfo says."""
    import orjson

    schema = "http://nodeinfo.diaspora.software/ns/schema/2.0"
    links = {"links": [{"rel": schema, "href": f"{peer.home}/nodeinfo/2.0"}]}
    said = {"version": "2.0", "software": {"name": name, "version": "1"}}
    peer.documents[f"{peer.home}/.well-known/nodeinfo"] = ("application/json", orjson.dumps(links))
    peer.documents[f"{peer.home}/nodeinfo/2.0"] = ("application/json", orjson.dumps(said))


@pytest.mark.parametrize(
    "content",
    [
        (
            '<p><span class="h-card" translate="no"><a href="https://doubs.example/@doubs" class="u-url mention">@<span>doubs</span>'
            '</a></span> partager <a href="https://m.example/tags/culture" class="mention hashtag" rel="tag">#<span>culture</span></a></p>'
        ),
        (
            '<p><span class="h-card"><a href="https://doubs.example/@doubs" class="u-url mention" rel="nofollow noreferrer noopener" '
            'target="_blank">@<span>doubs</span></a></span> Partager <a href="https://g.example/tags/culture" class="mention hashtag" '
            'rel="tag nofollow noreferrer noopener" target="_blank">#<span>culture</span></a></p>'
        ),
        (
            '<p class="wp-block-paragraph"><a rel="mention" class="u-url mention" href="https://doubs.example/@doubs">@doubs@doubs.example'
            '</a> partager <a rel="tag" class="hashtag u-tag u-category" href="https://w.example/tag/culture/">#culture</a></p>\n'
        ),
        "<p>@doubs@doubs.example partager #culture</p>",
        "<p>@doubs partager, #culture.</p>",
    ],
    ids=["mastodon", "gotosocial", "wordpress", "typed", "punctuation"],
)
def test_the_word_is_read_in_the_html_of_each_program(content: str) -> None:
    assert requests.read(content, ["culture"]) == requests.Request("partager", ("culture",))
    stop = requests.read(re.sub("(?i)partager.*?</p>", "Arrêter</p>", content), [])
    assert stop == requests.Request("arreter", ())


async def test_it_follows_asks_and_is_confirmed(scene: Scene) -> None:
    await scene.follows()
    await scene.writes("Partager", ("Culture", "Agenda"))
    assert await scene.state() == "proposed"
    agreement = await scene.agreement()
    assert agreement is not None
    assert (agreement.medium, agreement.proposed_by) == ("post", "member")
    assert agreement.terms is not None
    assert agreement.terms.categories == ("agenda", "culture")
    await scene.publishes("Pas encore")
    assert scene.announced() == [], "a request that nobody confirmed shared something"

    await scene.act("accept")
    assert await scene.state() == "active"
    assert "arrêter" in scene.letters()[-1], "the commune was not told how to stop"
    follow = scene.peer.of_type("Follow")[-1]
    assert follow["actor"] == scene.doubs.actor.uri
    assert follow["object"] == scene.pontarlier.uri
    await scene.sends(scene.pontarlier.activity("Accept", follow))
    await scene.publishes("Voirie")
    culture = {"type": "Hashtag", "name": "#culture", "href": "https://pontarlier.example/tags/culture"}
    note = await scene.publishes("Concert", tag=[culture])
    assert scene.announced() == [note["id"]]
    kinds = {each["type"] for each in scene.peer.received}
    assert kinds <= {"Accept", "Create", "Follow", "Announce"}, "a server was sent what it does not understand"


async def test_it_must_follow_first(scene: Scene) -> None:
    await scene.writes("partager")
    assert await scene.state() == "none"
    assert len(scene.letters()) == 1, "the commune was not told what is missing"


async def test_other_words_mean_nothing(scene: Scene) -> None:
    await scene.follows()
    await scene.writes("merci de partager cette nouvelle")
    await scene.writes("partager, c'est vivre", ("culture",))
    assert await scene.state() == "none"


@pytest.mark.parametrize("how", ["word", "unfollow", "reject", "block", "delete"])
async def test_it_stops(scene: Scene, how: str) -> None:
    """By 'arrêter', by unfollowing, by refusing the territory's follow, by a block, by leaving."""
    follow = None
    await scene.follows()
    follow = scene.pontarlier.follow(scene.doubs.actor.uri)
    await scene.sends(follow)
    await scene.writes("partager", direct=False)
    await scene.act("accept")
    ours = scene.peer.of_type("Follow")[-1]
    await scene.sends(scene.pontarlier.activity("Accept", ours))
    before = await scene.publishes("Pendant")
    assert scene.announced() == [before["id"]]
    match how:
        case "word":
            await scene.writes("arrêter")
        case "unfollow":
            await scene.sends(scene.pontarlier.activity("Undo", follow))
        case "reject":
            await scene.sends(scene.pontarlier.activity("Reject", ours))
        case "block":
            await scene.sends(scene.pontarlier.activity("Block", scene.doubs.actor.uri))
        case _:
            await scene.sends(scene.pontarlier.activity("Delete", scene.pontarlier.uri))
    assert await scene.state() == "ended"
    if how != "delete":
        await scene.publishes("Après", to=[PUBLIC, scene.doubs.actor.uri])
        assert scene.announced() == [before["id"]], "news were announced after the commune stopped"


async def test_an_invitation_is_accepted_by_a_word(scene: Scene) -> None:
    """The territory proposed: the keeper has agreed already, and 'partager' is the other yes."""
    from admin import operations

    who = {"territory": scene.doubs.handle, "member": scene.pontarlier.handle, "categories": "culture"}
    await operations.perform(scene.node.ctx, "agreement.propose", who)
    await scene.fediverse.settle()
    assert "partager" in scene.letters()[-1]
    await scene.follows()
    await scene.writes("partager")
    assert await scene.state() == "active"


async def test_a_neighbour_speaks_for_nobody_else(scene: Scene) -> None:
    await scene.shares()
    mallory = await scene.peer.actor("mallory")
    await mallory.send(scene.node.host, mallory.activity("Undo", scene.pontarlier.follow(scene.doubs.actor.uri)))
    await scene.fediverse.settle()
    assert await scene.state() == "active"


@pytest.mark.parametrize("rule", ["automaticApproval", "manualApproval"])
async def test_a_post_whose_policy_says_no_is_not_announced(scene: Scene, rule: str) -> None:
    """GoToSocial's `canAnnounce`: the commune agreed in general, and not for this one, which is kept all the same."""
    await scene.shares()
    others = [PUBLIC] if rule == "manualApproval" else [scene.pontarlier.uri]
    silent = await scene.publishes("À ne pas relayer", interactionPolicy={"canAnnounce": {rule: others}})
    followers = {"automaticApproval": [scene.pontarlier.followers]}
    told = await scene.publishes("À relayer", interactionPolicy={"canAnnounce": followers})
    assert scene.announced() == [told["id"]]
    kept = await scene.node.ctx.db.reader.value("SELECT COUNT(*) FROM posts WHERE uri = $1", silent["id"])
    assert kept == 1, "the post itself was refused"
