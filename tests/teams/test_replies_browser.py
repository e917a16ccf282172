"""In Chromium: a resident's reply waits, Odile reads it at the desk and lets it through, and everybody reads it."""

import os
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import Browser, async_playwright

from node.actors import actors
from node.timeline import posts, replies
from tests.admin.test_browser import look
from tests.web.screens import log_in, visitor
from tests.web.site import Site, served

REPLIES = "/desk/mairie/replies"


@pytest.fixture
async def site(tmp_path: Path, chromium: str) -> AsyncIterator[Site]:
    async with served(tmp_path) as made:
        yield made


@pytest.fixture
async def browser(browser_arguments: dict[str, Any], site: Site) -> AsyncIterator[Browser]:
    more = [f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
    async with async_playwright() as playwright:
        opened = await playwright.chromium.launch(**{**browser_arguments, "args": [*browser_arguments["args"], *more]})
        yield opened
        await opened.close()


async def held(site: Site) -> str:
    """The path of a post of the town hall to which Camille has replied, and nobody has read it."""
    ctx = site.ctx
    draft = posts.Draft(author=site.hall, text="Le conseil se tient jeudi à 20 h.", replies=replies.RULES["held"])
    post = await ctx.db.write(lambda tx: posts.publish(tx, ctx, draft=draft))
    camille = await actors.local_by_username(ctx.db.reader, "camille", site.hall.service_host)
    assert camille is not None
    answer = posts.Draft(author=camille, text="Et la piscine, quand rouvre-t-elle ?", reply_to=post)
    await ctx.db.write(lambda tx: posts.publish(tx, ctx, draft=answer))
    return f"/@mairie/{post.id}"


async def test_a_held_reply_is_approved_without_a_script(browser: Browser, site: Site) -> None:
    path = await held(site)
    stranger = await (await visitor(browser, site, java_script_enabled=False)).new_page()
    await stranger.goto(path)
    assert "piscine" not in await stranger.inner_text("main")
    context = await visitor(browser, site, java_script_enabled=False)
    page = await context.new_page()
    await log_in(page)
    await page.goto(REPLIES)
    assert "piscine" in await page.inner_text("main")
    await page.click("button[value=approve]")
    assert page.url.endswith("done=approved")
    await stranger.goto(f"{path}?again")
    assert "piscine" in await stranger.inner_text("main")
    await page.goto(REPLIES)
    await page.check("#who-nobody")
    await page.click("main form.card button")
    assert page.url.endswith("done=chosen")
    assert await page.is_checked("#who-nobody")


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_page_bars_nobody(browser: Browser, site: Site, scheme: Any) -> None:
    await held(site)
    page = await (await visitor(browser, site, color_scheme=scheme)).new_page()
    await log_in(page)
    await page.goto(REPLIES)
    await look(page, f"bureau-reponses-{scheme}", os.environ.get("BEFFROI_TEST_SCREENS", ""))
