"""The pages in a real browser: rules of accessibility, the keyboard alone, small and large screens, two schemes.

`python -m tests.web.photographs docs/screens` photographs them.
"""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import orjson
import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright
from starlette.requests import Request
from starlette.responses import Response

from node.oauth import apps
from tests.support.asgi_network import AsgiNetwork
from tests.web import drawings
from tests.web.conftest import PASSWORD
from tests.web.screens import WIDTHS, consent, log_in, personal_pages, public_pages, visitor
from tests.web.site import EMAIL, OOB, Site, served


@pytest.fixture
async def site(tmp_path: Path, chromium: str) -> AsyncIterator[Site]:
    """Saint-Exemple, served."""
    async with served(tmp_path) as made:
        yield made


@pytest.fixture
async def browser(browser_arguments: dict[str, Any], site: Site) -> AsyncIterator[Browser]:
    """Chromium, in whose world every name leads to the site: nothing else can be reached."""
    mapped = [*browser_arguments["args"], f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**{**browser_arguments, "args": mapped})
        yield opened
        await opened.close()


def listen(page: Page, said: list[str], asked: set[str]) -> None:
    """Note what the browser complains of and what it loads."""
    page.on("console", lambda message: said.append(message.text))
    page.on("request", lambda request: asked.add(request.url))


async def test_nothing_bars_anybody(browser: Browser, site: Site):
    """axe-core finds nothing to say about any page, in light and in dark; nothing is loaded from elsewhere or blocked."""
    for scheme in ("light", "dark"):
        context = await visitor(browser, site, color_scheme=scheme)
        page = await context.new_page()
        said: list[str] = []
        asked: set[str] = set()
        listen(page, said, asked)
        for personal, pages in ((False, public_pages(site)), (True, personal_pages(site))):
            if personal:
                await log_in(page)
            for name, path in pages.items():
                await page.goto(path)
                for closed in await page.query_selector_all("details:not([open]) > summary"):
                    await closed.click()
                found = await Axe().run(page)
                assert found.violations_count == 0, f"{name} ({scheme}):\n{found.generate_report()}"
        strange = [url for url in asked if not url.startswith(f"{site.home}/")]
        assert not strange, f"loaded from elsewhere: {strange}"
        # The page that is not there is answered with 404 on purpose.
        said = [line for line in said if "404" not in line]
        assert not said, f"the browser complains: {said}"
        await context.close()


async def test_every_width(browser: Browser, site: Site):
    """No page is wider than the screen, on a small telephone and with letters twice as large; targets can be hit."""
    for width in WIDTHS:
        context = await visitor(browser, site, viewport={"width": width, "height": 800})
        page = await context.new_page()
        for personal, pages in ((False, public_pages(site)), (True, personal_pages(site))):
            if personal:
                await log_in(page)
            for name, path in pages.items():
                await page.goto(path)
                await no_wider(page, f"{name} at {width}")
                small = await page.eval_on_selector_all(
                    "button, .button, .top a, .bottom a, input:not([type=hidden])",
                    "all => all.map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])"
                    ".filter(([, b]) => b.height && b.height < 21).map(([html]) => html)",
                )
                assert not small, f"{name} at {width}: too small to hit: {small}"
        await context.close()


async def no_wider(page: Page, where: str) -> None:
    wide = await page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert wide <= 0, f"{where} scrolls sideways by {wide} px"


async def test_large_letters(browser: Browser, site: Site):
    """At 400 % (a screen of 320 px, WCAG 1.4.10) everything is there, in one column."""
    context = await visitor(browser, site, viewport={"width": 320, "height": 256}, device_scale_factor=4)
    page = await context.new_page()
    for name, path in public_pages(site).items():
        await page.goto(path)
        await no_wider(page, name)
    await context.close()


async def test_the_keyboard_is_enough(browser: Browser, site: Site):
    """Skip link, log-in, consent, code: tab, letters, space and enter; what has the focus is always seen."""
    context = await visitor(browser, site)
    page = await context.new_page()
    await page.goto(consent(site, OOB))
    await page.keyboard.press("Tab")
    assert await focused(page) == "Aller au contenu"
    await page.keyboard.press("Enter")
    await tab_to(page, "email")
    await page.keyboard.type(EMAIL)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/oauth/authorize?**")
    await tab_to(page, "actor-")
    await page.keyboard.press("Space")
    await tab_to(page, "Autoriser")
    await page.keyboard.press("Enter")
    await page.wait_for_selector("#authorization-code")
    assert len(await page.inner_text("#authorization-code")) >= 40
    await context.close()


