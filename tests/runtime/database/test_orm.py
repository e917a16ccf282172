"""The ORM is a way of writing queries, not a second way into the database."""

import asyncio

import pytest
from tortoise.functions import Count
from tortoise.transactions import in_transaction

from node.actors.models import Actor, Domain, Membership
from node.actors.people_models import Person
from node.runtime.database import AlreadyThere, open_database, orm
from node.runtime.database.migrate import migrate
from node.runtime.database.orm import NoDatabase, NoSingleKey, NoTransaction


def person(number, **more):
    return {"id": number, "email": f"p{number}@town.example", "created_ms": number, **more}


def actor(number, domain_id, **more):
    uri = f"https://town.example/users/a{number}"
    times = {"published_ms": 1, "created_ms": 1, "updated_ms": 1}
    names = {"username": f"a{number}", "service_host": "town.example", "handle_host": "town.example"}
    return {"id": number, "uri": uri, "type": "Person", "inbox": uri, "domain_id": domain_id, **names, **times, **more}


async def ids(query):
    return sorted([found.id async for found in query])


async def test_small_things_are_written_and_read(ctx):
    """What a console does: make, find, page, count, change, delete; booleans are booleans in both databases."""
    db = orm.client(ctx.db)
    for number in range(1, 6):
        await Person.create(using_db=db, **person(number, keeper=number == 2, name=f"É{number}"))
    keepers = await Person.filter(keeper=True).using_db(db)
    assert [(found.id, found.keeper, found.password_hash) for found in keepers] == [(2, True, None)]
    page = await Person.filter(id__lt=5).order_by("-id").limit(2).using_db(db).values("id", "name", "keeper")
    assert page == [{"id": 4, "name": "É4", "keeper": False}, {"id": 3, "name": "É3", "keeper": False}]
    assert await Person.all().using_db(db).count() == 5
    assert await Person.filter(email__icontains="P3@TOWN").using_db(db).exists()
    assert await ids(Person.filter(id__in=[1, 2, 9]).using_db(db)) == [1, 2]
    assert await Person.filter(password_hash__isnull=True, name__startswith="É").using_db(db).count() == 5
    assert await Person.get_or_none(id=9, using_db=db) is None
    found = await Person.get(id=1, using_db=db)
    found.name = "Jeanne"
    await found.save(using_db=db, update_fields=["name"])
    await found.refresh_from_db(using_db=db)
    assert found.name == "Jeanne"
    assert await Person.filter(id__gte=4).using_db(db).update(state="suspended") == 2
    assert await Person.filter(state="suspended").using_db(db).delete() == 2
    await found.delete(using_db=db)
    assert await ids(Person.all().using_db(db)) == [2, 3]
    await Person.bulk_create([Person(**person(number)) for number in (7, 8)], using_db=db)
    assert await Person.all().using_db(db).count() == 4


async def test_relations_are_followed_in_one_more_query(ctx):
    db = orm.client(ctx.db)
    town = await Domain.create(
        using_db=db, id=1, handle_host="town.example", service_host="town.example", name="Town", created_ms=1
    )
    await Actor.create(using_db=db, **actor(1, town.id))
    await Actor.create(using_db=db, **actor(2, None, locked=True))
    both = await Actor.all().using_db(db).order_by("id").prefetch_related("domain")
    assert [found.domain.name if found.domain else None for found in both] == ["Town", None]
    (joined,) = await Actor.filter(domain__name="Town").using_db(db).select_related("domain")
    assert joined.domain.handle_host == "town.example"
    assert joined.locked is False
    counted = await Actor.all().using_db(db).annotate(count=Count("id")).group_by("state").values("state", "count")
    assert counted == [{"state": "active", "count": 2}]


async def test_a_query_never_guesses_its_database(ctx):
    orm.link()
    with pytest.raises(NoDatabase):
        await Person.all()
    with pytest.raises(NoDatabase):
        await Person.filter(id=1).first()
    with pytest.raises(NoDatabase):
        await Person.create(**person(1))
    with pytest.raises(NoDatabase):
        await Person.filter(id=1).delete()
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM people") == 0


async def test_the_orm_has_no_transactions(ctx):
    db = orm.client(ctx.db)
    with pytest.raises(NoTransaction):
        async with db._in_transaction():
            pass
    with pytest.raises(NoTransaction):
        await Person.get_or_create(email="a@b.example", using_db=db)
    with pytest.raises(NoTransaction):
        await Person.update_or_create(email="a@b.example", using_db=db)
    with pytest.raises(NoTransaction):
        db.acquire_connection()
    with pytest.raises(NoTransaction):
        await db.execute_script("DELETE FROM people")
    with pytest.raises(RuntimeError):
        async with in_transaction():
            pass


async def test_within_a_step_all_or_nothing(ctx):
    """The ORM may write beside the domain's own statements: what fails together is undone together."""

    async def step(tx):
        db = orm.within(tx)
        await Person.create(using_db=db, **person(1))
        await tx.execute("UPDATE people SET name = 'Jeanne' WHERE id = 1")
        found = await Person.get(id=1, using_db=db)
        assert found.name == "Jeanne"
        found.keeper = True
        await found.save(using_db=db)
        return found.id

    async def fails(tx):
        await step(tx)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        await ctx.db.write(fails)
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM people") == 0
    assert await ctx.db.write(step) == 1
    assert await ctx.db.reader.value("SELECT COUNT(*) FROM people WHERE keeper") == 1
    with pytest.raises(AlreadyThere):
        await Person.create(using_db=orm.client(ctx.db), **person(2, email="p1@town.example"))


async def test_a_row_without_a_single_key_is_not_deleted_by_half(ctx):
    """`membership.delete()` would have ended every membership of that person."""
    db = orm.client(ctx.db)
    await Domain.create(using_db=db, id=1, handle_host="t.example", service_host="t.example", name="T", created_ms=1)
    await Person.create(using_db=db, **person(1))
    for number in (1, 2):
        await Actor.create(using_db=db, **actor(number, 1))
        await Membership.create(using_db=db, person_id=1, actor_id=number, role="owner", created_ms=1)
    one = await Membership.filter(person_id=1, actor_id=1).using_db(db).get()
    with pytest.raises(NoSingleKey):
        await one.delete(using_db=db)
    with pytest.raises(NoSingleKey):
        await one.save(using_db=db)
    assert await Membership.filter(person_id=1, actor_id=1).using_db(db).delete() == 1
    assert await Membership.all().using_db(db).count() == 1


async def test_two_nodes_in_one_process_never_meet(ctx, database_url, tmp_path):
    """Each query goes to the database it names, also when both are asked at once, and also of another kind."""
    other = await open_database(database_url())
    third = await open_database(f"sqlite:///{tmp_path}/third.db")
    try:
        nodes = [ctx.db, other, third]
        for db in nodes[1:]:
            await migrate(db, ctx.clock)

        async def fill(number, db):
            for turn in range(5):
                await Person.create(using_db=orm.client(db), **person(turn, name=f"node {number}"))
                await asyncio.sleep(0)

        await asyncio.gather(*(fill(number, db) for number, db in enumerate(nodes)))
        for number, db in enumerate(nodes):
            found = await Person.all().using_db(orm.client(db))
            assert [one.name for one in found] == [f"node {number}"] * 5
    finally:
        await other.close()
        await third.close()
