"""Health with cures: what the node says of itself, at the console and by command."""

import os

from admin import checks, operations
from tests.admin.conftest import Office

FRENCH = {"accept-language": "fr"}


async def said(office: Office) -> list[str]:
    """What `beffroi health --near` says."""
    return await operations.perform(office.town.node.ctx, "health.show", {"far": False})


async def test_what_is_wrong_is_said_first_with_its_cure(office: Office):
    """Work that was given up; gone once it is."""
    ctx = office.town.node.ctx
    sql = "INSERT INTO jobs (id, kind, args, state, run_at_ms, created_ms, error) VALUES ($1, 'x', '{}', 'dead', 0, 0, 'Boom')"
    await ctx.db.write(lambda tx: tx.execute(sql, ctx.ids.next()))
    lines = await said(office)
    [place] = [number for number, line in enumerate(lines) if line.startswith("FAIL")]
    assert "jobs" in lines[place]
    assert "-> beffroi deliveries" in lines[place + 1], "a failure without a cure"
    reader = await office.at_console(office.keeper)
    page = await reader.open("/admin/health", **FRENCH)
    assert reader.answer.status == 200
    assert page.faults == []
    first = page.all("tr")[1]
    assert "jobs" in first.words, "what has to be mended is not shown first"
    assert "beffroi" not in first.words, "who reads a page is sent to a terminal"
    links = [each.attributes["href"] for each in page.all("a")]
    assert "Aller à la page Files d’attente" in first.words
    assert f"/admin/domains/{office.town.node.domain.id}" in links, "the legal notice is not one click away"
    for each in ("/admin/queues", f"/admin/domains/{office.town.node.domain.id}"):
        await reader.open(each, **FRENCH)
        assert reader.answer.status == 200, each
    await ctx.db.write(lambda tx: tx.execute("DELETE FROM jobs WHERE state = 'dead'"))
    assert not [line for line in await said(office) if line.startswith("FAIL")]


async def test_a_backup_that_stopped_is_noticed(office: Office):
    """None has told: advice. One of today: well. One of last month: to be mended."""
    ctx = office.town.node.ctx
    ctx.settings.data.mkdir(parents=True, exist_ok=True)
    mark, now_ms = ctx.settings.data / checks.BACKED_UP, ctx.clock.now_ms()
    assert checks.backup(ctx.settings, now_ms).advice
    mark.touch()
    os.utime(mark, (now_ms / 1000, now_ms / 1000))
    assert not checks.backup(ctx.settings, now_ms).failed
    assert checks.backup(ctx.settings, now_ms + 30 * 86_400_000).failed


async def test_a_keyring_beside_the_database_is_advised_against(office: Office):
    """Who copies the data folder should not get the keys with it."""
    settings = office.town.node.ctx.settings
    assert checks.apart(settings.model_copy(update={"keyring": settings.data / "keyring.json"})).advice
    assert not checks.apart(settings.model_copy(update={"keyring": settings.data.parent / "keys.json"})).advice


async def test_health_is_for_keepers(office: Office):
    """It names paths of the machine."""
    reader = await office.at_console(office.moderator)
    await reader.open("/admin/health", **FRENCH)
    assert reader.answer.status == 403
