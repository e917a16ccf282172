"""Lists of hosts in Mastodon's form: read, shown beforehand, taken over whole or not at all, followed at an address."""

import contextlib
from typing import Any

import pytest

from admin.operations import perform
from node.actors import follows, hosts
from node.actors.hosts import Policy
from node.moderation import domains, lists, subscriptions
from node.moderation.audit import MACHINE
from node.moderation.lists import WrongLines
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.runtime.i18n import translator
from tests.support.fediverse import Citizen, Fediverse, Node, fediverse
from tests.support.peer import Peer, PeerActor, a_follower, peer_on

__all__ = ["fediverse"]

HEADER = "#domain,#severity,#reject_media,#reject_reports,#public_comment,#obfuscate\n"
EVIL = "evil.example,suspend,true,true,Harcèlement,false\n"


def test_mastodons_export_is_read() -> None:
    text = f'\ufeff{HEADER}{EVIL}loud.example,silence,FALSE,False,"Bruyant, souvent",true\nfine.example,noop,true,false,,false\n'
    evil, loud, fine = lists.read(text)
    assert evil == Policy("evil.example", "suspend", True, "", "Harcèlement", True)
    assert (loud.severity, loud.public_comment, loud.obfuscate) == ("silence", "Bruyant, souvent", True)
    assert (fine.severity, fine.reject_media) == ("none", True)


def test_hosts_alone_are_a_list_too() -> None:
    found = lists.read("# une liste\n\nÉvil.example.\r\nspam.example\r\n")
    assert [(each.host, each.severity) for each in found] == [
        ("xn--vil-9la.example", "suspend"),
        ("spam.example", "suspend"),
    ]


def test_each_wrong_line_is_named_by_its_number() -> None:
    text = (
        f"{HEADER}{EVIL}"
        "not a host,suspend,,,,\n"  # 3
        "a.example,destroy,,,,\n"  # 4
        "b.example,suspend,maybe,,,\n"  # 5
        "c***.example,suspend,,,,\n"  # 6
        "evil.example,silence,,,,\n"  # 7
        "d.example,suspend,,,,,more\n"  # 8
    )
    with pytest.raises(WrongLines) as refused:
        lists.read(text)
    assert [fault.number for fault in refused.value.faults] == [3, 4, 5, 6, 7, 8]
    said = translator("fr")(refused.value.args[0])
    assert "ligne 4" in said
    assert "destroy" in said


@pytest.mark.parametrize("text", ["", HEADER, "\n\n", "x" * (lists.MAX_BYTES + 1)])
def test_no_list(text: str) -> None:
    with pytest.raises(Invalid):
        lists.read(text)


@pytest.mark.parametrize("text", ['"\n', 'a.example,"b\n', "\x00", ",,,,\n,", HEADER + '"a.example,suspend\n', "a\tb"])
def test_whatever_is_sent_is_a_list_or_refused(text: str) -> None:
    with contextlib.suppress(BeffroiError):
        lists.read(text)


async def test_what_is_written_is_read_again(town) -> None:
    wanted = lists.read(f"{HEADER}{EVIL}loud.example,silence,false,false,=1+1,true\nx.example,noop,true,false,,false\n")
    await town.ctx.db.write(lambda tx: lists.take(tx, town.ctx, wanted))
    await town.ctx.db.write(lambda tx: domains.block(tx, town.ctx, host="allowed.example", severity="none"))
    written = lists.write(await hosts.every(town.ctx.db.reader))
    assert written.startswith(HEADER)
    assert "allowed.example" not in written, "whom this node allows is said to everybody"
    assert ",=1" not in written, "a spreadsheet would compute what a stranger wrote"
    assert {each.host for each in lists.read(written)} == {each.host for each in wanted}


