"""A hostile server is refused by taking a list over in the console, and nothing of it is seen any more, anywhere."""

import io
from dataclasses import dataclass
from typing import Any

import pytest
from PIL import Image

from tests.stories_browser.towns import Land, Person, done, waited
from tests.tls.towns import Town

pytestmark = pytest.mark.xdist_group("tls")
VENOM = "Venin du voisin"
LIST = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n{host},suspend,true,true,Harcèlement,false\n"


@dataclass(frozen=True)
class Traces:
    """Where the hostile server's agent left something, as the town's application sees it."""

    account: Any
    post: Any
    """With a picture, in the home timeline."""
    reply: Any
    """Below a post of the town."""
    own: Any
    """That post."""

    def places(self, town: Town) -> list[str]:
        """The lists of the API in which something of it is still shown."""
        client, acct = town.client, self.account.acct
        host = acct.partition("@")[2]
        shown = {
            "home": [each.account.acct for each in client.timeline_home(limit=40)],
            "public": [each.account.acct for each in client.timeline_public(limit=40)],
            "tag": [each.account.acct for each in client.timeline_hashtag("venin")],
            "thread": [each.account.acct for each in client.status_context(self.own.id).descendants],
            "notifications": [each.account.acct for each in client.notifications(limit=40)],
            "people by name": [each.acct for each in client.search_v2(acct).accounts],
            "posts by words": [each.account.acct for each in client.search_v2(VENOM).statuses],
            "posts by address": [each.account.acct for each in client.search_v2(self.post.uri, resolve=True).statuses],
            "followers": [each.acct for each in client.account_followers(client.me().id)],
            "followed": [each.acct for each in client.account_following(client.me().id)],
        }
        return [where for where, found in shown.items() if any(each.endswith(host) for each in found)]

    def answers(self, town: Town) -> dict[str, int]:
        """What the town's node answers an application that asks for it by its numbers."""
        account, post, reply = (
            f"/api/v1/{each}"
            for each in (f"accounts/{self.account.id}", f"statuses/{self.post.id}", f"statuses/{self.reply.id}")
        )
        asked = (f"{account}/statuses", post, f"{post}/context", reply)
        return {path: answered(town, path, token=str(town.client.access_token)) for path in asked}


def answered(town: Town, address: str, *, token: str = "") -> int:
    """The status with which the town's node answers."""
    url = address if address.startswith("https:") else town.node.url + address
    with town.node.session() as session:
        return session.get(url, headers={"Authorization": f"Bearer {token}"} if token else {}, timeout=20).status_code


async def poisoned(land: Land) -> Traces:
    """Both follow each other; the neighbour writes, shows a picture, answers and names the town."""
    town, hostile = land.town, land.neighbour
    account = await done(town.follow, hostile)
    await done(hostile.follow, town)
    own = await done(town.client.status_post, "Marché samedi sous la halle")
    theirs = await waited("the town's post", lambda: hostile.at_home(own.uri))
    picture = io.BytesIO()
    Image.new("RGB", (320, 200), (176, 42, 48)).save(picture, "PNG")
    media = await done(hostile.client.media_post, picture.getvalue(), mime_type="image/png", description="Venin")
    post = await done(hostile.client.status_post, f"{VENOM} #venin", media_ids=[media.id])
    reply = await done(hostile.client.status_post, f"{town.handle} {VENOM}, en réponse", in_reply_to_id=theirs.id)
    return Traces(account, await done(town.receives, post.uri), await done(town.receives, reply.uri), own)


async def refused(land: Land) -> Person:
    """The keeper takes a list over in the console, seeing first what it would cost."""
    host = land.neighbour.node.host
    karim = await land.keeper()
    await karim.open("/admin")
    await karim.look("console-attention")
    await karim.open("/admin/hosts")
    await karim.look("console-serveurs")
    await karim.open("/admin/hosts/lists")
    await karim.type(text=LIST.format(host=host))
    said = await karim.press("Montrer ce qui changerait")
    assert host in said
    await karim.look("console-liste")
    await karim.press("La reprendre")
    assert "La liste est reprise" in await karim.page.inner_text(".notice")
    await karim.open(f"/admin/hosts/of/{host}")
    assert await karim.page.is_checked("#severity-suspend")
    assert await karim.page.input_value("#public_comment") == "Harcèlement"
    await karim.look("console-serveur-refuse")
    return karim


async def test_nothing_of_a_refused_server_is_seen(land: Land) -> None:
    """Looked for in every list, at every address and on every page, by an application and by a stranger."""
    town, hostile = land.town, land.neighbour
    traces = await poisoned(land)
    places = await done(traces.places, town)
    assert len(places) >= 8, f"the story has to show something first; it shows in {places}"
    assert set((await done(traces.answers, town)).values()) == {200}
    picture = traces.post.media_attachments[0].preview_url
    assert await done(answered, town, picture) == 200
    name = (await done(town.client.me)).username
    stranger, thread = await land.person(), f"/@{name}/{traces.own.id}"
    assert VENOM in await stranger.open(thread)

    karim = await refused(land)
    await waited("that no list shows anything of it", lambda: not traces.places(town))
    assert set((await done(traces.answers, town)).values()) == {404}
    shell = await done(town.client.account, traces.account.id)
    assert shell.suspended, "applications are not told that the account is refused"
    assert (shell.display_name, shell.note, list(shell.fields)) == ("", "", []), "its profile is still shown"
    assert await done(answered, town, picture) in (403, 404, 410), "its picture is still served"
    for path in (thread, f"/@{name}", "/", "/tags/venin"):
        assert VENOM not in await stranger.open(path), f"{path} still shows it"
    await stranger.open(thread)
    await stranger.look("fil-sans-venin")
    await done(hostile.client.status_post, f"{town.handle} {VENOM}, encore")
    await done(town.client.status_post, "La mairie ferme à midi")
    await stranger.page.wait_for_timeout(3000)  # as long as a delivery takes several times over
    assert await done(traces.places, town) == []
    karim.nothing_strange()
