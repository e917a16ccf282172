"""The first run: from the address that the terminal shows, by the INSEE code, to a post that the neighbours read."""

import re

import pyotp
import pytest

from node.cli.demo.agents import until
from tests.stories_browser.towns import PASSWORD, Land, Person, done, waited
from tests.tls.towns import Town

pytestmark = pytest.mark.xdist_group("tls")
NEWS = "La mairie ouvre son compte : posez vos questions ici."
PAGES, FIELDS = 9, 10
"""What a keeper sees and types on the way, the second factor included: written down so that it does not grow unseen."""


class Counted(Person):
    """Somebody whose pages and fields are counted."""

    pages = 0
    fields = 0

    def count(self) -> None:
        self.page.on("load", lambda _page: self._turned())

    def _turned(self) -> None:
        self.pages += 1

    async def type(self, **fields: str) -> None:
        self.fields += len(fields)
        await super().type(**fields)


def address_of(town: Town) -> str:
    """What the terminal shows at the first start, with the name that leads there."""
    [found] = re.findall(r"https://NOM-DU-SERVEUR(/first-run/\S+)", town.node.tail(200))
    return str(found)


async def test_from_the_code_to_the_first_post(new_land: Land) -> None:
    """A keeper alone with the address: three pages, a second factor, and the first post is read at Ornans."""
    town, neighbour = new_land.town, new_land.neighbour
    address = address_of(town)
    stranger = await new_land.person()
    assert "beffroi init --browser" in await stranger.open("/first-run")
    await stranger.look("mise-en-service-fermee")

    agnes = await new_land.person()
    agnes = Counted(agnes.town, agnes.context, agnes.page, agnes.said, agnes.asked)
    agnes.count()
    await agnes.open(address)
    await agnes.look("mise-en-service-commune")
    await agnes.type(place="25056")
    assert "Grand Besançon" in await agnes.press("Chercher")
    await agnes.look("mise-en-service-trouvee")
    await agnes.press("Continuer avec Besançon (25)")
    await agnes.look("mise-en-service-adresses")
    assert await agnes.page.input_value("#service_host") == town.node.authority_part
    await agnes.press("Continuer")
    await agnes.look("mise-en-service-garde")
    await agnes.type(
        email=town.agent.email, password=PASSWORD, director="Mme la maire (exemple)",
        host="Hébergeur exemple, 1 rue de l’Exemple, 69000 Lyon", dpo="dpo@localhost.example",
    )  # fmt: skip
    await agnes.press("Créer le nœud")
    assert "/account/security" in agnes.page.url, await agnes.words()
    await agnes.page.check("#kind-totp")
    await agnes.type(**{"name": "mon téléphone", "password-add": PASSWORD})
    await agnes.press("Ajouter")
    secret = (await agnes.page.inner_text("code.server")).replace(" ", "")
    await agnes.type(code=pyotp.TOTP(secret).now())
    await agnes.page.click("main form button")
    await agnes.page.wait_for_selector(".codes")
    await agnes.press("Je les ai gardés : continuer")
    await agnes.look("mise-en-service-premiere-publication")
    await done(_follow, neighbour, f"@besancon@{town.node.authority_part}")
    agnes.fields += 1
    await agnes.page.fill("#text", NEWS)
    await agnes.press("Publier")
    assert NEWS in await stranger.open("/@besancon")
    await waited("the first post at Ornans", lambda: _arrived(neighbour))
    assert agnes.pages <= PAGES, f"{agnes.pages} pages"
    assert agnes.fields <= FIELDS, f"{agnes.fields} fields"
    agnes.nothing_strange()

    await agnes.open("/admin")
    assert "légales" not in await agnes.words(), "the legal notice is complete"
    assert "déjà installé" in await stranger.open(address)


async def test_namesakes_and_advice_at_every_width(new_land: Land) -> None:
    """The pages that only some see: many communes of one name, an address that is none, one to think about."""
    colombe = await new_land.person()
    await colombe.open(address_of(new_land.town))
    await colombe.type(place="sainte colombe")
    assert "Laquelle ?" in await colombe.press("Chercher")
    await colombe.look("mise-en-service-homonymes")
    await colombe.press("Continuer avec Sainte-Colombe (25)")
    await colombe.type(service_host="ailleurs.localhost")
    assert "Avant de continuer" in await colombe.press("Continuer")
    await colombe.look("mise-en-service-conseils")
    await colombe.type(handle_host="pas un nom")
    assert "nom d’hôte" in await colombe.press("J’ai lu : continuer")
    await colombe.look("mise-en-service-refus")


def _follow(town: Town, handle: str) -> None:
    """Without the keeper's application: she has a second factor."""
    account = town.find(handle)
    town.client.account_follow(account.id)
    until("the follow", lambda: town.client.account_relationships(account.id)[0].following)


def _arrived(town: Town) -> bool:
    return any(NEWS in each.content for each in town.client.timeline_home(limit=20))
