"""Actors of other servers: believed about themselves, and about nothing else."""

import pytest

from node.actors import actors, follows, hosts, keys, remote
from node.actors.facts import ActorCreated, ActorDeleted, ActorUpdated
from node.runtime.errors import Forbidden, Gone, Invalid
from tests.actors.conftest import Document, Key, Line, Picture

BRUNO = "https://remote.example/users/bruno"


async def meet(town, document, handle_host="remote.example"):
    return await town.ctx.db.write(lambda tx: remote.upsert(tx, town.ctx, document=document, handle_host=handle_host))


async def test_a_stranger_is_met(town):
    document = Document(
        BRUNO,
        summary="<p onclick=x>Bonjour<script>alert(1)</script></p>",
        shared_inbox="https://remote.example/inbox",
        icon=Picture("https://files.example/a.png", "Bruno qui rit"),
        fields=(Line("Site", '<a href="javascript:x">moi</a>'),),
        keys=(Key(BRUNO + "#ed", None), Key(BRUNO + "#main-key")),
        also_known_as=("https://old.example/bruno",),
        published_ms=1_500_000_000_000,
    )
    bruno = await meet(town, document)
    assert not bruno.local
    assert bruno.handle == "bruno@remote.example"
    assert "script" not in bruno.summary
    assert "onclick" not in bruno.summary
    assert "javascript" not in bruno.fields[0].value
    assert (bruno.avatar, bruno.avatar_alt) == ("https://files.example/a.png", "Bruno qui rit")
    assert bruno.public_key_id == BRUNO + "#main-key"
    assert bruno.shared_inbox == "https://remote.example/inbox"
    assert bruno.published_ms == 1_500_000_000_000
    assert await town.now(bruno) == bruno
    assert not town.told(ActorCreated), "meeting somebody is no event"


async def test_an_actor_may_change_everything_but_its_id(town):
    """Somebody becomes a group, with another key and name: the follows stay."""
    bruno, alice = await meet(town, Document(BRUNO)), await town.local("alice")
    await town.ctx.db.write(
        lambda tx: follows.request(tx, town.ctx, follower=bruno, followee=alice, uri="https://remote.example/1")
    )
    town.facts.clear()
    town.ctx.clock.forward(60)
    changed = await meet(town, Document(BRUNO, type="Group", name="Club", keys=(Key(BRUNO + "#k2"),)), "club.example")
    assert (changed.id, changed.type, changed.name) == (bruno.id, "Group", "Club")
    assert changed.handle_host == "club.example"
    assert changed.public_key_id == BRUNO + "#k2"
    assert changed.following_count == 1
    assert changed.created_ms == bruno.created_ms
    assert changed.fetched_ms > bruno.fetched_ms
    assert [fact.actor_id for fact in town.told(ActorUpdated)] == [bruno.id]


async def test_nobody_else_describes_our_people(town):
    alice = await town.local("alice")
    with pytest.raises(Forbidden):
        await meet(town, Document(alice.uri, name="Mallory"))
    with pytest.raises(Forbidden):
        await meet(town, Document(BRUNO), handle_host="town.example")
    assert await town.now(alice) == alice
    with pytest.raises(Forbidden):
        await town.ctx.db.write(lambda tx: remote.mark_gone(tx, town.ctx, actor=alice))


async def test_a_stranger_who_left_stays_away(town):
    """A document fetched late does not bring a deleted actor back, and its followers are counted out."""
    bruno, alice = await meet(town, Document(BRUNO)), await town.local("alice")
    for follower, followee in ((bruno, alice), (alice, bruno)):
        await town.ctx.db.write(
            lambda tx, a=follower, b=followee: follows.request(tx, town.ctx, follower=a, followee=b, uri=f"{a.uri}/f")
        )
    await town.ctx.db.write(lambda tx: follows.accept(tx, town.ctx, follower=alice, followee=bruno))
    town.facts.clear()
    assert await town.ctx.db.write(lambda tx: remote.mark_gone(tx, town.ctx, actor=bruno))
    assert not await town.ctx.db.write(lambda tx: remote.mark_gone(tx, town.ctx, actor=bruno))
    assert [(fact.uri, fact.local) for fact in town.told(ActorDeleted)] == [(BRUNO, False)]
    after = await town.now(alice)
    assert (after.followers_count, after.following_count) == (0, 0)
    assert await town.ctx.db.reader.value("SELECT COUNT(*) FROM follows") == 0
    with pytest.raises(Gone):
        await meet(town, Document(BRUNO))
    await town.ctx.db.write(lambda tx: tx.execute("DELETE FROM tombstones"))
    with pytest.raises(Gone):
        await meet(town, Document(BRUNO))


