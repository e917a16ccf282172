"""The throw-away services do what the stories lean on."""

import asyncio
import socket
import sqlite3

import asyncpg


async def test_each_database_is_empty_and_its_own(dialect, database_url):
    """Two nodes of one test never see each other's rows, and a copy holds what its model held."""
    first, second = database_url(), database_url()
    assert first != second
    if dialect == "sqlite":
        with sqlite3.connect(first.removeprefix("sqlite:///")) as one:
            one.execute("CREATE TABLE towns (name TEXT)")
            one.execute("INSERT INTO towns VALUES ('Bréal')")
        one.close()
        copy = database_url(like=first)
        with sqlite3.connect(copy.removeprefix("sqlite:///")) as other:
            assert other.execute("SELECT name FROM towns").fetchall() == [("Bréal",)]
        other.close()
        return
    one = await asyncpg.connect(first)
    await one.execute("CREATE TABLE towns (name TEXT)")
    await one.execute("INSERT INTO towns VALUES ('Bréal')")
    await one.close()
    other = await asyncpg.connect(second)
    assert await other.fetchval("SELECT to_regclass('towns')") is None, "a second database shows the first one's table"
    await other.close()
    copy = await asyncpg.connect(await asyncio.to_thread(database_url, like=first))
    assert await copy.fetchval("SELECT name FROM towns") == "Bréal"
    await copy.close()


def test_redis_answers(redis_url):
    """Redis is there for whoever scales a node."""
    host, port = redis_url.removeprefix("redis://").removesuffix("/0").split(":")
    with socket.create_connection((host, int(port)), timeout=5) as call:
        call.sendall(b"PING\r\n")
        assert call.recv(16) == b"+PONG\r\n"


async def test_the_browser_shows_a_page(browser_arguments):
    """Chromium starts without a screen and renders what it is given."""
    from playwright.async_api import async_playwright

    async with async_playwright() as play:
        browser = await play.chromium.launch(**browser_arguments)
        page = await browser.new_page()
        await page.set_content("<h1>Marché ouvert ce soir</h1>")
        assert await page.inner_text("h1") == "Marché ouvert ce soir"
        await browser.close()
