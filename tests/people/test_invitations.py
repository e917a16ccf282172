"""Invitations: who may make them, who may use them, how often and how long."""

import pytest

from node.actors import actors, domains, invitations, memberships, people
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.people import Person
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Forbidden, Gone, Invalid, NotFound, TooMany
from node.runtime.mail import letters
from tests.support.fediverse import some_keys

DAY_S = 86_400


class Place:
    """A domain with a town hall, its owner Odile, a keeper, and Bruno, who is nobody yet."""

    domain: Domain
    hall: Actor
    odile: Person
    keeper: Person
    bruno: Person

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx

    async def invite(self, **more):
        more = {"email": None, "by": self.odile, "domain_id": self.domain.id, "actor_id": self.hall.id,
                "role": "editor", **more}  # fmt: skip
        return await self.ctx.db.write(lambda tx: invitations.invite(tx, self.ctx, **more))

    async def accept(self, token, person):
        found = await invitations.find(self.ctx.db.reader, self.ctx, token)
        await self.ctx.db.write(lambda tx: invitations.accept(tx, self.ctx, invitation=found, person=person))

    async def role(self, person):
        return await memberships.role_of(self.ctx.db.reader, person_id=person.id, actor_id=self.hall.id)


@pytest.fixture
async def place(ctx):
    made = Place(ctx)
    keys = await some_keys()

    async def step(tx):
        made.domain = await domains.create(
            tx, ctx, handle_host="town.example", service_host="town.example", name="Town", registrations="invitation"
        )
        made.hall = await actors.create_local(
            tx, ctx, domain=made.domain, username="mairie", type="Organization", name="Mairie", keys=keys
        )
        made.odile = await people.create(tx, ctx, email="odile@mairie.example", name="Odile")
        made.keeper = await people.create(tx, ctx, email="keeper@mairie.example", keeper=True)
        made.bruno = await people.create(tx, ctx, email="bruno@poste.example")
        await memberships.add(tx, ctx, person_id=made.odile.id, actor_id=made.hall.id, role="owner")

    await ctx.db.write(step)
    return made


async def test_who_is_invited_speaks_for_the_account(place):
    token = await place.invite(email="Bruno@Poste.example")
    await place.accept(token, place.bruno)
    assert await place.role(place.bruno) == "editor"


async def test_an_invitation_to_an_address_is_mailed_there(place):
    token = await place.invite(email="bruno@poste.example")
    row = await place.ctx.db.reader.row("SELECT * FROM letters")
    letter = letters.opened(place.ctx, row)
    assert letter.to == "bruno@poste.example"
    assert f"https://town.example/invitations/{token}" in letter.text
    assert "Odile" in letter.text
    assert "@mairie@town.example" in letter.text


async def test_of_a_token_only_its_hash_is_kept(place):
    token = await place.invite()
    rows = await place.ctx.db.reader.fetch("SELECT * FROM invitations")
    assert token not in str([tuple(row) for row in rows])


async def test_a_used_invitation_is_refused(place):
    token = await place.invite()
    await place.accept(token, place.bruno)
    with pytest.raises(Gone, match="used already"):
        await place.accept(token, place.keeper)
    assert await place.role(place.keeper) is None


async def test_it_works_as_often_as_it_says(place):
    token = await place.invite(uses=2)
    await place.accept(token, place.bruno)
    await place.accept(token, place.keeper)
    assert await place.role(place.keeper) == "editor"
    with pytest.raises(Gone):
        await invitations.find(place.ctx.db.reader, place.ctx, token)


async def test_two_at_the_same_moment_do_not_share_the_last_use(place):
    """Both have the page open; the second press of the button is refused."""
    token = await place.invite()
    found = await invitations.find(place.ctx.db.reader, place.ctx, token)
    await place.ctx.db.write(lambda tx: invitations.accept(tx, place.ctx, invitation=found, person=place.bruno))
    with pytest.raises(Gone):
        await place.ctx.db.write(lambda tx: invitations.accept(tx, place.ctx, invitation=found, person=place.keeper))


async def test_after_its_time_it_is_refused(place):
    token = await place.invite(days=7)
    place.ctx.clock.forward(7 * DAY_S + 1)
    with pytest.raises(Gone, match="time"):
        await place.accept(token, place.bruno)


async def test_another_person_cannot_use_it(place):
    token = await place.invite(email="claire@poste.example")
    with pytest.raises(Forbidden, match="another address"):
        await place.accept(token, place.bruno)
    assert await place.role(place.bruno) is None


