"""What a block of a server and the suspension of an actor mean, everywhere at once, and that both can be taken back.

One story for each: a town on another node with a picture, a follower here; then the keeper decides, and the story
looks at every place where something of the other could still come in, go out or be seen.
"""

import io
from collections.abc import Sequence
from typing import Any

from PIL import Image

from node.actors import actors
from node.moderation import domains, suspensions
from tests.support.client import Answer, Client
from tests.support.fediverse import Citizen, Fediverse, Node

AP = "application/activity+json"
HTML = "text/html"


def picture(colour: int) -> bytes:
    data = io.BytesIO()
    Image.new("RGB", (60, 40), (colour, 120, 200)).save(data, "PNG")
    return data.getvalue()


class Story:
    """Alice on besancon.example follows the town of Ornans, on its own node; its news has a picture and a hashtag."""

    def __init__(self, fediverse: Fediverse, besancon: Node, ornans: Node, alice: Citizen, mairie: Citizen) -> None:
        self.fediverse, self.besancon, self.ornans, self.alice, self.mairie = fediverse, besancon, ornans, alice, mairie
        self.news: dict[str, Any] = {}
        self.seen: dict[str, Any] = {}

    @classmethod
    async def begin(cls, fediverse: Fediverse) -> "Story":
        besancon, ornans = await fediverse.node("besancon.example"), await fediverse.node("ornans.example")
        story = cls(fediverse, besancon, ornans, await besancon.person("alice"), await ornans.town("ornans"))
        avatar = {"avatar": ("a.png", "image/png", picture(10))}
        (await upload(story.mairie.client, "PATCH", "/api/v1/accounts/update_credentials", avatar)).ok()
        await story.alice.follow(story.mairie.handle)
        await story.mairie.follow(story.alice.handle)
        await fediverse.settle()
        story.news = await story.publish("Marché ce soir #marché")
        await fediverse.settle()
        [story.seen] = await story.alice.home()
        return story

    async def publish(self, text: str) -> dict[str, Any]:
        """A post of the town, with a picture."""
        file = {"file": ("p.png", "image/png", picture(200))}
        media = (await self.mairie.client.upload("/api/v2/media", file)).ok()
        return await self.mairie.post(text, media_ids=[media["id"]])

    def files(self) -> Sequence[str]:
        """The addresses under which Alice's client was shown the town's pictures."""
        shown = self.seen["media_attachments"][0]
        return [shown["url"], shown["preview_url"], self.seen["account"]["avatar"]]

    async def where_it_is_seen(self) -> set[str]:
        """The places of besancon.example that show something of the town or its news."""
        alice, stranger, uri = self.alice.client, self.besancon.visitor(), self.news["uri"]
        of_town = f"/api/v1/accounts/{self.seen['account']['id']}"
        asked = {
            "home": await alice.get("/api/v1/timelines/home"),
            "federated timeline": await alice.get("/api/v1/timelines/public"),
            "federated timeline of a stranger": await stranger.get("/api/v1/timelines/public"),
            "hashtag": await alice.get("/api/v1/timelines/tag/marché"),
            "notifications": await alice.get("/api/v1/notifications"),
            "the post": await alice.get(f"/api/v1/statuses/{self.seen['id']}"),
            "its posts": await alice.get(f"{of_town}/statuses"),
            "whom she follows": await alice.get(f"/api/v1/accounts/{self.alice.actor.id}/following"),
            "search by handle": await alice.get("/api/v2/search", {"q": self.mairie.handle, "resolve": True}),
            "search by name": await alice.get("/api/v2/search", {"q": "ornans"}),
            "search by address": await alice.get("/api/v2/search", {"q": uri, "resolve": True}),
            "lookup": await alice.get("/api/v1/accounts/lookup", {"acct": "ornans@ornans.example"}),
            "page": await stranger.get("/@ornans@ornans.example", accept=HTML),
            "page of the post": await stranger.get(f"/@ornans@ornans.example/{self.seen['id']}", accept=HTML),
        }
        found = {place for place, answer in asked.items() if answer.status == 200 and "ornans.example/" in answer.text}
        account = (await alice.get(of_town)).ok()  # clients ask again for an account they have met: it says why
        if not account.get("suspended"):
            found.add("account")
        elif any(account[said] for said in ("display_name", "note", "fields")) or "cache" in account["avatar"]:
            found.add("what the account says of itself")
        for address in self.files():
            if (await stranger.get(address.removeprefix("https://besancon.example"))).status == 200:
                found.add("media")
        return found

    async def decide(self, step: Any) -> None:
        await self.besancon.ctx.db.write(step)

    def asked(self, host: str) -> list[str]:
        """What was asked of *host* since the last time."""
        found = [f"{sent.method} {sent.url}" for sent in self.fediverse.network.sent if f"//{host}/" in sent.url]
        self.fediverse.network.sent.clear()
        return found


async def upload(client: Client, method: str, path: str, files: dict[str, tuple[str, str, bytes]]) -> Answer:
    """`Client.upload` with another method."""
    edge = "----edge"
    body = b""
    for name, (filename, mime, content) in files.items():
        head = f'--{edge}\r\nContent-Disposition: form-data; name="{name}"; filename="{filename}"\r\n'
        body += f"{head}Content-Type: {mime}\r\n\r\n".encode() + content + b"\r\n"
    body += f"--{edge}--\r\n".encode()
    headers = {"content-type": f"multipart/form-data; boundary={edge}"}
    return await client.request(method, path, body=body, headers=headers)


