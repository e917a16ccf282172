"""How pages are made: their elements, headers, languages, caches; what they load, and what they never do."""

import re
from itertools import pairwise
from typing import get_args

from node.actors import actors
from node.oauth.scopes import SUPPORTED
from node.runtime.i18n import Language, translator
from node.web.rights import in_words
from tests.web.conftest import Town
from tests.web.reader import Page, Reader

PAGES = ("/", "/@mairie", "/@mairie/follow", "/tags/fete", "/about", "/privacy", "/accessibility", "/login", "/nowhere")


async def every_page(town: Town, reader: Reader) -> list[tuple[str, Page]]:
    """Every page that a stranger can open, with a post that has all that a post can have."""
    post = await town.rich_post()
    answer = await town.post("Bravo ! #fete", reply_to=post)
    paths = (*PAGES, f"/@mairie/{post.id}", f"/@mairie/{answer.id}", f"/@mairie/{post.id}/interact")
    return [(path, await reader.open(path)) for path in paths]


async def test_every_page_is_well_made(town: Town):
    """Elements closed and nested, one h1, a language, a title, labels, alternatives, landmarks, unique ids."""
    reader = town.reader()
    for path, page in await every_page(town, reader):
        assert page.faults == [], f"{path}: {page.faults}"
        assert page.doctype.lower() == "doctype html"
        assert len(page.all("h1")) == 1, f"{path} has {len(page.all('h1'))} h1"
        assert page.all("html", lang="fr"), f"{path} does not say its language"
        assert page.title.strip(), f"{path} has no title"
        assert len(page.all("main")) == len(page.all("header", class_="top")) == 1
        assert page.all("a", class_="skip", href="#content")
        ids = [each.attributes["id"] for each in page.elements if "id" in each.attributes]
        assert len(set(ids)) == len(ids), f"{path}: an id stands twice"
        labelled = {each.attributes.get("for") for each in page.all("label")}
        for field in page.all("input"):
            if field.attributes.get("type") not in ("hidden", "submit"):
                assert field.attributes.get("id") in labelled, f"{path}: a field without a label: {field}"
        for image in page.all("img"):
            assert "alt" in image.attributes, f"{path}: {image}"
        levels = [int(each.tag[1]) for each in page.elements if re.fullmatch("h[1-6]", each.tag)]
        assert all(after - before <= 1 for before, after in pairwise(levels)), f"{path}: {levels}"
        assert len(reader.answer.body) < 100_000


async def test_no_page_needs_a_script_or_a_third_party(town: Town):
    """Nothing is loaded from elsewhere, nothing runs, nothing is styled inline; the policy says so too."""
    reader = town.reader()
    for path, page in await every_page(town, reader):
        assert not page.all("script"), path
        assert not page.all("iframe"), path
        for each in page.elements:
            assert not any(name.startswith("on") or name == "style" for name in each.attributes), f"{path}: {each}"
            loaded = each.attributes.get("src") or (each.attributes.get("href") if each.tag == "link" else None) or "/"
            if each.attributes.get("rel") not in ("canonical", "alternate"):
                assert loaded.startswith("/"), f"{path} loads {loaded}"
    for path in PAGES:
        answer = await reader.client.get(path)
        headers = answer.headers
        policy = headers["content-security-policy"]
        assert policy.startswith("default-src 'none'; img-src 'self'"), f"{path}: {policy}"
        assert "frame-ancestors 'none'" in policy
        assert "script-src" not in policy
        assert "unsafe" not in policy
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "max-age" in headers["strict-transport-security"]
        assert "set-cookie" not in headers or path == "/login", f"{path} sets a cookie for a reader"


async def test_programs_are_led_to_the_document(town: Town):
    """ActivityStreams is asked by name at the page's address, and given at the id; a page for everything else."""
    post = await town.post()
    client = town.reader().client
    for path, uri in (("/@mairie", town.hall.actor.uri), (f"/@mairie/{post.id}", post.uri)):
        for accept in (
            "application/activity+json",
            'application/ld+json; profile="https://www.w3.org/ns/activitystreams"',
            "application/activity+json, application/ld+json, text/html;q=0.1",
        ):
            answer = await client.get(path, accept=accept)
            assert (answer.status, answer.headers["location"]) == (302, uri), accept
        for accept in ("*/*", "text/html,application/xhtml+xml,*/*;q=0.8", "application/json", ""):
            answer = await client.get(path, accept=accept)
            assert answer.status == 200, accept
            assert answer.headers["link"] == f'<{uri}>; rel="alternate"; type="application/activity+json"'
            assert "Accept" in answer.headers["vary"]


