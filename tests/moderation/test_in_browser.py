"""The moderation's pages in a real browser: the report without a script, every page accessible and no wider than its screen."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, async_playwright

from node.actors import people, sessions
from node.moderation import appeals, cases, decided, decisions, grounds
from node.moderation.audit import Hand
from node.runtime.database import Tx
from tests.people.test_browser import settle
from tests.support.mailbox import Mailbox, mailbox
from tests.web.conftest import digest
from tests.web.screens import WIDTHS, log_in, visitor
from tests.web.site import EMAIL, Site, served

__all__ = ["mailbox"]
COMMENT = "On voit sur la photo la plaque de ma voiture, devant chez moi."


@pytest.fixture
async def site(tmp_path: Path, chromium: str, mailbox: Mailbox) -> AsyncIterator[Site]:
    """Saint-Exemple, served, which sends mail, with two people who judge."""
    async with served(tmp_path, smtp=mailbox.url, mail_from="Saint-Exemple <mairie@saint-exemple.example>") as made:
        hashed = await digest()

        async def step(tx: Tx) -> None:
            for name in ("maud", "karim"):
                judge = await people.create(
                    tx,
                    made.ctx,
                    email=f"{name}@saint-exemple.example",
                    password=hashed,
                    name=name.title(),
                    moderator=True,
                )
                await tx.execute(
                    "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) VALUES ($1, $2, 'totp', '', TRUE, $3)",
                    made.ctx.ids.next(), judge.id, made.ctx.clock.now_ms(),
                )  # fmt: skip

        await made.ctx.db.write(step)
        await settle(made)
        mailbox.taken.clear()
        yield made


@pytest.fixture
async def browser(browser_arguments: dict[str, Any], site: Site) -> AsyncIterator[Browser]:
    """Chromium, in whose world every name leads to the site."""
    mapped = [*browser_arguments["args"], f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**{**browser_arguments, "args": mapped})
        yield opened
        await opened.close()


async def judging(browser: Browser, site: Site, name: str, **how: Any) -> BrowserContext:
    """A browser in which she logged in with her second factor."""
    person = await people.by_email(site.ctx.db.reader, f"{name}@saint-exemple.example")
    assert person is not None
    token = await site.ctx.db.write(lambda tx: sessions.open(tx, site.ctx, person_id=person.id, factor=True))
    context = await visitor(browser, site, **how)
    await context.add_cookies([{"name": "beffroi", "value": token, "url": site.home}])
    return context


async def test_told_without_an_account_and_without_a_script(browser: Browser, site: Site, mailbox: Mailbox) -> None:
    """From the post's page to the private address; decided, appealed by its author, reversed by another person.

    Each step is a letter that a mail server took, to those whom it concerns and nobody else.
    """
    nadia, judges = "nadia@exemple.example", {f"{name}@saint-exemple.example" for name in ("maud", "karim")}
    context = await visitor(browser, site, java_script_enabled=False)
    page = await context.new_page()
    await page.goto(f"/@mairie/{site.post.id}")
    await page.click("article.main footer a:has-text('Signaler')")
    await page.select_option("#ground", "privacy")
    await page.fill("#comment", COMMENT)
    await page.fill("#name", "Nadia Benali (exemple)")
    await page.fill("#email", nadia)
    await page.check("#good_faith")
    await page.click("main button")
    assert "bien arrivé" in await page.inner_text("main")
    private = page.url.partition("?")[0]
    await settle(site)
    assert mailbox.link(nadia) == private.removeprefix(site.home), "the receipt does not lead to the answer"
    assert "2026-1" in mailbox.text(nadia)
    assert COMMENT not in mailbox.text(nadia), "this node writes to others in a stranger's words"
    assert not mailbox.of(EMAIL), "who is reported hears of it before anybody decided"

    maud = await (await judging(browser, site, "maud")).new_page()
    await maud.goto("/admin")
    await maud.click("text=Signalements à décider")
    await maud.click("main table a")
    assert COMMENT in await maud.inner_text("main")
    await maud.check("#kind-hide")
    await maud.fill("#days", "30")
    await maud.select_option("#ground", "privacy")
    await maud.fill("#why", "La plaque de la voiture et l’adresse se lisent sur la photo.")
    await maud.click("text=Décider et prévenir les intéressés")
    assert "La décision est prise" in await maud.inner_text("main")

    await page.goto(private)
    assert "La plaque de la voiture" in await page.inner_text("main")
    await settle(site)
    for address in (nadia, EMAIL):
        assert "La plaque de la voiture" in mailbox.text(address), f"{address} is not told why"
        assert "maud" not in mailbox.text(address).lower(), f"{address} is told who decided"
    assert "recours" in mailbox.text(EMAIL)
    assert mailbox.link(EMAIL).startswith("/account/decisions/"), "the letter does not lead to where one appeals"

    odile = await (await visitor(browser, site)).new_page()
    await log_in(odile)
    await odile.goto(mailbox.link(EMAIL))
    assert "La plaque de la voiture" in await odile.inner_text("main")
    await odile.fill("#words", "La photo a été floutée avant la publication : on n’y lit aucune plaque.")
    await odile.click("main button")
    assert "Votre recours est bien arrivé" in await odile.inner_text("main")

    await maud.reload()
    assert "vous-même" in await maud.inner_text("main")
    karim = await (await judging(browser, site, "karim")).new_page()
    await karim.goto("/admin/reports?which=appeals")
    await karim.click("main table a")
    await karim.fill("[name=why] >> nth=0", "On ne lit en effet aucune plaque.")
    await karim.click("text=L’annuler")
    assert "Le recours est jugé" in await karim.inner_text("main")
    await settle(site)
    for address in (nadia, EMAIL):
        assert "On ne lit en effet aucune plaque." in mailbox.text(address), f"{address} does not hear how it ended"
    assert {letter["To"] for letter in mailbox.taken} <= {nadia, EMAIL, *judges}, "somebody else is told"
    await page.goto(private)
    assert "annulée sur recours" in await page.inner_text("main")
    await page.goto(f"/@mairie/{site.post.id}")
    assert "Marché d’automne" in await page.inner_text("main")


async def _judged(site: Site) -> str:
    """A file with a decision and an appeal that waits; the number of the decision."""
    ctx = site.ctx
    maud = await people.by_email(ctx.db.reader, "maud@saint-exemple.example")
    odile = await people.by_email(ctx.db.reader, EMAIL)
    assert maud is not None
    assert odile is not None
    ground = grounds.Ground("law", "Atteinte à la vie privée (code civil, article 9)")

    async def step(tx: Tx) -> str:
        case = await cases.opened(tx, ctx, target=site.hall)
        decision = await decisions.decide(
            tx, ctx, by=Hand(maud.id, maud.email, "console"), case=case, kind="sensitive", ground=ground, days=30,
            facts="La plaque d’une voiture se lit sur la photo.", posts=[site.post],
        )  # fmt: skip
        words = "La photo a été floutée avant la publication."
        await appeals.by_author(tx, ctx, decision=await decided.require(tx, decision.id), person=odile, words=words)
        return str(decision.id)

    return await ctx.db.write(step)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_nothing_bars_anybody(browser: Browser, site: Site, scheme: str, tmp_path: Path) -> None:
    """axe-core finds nothing; no page is wider than a telephone."""
    decision = await _judged(site)
    stranger, judge = (
        await visitor(browser, site, color_scheme=scheme),
        await judging(browser, site, "karim", color_scheme=scheme),
    )
    owner = await visitor(browser, site, color_scheme=scheme)
    await log_in(await owner.new_page())
    looked = [
        (stranger, "signaler", f"/report?about={site.post.url}"),
        (stranger, "bilan", "/about/moderation"),
        (owner, "decisions", "/account/decisions"),
        (owner, "decision", f"/account/decisions/{decision}"),
        (judge, "signalements", "/admin/reports?which=appeals"),
        (judge, "dossier", "/admin/reports/2026-1"),
    ]
    for context, name, path in looked:
        page = await context.new_page()
        for width in WIDTHS:
            await page.set_viewport_size({"width": width, "height": 900})
            await page.goto(path)
            for closed in await page.query_selector_all("details:not([open]) > summary"):
                await closed.click()
            wide = await page.evaluate("document.documentElement.scrollWidth")
            assert wide <= width, f"{name} is {wide} pixels wide on {width}"
            await page.screenshot(path=tmp_path / f"{name}-{width}.png", full_page=True)
        found = await Axe().run(page)
        assert found.violations_count == 0, f"{name} ({scheme}):\n{found.generate_report()}"
