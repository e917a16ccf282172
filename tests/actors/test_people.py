"""People log in, speak for actors with a role, and are logged out."""

import asyncio

import pytest

from node.actors import actors, memberships, passwords, people, sessions
from node.runtime.errors import Invalid, NotFound

SECRET = "un long mot de passe"


async def person(town, email="Jeanne@Town.example", password=SECRET, **more):
    hashed = await passwords.digest(password)
    return await town.ctx.db.write(lambda tx: people.create(tx, town.ctx, email=email, password=hashed, **more))


async def test_a_person_logs_in(town):
    jeanne = await person(town, keeper=True)
    assert jeanne.email == "jeanne@town.example"
    assert jeanne.keeper is True
    for email in ("jeanne@town.example", " JEANNE@town.example "):
        assert await people.check_password(town.ctx, email=email, password=SECRET) == jeanne
    assert await people.by_id(town.ctx.db.reader, jeanne.id) == jeanne


async def test_wrong_unknown_and_suspended_look_alike(town):
    jeanne = await person(town)
    none = await town.ctx.db.write(lambda tx: people.create(tx, town.ctx, email="none@town.example"))
    for email, password in (
        ("jeanne@town.example", SECRET + "x"),
        ("nobody@town.example", SECRET),
        ("jeanne@town.example", ""),
        ("jeanne@town.example", "x" * 100_000),
        ("nobody@town.example", "nobody has this password"),
        (none.email, "nobody has this password"),
        ("\0", "\0"),
    ):
        assert await people.check_password(town.ctx, email=email, password=password) is None, (email, password[:30])
    await town.ctx.db.write(lambda tx: people.set_state(tx, person_id=jeanne.id, state="suspended"))
    assert await people.check_password(town.ctx, email=jeanne.email, password=SECRET) is None


async def test_one_keyboard_composes_what_another_decomposes(town):
    """The é of a Mac and the é of a PC are one password."""
    await person(town, password="été à la mer")
    decomposed = "e\u0301te\u0301 a\u0300 la mer"
    assert await people.check_password(town.ctx, email="jeanne@town.example", password=decomposed) is not None


@pytest.mark.parametrize("password", ["court", "aaaaaaaaaaaa", "", "abababababab", "x" * 1_001])
async def test_weak_passwords_are_refused(password):
    with pytest.raises(Invalid):
        await passwords.digest(password)


@pytest.mark.parametrize("email", ["", "jeanne", "a@b@c", "a b@c.example", "a@\n", "x" * 300 + "@c.example", "<a>@c"])
async def test_what_is_no_address_is_refused(town, email):
    with pytest.raises(Invalid):
        await town.ctx.db.write(lambda tx: people.create(tx, town.ctx, email=email))


async def test_one_person_for_each_address(town):
    await person(town)
    twice = [town.ctx.db.write(lambda tx: people.create(tx, town.ctx, email="paul@town.example")) for _ in range(4)]
    outcomes = await asyncio.gather(*twice, return_exceptions=True)
    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Invalid", "Invalid", "Invalid", "Person"]
    with pytest.raises(Invalid):
        await person(town, "JEANNE@town.example")


async def test_an_old_hash_is_renewed_at_log_in(town):
    from argon2 import PasswordHasher

    jeanne = await person(town)
    old = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(SECRET)
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE people SET password_hash = $1", old))
    assert await people.check_password(town.ctx, email=jeanne.email, password=SECRET) == jeanne
    assert await town.ctx.db.reader.value("SELECT password_hash FROM people") != old
    assert await people.check_password(town.ctx, email=jeanne.email, password=SECRET) == jeanne


async def test_a_session_lives_until_it_is_closed(town):
    ctx, jeanne = town.ctx, await person(town)
    token = await ctx.db.write(lambda tx: sessions.open(tx, ctx, person_id=jeanne.id))
    other = await ctx.db.write(lambda tx: sessions.open(tx, ctx, person_id=jeanne.id))
    assert await sessions.person_of(ctx.db.reader, ctx, token=token) == jeanne
    assert await sessions.person_of(ctx.db.reader, ctx, token=token + "x") is None
    stored = await ctx.db.reader.fetch("SELECT token_hash FROM sessions")
    assert token not in {row[0] for row in stored}, "the database holds what a thief could use"
    await ctx.db.write(lambda tx: sessions.close(tx, token=token))
    assert await sessions.person_of(ctx.db.reader, ctx, token=token) is None
    assert await sessions.person_of(ctx.db.reader, ctx, token=other) == jeanne
    ctx.clock.forward(31 * 24 * 3_600)
    assert await sessions.person_of(ctx.db.reader, ctx, token=other) is None


