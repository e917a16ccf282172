"""Whose word is it? Documents that speak about another server, actors who act for their neighbours."""

import pytest

from tests.advisories.stage import Stage, answering, redirecting
from tests.support.peer import AS, PUBLIC

pytestmark = pytest.mark.xdist_group("advisories")


def _note(uri: str, author: str, text: str) -> dict[str, object]:
    return {
        "@context": AS, "id": uri, "type": "Note", "attributedTo": author, "content": f"<p>{text}</p>", "to": [PUBLIC],
        "published": "2026-09-21T13:00:00Z",
    }  # fmt: skip


async def test_cve_2024_23832(stage: Stage) -> None:
    """A document fetched from one server gives its id as another server's."""
    zoe = await stage.friend()
    true = zoe.note("Le marché a lieu")
    stage.villains.tricks["/faux"] = answering(_note(true["id"], zoe.uri, "Le marché est annulé"))
    found = stage.look_up(f"{stage.villains.home}/faux").statuses
    assert [status.content for status in found] == ["<p>Le marché a lieu</p>"], "the villains spoke for Zoe"


@pytest.mark.parametrize(
    "kind", ["application/json", "text/plain", "image/png", "text/html", "application/ld+json", "application/xml"]
)
async def test_ghsa_jhrq_qvrm_qr36(stage: Stage, kind: str) -> None:
    """A file that somebody uploaded to an honest server is not that server's word (CVE-2024-25636 in Misskey)."""
    zoe = await stage.friend()
    path = f"/files/{kind.replace('/', '-')}"
    uploaded = _note(f"{stage.friends.home}{path}", zoe.uri, "Écrit par un autre")
    stage.friends.tricks[path] = answering(uploaded, kind)
    assert stage.look_up(f"{stage.friends.home}{path}").statuses == []


@pytest.mark.parametrize("whose", ["neighbour", "stranger"])
async def test_cve_2024_37903(stage: Stage, whose: str) -> None:
    """Update, Delete and Undo of somebody else's post or deed; PeerTube's CVE-2026-73090 is the same across hosts."""
    zoe = await stage.friend()
    await stage.met(zoe)
    note = zoe.note("Le vrai texte")
    await stage.tells(zoe, zoe.create(note))
    status = stage.sees(note["id"])
    like = zoe.activity("Like", stage.client.status_post("À aimer").uri)
    await stage.tells(zoe, like)
    mallory = await stage.friend() if whose == "neighbour" else await stage.villain()
    for attack in (
        mallory.activity("Update", {**note, "content": "<p>Faux</p>", "updated": "2026-10-01T00:00:00Z"}),
        mallory.activity("Update", {**note, "attributedTo": mallory.uri, "content": "<p>Faux</p>"}),
        mallory.activity("Delete", note["id"]),
        mallory.activity("Delete", {"id": note["id"], "type": "Tombstone"}),
        mallory.activity("Undo", zoe.create(note)),
        mallory.activity("Undo", like),
        mallory.activity("Undo", like["id"]),
        mallory.create({**note, "content": "<p>Faux</p>"}),
        mallory.activity("Announce", {**note, "content": "<p>Faux</p>"}),
    ):
        await stage.tells(mallory, attack)
    assert stage.client.status(status.id).content == "<p>Le vrai texte</p>"
    assert stage.client.search_v2(like["object"], resolve=False).statuses[0].favourites_count == 1


