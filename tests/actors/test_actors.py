"""Local actors: a town is made, describes itself, and is deleted without leaving a trace that could be taken."""

import pytest

from node.actors import actors, domains, follows, keys
from node.actors.actor import Actor
from node.actors.actors import NameTaken, Suspended
from node.actors.facts import ActorCreated, ActorDeleted, ActorUpdated
from node.moderation import suspensions
from node.runtime.errors import BeffroiError, Forbidden, Gone, Invalid, NotFound


async def test_a_town_gets_its_ids(town):
    """The ids that other servers will remember are made of the service host, the handle of the town's own name."""
    actor = await town.local("besancon", type="Organization", kind="commune", insee="25056", siren="212500565")
    assert len(town.told(ActorCreated)) == 1
    home = "https://social.town.example"
    assert actor.uri == f"{home}/users/besancon"
    assert actor.url == f"{home}/@besancon"
    assert (actor.inbox, actor.shared_inbox) == (f"{actor.uri}/inbox", f"{home}/inbox")
    assert (actor.followers, actor.following) == (f"{actor.uri}/followers", f"{actor.uri}/following")
    assert (actor.outbox, actor.featured) == (f"{actor.uri}/outbox", f"{actor.uri}/collections/featured")
    assert actor.handle == "besancon@town.example"
    assert actor.local
    assert actor.public_key_id == f"{actor.uri}#main-key"
    assert (actor.insee, actor.siren) == ("25056", "212500565")


async def test_every_way_to_find_an_actor(town):
    alice, stranger = await town.local("alice"), await town.remote("Bruno")
    reader = town.ctx.db.reader
    assert await actors.by_id(reader, alice.id) == alice
    assert await actors.by_uri(reader, alice.uri) == alice
    assert await actors.by_ids(reader, [alice.id, stranger.id, 1]) == {alice.id: alice, stranger.id: stranger}
    assert await actors.by_uris(reader, [stranger.uri, "https://nowhere.example/"]) == {stranger.uri: stranger}
    assert await actors.by_handle(reader, "ALICE", "town.example") == alice
    assert await actors.by_handle(reader, "bruno", "remote.example") == stranger
    assert await actors.by_handle(reader, "alice", "social.town.example") is None
    assert await actors.local_by_username(reader, "Alice", "social.town.example") == alice
    assert await actors.local_by_username(reader, "Bruno", "remote.example") is None, (
        "a remote actor is not ours to show"
    )
    assert await actors.by_key_id(reader, f"{alice.uri}#main-key") == alice
    assert await actors.by_ids(reader, []) == {}


async def test_what_is_not_shown_says_why(town):
    """Gone is for ever: other servers then forget the actor; a suspended one may come back."""
    alice, reader = await town.local("alice"), town.ctx.db.reader
    assert await actors.require_by_id(reader, alice.id) == alice
    with pytest.raises(NotFound):
        await actors.require_by_uri(reader, alice.uri + "x")
    await town.ctx.db.write(lambda tx: suspensions.suspend(tx, town.ctx, actor=alice))
    with pytest.raises(Suspended):
        await actors.require_local_by_username(reader, "alice", "social.town.example")
    await town.ctx.db.write(lambda tx: actors.delete_local(tx, town.ctx, actor=alice))
    with pytest.raises(Gone):
        await actors.require_by_handle(reader, "alice", "town.example")


@pytest.mark.parametrize("second", ["Alice", "a1ice", "a-lice", "al1ce"])
async def test_nobody_takes_a_name_that_looks_like_another(town, second):
    await town.local("alice")
    with pytest.raises(NameTaken):
        await town.local(second)


@pytest.mark.parametrize("name", ["", "admin", "a lice", "été", "a/b", "inbox", "postmaster", "x" * 100])
async def test_names_that_are_none_are_refused(town, name):
    with pytest.raises(Invalid):
        await town.local(name)


async def test_the_name_of_a_deleted_actor_stays_taken(town):
    """Nobody becomes the town after the town: other servers would take them for it."""
    alice = await town.local("alice")
    await town.ctx.db.write(lambda tx: actors.delete_local(tx, town.ctx, actor=alice))
    for name in ("alice", "a1ice"):
        with pytest.raises(NameTaken):
            await town.local(name)


async def test_two_domains_share_a_service_host(town):
    """A syndicate's towns: each has its own handles, the ids share one host, and one instance actor speaks for it."""
    ctx = town.ctx
    other = await ctx.db.write(
        lambda tx: domains.create(
            tx, ctx, handle_host="Village.Example.", service_host="social.town.example", name="Village"
        )
    )
    assert other.handle_host == "village.example"
    made = await keys.make_keys()
    one = await ctx.db.write(lambda tx: actors.create_instance_actor(tx, ctx, domain=town.domain, keys=made))
    two = await ctx.db.write(lambda tx: actors.create_instance_actor(tx, ctx, domain=other, keys=made))
    assert one.id == two.id
    assert await actors.instance_actor(ctx.db.reader, "social.town.example") == one
    assert (one.type, one.username, one.uri) == (
        "Application",
        "social.town.example",
        "https://social.town.example/actor",
    )
    assert one.bot
    town_hall = await town.local("mairie-25056", type="Organization")
    village = await town.local("mairie-25057", type="Organization", domain=other)
    assert village.handle == "mairie-25057@village.example"
    assert await actors.local_by_username(ctx.db.reader, "mairie-25057", "social.town.example") == village
    with pytest.raises(NameTaken):
        await town.local("mairie-25056", type="Organization", domain=other)
    with pytest.raises(Forbidden):
        await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=one))
    with pytest.raises(NotFound):
        await actors.instance_actor(ctx.db.reader, "elsewhere.example")
    assert town_hall.domain_id == town.domain.id


