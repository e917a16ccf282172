"""A person deletes her account: what goes, what stays, what others are told, and who is refused."""

import pytest

from node.actors import actors, memberships, people
from node.actors.local import NameTaken
from node.actors.people import Person
from node.moderation import asked, traces
from node.runtime.database import Tx
from tests.support.fediverse import Citizen, Fediverse
from tests.support.mailbox import Mailbox
from tests.web.conftest import PASSWORD, Town, digest
from tests.web.reader import Reader

EMAIL = "alice@poste.example"


async def settled(town: Town) -> tuple[Citizen, Person, Reader]:
    """Alice, who has an account of her own, and is logged in with a browser and an application."""
    alice, ctx = await town.node.person("alice"), town.node.ctx
    [(person, _)] = await memberships.people_of(ctx.db.reader, alice.actor.id)
    hashed = await digest()
    await ctx.db.write(
        lambda tx: tx.execute(
            "UPDATE people SET email = $2, password_hash = $3 WHERE id = $1", person.id, EMAIL, hashed
        )
    )
    reader = town.reader()
    await reader.log_in(EMAIL, PASSWORD)
    return alice, person, reader


async def only_odile(town: Town) -> None:
    """The town hall has no other owner."""
    actor_id = town.hall.actor.id
    for person, _ in await memberships.people_of(town.node.ctx.db.reader, actor_id):
        if person.id != town.odile.id:
            await town.node.ctx.db.write(
                lambda tx, person_id=person.id: memberships.remove(tx, person_id=person_id, actor_id=actor_id)  # type: ignore[misc]
            )


async def test_who_leaves_is_gone_and_others_are_told(town: Town, fediverse: Fediverse, mailbox: Mailbox):
    """Her account, her way in, her applications; on other servers too, and a letter says so."""
    far = await (await fediverse.node("lyon.test")).person("bruno")
    alice, _, reader = await settled(town)
    await far.follow(f"alice@{town.host}")
    await fediverse.settle()
    ctx = town.node.ctx
    author, client = alice.actor, alice.client
    status = (await client.post("/api/v1/statuses", {"status": "Bonjour"})).ok()
    await fediverse.settle()
    assert await far.home() != []
    page = await reader.open("/account/delete")
    assert f"@alice@{town.host}" in page.words
    form = page.form("/account/delete")
    for wrong, says in (
        ({"password": PASSWORD}, "définitif"),
        ({"password": "faux mot de passe", "sure": "on"}, "n’est pas celui-là"),
    ):
        page = await reader.send(form, wrong)
        assert reader.answer.status == 422
        assert says in page.words
    assert await people.by_email(ctx.db.reader, EMAIL) is not None, "a wrong password deletes"
    page = await reader.send(form, {"password": PASSWORD, "sure": "on"})
    assert "Votre compte est supprimé" in page.words
    await fediverse.settle()
    assert (await client.get("/api/v1/accounts/verify_credentials")).status == 401, "her application goes on"
    assert (await town.node.visitor().get(f"/api/v1/statuses/{status['id']}")).status == 404
    assert await far.home() == [], "another server was not told"
    gone = await actors.by_id(ctx.db.reader, author.id)
    assert gone is not None
    assert gone.deleted
    await reader.open("/account")
    assert "/login" in reader.address, "her browser is still logged in"
    await town.reader().log_in(EMAIL, PASSWORD)
    assert await people.by_email(ctx.db.reader, EMAIL) is None
    held = str([tuple(row) for row in await ctx.db.reader.fetch("SELECT * FROM people")])
    assert EMAIL not in held
    assert "supprimé" in mailbox.last(EMAIL)["Subject"]


async def test_the_law_keeps_who_she_was(town: Town):
    """Sealed, for five years her name and address, for one the names of her accounts."""
    _, person, reader = await settled(town)
    form = (await reader.open("/account/delete")).form("/account/delete")
    await reader.send(form, {"password": PASSWORD, "sure": "on"})
    ctx = town.node.ctx
    rows = await ctx.db.reader.fetch("SELECT sealed FROM connection_traces")
    assert not any(EMAIL.encode() in bytes(row[0]) for row in rows)
    assert await traces.find_former(ctx.db.reader, ctx, email=EMAIL.upper()) == person.id
    kept = {each.act: each.client for each in await traces.of_person(ctx.db.reader, ctx, person_id=person.id)}
    assert EMAIL in kept["identity"]
    assert kept["names"] == f"@alice@{town.host}"
    ctx.clock.forward(2 * traces.KEPT_MS / 1000)  # type: ignore[attr-defined]
    later = [each.act for each in await traces.of_person(ctx.db.reader, ctx, person_id=person.id)]
    assert later == ["identity"]


async def test_her_name_is_given_to_nobody_again(town: Town):
    """Nobody speaks in her place afterwards; with her address she may come again."""
    _, _, reader = await settled(town)
    form = (await reader.open("/account/delete")).form("/account/delete")
    await reader.send(form, {"password": PASSWORD, "sure": "on"})
    with pytest.raises(NameTaken):
        await asked.free_name(town.node.ctx.db.reader, town.node.domain, "alice")
    again = await town.person(EMAIL)
    assert (await people.by_email(town.node.ctx.db.reader, EMAIL)) == again


async def test_an_organisation_keeps_an_owner_and_what_was_written_for_it(town: Town, fediverse: Fediverse):
    """Odile alone owns the town hall: refused, and nothing is changed. With a second owner she leaves, and its posts stay."""
    ctx = town.node.ctx
    await only_odile(town)
    reader = await town.logged_in()
    page = await reader.open("/account/delete")
    assert town.hall.actor.username in page.words
    assert not [form for form in page.forms if form.action.startswith("/account/delete")]
    token = (await reader.open("/account")).form("/logout").fields["form_token"]
    refused = await reader.client.post(
        "/account/delete", {"form_token": token, "password": PASSWORD, "sure": "on"}, origin=f"https://{town.host}"
    )
    assert refused.status == 422
    assert await people.by_email(ctx.db.reader, town.odile.email) is not None
    await town.person("paul@mairie.example", hall=(town.hall.actor, "owner"))
    post = await town.rich_post()
    form = (await reader.open("/account/delete")).form("/account/delete")
    page = await reader.send(form, {"password": PASSWORD, "sure": "on"})
    assert "Votre compte est supprimé" in page.words
    await fediverse.settle()
    found = await actors.by_id(ctx.db.reader, town.hall.actor.id)
    assert found is not None
    assert found.active
    assert (await town.node.visitor().get(f"/api/v1/statuses/{post.id}")).status == 200


async def test_the_last_keeper_does_not_leave(town: Town):
    """A node without anybody who keeps it answers to nobody."""
    ctx = town.node.ctx
    keeper = await town.person("karim@mairie.example")

    async def step(tx: Tx) -> None:
        await tx.execute("UPDATE people SET keeper = FALSE")
        await tx.execute("UPDATE people SET keeper = TRUE WHERE id = $1", keeper.id)

    await ctx.db.write(step)
    reader = town.reader()
    await reader.log_in(keeper.email, PASSWORD)
    form = (await reader.open("/account/delete")).form("/account/delete")
    page = await reader.send(form, {"password": PASSWORD, "sure": "on"})
    assert reader.answer.status == 422
    assert "dernière personne qui tient ce serveur" in page.words
    assert await people.by_email(ctx.db.reader, keeper.email) is not None