async def test_a_preview_changes_nothing_and_says_what_would(town) -> None:
    alice, loud = await town.local("alice"), await town.remote("loud", host="a.evil.example")
    await town.ctx.db.write(lambda tx: follows.request(tx, town.ctx, follower=alice, followee=loud))
    await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=loud))
    wanted = lists.read(HEADER + EVIL)
    found = await lists.preview(town.ctx.db.reader, wanted)
    assert (len(found.changes), found.follows) == (1, 1)
    assert await hosts.every(town.ctx.db.reader) == []
    done, effect = await town.ctx.db.write(lambda tx: lists.take(tx, town.ctx, wanted))
    assert (len(done.changes), effect.actors, effect.follows) == (1, 1, 1)
    again, effect = await town.ctx.db.write(lambda tx: lists.take(tx, town.ctx, wanted))
    assert (again.changes, again.same, effect.actors) == ([], 1, 0), "taking it over again changed something"


async def test_a_list_never_loosens_what_holds_here(town) -> None:
    """Neither of the host itself, nor below one that is refused; unless that is asked for."""
    db, ctx = town.ctx.db, town.ctx
    await db.write(lambda tx: domains.block(tx, ctx, host="evil.example", severity="suspend", reason="plainte 12"))
    await db.write(lambda tx: domains.block(tx, ctx, host="loud.example", severity="silence", public_comment="Bruyant"))
    wanted = lists.read(
        f"{HEADER}evil.example,silence,,,,\nsub.evil.example,silence,,,,\nloud.example,noop,true,,Autre,\n"
    )
    done, _ = await db.write(lambda tx: lists.take(tx, ctx, wanted))
    standing = await hosts.in_force(db.reader)
    assert standing.of("evil.example").severity == "suspend"
    assert standing.of("sub.evil.example").suspended, "a list opened what lies below a refused host"
    loud = standing.of("loud.example")
    assert (loud.severity, loud.reject_media, loud.public_comment) == ("silence", True, "Bruyant")
    assert {policy.host for policy in done.kept} == {"evil.example"}
    await db.write(lambda tx: lists.take(tx, ctx, wanted, loosen=True))
    standing = await hosts.in_force(db.reader)
    assert standing.of("evil.example").severity == "silence"
    assert standing.of("evil.example").reason == "plainte 12", "the keeper's own note is lost"


async def test_where_only_listed_hosts_are_dealt_with_a_list_lets_nobody_in(town) -> None:
    db, ctx = town.ctx.db, town.ctx
    await db.write(lambda tx: domains.only_listed(tx, ctx, on=True))
    wanted = lists.read(f"{HEADER}a.example,silence,,,,\nb.example,noop,,,,\nc.example,noop,true,,,\n")
    await db.write(lambda tx: lists.take(tx, ctx, wanted))
    standing = await hosts.in_force(db.reader)
    assert all(standing.suspends(f"{name}.example") for name in "abc")


async def test_ones_own_domain_stops_the_whole_list(town) -> None:
    text = f"{HEADER}{EVIL}town.example,suspend,,,,\n"
    with pytest.raises(Invalid):
        await perform(town.ctx, "block.take", {"text": text}, MACHINE)
    with pytest.raises(Invalid):
        await perform(town.ctx, "block.preview", {"text": text}, MACHINE)
    assert await hosts.every(town.ctx.db.reader) == [], "a list was half taken over"


async def test_by_command(town) -> None:
    said = await perform(town.ctx, "block.preview", {"text": HEADER + EVIL}, MACHINE)
    assert any("evil.example" in line for line in said)
    assert await hosts.every(town.ctx.db.reader) == []
    await perform(town.ctx, "block.take", {"text": HEADER + EVIL}, MACHINE)
    assert await perform(town.ctx, "block.export", {}, MACHINE) == [HEADER.strip(), EVIL.strip()]


# Nothing of a refused host remains: a whole node, read in every way.


class Street:
    """A node, and a hostile host that its people have to do with."""

    def __init__(self, node: Node, alice: Citizen, peer: Peer, troll: PeerActor, fediverse: Fediverse) -> None:
        self.node, self.alice, self.peer, self.troll, self.fediverse = node, alice, peer, troll, fediverse


@pytest.fixture
async def street(fediverse: Fediverse) -> Street:
    node = await fediverse.node("lyon.example")
    alice = await node.person("alice")
    peer = peer_on(fediverse, "evil.example")
    troll = await peer.actor("troll", summary="Méchant")
    await alice.follow(troll.handle)
    await fediverse.settle()
    await troll.send(node.host, troll.activity("Accept", peer.of_type("Follow")[-1]))
    await a_follower(peer, "second", alice)
    await fediverse.settle()
    return Street(node, alice, peer, troll, fediverse)


