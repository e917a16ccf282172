"""Other servers at the console: found, decided about, lists taken over and followed, waves ended."""

import contextlib

import pytest

from node.actors import hosts
from node.moderation import domains, subscriptions, waves
from node.runtime.errors import BeffroiError
from tests.admin.conftest import Office
from tests.moderation.test_lists import EVIL, HEADER
from tests.web.reader import Reader

HOSTS, LISTS, WAVES = "/admin/hosts", "/admin/hosts/lists", "/admin/hosts/waves"


async def policies(office: Office) -> dict[str, str]:
    return {each.host: each.severity for each in await hosts.every(office.town.node.ctx.db.reader)}


async def send(reader: Reader, path: str, act: str, **given: str) -> None:
    """Press the button *act* of a page's form."""
    page = await reader.open(path)
    form = next(each for each in page.forms if each.method == "post" and each.fields.get("act", act) == act)
    form.fields.update({"act": act})
    await reader.send(form, given)


async def test_a_server_is_found_and_decided_about(office: Office) -> None:
    ctx = office.town.node.ctx
    await ctx.db.write(lambda tx: domains.block(tx, ctx, host="loud.example", severity="silence", reason="bruyant"))
    reader = await office.at_console(office.moderator)
    page = await reader.open(f"{HOSTS}?q=loud")
    assert page.faults == []
    assert "loud.example" in page.words
    page = await reader.open(f"{HOSTS}/of/loud.example")
    assert page.faults == []
    form = page.form(f"{HOSTS}/of/loud.example")
    await reader.send(form, {"severity": "suspend", "public_comment": "Harcèlement", "reject_reports": "on"})
    assert reader.answer.status == 200
    found = await hosts.policy(ctx.db.reader, "loud.example")
    assert (found.severity, found.public_comment, found.reject_reports) == ("suspend", "Harcèlement", True)
    page = await reader.open(f"{HOSTS}/of/loud.example")
    clear = next(each for each in page.forms if each.fields.get("act") == "clear")
    await reader.send(clear, {})
    assert await policies(office) == {}


async def test_what_is_not_known_or_no_host(office: Office) -> None:
    reader = await office.at_console(office.moderator)
    await reader.open(f"{HOSTS}/of/unknown.example")
    assert reader.answer.status == 404
    page = await reader.open(HOSTS)
    form = next(each for each in page.forms if each.fields.get("act") == "decide")
    for name in ("not a host", office.town.node.host, ""):
        await reader.send(form, {"host": name, "severity": "suspend"})
        assert reader.answer.status == 422, name
        assert reader.page.all("p", role="alert")
    await reader.send(form, {"host": "evil.example", "severity": "destroy"})
    assert reader.answer.status == 422
    assert await policies(office) == {}


async def test_listed_servers_only(office: Office) -> None:
    reader = await office.at_console(office.moderator)
    await send(reader, HOSTS, "mode", only_listed="on")
    assert await policies(office) == {"*": "suspend"}
    await send(reader, HOSTS, "mode", only_listed="off")
    assert await policies(office) == {}


async def test_a_list_is_shown_then_taken_over(office: Office) -> None:
    reader = await office.at_console(office.moderator)
    await send(reader, LISTS, "preview", text=HEADER + EVIL)
    assert "evil.example" in reader.page.words
    assert await policies(office) == {}, "looking at a list changed something"
    form = next(each for each in reader.page.forms if "loosen" in reader.answer.text and each.action == LISTS)
    await reader.send(form, {"act": "take", "text": HEADER + EVIL})
    assert await policies(office) == {"evil.example": "suspend"}
    exported = await reader.client.get(f"{LISTS}/export")
    assert exported.text == HEADER + EVIL


async def test_a_wrong_line_is_named_and_nothing_is_taken(office: Office) -> None:
    reader = await office.at_console(office.moderator)
    await send(reader, LISTS, "take", text=f"{HEADER}{EVIL}b.example,destroy,,,,\n")
    assert reader.answer.status == 422
    assert "ligne 3" in reader.page.words
    assert "b.example,destroy" in reader.answer.text, "what was typed is lost"
    assert await policies(office) == {}


async def test_a_list_is_followed_and_its_failure_shown(office: Office) -> None:
    town = office.town
    reader = await office.at_console(office.moderator)
    await send(reader, LISTS, "subscribe", url="https://epci.example/liste.csv", name="EPCI")
    (found,) = await subscriptions.every(town.node.ctx.db.reader)
    with contextlib.suppress(BeffroiError):  # there is no such server: it is tried again, and said
        await subscriptions.fetch_job(town.node.ctx, {"list_id": found.id})
    page = await reader.open(LISTS)
    assert "EPCI" in page.words
    assert page.all("p", class_="problem"), "that a list cannot be read is not shown"
    assert page.faults == []
    await send(reader, LISTS, "unsubscribe", url=found.url)
    assert await subscriptions.every(town.node.ctx.db.reader) == []


async def test_a_wave_is_ended_with_one_button(office: Office) -> None:
    ctx = office.town.node.ctx
    await ctx.db.write(
        lambda tx: tx.execute(
            "INSERT INTO spam_waves (id, skeleton, state, example, posts, created_ms, last_ms) "
            "VALUES (1, 'x', 'open', 'Gagnez <b>tout</b>', 12, $1, $1)",
            ctx.clock.now_ms(),
        )
    )
    reader = await office.at_console(office.moderator)
    page = await reader.open("/admin")
    assert page.all("a", href=WAVES)
    page = await reader.open(WAVES)
    assert page.faults == []
    assert "Gagnez <b>tout</b>" in page.words
    await send(reader, WAVES, "freeze")
    (wave,) = await waves.listed(ctx.db.reader)
    assert wave.state == "frozen"


@pytest.mark.parametrize("path", [HOSTS, LISTS, WAVES, f"{LISTS}/export", f"{HOSTS}/of/loud.example"])
async def test_who_keeps_nothing_sees_none_of_it(office: Office, path: str) -> None:
    reader = await office.at_console(office.town.odile)
    await reader.open(path)
    assert reader.answer.status == 403
