"""Fedify, each direction of everything that two servers say to each other, with both kinds of signatures.

A Fedify that begins with the older signature and knows both stands for most of the network; one that begins with RFC
9421 and refuses the older kind stands for what the network will become.
"""

from collections.abc import Callable
from typing import Any

import pytest

from node.cli.demo.agents import text, until
from tests.interop.fedify import Fedify
from tests.interop.town import Town

KINDS = {
    "cavage": ("fedify", {"first_knock": "cavage", "refuse": "rfc9421"}),
    "rfc9421": ("fedify-rfc9421", {"first_knock": "rfc9421", "refuse": "cavage"}),
}


@pytest.fixture(params=sorted(KINDS))
def camille(request: pytest.FixtureRequest, fedify: Callable[..., Fedify]) -> Fedify:
    """Camille on a Fedify that speaks one kind of signature and refuses the other."""
    name, options = KINDS[request.param]
    return fedify(name, **options)


@pytest.fixture
def friends(town: Town, camille: Fedify) -> Any:
    """She follows the town and the town follows her: her account there."""
    account = town.follow(camille.handle)
    if not town.is_followed_by(account.id):
        camille.do("follow", address=town.uri)
        until("she follows the town", lambda: town.is_followed_by(account.id))
        camille.hears("Accept", town.uri)
    return account


def test_each_finds_the_other(town: Town, camille: Fedify) -> None:
    """WebFinger, then the actor's document, signed as the other wants it."""
    account = town.find(camille.handle)
    assert account.display_name == "Camille (sample)"
    assert account.url == f"http://127.0.0.1:{camille.port}/@camille"
    seen = camille.do("read", address=town.uri)  # by handle Fedify asks over TLS alone, which nobody speaks here
    assert seen["id"] == town.uri
    assert seen["preferredUsername"] == town.me.username


def test_she_follows_the_town(town: Town, camille: Fedify, friends: Any) -> None:
    """Follow in, Accept out; both sides agree on it."""
    assert camille.uri in [each.uri for each in town.client.account_followers(town.me.id)]
    assert town.uri in camille.seen()["following"]


def test_the_town_follows_her(town: Town, camille: Fedify, friends: Any) -> None:
    """Follow out, Accept in."""
    assert town.client.account_relationships(friends.id)[0].following
    assert town.uri in camille.seen()["followers"]


def test_her_post_arrives_is_edited_and_deleted(town: Town, camille: Fedify, friends: Any) -> None:
    """Create, Update and Delete in."""
    note = camille.do("create", content="<p>La fontaine coule de nouveau</p>")["id"]
    status = town.receives(note)
    assert text(status) == "La fontaine coule de nouveau"
    camille.do("update", id=note, content="<p>La fontaine est fermée</p>")
    edited = until(
        "her edit", lambda: next((s for s in [town.client.status(status.id)] if text(s) != text(status)), None)
    )
    assert text(edited) == "La fontaine est fermée"
    assert edited.edited_at is not None
    camille.do("delete", id=note)
    until("the post is gone", lambda: town.at_home(note) is None)


def test_the_towns_post_arrives_is_edited_and_deleted(town: Town, camille: Fedify, friends: Any) -> None:
    """Create, Update and Delete out, as Fedify understands them; each can be fetched again by its id."""
    status = town.client.status_post("Marché de Noël le 12 décembre #Ornans", language="fr")
    created = camille.hears("Create", status.uri)
    assert created["actor"] == town.uri
    read = camille.do("read", address=status.uri)
    assert read["type"] == "Note"
    assert "Marché de Noël" in str(read["contentMap"] if "contentMap" in read else read["content"])
    town.client.status_update(status.id, "Marché de Noël le 13 décembre #Ornans")
    assert "13 décembre" in str(camille.hears("Update", status.uri))
    town.client.status_delete(status.id)
    assert camille.hears("Delete", status.uri)["actor"] == town.uri


def test_a_mention_and_its_answer(town: Town, camille: Fedify, friends: Any) -> None:
    """A conversation: she names the town, the town answers her and nobody else."""
    note = camille.do(
        "create", content="<p>@ornans à quelle heure ?</p>", only=town.uri, to=town.uri,
        mentions=[{"href": town.uri, "name": town.handle}],
    )["id"]  # fmt: skip

    def told() -> Any:
        return next((each for each in town.client.notifications(types=["mention"]) if each.status.uri == note), None)

    notice = until("the town is told", told)
    status = notice.status
    assert notice.account.acct == camille.handle[1:]
    assert status.visibility == "direct"
    answer = town.client.status_reply(status, "À dix heures", visibility="direct")
    created = camille.hears("Create", answer.uri)
    assert str(created["object"]["inReplyTo"] if isinstance(created["object"], dict) else note) == note