async def test_nothing_of_a_refused_host_remains_visible(street: Street) -> None:
    """Timelines, threads, search, profiles, notifications, lists of people, pages, the public stream of hashtags."""
    alice, troll, node = street.alice, street.troll, street.node
    mine = await alice.post("Bonjour à tous")
    tag = [
        {"type": "Mention", "href": alice.actor.uri, "name": alice.handle},
        {"type": "Hashtag", "name": "#horreur", "href": "https://evil.example/t"},
    ]
    note = troll.note("Canari #horreur", inReplyTo=mine["uri"], tag=tag)
    own = troll.note("Encore Canari #horreur", tag=tag[1:])
    for each in (note, own):
        await troll.send(node.host, troll.create(each))
    await troll.send(node.host, troll.activity("Like", mine["uri"]))
    await troll.send(
        node.host, troll.activity("Announce", mine["uri"], to=["https://www.w3.org/ns/activitystreams#Public"])
    )
    await street.fediverse.settle()
    seen = await alice.seen(own["id"])
    await alice.act("reblog", seen["id"])
    before = await everything(street, mine, seen)
    assert sum("Canari" in text or "evil.example" in text for text in before.values()) >= 8, (
        "the story shows too little"
    )
    said = await perform(node.ctx, "block.take", {"text": HEADER + EVIL}, MACHINE)
    assert any("2" in line for line in said)
    await street.fediverse.settle()
    for place, text in (await everything(street, mine, seen)).items():
        assert "Canari" not in text, f"a refused host is seen in {place}"
        # Who asks for the account by its number learns that it is suspended, and its handle.
        assert "evil.example" not in text or '"suspended":true' in text, f"a refused host is named in {place}"
        assert "Méchant" not in text, f"its people are seen in {place}"
    answer = await troll.send(node.host, troll.create(troll.note("Et encore")))
    assert answer.status == 403
    sent = len(street.peer.received)
    await alice.post("Après")
    await street.fediverse.settle()
    assert len(street.peer.received) == sent, "a refused host is still delivered to"


async def everything(street: Street, mine: dict[str, Any], seen: dict[str, Any]) -> dict[str, str]:
    """What Alice and a stranger read, by place."""
    places: dict[str, str] = {}
    alice, visitor = street.alice.client, street.node.visitor()
    account = seen["account"]["id"]
    for name, client in (("alice", alice), ("a stranger", visitor)):
        for path in (
            "/api/v1/timelines/public", "/api/v1/timelines/tag/horreur", f"/api/v1/statuses/{mine['id']}/context",
            f"/api/v1/statuses/{mine['id']}/favourited_by", f"/api/v1/statuses/{mine['id']}/reblogged_by",
            f"/api/v1/accounts/{street.alice.actor.id}/statuses", f"/api/v1/accounts/{street.alice.actor.id}/followers",
            f"/api/v1/accounts/{street.alice.actor.id}/following", f"/api/v1/accounts/{account}",
            f"/api/v1/accounts/{account}/statuses", f"/api/v1/statuses/{seen['id']}", "/@alice",
            "/@alice.rss", f"/@alice/{mine['id']}", "/tags/horreur",
        ):  # fmt: skip
            places[f"{path} of {name}"] = (await client.get(path)).text
    for path in ("/api/v1/timelines/home", "/api/v1/notifications", "/api/v1/favourites", "/api/v1/blocks"):
        places[f"{path} of alice"] = (await alice.get(path)).text
    for query in ("troll", "@troll@evil.example", seen["uri"], "Canari"):
        found = (await alice.get("/api/v2/search", {"q": query, "resolve": "true"})).json
        places[f"search for {query}"] = str(found.get("accounts")) + str(found.get("statuses"))
    return places


# A list that somebody else keeps.

URL = "https://epci.example/liste.csv"


@pytest.fixture
def epci(fediverse: Fediverse) -> Peer:
    return peer_on(fediverse, "epci.example")


def serve(epci: Peer, *lines: str) -> None:
    epci.documents[URL] = ("text/csv", (HEADER + "".join(lines)).encode())


