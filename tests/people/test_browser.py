"""Signing up, being invited and keeping the queue in Chromium: without a script, for everybody, at every width."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

from admin import operations
from node.actors import invitations, people, sessions
from node.actors.people import Person
from node.runtime import mail
from node.runtime.database import Tx
from node.runtime.mail import Postman
from node.worker import HANDLERS
from tests.support.legal_notice import opened
from tests.support.mailbox import Mailbox
from tests.web.conftest import PASSWORD
from tests.web.screens import WIDTHS, visitor
from tests.web.site import EMAIL, Site, served
from tests.web.test_browser import no_wider

BRUNO = "bruno@poste.example"
PARENT = "maman@poste.example"


@pytest.fixture
async def site(tmp_path: Path, chromium: str, mailbox: Mailbox) -> AsyncIterator[Site]:
    """Saint-Exemple, which sends mail, and where a person looks at each sign-up."""
    async with served(tmp_path, smtp=mailbox.url, mail_from="Saint-Exemple <mairie@saint-exemple.example>") as made:
        await opened(made.ctx, "approval")
        await settle(made)
        mailbox.taken.clear()
        yield made


@pytest.fixture
async def browser(browser_arguments: dict[str, Any], site: Site) -> AsyncIterator[Browser]:
    more = [f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**{**browser_arguments, "args": [*browser_arguments["args"], *more]})
        yield opened
        await opened.close()


async def settle(site: Site) -> None:
    """What the worker would do: jobs, then letters."""
    from node.runtime.jobs.queue import JobQueue

    while await JobQueue(HANDLERS).turn(site.ctx) or await Postman().turn(site.ctx):
        pass


async def sign_up(page: Page, site: Site, *, fifteen: bool = True, email: str = BRUNO) -> None:
    """Fill the form in and send it, as a person who takes a moment."""
    await page.goto("/sign-up")
    await page.fill("#username", email.partition("@")[0])
    await page.fill("#name", "Bruno (exemple)")
    await page.fill("#email", email)
    await page.fill("#password", PASSWORD)
    await page.fill("#reason", "J’habite rue de la Halle.")
    await page.check("#age-yes" if fifteen else "#age-no")
    if not fifteen:
        await page.fill("#parent_email", PARENT)
    await page.check("#agreement")
    site.ctx.clock.forward(30)  # type: ignore[attr-defined]
    await page.click("main form button")
    await settle(site)


async def keeper(context: BrowserContext, site: Site) -> Page:
    """A page at which somebody who keeps the site is logged in, second factor shown."""

    async def step(tx: Tx) -> str:
        person = await people.create(tx, site.ctx, email="karim@saint-exemple.example", name="Karim", keeper=True)
        await tx.execute(
            "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) VALUES ($1, $2, 'totp', 'x', TRUE, 0)",
            site.ctx.ids.next(), person.id,
        )  # fmt: skip
        return await sessions.open(tx, site.ctx, person_id=person.id, factor=True)

    token = await site.ctx.db.write(step)
    await context.add_cookies([{"name": "beffroi", "value": token, "url": site.home}])
    return await context.new_page()


async def invited(site: Site) -> str:
    """An invitation to Saint-Exemple's team."""
    odile = await people.by_email(site.ctx.db.reader, EMAIL)
    assert isinstance(odile, Person)
    token = await site.ctx.db.write(
        lambda tx: invitations.invite(
            tx, site.ctx, email="agnes@poste.example", by=odile, domain_id=site.hall.domain_id or 0,
            actor_id=site.hall.id, role="editor",
        )
    )  # fmt: skip
    return f"/invitations/{token}"


async def test_from_the_form_to_the_account_without_a_script(browser: Browser, site: Site, mailbox: Mailbox):
    """A child asks, a parent agrees, a keeper approves, the child logs in."""
    context = await visitor(browser, site, java_script_enabled=False)
    page = await context.new_page()
    await sign_up(page, site, fifteen=False)
    await page.goto(mailbox.link(BRUNO))
    await page.click("main button")
    await settle(site)
    await page.goto(mailbox.link(PARENT))
    await page.click("main button[value=yes]")
    office = await keeper(await visitor(browser, site, java_script_enabled=False), site)
    await office.goto("/admin")
    await office.click("text=Inscriptions qui attendent")
    assert "rue de la Halle" in await office.inner_text("main")
    await office.click("main button[value=approve]")
    assert BRUNO in await office.inner_text(".notice")
    await settle(site)
    await page.goto(mailbox.link(BRUNO))
    await page.fill("#email", BRUNO)
    await page.fill("#password", PASSWORD)
    await page.click("main form button")
    assert "@bruno@saint-exemple.example" in await page.inner_text("main")


