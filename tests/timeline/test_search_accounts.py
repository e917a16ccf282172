"""Accounts are found by the words of their names; communes by their official name and codes."""

from node.timeline.search import accounts
from node.timeline.search.index import Indexer
from tests.support.town import Town


async def read_all(town: Town) -> None:
    while await Indexer().turn(town.ctx):
        pass


async def test_accounts_are_found_by_words_of_their_names(town: Town) -> None:
    """In any order, by their beginnings, without accents; those followed first; the blocked and suspended not at all."""
    marie = await town.local("marie")
    books, school = (
        await town.local("biblio", name="Médiathèque de l’Étoile"),
        await town.local("ecole", name="École de l'étoile"),
    )
    far = await town.remote("x", name="Étoile du Nord")
    await read_all(town)
    for text in ("etoile mediath", "Médiathèque", "ÉTOILE médiathèque", "@biblio"):
        assert await accounts.find(town.reader, marie.id, text) == [books.id], text
    await town.follow(marie, school)
    assert await accounts.find(town.reader, marie.id, "étoi") == [school.id, books.id, far.id]
    assert await accounts.find(town.reader, marie.id, "étoi", limit=1, offset=1) == [books.id]
    assert await accounts.find(town.reader, marie.id, "étoile", following=True) == [school.id]
    await town.suspend(far)
    await town.block(books, marie)
    await read_all(town)
    assert await accounts.find(town.reader, marie.id, "étoile") == [school.id]
    assert await accounts.find(town.reader, None, "étoile") == [school.id, books.id], "the most followed first"


async def test_a_commune_is_found_by_its_name_and_codes(town: Town) -> None:
    """Also if neither stands in what it calls itself."""
    mairie = await town.local("mairie", name="Votre mairie", insee="35238")
    await read_all(town)
    for text in ("rennes", "Renn", "35238", "35000", "mairie rennes"):
        assert await accounts.find(town.reader, None, text) == [mairie.id], text
    assert await accounts.find(town.reader, None, "35239") == []


async def test_a_new_name_is_found_instead_of_the_old(town: Town) -> None:
    marie = await town.local("marie", name="Ancienne")
    await read_all(town)
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET name = 'Nouvelle' WHERE id = $1", marie.id))
    await read_all(town)
    assert await accounts.find(town.reader, None, "ancienne") == []
    assert await accounts.find(town.reader, None, "nouv") == [marie.id]