async def test_nextcloud_social_pr_2225(stage: Stage) -> None:
    """A neighbour on the same server deletes, renames, accepts, follows and pins for another."""
    zoe, mallory = await stage.friend(), await stage.friend()
    account = await stage.met(zoe)
    note = zoe.note("À moi")
    await stage.tells(zoe, zoe.create(note))
    for attack in (
        mallory.activity("Delete", zoe.uri),
        mallory.activity("Update", zoe.document(name="Volée")),
        mallory.activity("Update", {**zoe.document(), "publicKey": mallory.document()["publicKey"]}),
        mallory.activity("Add", note["id"], target=f"{zoe.uri}/collections/featured"),
        mallory.activity("Undo", {"type": "Follow", "actor": zoe.uri, "object": stage.uri}),
        {**mallory.activity("Move", zoe.uri), "target": mallory.uri},
    ):
        await stage.tells(mallory, attack)
    now = stage.client.account(account.id)
    assert (now.display_name, now.moved if "moved" in now else None) == (account.display_name, None)
    assert stage.client.account_relationships(account.id)[0].following
    await stage.tells(zoe, zoe.create(zoe.note("Je suis toujours là")))
    assert len(stage.client.account_statuses(account.id)) == 2, "her own key no longer counts"
    assert stage.client.account_statuses(account.id, pinned=True) == []


async def test_nextcloud_social_pr_2225_acceptance(stage: Stage) -> None:
    """A neighbour accepts a request that was made to somebody else (CVE-2025-30741 in Pixelfed: so does nobody)."""
    zoe, mallory = await stage.friend(), await stage.friend()
    account = stage.account(zoe)
    stage.client.account_follow(account.id)
    follow = stage.follow_of(zoe)
    for attack in (
        mallory.activity("Accept", follow),
        mallory.activity("Accept", follow["id"]),
        mallory.activity("Accept", {**follow, "object": mallory.uri}),
        zoe.activity("Accept", {"type": "Follow", "id": f"{stage.uri}#follows/1", "actor": stage.uri, "object": mallory.uri}),
    ):  # fmt: skip
        await stage.tells(mallory if attack["actor"] == mallory.uri else zoe, attack)
    relationship = stage.client.account_relationships(account.id)[0]
    assert relationship.requested
    assert not relationship.following


async def test_cve_2025_30741(stage: Stage) -> None:
    """What is for followers reaches nobody whose request was not accepted."""
    stage.client.account_update_credentials(locked=True)
    try:
        nosy = await stage.somebody(stage.idlers, "nosy")  # nobody of that server follows the town
        await stage.tells(nosy, nosy.follow(stage.uri))
        status = stage.client.status_post("Pour les abonnés", visibility="private")
        stage.settle()
        assert not [each for each in stage.idlers.received if status.uri in str(each)]
        assert (await nosy.get(status.uri)).status == 404
    finally:
        stage.client.account_update_credentials(locked=False)


