"""Whom a first page presents."""

from node.actors import presented


async def test_towns_come_before_people_and_no_more_than_fit(town):
    """A page of a domain has room for so many; who comes first does not depend on who was here first."""
    alice = await town.local("alice")
    mairie = await town.local("mairie", type="Organization")
    reader, here = town.ctx.db.reader, [town.domain.id]
    assert [each.id for each in await presented.of_domains(reader, here, most=5)] == [mairie.id, alice.id]
    assert [each.id for each in await presented.of_domains(reader, here, most=1)] == [mairie.id]
    assert [each.id for each in await presented.of_domains(reader, [*here, 1], most=5)] == [mairie.id], (
        "the first page of several domains is for their towns"
    )
    assert await presented.of_domains(reader, [], most=5) == []


async def test_who_asked_not_to_be_found_is_not_presented(town):
    """Nor whom a moderator limited or suspended."""
    hidden, limited, gone = await town.local("a"), await town.local("b"), await town.local("c")

    async def step(tx):
        await tx.execute("UPDATE actors SET discoverable = FALSE WHERE id = $1", hidden.id)
        await tx.execute("UPDATE actors SET limited = TRUE WHERE id = $1", limited.id)
        await tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", gone.id)

    await town.ctx.db.write(step)
    assert await presented.of_domains(town.ctx.db.reader, [town.domain.id], most=5) == []