async def test_a_blocked_server(fediverse: Fediverse) -> None:
    """Nothing of it comes in, goes out, is fetched or is shown, from the moment of the decision."""
    story = await Story.begin(fediverse)
    before = await story.where_it_is_seen()
    assert {"home", "federated timeline", "hashtag", "media", "page", "search by address", "notifications"} <= before

    fediverse.network.faults["ornans.example"] = 503
    waiting = await story.alice.post("Ce message attend : le serveur d'Ornans est occupé")
    await fediverse.settle()
    fediverse.network.faults.clear()
    story.asked("ornans.example")
    await story.decide(lambda tx: domains.block(tx, story.besancon.ctx, host="ornans.example"))

    assert await story.where_it_is_seen() == set(), "something of a blocked server is still shown"
    kept = await story.besancon.ctx.db.reader.value("SELECT COUNT(*) FROM media_cache")
    assert kept == 0, "pictures of a blocked server are kept"
    refused = await story.alice.client.post(f"/api/v1/accounts/{story.seen['account']['id']}/follow")
    assert refused.status in (403, 404), "a blocked server's account can be followed"
    await story.alice.post(f"{story.mairie.handle} êtes-vous là ?")
    await fediverse.later(86_400)
    assert story.asked("ornans.example") == [], "the node still speaks to a blocked server"
    left = await story.besancon.ctx.db.reader.value("SELECT COUNT(*) FROM deliveries WHERE state <> 'dead'")
    assert left == 0, f"{waiting['uri']} still waits to be sent to a blocked server"

    await story.mairie.post(f"{story.alice.handle} et ceci ?")
    await fediverse.settle()
    assert await story.where_it_is_seen() == set(), "a blocked server's activity was taken"
    for path in ("/users/alice", f"/users/alice/statuses/{waiting['id']}"):
        asked = await story.besancon.visitor().get(path, accept=AP)
        assert asked.status == 200, "what is public stays public: anyone can read it unsigned"

    await story.decide(lambda tx: domains.unblock(tx, story.besancon.ctx, host="ornans.example"))
    after = await story.where_it_is_seen()
    assert after == before - {"home", "whom she follows"}, "a block that was taken back still hides something"


async def test_a_suspended_actor_of_another_server(fediverse: Fediverse) -> None:
    """One actor is silent and unseen; its neighbours on the same server are not."""
    story = await Story.begin(fediverse)
    neighbour = await story.ornans.person("nadia")
    before = await story.where_it_is_seen()
    town = await actors.by_uri(story.besancon.ctx.db.reader, story.mairie.actor.uri)
    assert town is not None

    await story.decide(lambda tx: suspensions.suspend(tx, story.besancon.ctx, actor=town))
    assert await story.where_it_is_seen() == set(), "something of a suspended actor is still shown"
    await story.mairie.post(f"{story.alice.handle} et ceci ?")
    await fediverse.settle()
    assert await story.where_it_is_seen() == set(), "a suspended actor was heard"
    await story.alice.follow(neighbour.handle)
    await fediverse.settle()
    await neighbour.post("Je ne suis pas la mairie")
    await fediverse.settle()
    assert [each["account"]["acct"] for each in await story.alice.home()] == ["nadia@ornans.example"]

    await story.decide(lambda tx: suspensions.unsuspend(tx, story.besancon.ctx, actor=town))
    assert await story.where_it_is_seen() >= before, "a suspension that was taken back still hides something"


async def test_a_suspended_actor_of_this_server(fediverse: Fediverse) -> None:
    """Its page, feed, documents, collections, files and inbox are closed, its applications refused, its mail held."""
    story = await Story.begin(fediverse)
    node, town, visitor = story.ornans, story.mairie, story.ornans.visitor()
    post, picture_at = story.news["id"], story.news["media_attachments"][0]["url"]
    places = {
        "/@ornans": HTML, f"/@ornans/{post}": HTML, "/@ornans.rss": "*/*",
        "/users/ornans": AP, f"/users/ornans/statuses/{post}": AP, f"/users/ornans/statuses/{post}/activity": AP,
        f"/users/ornans/statuses/{post}/replies": AP, "/users/ornans/outbox?page=true": AP,
        "/users/ornans/followers": AP, "/users/ornans/following": AP, "/users/ornans/collections/featured": AP,
        picture_at.removeprefix("https://ornans.example"): "*/*",
        story.news["account"]["avatar"].removeprefix("https://ornans.example"): "*/*",
        f"/api/v1/statuses/{post}": "*/*", f"/api/v1/accounts/{town.actor.id}/statuses": "*/*",
    }  # fmt: skip

    async def answers() -> dict[str, int]:
        return {path: (await visitor.get(path, accept=accept)).status for path, accept in places.items()}

    assert set((await answers()).values()) == {200}
    fediverse.network.faults["besancon.example"] = 503
    await town.post("Écrit juste avant")
    await fediverse.settle()
    fediverse.network.faults.clear()
    story.asked("besancon.example")

    await node.ctx.db.write(lambda tx: suspensions.suspend(tx, node.ctx, actor=town.actor))
    open_still = {path: status for path, status in (await answers()).items() if status not in (403, 404)}
    assert open_still == {}, "something of a suspended account can still be read"
    assert (await town.client.get("/api/v1/accounts/verify_credentials")).status in (401, 403)
    await fediverse.later(86_400)
    assert not [each for each in story.asked("besancon.example") if each.startswith("POST")], "it still speaks"

    await node.ctx.db.write(lambda tx: suspensions.unsuspend(tx, node.ctx, actor=town.actor))
    assert set((await answers()).values()) == {200}, "what came back is not as it was"
