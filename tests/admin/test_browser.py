"""A keeper at a real browser: she registers a key, comes back with it, and the console bars nobody."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pyotp
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from admin import operations
from node.actors import people
from node.moderation.audit import Hand
from tests.web.conftest import PASSWORD
from tests.web.screens import WIDTHS, log_in, visitor
from tests.web.site import EMAIL, Site, served
from tests.web.test_browser import no_wider

SECURITY = "/account/security"


@pytest.fixture
async def site(tmp_path: Path, chromium: str) -> AsyncIterator[Site]:
    """Saint-Exemple, kept by Odile, with something in the log."""
    async with served(tmp_path) as made:
        by = Hand(1, EMAIL, "console")
        for name, arguments in (
            ("user.duty", {"email": EMAIL, "keeper": True}),
            ("user.create", {"email": "maud@saint-exemple.example", "name": "Maud (exemple)", "moderator": True}),
            ("actor.member", {"handle": "@velo@saint-exemple.example", "email": "maud@saint-exemple.example", "role": "editor"}),
            ("user.disable", {"email": "maud@saint-exemple.example"}),
            ("announcement.add", {"words": "Le site s’arrête lundi de 6 h à 7 h (exemple).", "ends": "2099-01-01"}),
            ("announcement.add", {"words": "À relire (exemple)", "draft": True}),
        ):  # fmt: skip
            await operations.perform(made.ctx, name, arguments, by)
        yield made


@pytest.fixture
async def browser(browser_arguments: dict[str, Any], site: Site) -> AsyncIterator[Browser]:
    """Chromium, in whose world every name leads to the site, which it takes for a safe one: keys want that."""
    more = [f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}",
            f"--unsafely-treat-insecure-origin-as-secure={site.home}"]  # fmt: skip
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**{**browser_arguments, "args": [*browser_arguments["args"], *more]})
        yield opened
        await opened.close()


async def add(page: Page, kind: str, name: str) -> None:
    await page.goto(SECURITY)
    await page.check(f"#kind-{kind}")
    await page.fill("#name", name)
    await page.fill("#password-add", PASSWORD)
    await page.click("main button:text-is('Ajouter')")


async def enrolled(page: Page) -> str:
    """Odile logs in and adds an application: its secret."""
    await log_in(page)
    await add(page, "totp", "mon téléphone")
    return (await page.inner_text("code.server")).replace(" ", "")


async def test_a_key_is_registered_and_used(browser: Browser, site: Site):
    """The browser's own authenticator makes a key; the next log-in asks it, and the console opens."""
    context = await visitor(browser, site)
    page = await context.new_page()
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    cdp = await context.new_cdp_session(page)
    await cdp.send("WebAuthn.enable")
    await cdp.send(
        "WebAuthn.addVirtualAuthenticator",
        {"options": {"protocol": "ctap2", "transport": "usb", "hasUserVerification": True, "isUserVerified": True,
                     "automaticPresenceSimulation": True}},
    )  # fmt: skip
    await log_in(page)
    await page.goto("/admin")
    assert "/account/security" in page.url, "a keeper without a second factor is not led to add one"
    await add(page, "key", "clé du bureau")
    await page.click("button[data-ask]")
    await page.wait_for_selector(".codes")
    assert await page.locator(".codes li").count() == 10
    await page.goto("/account")
    await page.click("main button:text-is('Se déconnecter')")
    await log_in(page)
    assert "/login/factor" in page.url
    await page.click("button[data-ask]")
    await page.wait_for_url("**/account")
    await page.goto("/admin")
    assert "attention" in (await page.inner_text("h1"))
    assert said == [], f"the browser complains: {said}"
    await context.close()


async def test_the_console_bars_nobody(browser: Browser, site: Site):
    """axe-core finds nothing on any page, in light and in dark; none is wider than a telephone."""
    person = await people.by_email(site.ctx.db.reader, "maud@saint-exemple.example")
    assert person is not None
    paths = {
        "attention": "/admin", "personnes": "/admin/people", "personne": f"/admin/people/{person.id}",
        "nouvelle-personne": "/admin/people/new", "comptes": "/admin/accounts",
        "compte-tenu": f"/admin/accounts/{site.hall.id}", "nouveau-compte": "/admin/accounts/new",
        "domaines": "/admin/domains", "domaine": f"/admin/domains/{site.hall.domain_id}", "journal": "/admin/audit",
        "regles": "/admin/rules", "annonces": "/admin/announcements", "emojis": "/admin/emojis", "sante": "/admin/health", "files": "/admin/queues",
        "stockage": "/admin/storage?days=5", "accords": "/admin/agreements", "a-propos-du-site": "/about",
        "serveurs": "/admin/hosts", "listes": "/admin/hosts/lists", "vagues": "/admin/hosts/waves",
        "securite": SECURITY, "facteur": "/account/factor?next=/admin",
    }  # fmt: skip
    folder = os.environ.get("BEFFROI_TEST_SCREENS", "")
    secret, last = "", 0
    for scheme in ("light", "dark"):
        context = await visitor(browser, site, color_scheme=scheme)
        page = await context.new_page()
        if not secret:
            secret = await enrolled(page)
            await look(page, f"application-{scheme}", folder)
            step = site.ctx.clock.now_ms() // 30_000
            await page.fill("#code", pyotp.TOTP(secret).generate_otp(step))
            await page.click("main button")
            await look(page, f"codes-{scheme}", folder)
        else:
            site.ctx.clock.forward(60)  # type: ignore[attr-defined]
            await log_in(page)
            await look(page, f"seconde-etape-{scheme}", folder)
            step = site.ctx.clock.now_ms() // 30_000
            await page.fill("#code", pyotp.TOTP(secret).generate_otp(step))
            await page.click("form:not([data-options]) button")
        assert step > last
        last = step
        await page.wait_for_load_state()
        for name, path in paths.items():
            await page.goto(path)
            assert site.home + path == page.url, f"{name} leads to {page.url}"
            await look(page, f"{name}-{scheme}", folder)
        await context.close()


async def look(page: Page, name: str, folder: str) -> None:
    """What axe-core and a measure say of the page; with BEFFROI_TEST_SCREENS a picture of it at each width."""
    for closed in await page.query_selector_all("details:not([open]) > summary"):
        await closed.click()
    found = await Axe().run(page)
    assert found.violations_count == 0, f"{name}:\n{found.generate_report()}"
    for width in WIDTHS:
        await page.set_viewport_size({"width": width, "height": 900})
        await no_wider(page, f"{name} at {width}")
        if folder:
            await page.screenshot(path=f"{folder}/{name}-{width}.png", full_page=True)