async def test_a_profile_is_described(town):
    alice = await town.local("alice")
    town.facts.clear()
    town.ctx.clock.forward(5)
    fields = [("Site", "https://town.example/"), ("Horaires", "9 h – 12 h <b>"), ("", "")]
    described = await town.ctx.db.write(
        lambda tx: actors.update_profile(
            tx,
            town.ctx,
            actor=alice,
            changes={
                "name": "  Alice\n Martin ",
                "summary_source": "Je suis <ici> #Été",
                "fields": fields,
                "locked": True,
            },
        )
    )
    assert await town.now(alice) == described
    assert described.name == "Alice Martin"
    assert "&lt;ici&gt;" in described.summary
    assert 'href="https://social.town.example/tags/%C3%89t%C3%A9"' in described.summary
    assert described.summary_source == "Je suis <ici> #Été"
    assert [field.source for field in described.fields] == ["https://town.example/", "9 h – 12 h <b>"]
    assert 'rel="nofollow noopener noreferrer me"' in described.fields[0].value
    assert described.fields[1].value == "9 h – 12 h &lt;b&gt;"
    assert described.locked
    assert described.updated_ms > alice.updated_ms
    assert len(town.told(ActorUpdated)) == 1


async def test_a_preference_is_nobody_elses_business(town):
    """How one's own posts begin changes nothing for others: no Update goes out."""
    alice = await town.local("alice")
    town.facts.clear()
    changed = await town.ctx.db.write(
        lambda tx: actors.update_profile(tx, town.ctx, actor=alice, changes={"post_visibility": "unlisted"})
    )
    same = await town.ctx.db.write(
        lambda tx: actors.update_profile(tx, town.ctx, actor=changed, changes={"name": changed.name})
    )
    assert same == changed == await town.now(alice)
    assert not town.told(ActorUpdated)


@pytest.mark.parametrize(
    "changes",
    [
        {"name": "x" * 101},
        {"summary_source": "x" * 5_001},
        {"fields": [("a", "b")] * 9},
        {"fields": [("a", "x" * 501)]},
        {"post_visibility": "secret"},
        {"avatar_alt": "x" * 1_501},
    ],
)
async def test_texts_that_are_too_long_are_refused(town, changes):
    alice = await town.local("alice")
    with pytest.raises(Invalid):
        await town.ctx.db.write(lambda tx: actors.update_profile(tx, town.ctx, actor=alice, changes=changes))
    assert await town.now(alice) == alice


async def test_a_deleted_actor_leaves_only_its_id(town):
    """Profile, follows and memberships go; the numbers of those who stay are right; the Delete can still be signed."""
    ctx = town.ctx
    alice, bruno, stranger = await town.local("alice"), await town.local("bruno"), await town.remote()
    for follower, followee in ((alice, bruno), (bruno, alice), (stranger, alice), (alice, stranger)):
        uri = f"https://remote.example/{follower.id}/{followee.id}"
        await ctx.db.write(
            lambda tx, a=follower, b=followee, u=uri: follows.request(tx, ctx, follower=a, followee=b, uri=u)
        )
    await ctx.db.write(lambda tx: follows.accept(tx, ctx, follower=alice, followee=stranger))
    town.facts.clear()
    delete = ctx.db.write
    await delete(lambda tx: actors.delete_local(tx, ctx, actor=alice))
    await delete(lambda tx: actors.delete_local(tx, ctx, actor=alice))
    assert [fact.uri for fact in town.told(ActorDeleted)] == [alice.uri]
    left = await town.now(alice)
    assert left.deleted
    assert (left.name, left.summary, left.fields, left.avatar) == ("", "", (), None)
    assert ((await town.now(bruno)).followers_count, (await town.now(bruno)).following_count) == (0, 0)
    assert ((await town.now(stranger)).followers_count, (await town.now(stranger)).following_count) == (0, 0)
    pairs = await ctx.db.reader.fetch("SELECT follower_id, followee_id FROM follows ORDER BY id")
    assert {tuple(row) for row in pairs} == {(stranger.id, alice.id), (alice.id, stranger.id)}, (
        "the Delete finds nobody"
    )
    tombstone = await ctx.db.reader.row("SELECT actor_uri, type FROM tombstones WHERE uri = $1", alice.uri)
    assert tuple(tombstone) == (alice.uri, "Person")
    assert (await keys.signing_key(ctx, ctx.db.reader, alice.id)).key_id == f"{alice.uri}#main-key"
    with pytest.raises(BeffroiError):
        await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=left, changes={"name": "Back"}))


async def test_an_actor_survives_its_row(town):
    """What is written is what is read, in both kinds of database: booleans, lists and all."""
    alice: Actor = await town.local("alice", fields=[("Site", "https://town.example")], summary_source="Bonjour")
    assert await town.now(alice) == alice
    assert (await town.now(alice)).locked is False
