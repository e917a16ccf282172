"""What is on the node's own machine and network is never called, whatever a stranger writes where an address may stand.

Every place where an address comes in (keys, ids, inboxes, pictures, links between pages, discovery) is tried with
every way of writing an address that is not public. The fixture fails the test if the machine beside was called.
"""

from typing import Any

import pytest

from tests.advisories.stage import Stage, answering, redirecting
from tests.support.peer import PUBLIC

pytestmark = pytest.mark.xdist_group("advisories")

WAYS = {
    "cve_2024_39687": ["127.0.0.1", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1", "[::1]"],
    "cve_2026_22245": ["0.0.0.0", "100.64.0.1", "169.254.169.254", "192.0.0.8", "198.18.0.1", "240.0.0.1", "[fe80::1]", "[fc00::1]"],
    "cve_2026_47389": ["[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]"],
    "ghsa_vwhj_3g83_v276": ["[::127.0.0.1]", "[::7f00:1]"],
    "cve_2026_50131": ["[64:ff9b::7f00:1]", "[2002:7f00:1::]", "[2001:0:7f00:1::]", "224.0.0.1", "[ff02::1]"],
    "cve_2025_25194": ["127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1.nip.localhost"],
    "cve_2026_33693": ["0.0.0.0", "255.255.255.255", "0"],
}  # fmt: skip


@pytest.mark.parametrize("advisory", sorted(WAYS))
async def test_every_way_of_writing_it(stage: Stage, advisory: str) -> None:
    """As the id to look up, the key to verify with, and the inbox, picture and parent that a person names."""
    for host in WAYS[advisory]:
        base = f"https://{host}:{stage.neighbour.port}"
        for place in (base, base.replace("https", "http")):
            assert not stage.look_up(f"{place}/users/x").accounts
            mallory = await stage.villain(
                inbox=f"{place}/inbox", icon={"type": "Image", "url": f"{place}/icon.png"}, featured=f"{place}/featured",
                outbox=f"{place}/outbox", followers=f"{place}/followers", endpoints={"sharedInbox": f"{place}/inbox"},
            )  # fmt: skip
            refused = await mallory.send(
                stage.node.authority_part, mallory.activity("Like", stage.uri), key_id=f"{place}/users/x#main-key"
            )
            assert refused.status in (400, 401, 403, 429)
            note = mallory.note("Regarde", to=[PUBLIC, stage.uri], inReplyTo=f"{place}/notes/1", attachment=[
                {"type": "Image", "mediaType": "image/png", "url": f"{place}/a.png"},
            ], quote=f"{place}/notes/2", context=f"{place}/c", replies=f"{place}/r")  # fmt: skip
            assert await stage.tells(mallory, mallory.follow(stage.uri)) == 202
            assert await stage.tells(mallory, mallory.create(note)) == 202
    _look_at_the_pictures(stage)


def _look_at_the_pictures(stage: Stage) -> None:
    for follower in stage.client.account_followers(stage.client.me().id, limit=80):
        for url in (follower.avatar, follower.header):
            if url and url.startswith(stage.node.url):
                stage.get(url)


async def test_cve_2021_39195(stage: Stage) -> None:
    """A remote attachment whose address is, or leads to, the private network."""
    mallory = await stage.villain()
    await stage.met(mallory)
    private = f"http://127.0.0.1:{stage.neighbour.port}/a.png"
    stage.villains.tricks["/a.png"] = redirecting(private)
    for url in (private, f"{stage.villains.home}/a.png"):
        note = mallory.note("Photo", attachment=[{"type": "Image", "mediaType": "image/png", "url": url, "name": "x"}])
        await stage.tells(mallory, mallory.create(note))
        status = stage.sees(note["id"])
        for shown in status.media_attachments if status else []:
            for address in (shown.url, shown.preview_url):
                if address and address.startswith(stage.node.url):
                    assert stage.get(address).status_code != 200


@pytest.mark.parametrize("advisory", ["cve_2026_77632", "cve_2025_23221"])
async def test_redirects_into_the_private_network(stage: Stage, advisory: str) -> None:
    """A public address answers 'look there', and there is private: for documents, and for WebFinger."""
    private = f"http://127.0.0.1:{stage.neighbour.port}/users/x"
    for to in (
        private,
        private.replace("http:", "https:"),
        "http://169.254.169.254/latest/meta-data/",
        "file:///etc/passwd",
    ):
        path = "/dehors" if advisory == "cve_2026_77632" else "/.well-known/webfinger"
        stage.villains.tricks[path] = redirecting(to)
        try:
            if advisory == "cve_2026_77632":
                assert not stage.look_up(f"{stage.villains.home}/dehors").accounts
                mallory = await stage.villain()
                await mallory.send(
                    stage.node.authority_part, mallory.activity("Like", stage.uri),
                    key_id=f"{stage.villains.home}/dehors#k",
                )  # fmt: skip
            else:
                assert not stage.look_up(f"@x@{stage.villains.host}").accounts
        finally:
            del stage.villains.tricks[path]


@pytest.mark.parametrize(
    "href", ["http://127.0.0.1:{port}/nodeinfo", "data:application/json,{{}}", "file:///etc/passwd"]
)
async def test_cve_2026_62857(stage: Stage, href: str) -> None:
    """The discovery of a server's program leads into the private network."""
    links: dict[str, Any] = {
        "links": [
            {"rel": "http://nodeinfo.diaspora.software/ns/schema/2.1", "href": href.format(port=stage.neighbour.port)}
        ]
    }
    stage.villains.tricks["/.well-known/nodeinfo"] = answering(links, "application/json")
    try:
        mallory = await stage.villain()
        await stage.tells(mallory, mallory.follow(stage.uri))
        stage.client.status_post("Qui est là ?")
        stage.settle()
    finally:
        del stage.villains.tricks["/.well-known/nodeinfo"]


async def test_cve_2026_27477(stage: Stage) -> None:
    """There is no address at which a stranger may register a service to be called (nor CVE-2026-27468's approval)."""
    with stage.node.session() as session:
        for path in ("/api/fasp/registration", "/fasp/registration", "/api/v1/fasp"):
            body = {
                "name": "x",
                "baseUrl": f"http://127.0.0.1:{stage.neighbour.port}",
                "serverId": "1",
                "publicKey": "A",
            }
            assert session.post(f"{stage.node.url}{path}", json=body, timeout=20).status_code in (404, 405)
    apps = {
        "client_name": "x",
        "redirect_uris": f"http://127.0.0.1:{stage.neighbour.port}/r",
        "website": "http://127.0.0.1",
    }
    with stage.node.session() as session:
        session.post(f"{stage.node.url}/api/v1/apps", data=apps, timeout=20)


@pytest.mark.parametrize(
    "query", ["file_type=x&proxy=http://127.0.0.1:{port}/", "url=http://127.0.0.1:{port}/", "format=x"]
)
async def test_cve_2026_29178(stage: Stage, query: str) -> None:
    """Parameters on the addresses of pictures lead nowhere else."""
    avatar = stage.client.me().avatar
    path = avatar.removeprefix(stage.node.url)
    for asked in (f"{path}?{query}", f"{path}%3F{query}", f"/media/cache/avatar/1?{query}"):
        assert stage.get(asked.format(port=stage.neighbour.port)).status_code in (200, 304, 400, 404)
