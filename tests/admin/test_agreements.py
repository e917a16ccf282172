"""Sharing agreements at the console: an offer is seen first, accepted, limited and ended, by the operations of the commands."""

from node.agreements import agreements, speaking, terms
from node.agreements.agreements import Agreement
from node.agreements.speaking import Pair
from tests.admin.conftest import Office
from tests.admin.test_site_words import send

FRENCH = {"accept-language": "fr"}
PATH = "/admin/agreements"


async def offered(office: Office) -> Agreement:
    """The territory, on the same node, proposes to the town hall."""
    ctx = office.town.node.ctx
    vale = await office.town.node.territory("vallee")
    pair = Pair(vale.actor, office.town.hall.actor)
    made = await ctx.db.write(
        lambda tx: speaking.propose(tx, ctx, pair=pair, by="territory", terms=terms.make(categories="culture sport"))
    )
    found = await agreements.by_id(ctx.db.reader, made.id)
    assert found is not None
    return found


async def state(office: Office, number: int) -> tuple[str, tuple[str, ...]]:
    """How it stands, and what is shared."""
    found = await agreements.require(office.town.node.ctx.db.reader, number)
    return found.state, tuple(found.terms.categories) if found.terms else ()


async def test_an_offer_is_accepted_limited_and_ended(office: Office):
    """In the name of the town, by a keeper; the log names her."""
    found = await offered(office)
    reader, here = await office.at_console(office.keeper), f"{PATH}/{found.id}"
    page = await reader.open(PATH, **FRENCH)
    assert reader.answer.status == 200
    assert page.faults == []
    assert "attend une réponse" in page.words, page.words
    page = await reader.open(here, **FRENCH)
    assert page.faults == []
    assert "#culture" in page.words
    offer = found.terms_offered_to("member")
    assert offer is not None
    await send(reader, here, party="member", act="accept", terms_hash=offer.hash)
    assert reader.answer.status == 200, reader.page.words
    assert await state(office, found.id) == ("active", ("culture", "sport"))
    await send(reader, here, party="member", act="limit", categories="culture")
    assert await state(office, found.id) == ("active", ("culture",))
    await send(reader, here, party="member", act="end")
    assert (await state(office, found.id))[0] == "ended"
    acts = await office.town.node.ctx.db.reader.fetch(
        "SELECT name, act FROM audit WHERE act LIKE 'agreement.%' ORDER BY id"
    )
    assert [tuple(row) for row in acts] == [
        (office.keeper.email, f"agreement.{act}") for act in ("accept", "limit", "end")
    ]


async def test_a_wrong_form_changes_nothing(office: Office):
    """Other terms than those on offer, somebody who is no party, no such act, no such agreement; and it is for keepers."""
    found = await offered(office)
    before = await state(office, found.id)
    reader, here = await office.at_console(office.keeper), f"{PATH}/{found.id}"
    await reader.open(here, **FRENCH)
    for wrong in (
        {"party": "member", "act": "accept", "terms_hash": "0" * 64},
        {"party": "neighbour", "act": "accept"},
        {"party": "member", "act": "bend"},
        {"party": "member", "act": "limit", "until": "demain"},
    ):
        await send(reader, here, **wrong)
        assert reader.answer.status in (404, 409, 422), (wrong, reader.answer.status)
        assert await state(office, found.id) == before, wrong
    await reader.open(f"{PATH}/12", **FRENCH)
    assert reader.answer.status == 404
    moderator = await office.at_console(office.moderator)
    await moderator.open(PATH)
    assert moderator.answer.status == 403
