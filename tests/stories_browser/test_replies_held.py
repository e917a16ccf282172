"""What a mayor asks for first: a reply from elsewhere is read by the team before the town sees it."""

from typing import Any

import pytest

from tests.stories_browser.towns import Land, comes, done, waited
from tests.tls.towns import Town

pytestmark = pytest.mark.xdist_group("tls")
QUESTION = "Et la piscine, elle rouvre quand ?"


async def test_a_reply_from_elsewhere_is_let_through(land: Land) -> None:
    """Chosen, written, read and approved at the desk with the keyboard alone; then everybody reads it."""
    town, neighbour = land.town, land.neighbour
    odile = await land.person()
    await odile.log_in(town.agent.email)
    desk = await land.desk(odile)
    await odile.open(f"{desk}/replies")
    await odile.look("reponses-qui")
    await odile.keys(">who-")
    for _ in range(6):
        if await odile.page.is_checked("#who-held"):
            break
        await odile.keys("ArrowDown")
    assert await odile.page.is_checked("#who-held"), "the arrow keys never come to the choice"
    await odile.keys(">Enregistrer", "Enter")
    assert "désormais" in await odile.page.inner_text(".notice")
    await odile.open(f"{desk}/write")
    await odile.look("bureau-ecrire")
    await odile.keys(">text", "Le conseil se réunit jeudi à 19 h, salle des fêtes.", ">Publier", "Enter")

    stranger = await land.person()
    name = desk.rpartition("/")[2]
    assert "Le conseil se réunit jeudi" in await stranger.open(f"/@{name}")
    address = await stranger.page.get_attribute("article.post a:has(time)", "href")
    assert address is not None
    theirs = await waited("the post at Ornans", lambda: _found(neighbour, f"{odile.home}{address}"))
    text = f"@{name}@{town.node.authority_part} {QUESTION}"
    await done(neighbour.client.status_post, text, in_reply_to_id=theirs.id)

    await comes(odile, f"{desk}/replies", QUESTION)
    await odile.look("reponses-a-lire")
    assert QUESTION not in await stranger.open(address), "a reply is shown that nobody let through"
    assert not await done(_below, town, address), "an application shows a reply that nobody let through"
    await odile.keys(">L’afficher", "Enter")
    assert "affichée" in await odile.page.inner_text(".notice")
    assert QUESTION in await stranger.open(address)
    await stranger.look("publication-avec-reponse")
    assert [QUESTION in each.content for each in await done(_below, town, address)] == [True]
    for each in land.people:
        each.nothing_strange()


def _found(town: Town, uri: str) -> Any:
    found = town.client.search_v2(uri, resolve=True, result_type="statuses").statuses
    return found[0] if found else None


def _below(town: Town, address: str) -> Any:
    """What is shown below the post in an application."""
    return town.client.status_context(address.rpartition("/")[2]).descendants