async def a_day(street: Street) -> None:
    await street.fediverse.later(25 * 3600)
    await street.fediverse.settle()  # what the housekeeping has asked for


async def policies(street: Street) -> dict[str, str]:
    return {each.host: each.severity for each in await hosts.every(street.node.ctx.db.reader)}


async def follow_list(street: Street) -> None:
    await perform(street.node.ctx, "block.subscribe", {"url": URL, "name": "EPCI"}, MACHINE)
    await street.fediverse.settle()


async def test_a_list_is_fetched_at_once_and_every_day(street: Street, epci: Peer) -> None:
    serve(epci, "one.example,suspend,,,,\n")
    await follow_list(street)
    assert await policies(street) == {"one.example": "suspend"}
    serve(epci, "one.example,suspend,,,,\n", "two.example,silence,,,,\n")
    await street.fediverse.settle()
    assert await policies(street) == {"one.example": "suspend"}, "it is fetched all the time"
    await a_day(street)
    assert await policies(street) == {"one.example": "suspend", "two.example": "silence"}
    serve(epci, "two.example,silence,,,,\n")
    await a_day(street)
    assert await policies(street) == {"two.example": "silence"}, "whom nobody here follows is let in again"


async def test_whom_people_here_follow_is_a_keepers_to_refuse(street: Street, epci: Peer) -> None:
    serve(epci, EVIL)
    await follow_list(street)
    assert await policies(street) == {}, "a list ended follows of people here"
    said = await perform(street.node.ctx, "block.lists", {}, MACHINE)
    assert any("evil.example" in line for line in said)
    await perform(street.node.ctx, "block.answer", {"host": "evil.example"}, MACHINE)
    assert await policies(street) == {"evil.example": "suspend"}
    await a_day(street)
    assert await subscriptions.proposals(street.node.ctx.db.reader) == []


async def test_what_was_declined_is_not_asked_again(street: Street, epci: Peer) -> None:
    serve(epci, EVIL)
    await follow_list(street)
    await perform(street.node.ctx, "block.answer", {"host": "evil.example", "no": True}, MACHINE)
    await a_day(street)
    assert await policies(street) == {}
    assert await subscriptions.proposals(street.node.ctx.db.reader) == []
    with pytest.raises(NotFound):
        await perform(street.node.ctx, "block.answer", {"host": "evil.example"}, MACHINE)


async def test_who_leaves_the_list_is_proposed_where_people_follow(street: Street, epci: Peer) -> None:
    """Limited hosts are followed: their return is a keeper's word too."""
    serve(epci, "evil.example,silence,,,,\n")
    await follow_list(street)
    assert await policies(street) == {"evil.example": "silence"}
    serve(epci, "other.example,suspend,,,,\n")
    await a_day(street)
    assert (await policies(street))["evil.example"] == "silence"
    (asked,) = await subscriptions.proposals(street.node.ctx.db.reader)
    assert (asked.host, asked.state) == ("evil.example", "leaving")
    await perform(street.node.ctx, "block.answer", {"host": "evil.example"}, MACHINE)
    assert await policies(street) == {"other.example": "suspend"}


async def test_a_list_that_grows_milder_is_followed_with_a_keepers_yes(street: Street, epci: Peer) -> None:
    serve(epci, "evil.example,silence,true,,,\n")
    await follow_list(street)
    serve(epci, "evil.example,silence,false,,,\n")
    await a_day(street)
    assert [each.state for each in await subscriptions.proposals(street.node.ctx.db.reader)] == ["asked"]
    await perform(street.node.ctx, "block.answer", {"host": "evil.example"}, MACHINE)
    (found,) = await hosts.every(street.node.ctx.db.reader)
    assert (found.severity, found.reject_media) == ("silence", False)


