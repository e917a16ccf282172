"""The door of the console: whom it opens for, and what it shows them first."""

from admin import operations
from node.actors.sessions import FACTOR_MS
from tests.admin.conftest import Office


async def test_a_keeper_sees_what_needs_attention_and_nothing_else(office: Office):
    """On a quiet day: nothing; once a report is there, that."""
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin", **{"accept-language": "fr"})
    assert "mentions légales à compléter : 1" in page.words, "nobody hears that the site is not ready for the public"
    said = dict.fromkeys(("publisher", "director", "host", "dpo"), "exemple")
    await operations.perform(office.town.node.ctx, "domain.legal", said)
    page = await reader.open("/admin", **{"accept-language": "fr"})
    assert reader.answer.status == 200
    assert page.words.count(" : 1") == 1, page.words
    assert "sans second facteur : 1" in page.words, "nobody hears that the moderator has a password only"
    await office.at_console(office.moderator)
    page = await reader.open("/admin", **{"accept-language": "fr"})
    assert "Rien. Tout va bien" in page.words, page.words
    assert not page.faults, page.faults
    ctx = office.town.node.ctx
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO jobs (id, kind, args, state, run_at_ms, created_ms) VALUES (1, 'x', '{}', 'dead', 0, 0)"
        )
    )
    page = await reader.open("/admin", **{"accept-language": "fr"})
    assert "définitivement en échec : 1" in page.words, page.words


async def test_strangers_and_agents_stay_outside(office: Office):
    """Who is not logged in is asked to; who keeps nothing is told so."""
    stranger = office.town.reader()
    await stranger.open("/admin")
    assert stranger.address.endswith("/login?next=%2Fadmin")
    agent = await office.at_console(office.town.odile)
    await agent.open("/admin")
    assert agent.answer.status == 403, "somebody who keeps nothing is in the console"


async def test_a_second_factor_of_today_is_needed(office: Office):
    """Without one she is sent to show it; twelve hours later again."""
    reader = await office.at_console(office.keeper, proved=False)
    answer = await reader.client.request("GET", "/admin", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/account/factor?next=%2Fadmin"
    reader = await office.at_console(office.moderator)
    await reader.open("/admin")
    assert reader.answer.status == 200
    office.town.node.ctx.clock.forward(FACTOR_MS // 1000 + 1)  # type: ignore[attr-defined]
    answer = await reader.client.request("GET", "/admin", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/account/factor?next=%2Fadmin"


async def test_a_keeper_without_a_factor_is_led_to_enrol(office: Office):
    """Not to a page that says no."""
    reader = office.town.reader()
    await reader.log_in(office.keeper.email, "quatre mots de passe", next_="/about")
    answer = await reader.client.request("GET", "/admin", headers={"accept": "text/html"})
    assert answer.headers["location"] == "/account/security?next=%2Fadmin"
