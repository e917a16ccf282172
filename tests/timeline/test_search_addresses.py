"""Search by handle, by address, by the beginning of a hashtag."""

from node.timeline.search import accounts, addresses, hashtags
from tests.support.town import Town


async def test_people_are_found_by_the_beginning_of_their_handle(town: Town) -> None:
    """Those followed first; neither the suspended nor the blocked nor the node's own actor."""
    marie, mairie = await town.local("marie"), await town.local("mairie")
    marc, margot = await town.remote("marc"), await town.remote("Margot", "other.example")
    await town.follow(marie, margot)
    found = await accounts.find(town.reader, marie.id, "@Mar")
    assert found[0] == margot.id, "who is followed does not come first"
    assert set(found) == {marie.id, marc.id, margot.id}
    assert await accounts.find(town.reader, None, "mar", limit=1) != []
    assert await accounts.find(town.reader, marie.id, "margot@oth") == [margot.id]
    assert await accounts.find(town.reader, marie.id, "mar", following=True) == [margot.id]
    await town.block(marc, marie)
    await town.suspend(margot)
    assert await accounts.find(town.reader, marie.id, "mar") == [marie.id]
    for nothing in ("", "@", "  ", "%", "m%", "_" * 300, "\U0010ffff"):
        assert await accounts.find(town.reader, marie.id, nothing) == []
    assert await accounts.find(town.reader, None, "mai") == [mairie.id]


async def test_a_post_is_found_by_its_address(town: Town) -> None:
    """By its id or its page, by who may read it."""
    mairie, marie, bruno = await town.local("mairie"), await town.local("marie"), await town.remote("bruno")
    own, foreign = await town.post(mairie), await town.received(bruno)
    for url in (own.uri, own.url, own.url + "/"):
        found = await addresses.post_by_url(town.reader, None, url)
        assert found is not None
        assert found.id == own.id
    assert await addresses.post_by_url(town.reader, None, foreign.uri) == foreign
    private = await town.post(mairie, visibility="followers")
    assert await addresses.post_by_url(town.reader, marie.id, private.url) is None
    assert await addresses.post_by_url(town.reader, mairie.id, private.url) == private
    wrong = own.url.replace("@mairie", "@marie")
    for nothing in (wrong, "https://x.example/" + "9" * 19, "https://x.example/" + "9" * 40, "", "/²"):
        assert await addresses.post_by_url(town.reader, None, nothing) is None


async def test_hashtags_are_found_without_accents(town: Town) -> None:
    mairie = await town.local("mairie")
    await town.post(mairie, "#Événement #évasion #Budget")
    assert [tag.display for tag in await hashtags.find(town.reader, "#EV")] == ["évasion", "Événement"]
    assert await hashtags.find(town.reader, "#") == []
