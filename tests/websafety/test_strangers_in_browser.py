"""What a strange server sends, in a real browser: on every page that shows it nothing runs, complains or is asked elsewhere.

The same tricks as in `test_strangers_words`, which reads pages; here Chromium does what it would do for a reader. The node
answers inside the test process; whatever the browser asks of anybody else is refused and noted.
"""

import base64
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, Dialog, Route, async_playwright

from tests.support.client import Client
from tests.websafety.house import House
from tests.websafety.test_strangers_words import MARK, arrived, pages, shown

PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNkYPhfDwAChwGA60e6kgAAAABJRU5ErkJggg=="
)
"""For her pictures, which this node would fetch and show from its own address."""
UNSAFE = "alert('unsafe')"


class Watched:
    """A browser of somebody, and all that went wrong in it."""

    def __init__(self, house: House, context: BrowserContext) -> None:
        self.home, self.context = f"https://{house.town.host}", context
        self._client = Client(house.town.node.app, house.town.host)
        self.wrong: list[str] = []
        self.where = ""

    def note(self, what: str) -> None:
        self.wrong.append(f"{self.where}: {what}")

    async def answer(self, route: Route) -> None:
        """Ours from the process, nothing from anybody else."""
        request = route.request
        if not request.url.startswith(f"{self.home}/"):
            self.note(f"asks {request.url}")
            await route.abort()
            return
        parts = urlsplit(request.url)
        if parts.path.startswith("/media/"):
            await route.fulfill(status=200, content_type="image/png", body=PIXEL)
            return
        headers = {name: value for name, value in (await request.all_headers()).items() if not name.startswith(":")}
        path = parts.path + (f"?{parts.query}" if parts.query else "")
        found = await self._client.request(request.method, path, headers=headers, body=request.post_data_buffer or b"")
        await route.fulfill(status=found.status, headers=dict(found.headers), body=found.body)

    async def dialog(self, dialog: Dialog) -> None:
        self.note(f"a script ran: {dialog.message}")
        await dialog.dismiss()

    async def look(self, path: str) -> None:
        """Open a page as a reader does, unfold all, hover and focus what could react."""
        page = await self.context.new_page()
        self.where = path
        page.on("console", lambda message: self.note(f"{message.type}: {message.text[:200]}"))
        page.on("pageerror", lambda error: self.note(f"an error: {error}"))
        page.on("dialog", self.dialog)
        page.on("popup", lambda popup: self.note(f"opens {popup.url}"))
        await page.goto(self.home + path)
        await page.evaluate("document.querySelectorAll('details').forEach(each => each.open = true)")
        for event in ("mouseover", "focus", "error", "load", "animationstart"):
            await page.evaluate(
                "kind => document.querySelectorAll('main *').forEach(each => each.dispatchEvent(new Event(kind)))",
                event,
            )
        await page.wait_for_load_state("networkidle")
        assert page.url == self.home + path, f"{path} led the reader to {page.url}"
        await page.close()


async def watched(house: House, browser: Any, who: str) -> Watched:
    context = await browser.new_context(locale="fr-FR")
    reader = await house.browser(who)  # type: ignore[arg-type]
    found = Watched(house, context)
    for name, value in reader.client.cookies.items():
        cookie = {"name": name, "value": value, "url": found.home, "secure": True, "httpOnly": True}
        await context.add_cookies([cookie])
    await context.route("**/*", found.answer)
    return found


async def test_nothing_of_a_stranger_runs_in_chromium(house: House, browser_arguments: dict[str, Any]):
    """For a stranger, an agent and a keeper; and the watch itself notices a script, a picture and a window."""
    more = await arrived(house)
    wrong: list[str] = []
    looked = 0
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**browser_arguments)
        for who in ("stranger", "odile", "keeper"):
            at = await watched(house, browser, who)
            for path in {**pages(house), **more}.values():
                page, reader = await shown(house, who, path)
                kind = reader.answer.headers.get("content-type", "")
                if reader.answer.status == 200 and "html" in kind and MARK in reader.answer.text and page.elements:
                    if reader.address.removeprefix(reader.home) != path:
                        continue  # it leads on to a page that is looked at by its own address
                    await at.look(path)
                    looked += 1
            wrong += [f"{who}: {each}" for each in at.wrong]
            await at.context.close()
        await browser.close()
    assert wrong == [], "\n".join(wrong)
    assert looked >= 12, f"her words were shown on {looked} pages only: nothing was seen"


async def test_the_watch_sees_what_is_alive(house: House, browser_arguments: dict[str, Any]):
    """A page without our headers that carries the tricks as they are: else the test above proves nothing."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**browser_arguments)
        at = await watched(house, browser, "stranger")
        living = f"<main><script>{UNSAFE}</script><img src=https://evil.example/x></main>"

        async def raw(route: Route) -> None:
            await route.fulfill(status=200, content_type="text/html", body=living)

        await at.context.route(f"{at.home}/alive", raw)
        await at.look("/alive")
        await browser.close()
    said = " ".join(at.wrong)
    for what in ("a script ran", "asks https://evil.example/x"):
        assert what in said, f"not noticed: {what}; only {at.wrong}"
