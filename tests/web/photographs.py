"""Photographs of the sample town's pages, to be looked at: `python -m tests.web.photographs docs/screens`."""

import asyncio
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import Browser, async_playwright

from admin import operations
from node.actors import first_run, people, sessions
from node.moderation import appeals, cases, decided, decisions, grounds
from node.moderation.audit import Hand
from node.runtime.database import Tx
from tests.support.browser import ARGUMENTS
from tests.support.legal_notice import SAID
from tests.teams.test_replies_browser import held
from tests.web.screens import WIDTHS, log_in, personal_pages, public_pages, visitor
from tests.web.site import EMAIL, Empty, Site, empty, served

PUBLIC = [
    *((name, width, "light") for name in ("accueil", "mairie", "publication") for width in WIDTHS),
    ("mairie", 360, "dark"), ("accueil", 1280, "dark"), ("avertissement", 768, "dark"), ("connexion", 360, "light"),
    ("consentement", 360, "light"), ("compte", 768, "light"), ("interaction-compte", 768, "light"),
    ("suivre", 360, "light"), ("erreur", 360, "light"),
]  # fmt: skip
KEPT = [
    ("bureau", 768, "light"), ("bureau-ecrire", 360, "light"), ("bureau-a-approuver", 768, "light"),
    ("bureau-reponses", 360, "light"), ("bureau-equipe", 1280, "light"), ("signaler", 360, "light"),
    ("inscription", 360, "light"), ("decision", 768, "light"), ("administration", 1280, "light"),
    ("administration", 360, "dark"), ("administration-personnes", 1280, "light"),
    ("administration-personnes", 360, "light"), ("administration-dossier", 1280, "light"),
    ("administration-serveurs", 768, "light"), ("administration-journal", 768, "dark"),
]  # fmt: skip


FIRST_RUN = [
    ("mise-en-service-commune", "/first-run?place=Ornans", 768, "light"),
    ("mise-en-service-adresses", "/first-run/addresses?insee=25056&handle_host=besancon.test&service_host={host}", 768, "dark"),
    ("mise-en-service-garde", "/first-run/keeper?insee=25056&handle_host={host}&service_host={host}", 360, "light"),
    ("mise-en-service-garde", "/first-run/keeper?insee=25056&handle_host={host}&service_host={host}", 1280, "light"),
]  # fmt: skip


async def photograph(folder: Path) -> None:
    """Write a PNG for each page and width into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    await set_up(folder)
    with tempfile.TemporaryDirectory() as data:
        async with (
            served(Path(data), smtp="smtp://127.0.0.1:9", mail_from=EMAIL) as site,
            async_playwright() as playwright,
        ):
            arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            for name, width, scheme in PUBLIC:
                path = {**public_pages(site), **personal_pages(site)}[name]
                await take(browser, site, folder, name, width, scheme, path, personal=name in personal_pages(site))
            paths = await kept(site)
            token = await keeping(site)
            for name, width, scheme in KEPT:
                await take(browser, site, folder, name, width, scheme, paths[name], token=token)
            await browser.close()


async def set_up(folder: Path) -> None:
    """The pages of a node that nobody has set up."""
    with tempfile.TemporaryDirectory() as data:
        async with empty(Path(data)) as site, async_playwright() as playwright:
            arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            token = await site.ctx.db.write(lambda tx: first_run.draw(tx, site.ctx))
            host = site.home.removeprefix("http://")
            for name, path, width, scheme in FIRST_RUN:
                where = path.format(host=host)
                await take(browser, site, folder, name, width, scheme, where, token=token, cookie="beffroi-first-run")
            await browser.close()


async def take(
    browser: Browser, site: Site | Empty, folder: Path, name: str, width: int, scheme: str, path: str, *,
    personal: bool = False, token: str = "", cookie: str = "beffroi",
) -> None:  # fmt: skip
    """One photograph; *token* is a session, or what else the *cookie* holds."""
    context = await visitor(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme)
    if token:
        await context.add_cookies([{"name": cookie, "value": token, "url": site.home}])
    page = await context.new_page()
    if personal:
        await log_in(page)
    await page.goto(path)
    await page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
    await page.evaluate("Promise.all([...document.images].map(each => each.decode()))")
    shot = await page.screenshot(full_page=True)
    few = Image.open(io.BytesIO(shot)).quantize(200)  # a third of the size, and the eye sees the same
    few.save(folder / f"{name}-{width}{'' if scheme == 'light' else '-sombre'}.png", optimize=True)
    await context.close()


async def kept(site: Site) -> dict[str, str]:
    """Something on every page of those who keep the town: the pages."""
    ctx = site.ctx
    for name, arguments in (
        ("user.duty", {"email": EMAIL, "keeper": True}),
        ("user.create", {"email": "maud@saint-exemple.example", "name": "Maud (exemple)", "moderator": True}),
        ("domain.legal", SAID), ("domain.describe", {"registrations": "approval"}),
        ("block.add", {"host": "spam.example", "severity": "suspend", "reason": "Publicité en masse"}),
        ("block.add", {"host": "bruyant.example", "severity": "silence"}),
    ):  # fmt: skip
        await operations.perform(ctx, name, arguments, Hand(1, EMAIL, "console"))
    await held(site)
    maud = await people.by_email(ctx.db.reader, "maud@saint-exemple.example")
    odile = await people.by_email(ctx.db.reader, EMAIL)
    assert maud is not None
    assert odile is not None
    ground = grounds.Ground("law", "Atteinte à la vie privée (code civil, article 9)")

    async def step(tx: Tx) -> int:
        case = await cases.opened(tx, ctx, target=site.hall)
        decision = await decisions.decide(
            tx, ctx, by=Hand(maud.id, maud.email, "console"), case=case, kind="sensitive", ground=ground, days=30,
            facts="La plaque d’une voiture se lit sur la photo.", posts=[site.post],
        )  # fmt: skip
        words = "La photo a été floutée avant la publication."
        await appeals.by_author(tx, ctx, decision=await decided.require(tx, decision.id), person=odile, words=words)
        return decision.id

    decision = await ctx.db.write(step)
    desk = personal_pages(site)
    return {
        "bureau": desk["bureau-publications"], "bureau-ecrire": desk["bureau-ecrire"],
        "bureau-a-approuver": desk["bureau-a-approuver"], "bureau-reponses": "/desk/mairie/replies",
        "bureau-equipe": desk["bureau-equipe"], "signaler": f"/report?about={site.warned.url}",
        "inscription": "/sign-up", "decision": f"/account/decisions/{decision}", "administration": "/admin",
        "administration-personnes": "/admin/people", "administration-dossier": "/admin/reports/2026-1",
        "administration-serveurs": "/admin/hosts", "administration-journal": "/admin/audit",
    }  # fmt: skip


async def keeping(site: Site) -> str:
    """A session of Odile, who keeps the town and has shown a second factor."""
    ctx, odile = site.ctx, await people.by_email(site.ctx.db.reader, EMAIL)
    assert odile is not None

    async def step(tx: Tx) -> str:
        await tx.execute(
            "INSERT INTO factors (id, person_id, kind, name, confirmed, created_ms) VALUES ($1, $2, 'totp', '', TRUE, $3)",
            ctx.ids.next(), odile.id, ctx.clock.now_ms(),
        )  # fmt: skip
        return await sessions.open(tx, ctx, person_id=odile.id, factor=True)

    return await ctx.db.write(step)


if __name__ == "__main__":
    asyncio.run(photograph(Path(sys.argv[1])))