async def focused(page: Page) -> str:
    """The words or the id of what has the focus, which must be visible."""
    outlined: bool = await page.evaluate(
        "(e => e === document.body || getComputedStyle(e).outlineStyle !== 'none' && e.getBoundingClientRect().height > 0)"
        "(document.activeElement)"
    )
    words: str = await page.evaluate("document.activeElement.id || document.activeElement.innerText.trim()")
    assert outlined, f"one cannot see that {words!r} has the focus"
    return words


async def tab_to(page: Page, what: str) -> None:
    for _ in range(40):
        await page.keyboard.press("Tab")
        if (await focused(page)).startswith(what):
            return
    raise AssertionError(f"the tab key never comes to {what!r}")


async def test_the_policy_lets_forms_lead_away(browser: Browser, site: Site):
    """Following from one's own server, and consent: Chromium follows the redirect to another site."""
    away = "http://ailleurs.example"  # the same server, by another name: another site

    async def webfinger(scope: Any, receive: Any, send: Any) -> None:
        resource = Request(scope).query_params["resource"]
        template = {
            "rel": "http://ostatus.org/schema/1.0/subscribe",
            "template": f"{away}/authorize_interaction?uri={{uri}}",
        }
        itself = {"rel": "self", "type": "application/activity+json", "href": "https://autre.example/users/ana"}
        body = orjson.dumps({"subject": resource, "links": [itself, template]})
        await Response(body, media_type="application/jrd+json")(scope, receive, send)

    network = site.ctx.network
    assert isinstance(network, AsgiNetwork)
    network.apps["autre.example"] = webfinger
    context = await visitor(browser, site)
    page = await context.new_page()
    await page.goto("/@mairie")
    await page.fill("#handle", "@ana@autre.example")
    await page.press("#handle", "Enter")
    await page.wait_for_url(f"{away}/authorize_interaction?uri=*")

    said = apps.describe(name="App", website="", redirect_uris=(f"{away}/fini",), scope="read")
    registered = await site.ctx.db.write(lambda tx: apps.register(tx, site.ctx, registration=said))
    query = {"response_type": "code", "client_id": registered.app.client_id, "redirect_uri": f"{away}/fini"}
    await log_in(page, f"/oauth/authorize?{urlencode(query)}")
    await page.check("input[name=actor] >> nth=0")
    await page.click("button[value=allow]")
    await page.wait_for_url(f"{away}/fini?code=*")
    await context.close()


async def test_on_paper(browser: Browser, site: Site):
    """A printed post has its words, without menus and forms."""
    context = await visitor(browser, site)
    page = await context.new_page()
    await page.goto(f"/@mairie/{site.post.id}")
    await page.emulate_media(media="print")
    assert await page.is_visible("text=Marché d’automne")
    for gone in ("nav", ".bottom", ".actions"):
        assert not await page.is_visible(gone), gone
    await context.close()


async def test_writing_without_a_script(browser: Browser, site: Site, tmp_path: Path):
    """At the desk: a picture is chosen, comes back with the words, is described, and is published."""
    context = await visitor(browser, site, java_script_enabled=False)
    page = await context.new_page()
    await log_in(page)
    await page.goto("/desk/mairie/write")
    (tmp_path / "halle.png").write_bytes(drawings.market())
    await page.fill("#text", "Fête de la soupe samedi")
    await page.set_input_files("#picture", str(tmp_path / "halle.png"))
    await page.click("button[value=picture]")
    assert await page.input_value("#text") == "Fête de la soupe samedi"
    await page.click("button[value=send]")
    assert "ce que montre chaque image" in await page.inner_text("[role=alert]")
    await page.fill(".uploaded textarea", "La halle du marché")
    await page.click("button[value=send]")
    assert page.url.endswith("/desk/mairie?done=published")
    assert await page.locator("article.post").first.locator("img").get_attribute("alt") == "La halle du marché"
    await context.close()