@pytest.mark.parametrize("claimed", ["id", "attributedTo", "actor of the Create"])
async def test_cve_2024_52591(stage: Stage, claimed: str) -> None:
    """The id on one host, its author on another, its page on a third (CVE-2025-25306 finished what this began)."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(mallory)
    uri = f"{stage.villains.home}/notes/{claimed.replace(' ', '-')}"
    note = _note(uri, mallory.uri, "Faux") | {"url": f"{stage.friends.home}/@zoe/1"}
    match claimed:
        case "id":
            note["id"] = f"{stage.friends.home}/notes/inexistante"
        case "attributedTo":
            note["attributedTo"] = zoe.uri
        case _:
            note["attributedTo"] = [zoe.uri, mallory.uri]
    stage.villains.serve({**note, "id": uri})
    await stage.tells(mallory, mallory.create(note))
    for seen in (stage.sees(str(note["id"])), stage.sees(uri)):
        assert seen is None or seen.account.acct == mallory.handle[1:], "it stands under Zoe's name"
        assert seen is None or not str(seen.url).startswith(stage.friends.home), "its link pretends to lead to Zoe"


async def test_cve_2025_25306(stage: Stage) -> None:
    """The villains redirect to an honest document, or an honest open redirect leads to theirs."""
    zoe = await stage.friend()
    note = zoe.note("Honnête")
    stage.villains.tricks["/r"] = redirecting(note["id"])
    found = stage.look_up(f"{stage.villains.home}/r").statuses
    assert [status.uri for status in found] in ([], [note["id"]])
    stage.friends.tricks["/ouvert"] = redirecting(f"{stage.villains.home}/piege")
    stage.villains.tricks["/piege"] = answering(_note(f"{stage.friends.home}/ouvert", zoe.uri, "Faux"))
    assert stage.look_up(f"{stage.friends.home}/ouvert").statuses == [], "a redirect lent its host's name"


async def test_akkoma_2024_03(stage: Stage) -> None:
    """An id that is nearly the address: a fragment, a port, another case, a slash more are other ids."""
    zoe = await stage.friend()
    true = zoe.note("Vrai")
    for nearly in (f"{true['id']}#faux", f"{true['id']}/", true["id"].upper(), true["id"].replace("amis", "AMIS")):
        path = "/presque"
        stage.villains.tricks[path] = answering(_note(nearly, zoe.uri, "Faux"))
        contents = [status.content for status in stage.look_up(f"{stage.villains.home}{path}").statuses]
        assert "<p>Faux</p>" not in contents, f"the villains spoke for Zoe under {nearly}"


async def test_pleroma_2_7_0_webfinger(stage: Stage) -> None:
    """A villain's WebFinger names a handle of the friends' server as its own."""
    zoe = await stage.friend()
    mallory = await stage.villain(webfinger=f"{zoe.name}@{stage.friends.host}")
    subject = {"subject": f"acct:{zoe.name}@{stage.friends.host}",
               "links": [{"rel": "self", "type": "application/activity+json", "href": mallory.uri}]}  # fmt: skip
    stage.villains.tricks["/.well-known/webfinger"] = answering(subject, "application/jrd+json")
    try:
        stage.look_up(mallory.uri)
        found = stage.account(mallory)
        assert found is None or found.acct != zoe.handle[1:]
        assert stage.account(zoe).uri == zoe.uri, "the villain took Zoe's handle"
    finally:
        del stage.villains.tricks["/.well-known/webfinger"]


@pytest.mark.parametrize(
    "host", ["AMIS.LOCALHOST", "amis.localhost.", "amis。localhost", "ａｍｉｓ.localhost", "amis.localhost\u200b"]
)
async def test_cve_2023_42451(stage: Stage, host: str) -> None:
    """One server has one name, however it is written: no second account, and no way around a block."""
    zoe = await stage.friend()
    port = stage.friends.host.rpartition(":")[2]
    stage.account(zoe)
    found = stage.client.search_v2(f"@{zoe.name}@{host}:{port}", resolve=True, result_type="accounts").accounts
    assert [account.uri for account in found] in ([], [zoe.uri]), "a second account of the same person"
    assert all(account.acct == zoe.handle[1:] for account in found)
    mallory = await stage.villain()
    written = f"https://{host}:{port}/users/{zoe.name}"
    await stage.tells(mallory, mallory.create(mallory.note("Faux", attributedTo=written)))
    assert not stage.client.search_v2("Faux", resolve=False, result_type="statuses").statuses


async def test_cve_2026_23961(stage: Stage) -> None:
    """A suspended person's posts come in by a third party's boost, a reply's parent, or an address in the search."""
    zoe, mallory = await stage.friend(), await stage.villain()
    await stage.met(zoe)
    stage.account(mallory)
    stage.node.command("actor", "suspend", mallory.handle[1:], "--why", "Il ment")
    try:
        note = mallory.note("Interdit")
        await stage.tells(zoe, zoe.activity("Announce", note["id"], to=[PUBLIC]))
        await stage.tells(zoe, zoe.create(zoe.note("Réponse", inReplyTo=note["id"])))
        assert stage.look_up(note["id"]).statuses == []
        assert stage.sees(note["id"]) is None, "a suspended person is read again"
        assert not [s for s in stage.client.timeline_home(limit=40) if s.reblog and s.reblog.uri == note["id"]]
    finally:
        stage.node.command("actor", "unsuspend", mallory.handle[1:])