def test_likes_in_both_directions(town: Town, camille: Fedify, friends: Any) -> None:
    """Like and its Undo."""
    status = town.client.status_post("Les résultats du cross des écoles")
    camille.hears("Create", status.uri)
    like = camille.do("like", object=status.uri)["id"]
    until("her like is counted", lambda: town.client.status(status.id).favourites_count == 1)
    camille.do("undo", type="Like", id=like, object=status.uri)
    until("her like is taken back", lambda: town.client.status(status.id).favourites_count == 0)

    note = camille.do("create", content="<p>Bravo aux élèves</p>")["id"]
    mine = town.receives(note)
    town.client.status_favourite(mine.id)
    assert camille.hears("Like", note)["actor"] == town.uri
    town.client.status_unfavourite(mine.id)
    assert camille.hears("Undo", note)["actor"] == town.uri


def test_announces_in_both_directions(town: Town, camille: Fedify, friends: Any) -> None:
    """Announce and its Undo."""
    status = town.client.status_post("Coupure d'eau rue de la Loue")
    camille.hears("Create", status.uri)
    announce = camille.do("announce", object=status.uri)["id"]
    until("her boost is counted", lambda: town.client.status(status.id).reblogs_count == 1)
    camille.do("undo", type="Announce", id=announce, object=status.uri)
    until("her boost is taken back", lambda: town.client.status(status.id).reblogs_count == 0)

    note = camille.do("create", content="<p>Le sentier est ouvert</p>")["id"]
    mine = town.receives(note)
    town.client.status_reblog(mine.id)
    assert camille.hears("Announce", note)["actor"] == town.uri
    town.client.status_unreblog(mine.id)
    until(
        "the boost is undone at Fedify",
        lambda: any(e["type"] == "Undo" and "Announce" in str(e) and note in str(e) for e in camille.seen()["heard"]),
    )


def test_followers_only_stays_among_followers(town: Town, camille: Fedify, friends: Any) -> None:
    """Both sides understand the same visibility."""
    note = camille.do("create", content="<p>Entre nous</p>", visibility="followers")["id"]
    assert town.receives(note).visibility == "private"
    status = town.client.status_post("Réservé aux abonnés", visibility="private")
    camille.hears("Create", status.uri)
    assert "as:Public" not in str(camille.do("read", address=status.uri))


def test_everything_was_signed_as_she_wants(town: Town, camille: Fedify, friends: Any) -> None:
    """After a first refusal the node remembers what her server understands, and no delivery is lost."""
    refused = camille.options["refuse"]
    wanted = camille.options["first_knock"]
    camille.do("forget")
    status = town.client.status_post("Une dernière nouvelle")
    camille.hears("Create", status.uri)
    posts = [each for each in camille.seen()["requests"] if each["method"] == "POST"]
    assert {each["signature"] for each in posts} == {wanted}, f"it knocked with {refused} again: {posts}"
    assert all(each["status"] == 202 for each in posts)
    assert camille.seen()["faults"] == []


def test_what_is_public_carries_a_proof(town: Town, camille: Fedify, friends: Any) -> None:
    """Fedify verifies it with the Multikey of the town's document; a word changed, and it no longer holds."""
    status = town.client.status_post("Preuve à l'appui")
    camille.hears("Create", status.uri)
    body = next(each["body"] for each in camille.seen()["requests"] if status.uri in each.get("body", ""))
    assert camille.believes(body.encode())
    assert not camille.believes(body.replace("Preuve", "Fausse").encode())


def test_she_unfollows_and_follows_again(town: Town, camille: Fedify, friends: Any) -> None:
    """Undo of a Follow, and a new Follow right after it."""
    camille.do("forget")
    follow = camille.do("follow", address=town.uri)["id"]
    camille.hears("Accept", follow)
    camille.do("undo", type="Follow", id=follow, object=town.uri, to=town.uri)
    until("she is gone", lambda: not town.is_followed_by(friends.id))
    camille.do("follow", address=town.uri)
    until("she is back", lambda: town.is_followed_by(friends.id))


def test_the_town_unfollows(town: Town, camille: Fedify, friends: Any) -> None:
    """Undo of ours: she no longer sends us what she writes; then again."""
    town.client.account_unfollow(friends.id)
    until("Fedify forgot the town", lambda: town.uri not in camille.seen()["followers"])
    town.follow(camille.handle)
    until("and knows it again", lambda: town.uri in camille.seen()["followers"])


def test_she_decides_who_follows_her(town: Town, fedify: Callable[..., Fedify]) -> None:
    """A follow waits for her; one Reject, then an Accept of a second request."""
    camille = fedify("fedify-by-hand", approve="by-hand")
    account = town.find(camille.handle)
    assert account.locked
    for answer, expected in (("reject", False), ("accept", True)):
        camille.do("forget")
        town.client.account_follow(account.id)
        follow = camille.hears("Follow")["id"]
        assert town.client.account_relationships(account.id)[0].requested
        camille.do(answer, follow=follow)
        until(
            f"her {answer} is known",
            lambda: not town.client.account_relationships(account.id)[0].requested,
        )
        assert town.client.account_relationships(account.id)[0].following is expected
