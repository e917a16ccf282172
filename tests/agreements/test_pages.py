"""What people read of territories and agreements in a browser and a feed reader, and what an agent decides there."""

import html
import re

from node.actors import passwords, people
from tests.agreements.conftest import Scene
from tests.support.client import Client
from tests.support.fediverse import Citizen
from tests.web.reader import Reader

PASSWORD = "quatre mots de passe"


def browser(who: Citizen) -> Reader:
    return Reader(Client(who.node.app, who.node.host))


async def logged_in(who: Citizen) -> Reader:
    """The browser of the agent who speaks for the actor."""
    ctx, email = who.node.ctx, f"{who.actor.username}@{who.node.host}"
    person = await people.by_email(ctx.db.reader, email)
    assert person is not None
    password = await passwords.digest(PASSWORD)
    await ctx.db.write(lambda tx: people.set_password(tx, person_id=person.id, password=password))
    reader = browser(who)
    await reader.log_in(email, PASSWORD)
    return reader


async def press(reader: Reader, path: str, act: str, **given: str) -> None:
    """Open the page and press one of its buttons."""
    page = await reader.open(path)
    marks = {"accept": "hash", "limit": "categories"}
    meant = [
        form for form in page.forms
        if (marks[act] in form.fields if act in marks else not {"hash", "categories"} & set(form.fields))
    ]  # fmt: skip
    assert meant, f"the page offers no {act}: {page.words}"
    await reader.send(meant[0], {"act": act, **given})


async def test_an_agreement_is_public(scene: Scene) -> None:
    """Parties, terms in words, state and history, on both nodes, for anyone."""
    await scene.agreed(categories="culture")
    agreement = await scene.there.agreement()
    assert agreement is not None
    for who in (scene.doubs, scene.ornans):
        page = await browser(who).open(f"/@{who.actor.username}/agreements/{agreement.digest}")
        for words in ("Doubs", "Ornans", "En vigueur", "#culture", "propose", "accepte", "sha256:"):
            assert words in page.words, f"{who.node.host} does not say {words}"
        listed = await browser(who).open(f"/@{who.actor.username}/agreements")
        assert "En vigueur" in listed.words
        profile = await browser(who).open(f"/@{who.actor.username}")
        assert "1 accord de partage" in profile.words
    english = await browser(scene.doubs).open(f"/@doubs/agreements/{agreement.digest}?lang=en")
    assert "What is shared: the public posts with one of these hashtags: #culture" in english.words
    visitor = scene.there.node.visitor()
    led = await visitor.get(agreement.uri.removeprefix("https://doubs.example"), accept="text/html")
    assert led.status == 302
    assert led.headers["location"] == f"https://doubs.example/@doubs/agreements/{agreement.digest}"


async def test_a_territory_says_its_order(scene: Scene) -> None:
    """Its page and its feed show what it announces, by time, and say so."""
    await scene.agreed()
    for words in ("Premier", "Second"):
        await scene.ornans.post(words)
        await scene.settle()
        scene.fediverse.clock.forward(60)
    page = await browser(scene.doubs).open("/@doubs")
    assert "rien n’est mis en avant" in page.words or "rien n'est mis en avant" in page.words
    assert page.words.index("Second") < page.words.index("Premier")
    feed = (await scene.there.node.visitor().get("/@doubs.rss")).text
    channel = html.unescape(feed.partition("<item>")[0]).replace("’", "'")
    assert "rien n'est mis en avant" in channel or "nothing is put first" in channel, "the feed does not say its order"
    assert re.findall(r"<title>([^<]*)</title>", feed)[2:] == ["Ornans – Second", "Ornans – Premier"]
    assert "<link>https://ornans.example/@ornans/" in feed
    own = (await scene.here.node.visitor().get("/@ornans.rss")).text
    assert "Second" in own, "the commune's own feed lost its news"


async def test_an_agent_accepts_limits_and_ends(scene: Scene) -> None:
    """In a browser, in the name of her commune; a form of another site does nothing."""
    await scene.there.propose("territory", categories="culture agenda")
    await scene.settle()
    agreement = await scene.here.agreement()
    assert agreement is not None
    path = f"/@ornans/agreements/{agreement.digest}/decide"
    agent = await logged_in(scene.ornans)
    page = await agent.open(path)
    assert "#agenda #culture" in page.words
    forged = await scene.here.node.visitor().post(path, {"act": "accept", "party": "member"})
    assert forged.status == 303, "nobody logged in, and it was not sent to the log-in"
    assert await scene.here.state() == "proposed"
    await press(agent, path, "accept")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("active", "active")
    await press(agent, path, "limit", categories="sport")
    assert "partagent plus" in agent.page.words, "terms that nobody agreed to were taken"
    await press(agent, path, "limit", categories="culture")
    await scene.settle()
    there = await scene.there.agreement()
    assert there is not None
    assert there.terms is not None
    assert there.terms.categories == ("culture",)
    await press(agent, path, "end")
    await scene.settle()
    assert (await scene.here.state(), await scene.there.state()) == ("ended", "ended")


async def test_who_does_not_speak_for_it_decides_nothing(scene: Scene) -> None:
    await scene.there.propose("territory")
    await scene.settle()
    agreement = await scene.here.agreement()
    assert agreement is not None
    other = await scene.here.node.person("voisine")
    reader = await logged_in(other)
    await reader.open(f"/@ornans/agreements/{agreement.digest}/decide")
    assert reader.answer.status == 403
    missing = await scene.here.node.visitor().get("/@ornans/agreements/none", accept="text/html")
    assert missing.status == 404