async def test_a_suspended_host_is_not_met(town):
    await town.ctx.db.write(lambda tx: hosts.set_policy(tx, town.ctx, host="evil.example", severity="suspend"))
    with pytest.raises(Forbidden):
        await meet(town, Document("https://a.evil.example/u"))
    with pytest.raises(Forbidden):
        await meet(town, Document(BRUNO), handle_host="evil.example")
    await town.ctx.db.write(lambda tx: hosts.set_policy(tx, town.ctx, host="loud.example", severity="silence"))
    assert (await meet(town, Document("https://loud.example/u"))).limited


async def test_an_actor_without_name_or_inbox_is_kept(town):
    """Relays and bridges: named after their host, never delivered to."""
    relay = await meet(town, Document("https://relay.example/actor", type="Service", username=None, inbox=None))
    assert (relay.username, relay.inbox, relay.bot) == ("relay.example", "", True)


@pytest.mark.parametrize("username", ["a b", "a@b", "a/b", "x" * 300, "a\nb", "<a>"])
async def test_names_that_would_mislead_are_refused(town, username):
    with pytest.raises(Invalid):
        await meet(town, Document(BRUNO, username=username))


async def test_what_no_database_takes_is_taken_out(town):
    bruno = await meet(
        town, Document(BRUNO, name="Bru\0no\ud800", summary="a\0b", icon=Picture("https://a.example/", "\0"))
    )
    assert (bruno.name, bruno.summary, bruno.avatar_alt) == ("Bruno", "ab", "")
    with pytest.raises(Invalid):
        await meet(town, Document(BRUNO, type="Tree"))


@pytest.mark.parametrize(
    "inbox", ["https://a b.example/inbox", "https://user:pass@a.example/", "ftp://a.example/", "x"]
)
async def test_an_inbox_that_is_no_address_is_none(town, inbox):
    """Nobody makes our deliveries stumble over an address that cannot be asked."""
    bruno = await meet(town, Document(BRUNO, inbox=inbox, shared_inbox=inbox))
    assert (bruno.inbox, bruno.shared_inbox) == ("", None)


async def test_what_is_no_text_is_nobody(town):
    """Hostile words in a look-up find nobody, in both kinds of database."""
    reader = town.ctx.db.reader
    for text in ("a\0", "\ud800", "\n"):
        assert await actors.by_uri(reader, text) is None
        assert await actors.by_handle(reader, text, "remote.example") is None
        assert await actors.by_handle(reader, "bruno", text) is None
        assert await actors.local_by_username(reader, text, "social.town.example") is None
        assert await actors.by_key_id(reader, text) is None
        assert await actors.by_uris(reader, [text]) == {}
        assert await follows.by_uri(reader, text) is None


async def test_the_name_of_a_server_made_anew_is_its_latest_actor(town):
    """A server that was reinstalled has other ids under the same handles."""
    await meet(town, Document("https://remote.example/old/bruno"))
    town.ctx.clock.forward(60)
    latest = await meet(town, Document("https://remote.example/new/bruno"))
    assert await actors.by_handle(town.ctx.db.reader, "bruno", "remote.example") == latest


async def test_a_remote_actor_has_no_keys_of_ours(town):
    bruno = await meet(town, Document(BRUNO))
    assert await town.ctx.db.reader.value("SELECT COUNT(*) FROM keys WHERE actor_id = $1", bruno.id) == 0
    assert keys.key_id(bruno.uri, "rsa") == BRUNO + "#main-key"
