"""Photographs of the sample town's pages, to be looked at: `python -m tests.web.photographs docs/screens`."""

import asyncio
import io
import shutil
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.async_api import async_playwright

from tests.support.browser import ARGUMENTS
from tests.web.screens import WIDTHS, log_in, personal_pages, public_pages, visitor
from tests.web.site import served


async def photograph(folder: Path) -> None:
    """Write a PNG for each page and width into *folder*."""
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [(name, width, "light") for name in ("accueil", "mairie", "publication") for width in WIDTHS]
    wanted += [("mairie", 360, "dark"), ("accueil", 1280, "dark"), ("avertissement", 768, "dark")]
    wanted += [("connexion", 360, "light"), ("consentement", 360, "light"), ("compte", 768, "light")]
    wanted += [("interaction-compte", 768, "light"), ("suivre", 360, "light"), ("erreur", 360, "light")]
    with tempfile.TemporaryDirectory() as data:
        async with served(Path(data)) as site, async_playwright() as playwright:
            arguments = [*ARGUMENTS, f"--host-resolver-rules=MAP * 127.0.0.1:{site.port}"]
            browser = await playwright.chromium.launch(executable_path=shutil.which("chromium"), args=arguments)
            for name, width, scheme in wanted:
                context = await visitor(browser, site, viewport={"width": width, "height": 900}, color_scheme=scheme)
                page = await context.new_page()
                pages = {**public_pages(site), **personal_pages(site)}
                if name in personal_pages(site):
                    await log_in(page)
                await page.goto(pages[name])
                await page.evaluate("document.querySelectorAll('img').forEach(each => each.loading = 'eager')")
                await page.evaluate("Promise.all([...document.images].map(each => each.decode()))")
                suffix = "" if scheme == "light" else "-sombre"
                shot = await page.screenshot(full_page=True)
                few = Image.open(io.BytesIO(shot)).quantize(200)  # a third of the size, and the eye sees the same
                few.save(folder / f"{name}-{width}{suffix}.png", optimize=True)
                await context.close()
            await browser.close()


if __name__ == "__main__":
    asyncio.run(photograph(Path(sys.argv[1])))