async def test_a_keepers_own_word_stays(street: Street, epci: Peer) -> None:
    ctx = street.node.ctx
    await ctx.db.write(lambda tx: domains.block(tx, ctx, host="own.example", severity="suspend", reason="plainte"))
    await ctx.db.write(lambda tx: domains.block(tx, ctx, host="mild.example", severity="silence"))
    serve(epci, "own.example,silence,,,,\n", "mild.example,suspend,,,,\n")
    await follow_list(street)
    assert await policies(street) == {"own.example": "suspend", "mild.example": "silence"}
    (asked,) = await subscriptions.proposals(ctx.db.reader)
    assert asked.host == "mild.example"
    serve(epci, "x.example,suspend,,,,\n")
    await a_day(street)
    assert set(await policies(street)) == {"own.example", "mild.example", "x.example"}
    await perform(ctx, "block.unsubscribe", {"url": URL}, MACHINE)
    assert set(await policies(street)) == {"own.example", "mild.example"}


async def test_a_yes_to_a_list_is_a_keepers_own_word(street: Street, epci: Peer) -> None:
    """Where a keeper had said something herself, what she adds to it does not go with the list."""
    ctx = street.node.ctx
    await ctx.db.write(lambda tx: domains.block(tx, ctx, host="mild.example", severity="silence"))
    serve(epci, "mild.example,suspend,,,,\n")
    await follow_list(street)
    await perform(ctx, "block.answer", {"host": "mild.example"}, MACHINE)
    assert await policies(street) == {"mild.example": "suspend"}
    serve(epci, "x.example,suspend,,,,\n")
    await a_day(street)
    assert (await policies(street)).get("mild.example") == "suspend", "a list let in whom a keeper had limited"
    await perform(ctx, "block.unsubscribe", {"url": URL}, MACHINE)
    assert await policies(street) == {"mild.example": "suspend"}


@pytest.mark.parametrize(
    "wrong",
    [
        404, 500, ("text/html", b"<p>Bonjour</p>"), ("image/png", b"x"), ("text/csv", b""), ("text/csv", b"\xff\xfe"),
        ("text/csv", (HEADER + "a.example,destroy,,,,\n").encode()), ("text/csv", b"x" * 1_000_000),
        ("text/csv", (HEADER + "lyon.example,suspend,,,,\n").encode()),
    ],
    ids=["404", "500", "a page", "a picture", "empty", "no text", "a wrong line", "too long", "this node itself"],
)  # fmt: skip
async def test_a_list_that_cannot_be_read_changes_nothing_and_says_so(
    street: Street, epci: Peer, wrong: object
) -> None:
    serve(epci, "one.example,suspend,,,,\n")
    await follow_list(street)
    epci.documents[URL] = wrong
    await a_day(street)
    assert await policies(street) == {"one.example": "suspend"}
    (found,) = await subscriptions.every(street.node.ctx.db.reader)
    assert found.error, "that it fails is said nowhere"
    serve(epci, "two.example,suspend,,,,\n")
    await a_day(street)
    (found,) = await subscriptions.every(street.node.ctx.db.reader)
    assert found.error == ""
    assert await policies(street) == {"two.example": "suspend"}


@pytest.mark.parametrize(
    "url", ["http://epci.example/liste.csv", "liste.csv", "https://127.0.0.1/x", "ftp://a.example/"]
)
async def test_an_address_that_is_none_is_refused(street: Street, url: str) -> None:
    refused = url != "https://127.0.0.1/x"  # that one is refused by the network, when it is fetched
    try:
        await perform(street.node.ctx, "block.subscribe", {"url": url}, MACHINE)
    except BeffroiError:
        assert await subscriptions.every(street.node.ctx.db.reader) == []
    else:
        assert not refused


async def test_two_lists_that_name_the_same_host(street: Street, epci: Peer) -> None:
    """The host is dealt with again once neither names it."""
    serve(epci, "one.example,silence,,,,\n")
    other = "https://epci.example/autre.csv"
    epci.documents[other] = ("text/plain", b"one.example\n")
    await follow_list(street)
    await perform(street.node.ctx, "block.subscribe", {"url": other}, MACHINE)
    await street.fediverse.settle()
    assert await policies(street) == {"one.example": "suspend"}, "the stricter of two lists holds"
    await perform(street.node.ctx, "block.unsubscribe", {"url": other}, MACHINE)
    assert await policies(street) == {"one.example": "silence"}
    await perform(street.node.ctx, "block.unsubscribe", {"url": URL, "keep": True}, MACHINE)
    assert await policies(street) == {"one.example": "silence"}