async def test_caches_keep_public_pages_only(town: Town):
    """Public pages are the same with and without a session, validated by ETag; personal ones are never kept."""
    post = await town.post()
    stranger, odile = town.reader(), await town.logged_in()
    for path in ("/", "/@mairie", f"/@mairie/{post.id}", "/tags/x", "/about", "/@mairie.rss"):
        await stranger.open(path)
        await odile.open(path)
        assert stranger.answer.body == odile.answer.body, f"{path} is another page for who is logged in"
        assert stranger.answer.headers["cache-control"].startswith("public, max-age=")
        assert "Accept-Language" in stranger.answer.headers["vary"]
        again = await stranger.client.get(path, accept="text/html", if_none_match=stranger.answer.headers["etag"])
        assert (again.status, again.body) == (304, b"")
    for path in ("/account", "/login", "/@mairie/follow", "/nowhere"):
        await odile.open(path)
        assert odile.answer.headers["cache-control"] == "no-store", path


async def test_french_unless_english_is_preferred(town: Town):
    """The browser's wish, an explicit one before it, kept in the links of the page."""
    reader = town.reader()
    for wish, path, language in (
        ("", "/about", "fr"), ("de", "/about", "fr"), ("en-GB,en;q=0.9,fr;q=0.5", "/about", "en"), ("en", "/about?lang=fr", "fr"),
        ("fr", "/about?lang=en", "en"), ("fr", "/about?lang=xx", "fr"),
    ):  # fmt: skip
        page = await reader.open(path, accept_language=wish)
        assert page.all("html")[0].attributes["lang"] == language, (wish, path)
    page = await reader.open("/about?lang=en")
    assert page.all("a", href="/privacy?lang=en")
    assert page.all("a", href="/about?lang=fr", hreflang="fr")


async def test_no_english_word_on_a_french_page(town: Town):
    """Every sentence of every page has its French; so has every right that an application can ask for."""
    reader = await town.logged_in()
    for path in (*PAGES, "/account"):
        page = await reader.open(path, accept_language="fr")
        words = re.findall(r"\b(?:the|your|you|and|with|this|from|of|to)\b", page.words)
        assert not words, f"{path}: {page.words}"
    say = {language: in_words(translator(language), SUPPORTED) for language in get_args(Language)}
    assert not set(say["fr"]) & set(say["en"])


async def test_markup_of_strangers_stays_theirs(town: Town):
    """Names, fields and hashtags are text; a stranger's post was cleaned when it came."""
    evil = '<script>alert(1)</script>"><img src=x onerror=alert(1)>'
    ctx = town.node.ctx
    await ctx.db.write(
        lambda tx: actors.update_profile(
            tx,
            ctx,
            actor=town.hall.actor,
            changes={"name": evil[:90], "summary_source": evil, "fields": [(evil, evil)]},
        )
    )
    post = await town.post(evil, summary=evil)
    reader = town.reader()
    for path in (
        "/",
        "/@mairie",
        f"/@mairie/{post.id}",
        f"/tags/{evil.replace('/', '')}",
        f"/?lang={evil}",
        f"/login?next={evil}",
    ):
        page = await reader.open(path)
        assert page.faults == [], f"{path}: {page.faults}"
        assert not page.all("script"), path
        assert not [each for each in page.elements if "onerror" in each.attributes], path


async def test_what_a_site_owes_its_readers(town: Town):
    """Contact, rules, licence, source of the data, the source code itself."""
    reader = town.reader()
    page = await reader.open("/about")
    for words in ("contact@montreuil.example", "AGPL", "Licence Ouverte", "Atkinson Hyperlegible"):
        assert words in page.words, words
    answer = await reader.client.get("/source.tar.gz")
    assert answer.body.startswith(b"\x1f\x8b")
    assert "Disallow: /oauth/" in (await reader.client.get("/robots.txt")).text


async def test_static_files_are_kept_for_ever(town: Town):
    """Addresses with a hash; the font and its licence come from here; nothing else of the disk."""
    reader = town.reader()
    page = await reader.open("/")
    sheet = page.all("link", rel="stylesheet")[0].attributes["href"]
    answer = await reader.client.get(sheet)
    assert answer.headers["content-type"].startswith("text/css")
    assert "immutable" in answer.headers["cache-control"]
    named = re.findall(r'url\("([^"]+)"\)', answer.text)
    assert len(named) == 2
    for each in named:
        font = await reader.client.get(each)
        assert font.headers["content-type"] == "font/woff2"
        assert len(font.body) < 30_000
    for path in ("/static/style.css", "/static/../routes.py", "/static/%2e%2e%2froutes.py", "/static/"):
        assert (await reader.client.get(path)).status == 404, path