async def test_a_new_password_logs_everybody_out(town):
    ctx, jeanne = town.ctx, await person(town)
    token = await ctx.db.write(lambda tx: sessions.open(tx, ctx, person_id=jeanne.id))
    fresh = await passwords.digest("une autre longue phrase")
    await ctx.db.write(lambda tx: people.set_password(tx, person_id=jeanne.id, password=fresh))
    assert await sessions.person_of(ctx.db.reader, ctx, token=token) is None
    assert await people.check_password(ctx, email=jeanne.email, password=SECRET) is None
    assert await people.check_password(ctx, email=jeanne.email, password="une autre longue phrase") == jeanne
    with pytest.raises(NotFound):
        await ctx.db.write(lambda tx: people.set_password(tx, person_id=1, password=fresh))


async def test_a_suspended_person_is_logged_out(town):
    ctx, jeanne = town.ctx, await person(town)
    token = await ctx.db.write(lambda tx: sessions.open(tx, ctx, person_id=jeanne.id))
    await ctx.db.write(lambda tx: people.set_state(tx, person_id=jeanne.id, state="suspended"))
    assert await sessions.person_of(ctx.db.reader, ctx, token=token) is None


async def test_one_town_many_agents(town):
    """Two agents share the town's account, each with her own log-in and role; one also has an account of her own."""
    ctx, reader = town.ctx, town.ctx.db.reader
    jeanne, paul = await person(town), await person(town, "paul@town.example")
    hall, own = await town.local("besancon", type="Organization"), await town.local("jeanne")
    for someone, actor, role in ((jeanne, hall, "owner"), (paul, hall, "editor"), (jeanne, own, "owner")):
        await ctx.db.write(
            lambda tx, p=someone, a=actor, r=role: memberships.add(tx, ctx, person_id=p.id, actor_id=a.id, role=r)
        )
        ctx.clock.forward(1)
    assert await memberships.actors_of(reader, jeanne.id) == [(hall, "owner"), (own, "owner")]
    assert await memberships.actors_of(reader, paul.id, town.domain.service_host) == [(hall, "editor")]
    assert await memberships.actors_of(reader, paul.id, "elsewhere.example") == []
    assert await memberships.people_of(reader, hall.id) == [(jeanne, "owner"), (paul, "editor")]
    assert await memberships.role_of(reader, person_id=paul.id, actor_id=hall.id) == "editor"
    assert await memberships.role_of(reader, person_id=paul.id, actor_id=own.id) is None
    await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=paul.id, actor_id=hall.id, role="reader"))
    assert await memberships.role_of(reader, person_id=paul.id, actor_id=hall.id) == "reader"
    assert await ctx.db.write(lambda tx: memberships.remove(tx, person_id=paul.id, actor_id=hall.id))
    assert not await ctx.db.write(lambda tx: memberships.remove(tx, person_id=paul.id, actor_id=hall.id))
    await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=own))
    assert await memberships.actors_of(reader, jeanne.id) == [(hall, "owner")]


async def test_a_town_never_loses_its_last_owner(town):
    ctx = town.ctx
    jeanne, paul = await person(town), await person(town, "paul@town.example")
    hall, stranger = await town.local("besancon", type="Organization"), await town.remote()
    await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=jeanne.id, actor_id=hall.id, role="owner"))
    with pytest.raises(Invalid):
        await ctx.db.write(lambda tx: memberships.remove(tx, person_id=jeanne.id, actor_id=hall.id))
    with pytest.raises(Invalid):
        await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=jeanne.id, actor_id=hall.id, role="editor"))
    await ctx.db.write(lambda tx: memberships.add(tx, ctx, person_id=paul.id, actor_id=hall.id, role="owner"))
    leave = [
        ctx.db.write(lambda tx, p=someone: memberships.remove(tx, person_id=p.id, actor_id=hall.id))
        for someone in (jeanne, paul)
    ]
    await asyncio.gather(*leave, return_exceptions=True)
    owners = [role for _, role in await memberships.people_of(ctx.db.reader, hall.id)]
    assert owners == ["owner"], "both owners left at once"
    for actor_id, role in ((stranger.id, "owner"), (1, "owner"), (hall.id, "king")):
        with pytest.raises(Invalid):
            await ctx.db.write(
                lambda tx, a=actor_id, r=role: memberships.add(tx, ctx, person_id=paul.id, actor_id=a, role=r)
            )