async def test_a_withdrawn_one_is_refused(place):
    token = await place.invite()
    (made,) = await invitations.of_actor(place.ctx.db.reader, place.ctx, actor_id=place.hall.id)
    assert made.by_name == "Odile"
    await place.ctx.db.write(lambda tx: invitations.withdraw(tx, place.ctx, invitation_id=made.id, by=place.odile))
    with pytest.raises(Gone, match="withdrawn"):
        await place.accept(token, place.bruno)
    assert await invitations.of_actor(place.ctx.db.reader, place.ctx, actor_id=place.hall.id) == []


async def test_a_token_that_was_never_made_is_refused(place):
    with pytest.raises(NotFound):
        await invitations.find(place.ctx.db.reader, place.ctx, "x" * 43)


async def test_an_invitation_takes_no_rights_away(place):
    """An owner who opens an editor's invitation stays owner, and the invitation stays open."""
    token = await place.invite(role="reader")
    with pytest.raises(Invalid, match="already"):
        await place.accept(token, place.odile)
    assert await place.role(place.odile) == "owner"
    assert (await invitations.find(place.ctx.db.reader, place.ctx, token)).used == 0


@pytest.mark.parametrize("role", ["editor", "contributor", "moderator", "reader"])
async def test_only_an_owner_invites(place, role):
    await place.ctx.db.write(
        lambda tx: memberships.add(tx, place.ctx, person_id=place.bruno.id, actor_id=place.hall.id, role=role)
    )
    with pytest.raises(Forbidden):
        await place.invite(by=place.bruno)


async def test_a_stranger_does_not_invite_and_a_keeper_does(place):
    with pytest.raises(Forbidden):
        await place.invite(by=place.bruno)
    await place.invite(by=place.keeper)
    with pytest.raises(Forbidden):
        await place.invite(by=place.odile, actor_id=None, role=None)
    await place.invite(by=place.keeper, actor_id=None, role=None)


async def test_a_stolen_account_floods_nobody(place):
    for number in range(invitations.MAX_A_DAY):
        await place.invite(email=f"p{number}@poste.example")
    with pytest.raises(TooMany):
        await place.invite(email="last@poste.example")
    assert (await letters.count(place.ctx.db.reader))[0] == invitations.MAX_A_DAY
    place.ctx.clock.forward(DAY_S + 1)
    await place.invite(email="last@poste.example")


async def test_what_an_owner_has_given_out_ends_with_her_ownership(place):
    """Whoever was removed from a team does not come back by an invitation of her own; a keeper's holds."""
    await place.ctx.db.write(
        lambda tx: memberships.add(tx, place.ctx, person_id=place.bruno.id, actor_id=place.hall.id, role="owner")
    )
    token, kept = await place.invite(by=place.bruno, role="owner"), await place.invite(by=place.keeper, role="reader")
    found = await invitations.find(place.ctx.db.reader, place.ctx, token)
    await place.ctx.db.write(lambda tx: memberships.remove(tx, person_id=place.bruno.id, actor_id=place.hall.id))
    with pytest.raises(Gone, match="withdrawn"):
        await place.accept(token, place.bruno)
    with pytest.raises(Gone, match="withdrawn"):  # as if the link had been opened before
        await place.ctx.db.write(lambda tx: invitations.accept(tx, place.ctx, invitation=found, person=place.bruno))
    assert await place.role(place.bruno) is None
    await place.accept(kept, place.bruno)
    assert await place.role(place.bruno) == "reader"


async def test_a_stranger_withdraws_nothing(place):
    await place.invite()
    (made,) = await invitations.of_domain(place.ctx.db.reader, place.ctx, domain_id=place.domain.id)
    with pytest.raises(Forbidden):
        await place.ctx.db.write(lambda tx: invitations.withdraw(tx, place.ctx, invitation_id=made.id, by=place.bruno))


@pytest.mark.parametrize(
    "wrong",
    [{"uses": 0}, {"uses": 1_000}, {"days": 0}, {"days": 10_000}, {"role": "mayor"}, {"role": None},
     {"email": "a@b.example\nBcc: c@d.example"}, {"email": "nobody"}, {"domain_id": 1}, {"actor_id": 1}],
)  # fmt: skip
async def test_what_makes_no_sense_is_refused_and_nothing_is_made(place, wrong):
    with pytest.raises(BeffroiError):
        await place.invite(by=place.keeper, **wrong)
    assert await place.ctx.db.reader.value("SELECT COUNT(*) FROM invitations") == 0
    assert await letters.count(place.ctx.db.reader) == (0, 0)
