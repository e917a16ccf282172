"""Two towns as two processes over TLS, a mail server, and people at Chromium, at the keyboard alone if they like."""

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pyotp
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, BrowserContext, Page

from node.cli.demo.agents import Agent, Unseen, until
from tests.support.mailbox import Mailbox
from tests.tls.towns import PASSWORD, Town
from tests.web.screens import WIDTHS
from tests.web.test_browser import no_wider, tab_to

SCREENS = os.environ.get("BEFFROI_TEST_SCREENS", "")
"""A folder into which every page that was looked at is photographed."""


@dataclass
class Person:
    """Somebody at a browser of her own; what it complains of and what it loads is noted."""

    town: Town
    context: BrowserContext
    page: Page
    said: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)

    @property
    def home(self) -> str:
        return self.town.node.url

    async def open(self, path: str) -> str:
        """Go to a page: its words."""
        await self.page.goto(path if path.startswith("https:") else self.home + path)
        return await self.words()

    async def words(self) -> str:
        """What can be read on the page between its header and its footer; spaces that do not break are spaces."""
        return (await self.page.inner_text("main")).translate({0xA0: " ", 0x202F: " "})

    async def press(self, button: str) -> str:
        """Click the button or the link of that name: the words of the page that comes."""
        await self.page.click(f"main button:text-is('{button}'), main a:text-is('{button}')")
        await self.page.wait_for_load_state()
        return await self.words()

    async def type(self, **fields: str) -> None:
        """Fill in fields by their ids."""
        for name, value in fields.items():
            await self.page.fill(f"#{name}", value)

    async def keys(self, *presses: str) -> None:
        """At the keyboard alone: `>Publier` goes with the tab key to what is called so, `Enter` is a key, the rest is typed."""
        for each in presses:
            if each.startswith(">"):
                await tab_to(self.page, each[1:])
            elif each == "Enter":
                async with self.page.expect_navigation():
                    await self.page.keyboard.press(each)
            elif each in ("Space", "ArrowDown"):
                await self.page.keyboard.press(each)
            else:
                await self.page.keyboard.type(each)

    async def log_in(self, email: str, password: str = PASSWORD) -> None:
        await self.open("/login")
        await self.type(email=email, password=password)
        await self.page.click("main button")
        await self.page.wait_for_url("**/account**")

    async def prove(self) -> None:
        """Add an application for codes, which the console wants of those who keep the node."""
        await self.open("/account/security")
        await self.page.check("#kind-totp")
        await self.type(name="mon téléphone")
        await self.page.fill("#password-add", PASSWORD)
        await self.press("Ajouter")
        secret = (await self.page.inner_text("code.server")).replace(" ", "")
        await self.type(code=pyotp.TOTP(secret).now())
        await self.page.click("main form button")
        await self.page.wait_for_selector(".codes")

    async def look(self, name: str) -> None:
        """What axe-core and a measure say of the page as it stands, in light and dark, at each width."""
        for scheme in ("light", "dark"):
            await self.page.emulate_media(color_scheme=scheme)
            found = await Axe().run(self.page)
            assert found.violations_count == 0, f"{name} ({scheme}):\n{found.generate_report()}"
            for width in WIDTHS:
                await self.page.set_viewport_size({"width": width, "height": 900})
                await no_wider(self.page, f"{name} at {width}")
                if SCREENS:
                    await self.page.screenshot(path=Path(SCREENS) / f"{name}-{scheme}-{width}.png", full_page=True)
        await self.page.emulate_media(color_scheme="light")

    def nothing_strange(self) -> None:
        """Nothing was loaded from elsewhere, and the browser did not complain."""
        elsewhere = [url for url in self.asked if not url.startswith(f"{self.home}/")]
        assert not elsewhere, f"loaded from elsewhere: {elsewhere}"
        assert not self.said, f"the browser complains: {self.said}"


@dataclass
class Land:
    """Two towns, everybody's mail, and the browser's program."""

    town: Town
    neighbour: Town
    mailbox: Mailbox
    browser: Browser
    folder: Path
    people: list[Person] = field(default_factory=list)

    async def person(self, town: Town | None = None, **how: Any) -> Person:
        """Somebody at a fresh browser."""
        context = await self.browser.new_context(locale="fr-FR", ignore_https_errors=True, **how)
        made = Person(town or self.town, context, await context.new_page())
        made.page.on("console", lambda message: made.said.append(message.text))
        made.page.on("request", lambda request: made.asked.add(request.url))
        self.people.append(made)
        return made

    async def keeper(self) -> Person:
        """The town's keeper with her second factor, in the console's first page."""
        made = await self.person()
        await made.log_in(self.town.agent.email)
        await made.prove()
        return made

    async def desk(self, person: Person) -> str:
        """The path of the desk of the town's account, at which *person* sits down."""
        await person.open("/desk")
        return person.page.url.removesuffix("/").removeprefix(person.home)

    async def letter(self, address: str) -> str:
        """The link in the letter that comes to *address*."""
        for _ in range(200):
            if self.mailbox.of(address):
                return self.mailbox.link(address)
            await asyncio.sleep(0.1)
        raise Unseen(f"no letter came to {address}")


async def waited(what: str, look: Any) -> Any:
    """`until`, while this process goes on taking letters."""
    return await asyncio.to_thread(until, what, look)


async def comes(person: Person, path: str, words: str) -> None:
    """Load a page again and again until it says *words*.

    Raises:
        Unseen: it never does.
    """
    for _ in range(100):
        if words in await person.open(path):
            return
        await asyncio.sleep(0.1)
    raise Unseen(f"{path} never says {words!r}")


async def done(act: Any, *given: Any, **more: Any) -> Any:
    """What a program that knows nothing of us does, while this process goes on taking letters."""
    return await asyncio.to_thread(act, *given, **more)


async def logged_in(town: Town, email: str) -> Any:
    """An application (Mastodon.py) of that person."""
    return await done(Agent(town.node, email, PASSWORD).log_in, "Mastodon.py")


__all__ = ["PASSWORD", "Land", "Person", "comes", "done", "logged_in", "waited"]