async def shown(browser: Browser, site: Site, mailbox: Mailbox) -> dict[str, tuple[bool, str]]:
    """Page -> (whether a keeper's, its address), with somebody in each queue."""
    context = await visitor(browser, site)
    page = await context.new_page()
    await sign_up(page, site)
    confirm = mailbox.link(BRUNO)
    await sign_up(page, site, fifteen=False, email="lea@poste.example")
    await page.goto(mailbox.link("lea@poste.example"))
    await page.click("main button")
    await settle(site)
    parent = mailbox.link(PARENT)
    await sign_up(page, site, email="claire@poste.example")
    await page.goto(mailbox.link("claire@poste.example"))
    await page.click("main button")
    await context.close()
    invitation = await invited(site)
    mailbox.answers["nobody@poste.example"] = "550 5.1.1 no such mailbox"
    await site.ctx.db.write(
        lambda tx: mail.post(tx, site.ctx, to="nobody@poste.example", subject="Bonjour", text="Un mot.")
    )
    await settle(site)
    for kind, value in (("mail", "jetable.example"), ("network", "203.0.113.0/24")):
        await operations.perform(site.ctx, "signup_rule.add", {"kind": kind, "value": value, "note": "vague de mars"})
    return {
        "inscription": (False, "/sign-up"),
        "inscription-faite": (False, "/sign-up/done"),
        "inscription-confirmer": (False, confirm),
        "inscription-parent": (False, parent),
        "invitation": (False, invitation),
        "invitation-compte": (False, f"{invitation}/sign-up"),
        "oubli": (False, "/login/forgotten"),
        "console-inscriptions": (True, "/admin/sign-ups"),
        "console-regles-inscription": (True, "/admin/sign-up-rules"),
        "console-invitations": (True, "/admin/invitations"),
        "console-courriel": (True, "/admin/mail"),
    }


async def test_nothing_bars_anybody(browser: Browser, site: Site, mailbox: Mailbox):
    """axe-core finds nothing to say, in light and in dark; no page is wider than its window."""
    pages = await shown(browser, site, mailbox)
    office = await keeper(await visitor(browser, site), site)
    stranger = await (await visitor(browser, site)).new_page()
    folder = os.environ.get("BEFFROI_TEST_SCREENS")
    for name, (kept, path) in pages.items():
        page = office if kept else stranger
        for scheme in ("light", "dark"):
            await page.emulate_media(color_scheme=scheme)
            await page.goto(path)
            found = await Axe().run(page)
            assert not found.violations_count, f"{name}, {scheme}: {found.generate_report()}"
        await page.emulate_media(color_scheme="light")
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(path)
            await no_wider(page, f"{name} at {width}")
            if folder:
                await page.screenshot(path=str(Path(folder) / f"{name}-{width}.png"), full_page=True)


async def test_what_is_wrong_is_said_beside_the_field(browser: Browser, site: Site):
    """With the labels, for who hears the page; and axe-core agrees."""
    page = await (await visitor(browser, site, java_script_enabled=False)).new_page()
    await page.goto("/sign-up")
    await page.fill("#username", "mairie")
    await page.fill("#email", "a@b")
    await page.fill("#password", "aaaaaaaaaaaa")
    await page.fill("#reason", "x")
    await page.check("#age-no")
    await page.check("#agreement")
    site.ctx.clock.forward(30)  # type: ignore[attr-defined]
    await page.click("main form button")
    for field in ("username", "password", "parent_email"):
        described = await page.get_attribute(f"#{field}", "aria-describedby") or ""
        assert f"problem-{field}" in described, f"{field} is not tied to what is wrong with it"
        assert await page.inner_text(f"#problem-{field}")
