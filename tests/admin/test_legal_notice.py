"""The legal notice: asked in the console, shown to everybody on the page about the site."""

import pytest

from admin import health, operations
from node.actors import domains
from node.moderation import legal
from node.moderation.legal import Notice
from node.runtime.errors import Invalid
from tests.admin.conftest import Office
from tests.admin.test_site_words import send

FRENCH = {"accept-language": "fr"}
SAID = {
    "publisher": "Commune de Montreuil (exemple), 1 place de la Mairie",
    "siren": "217 500 016",
    "director": "Mme la maire (exemple)",
    "host": "Hébergeur exemple, Lyon, France",
    "dpo": "dpo@montreuil.example",
}


async def kept(office: Office) -> Notice:
    """What is said."""
    return await legal.of_domain(office.town.node.ctx.db.reader, office.town.node.domain.id)


async def test_it_is_asked_and_everybody_reads_it(office: Office):
    """What is missing is named until it is said, in the console and in the health of the node."""
    path = f"/admin/domains/{office.town.node.domain.id}"
    assert any(each.advice and "director" not in each.advice for each in await health.near(office.town.node.ctx))
    reader = await office.at_console(office.keeper)
    page = await reader.open(path, **FRENCH)
    assert page.faults == []
    assert "Il manque" in page.words, page.words
    await send(reader, f"{path}/legal", **SAID)
    assert reader.answer.status == 200, reader.page.words
    assert "Il manque" not in reader.page.words
    page = await office.town.reader().open("/about", **FRENCH)
    for text in (
        "Montreuil (exemple), 1 place",
        "217500016",
        "Mme la maire",
        "Hébergeur exemple",
        "dpo@montreuil.example",
    ):
        assert text in page.words, f"the page about the site does not say {text}"
    await operations.perform(office.town.node.ctx, "domain.legal", {"director": "M. le maire (exemple)"})
    assert (await kept(office)).director == "M. le maire (exemple)"
    assert (await kept(office)).host == SAID["host"], "what was not named is gone"


async def test_the_public_waits_for_it(office: Office):
    """Nobody opens the site to everybody before it is complete; people who are invited may come; a standing choice stays."""
    ctx, domain = office.town.node.ctx, office.town.node.domain
    for who in ("approval", "open"):
        with pytest.raises(Invalid, match=r"Data protection officer|Délégué à la protection"):
            await operations.perform(ctx, "domain.describe", {"registrations": who})
    await operations.perform(ctx, "domain.describe", {"registrations": "invitation"})
    await operations.perform(ctx, "domain.legal", {**SAID, "dpo": ""})
    with pytest.raises(Invalid):
        await operations.perform(ctx, "domain.describe", {"registrations": "open"})
    await operations.perform(ctx, "domain.legal", {"dpo": SAID["dpo"]})
    await operations.perform(ctx, "domain.describe", {"registrations": "approval"})
    await operations.perform(ctx, "domain.legal", {"dpo": ""})
    await operations.perform(ctx, "domain.describe", {"registrations": "approval", "name": "Autre nom"})
    found = await domains.by_id(ctx.db.reader, domain.id)
    assert found is not None
    assert (found.registrations, found.name) == ("approval", "Autre nom")


async def test_what_is_wrong_changes_nothing(office: Office):
    """A number that is no SIREN, texts without an end; and it is for keepers."""
    path = f"/admin/domains/{office.town.node.domain.id}"
    reader = await office.at_console(office.keeper)
    await reader.open(path, **FRENCH)
    for wrong in ({"siren": "217500017"}, {"siren": "commune"}, {"host": "x" * 501}):
        await send(reader, f"{path}/legal", **{**SAID, **wrong})
        assert reader.answer.status == 422, wrong
        assert await kept(office) == Notice(), wrong
    moderator = await office.at_console(office.moderator)
    await moderator.open(path)
    assert moderator.answer.status == 403
