"""What is talked about, in public, by those who wish to be discovered."""

from node.timeline import favourites, trends
from tests.support.town import Town


async def test_what_two_authors_or_more_talk_of(town: Town) -> None:
    """In public, who wish to be discovered; a loud one alone is no trend."""
    mairie, marie, quiet = (
        await town.local("mairie"),
        await town.local("marie"),
        await town.remote("quiet", discoverable=False),
    )
    for author, text in ((mairie, "#fête"), (marie, "#Fête"), (mairie, "#seul"), (mairie, "#seul"), (marie, "#budget")):
        await town.post(author, text)
    await town.post(mairie, "#chut", visibility="unlisted")
    await town.post(marie, "#chut", visibility="followers")
    tag = {"type": "Hashtag", "name": "#budget", "href": "https://remote.example/tags/budget"}
    await town.received(quiet, tag=[tag])
    assert [tag.name for tag in (await trends.now(town.ctx)).tags] == ["fete"]
    await town.post(marie, "#seul")
    assert [tag.name for tag in (await trends.now(town.ctx)).tags] == ["fete"], "it is counted for each question"
    town.later(301)
    assert [tag.name for tag in (await trends.now(town.ctx)).tags] == ["seul", "fete"]


async def test_posts_that_people_liked(town: Town) -> None:
    mairie, marie, marc = await town.local("mairie"), await town.local("marie"), await town.local("marc")
    for who in (marie, marc):
        await town.follow(who, mairie)
    loved, liked = await town.post(mairie, "Fête"), await town.post(mairie, "Budget")
    answer, private = (
        await town.post(marie, "Oui", reply_to=loved),
        await town.post(mairie, "Chut", visibility="followers"),
    )
    for post in (loved, answer, private):
        for who in (mairie, marie, marc):
            await town.ctx.db.write(lambda tx, who=who, post=post: favourites.add(tx, town.ctx, actor=who, post=post))  # type: ignore[misc]
    await town.ctx.db.write(lambda tx: favourites.add(tx, town.ctx, actor=marie, post=liked))
    assert await trends.posts(town.ctx, None, limit=10) == [loved.id]
    assert await trends.posts(town.ctx, marie.id, limit=10, offset=1) == []
    await town.block(mairie, marie)
    assert await trends.posts(town.ctx, marie.id, limit=10) == [], "a trend shows whom it may not"
