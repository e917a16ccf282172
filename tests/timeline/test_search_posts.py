"""Posts are found by what they say, by those who may read and find them."""

from collections.abc import Sequence
from typing import Any

from node.actors import mutes, tastes
from node.actors.actor import Actor
from node.timeline import bookmarks, deletion, favourites
from node.timeline.pages import Page
from node.timeline.records import Post
from node.timeline.search import asked, index, posts
from node.timeline.search.index import Indexer
from tests.support.town import Town


async def read_all(town: Town) -> None:
    """What the worker does within a second."""
    while await Indexer().turn(town.ctx):
        pass


async def found(town: Town, viewer: Actor | None, text: str, **more: Any) -> list[int]:
    page = more.pop("page", Page(limit=20))
    return await posts.find(
        town.reader,
        viewer.id if viewer else None,
        asked.read(text),
        page=page,
        host="town.example",
        **more,
    )


def ids(*expected: Post) -> list[int]:
    return [post.id for post in expected]


async def open_town(town: Town) -> tuple[Actor, Actor]:
    """The town hall, which may be searched, and marie, who looks."""
    mairie, marie = await town.local("mairie", indexable=True), await town.local("marie")
    return mairie, marie


async def test_accents_plurals_and_beginnings(town: Town) -> None:
    mairie, marie = await open_town(town)
    markets = await town.post(mairie, "Les marchés de Noël, place de l’Église")
    works = await town.post(mairie, "Travaux municipaux rue de l'École #FêteDeLaMusique")
    await read_all(town)
    for text in ("marché", "MARCHE", "marches de noel", "march", "eglise", "l'église", "noël mar"):
        assert await found(town, marie, text) == ids(markets), text
    for text in ("travail municipal", "municip", "ecoles", "musique", "#fetedelamusique", "rues"):
        assert await found(town, marie, text) == ids(works), text
    assert await found(town, marie, "place rue") == []
    assert await found(town, marie, "place travaux") == []
    assert await found(town, None, "marché") == [], "a stranger searches texts"


async def test_newest_first_and_pages(town: Town) -> None:
    mairie, marie = await open_town(town)
    written = [await town.post(mairie, f"Conseil numéro {n}") for n in range(8)]
    await read_all(town)
    newest = ids(*reversed(written))
    assert await found(town, marie, "conseil") == newest
    assert await found(town, marie, "conseils", page=Page(limit=3)) == newest[:3]
    assert await found(town, marie, "conseil", page=Page(limit=3), offset=3) == newest[3:6]
    assert await found(town, marie, "conseil", page=Page(max_id=newest[4], limit=20)) == newest[5:]
    assert await found(town, marie, "conseil", page=Page(min_id=newest[4], limit=2)) == newest[2:4]


async def test_operators(town: Town) -> None:
    mairie, marie = await open_town(town)
    far = await town.remote("far", indexable=True)
    first = await town.post(mairie, "Concert gratuit sur la place du marché", language="fr")
    day = town.later(3 * 86_400)
    second = await town.post(
        mairie, "Concert annulé, voir https://rennes.example/agenda", language="fr", sensitive=True
    )
    answer = await town.post(marie, "Quel concert ?", reply_to=second)
    third = await town.received(far, content="<p>Concert, market, place near du marché</p>", contentMap={"en": "x"})
    await read_all(town)
    assert await found(town, marie, "concert") == ids(third, answer, second, first)
    for text, expected in {
        "concert from:mairie": (second, first), "concert from:@far@remote.example": (third,), "from:me concert": (answer,),
        "concert -from:mairie": (third, answer), "from:nobody concert": (), "concert is:reply": (answer,),
        "concert -is:reply from:mairie": (second, first), "concert is:sensitive": (second,), "concert has:link": (second,),
        '"place du marché"': (first,), '"concert gratuit"': (first,), 'concert -"place du marché"': (third, answer, second),
        "concert -annulé": (third, answer, first), "concert in:library": (answer,), "in:library": (answer,),
        "concert in:public": (third, second, first), "before:2026-09-23 concert": (first,),
        "after:2026-09-23 concert from:mairie": (second,), "during:2026-09-21 concert": (first,), "has:poll": (),
        "concert has:media": (), "concert -has:media from:mairie": (second, first), "from:mairie": (second, first),
    }.items():  # fmt: skip
        assert await found(town, marie, text) == ids(*expected), text
    assert await found(town, marie, "concert", author_id=mairie.id) == ids(second, first)
    assert day > 0


async def test_only_what_may_be_found(town: Town) -> None:
    """Authors who did not agree are found in what one had in hand, nowhere else."""
    mairie, marie = await open_town(town)
    quiet, marc = await town.remote("quiet"), await town.local("marc")
    seen, named = (
        await town.received(quiet, content="kermesse"),
        await town.received(quiet, mentions=[marie], content="kermesse"),
    )
    marked = await town.received(quiet, content="kermesse")
    private = await town.post(mairie, "kermesse", visibility="followers")
    own = await town.post(marie, "kermesse", visibility="direct")
    await read_all(town)
    assert await found(town, marie, "kermesse") == ids(own, named)
    assert await found(town, marc, "kermesse") == []
    await town.ctx.db.write(lambda tx: favourites.add(tx, town.ctx, actor=marie, post=seen))
    await town.ctx.db.write(lambda tx: bookmarks.add(tx, town.ctx, actor=marie, post=marked))
    assert await found(town, marie, "kermesse") == ids(own, marked, named, seen)
    assert await found(town, mairie, "kermesse") == ids(private)
    await town.follow(marie, mairie)
    assert await found(town, marie, "kermesse") == ids(own, marked, named, seen), (
        "a post for followers is found by all of them"
    )
    await town.block(quiet, marie)
    assert await found(town, marie, "kermesse") == ids(own)


async def test_what_is_judged_held_or_unwanted_is_not_found(town: Town) -> None:
    """Hidden and held posts, limited and suspended authors; muted ones by her alone; it holds at once."""
    mairie, marie = await open_town(town)
    marc, loud = await town.local("marc"), await town.remote("loud", indexable=True)
    kept, hidden, held = [await town.post(mairie, "kermesse") for _ in range(3)]
    shouted = await town.received(loud, content="kermesse")
    await read_all(town)
    assert await found(town, marie, "kermesse") == ids(shouted, held, hidden, kept)

    async def change(sql: str, *args: object) -> None:
        await town.ctx.db.write(lambda tx: tx.execute(sql, *args))

    await change("UPDATE posts SET hidden = TRUE WHERE id = $1", hidden.id)
    await change("UPDATE posts SET held = TRUE WHERE id = $1", held.id)
    assert await found(town, marie, "kermesse") == ids(shouted, kept), "what is held or hidden is found"
    await town.ctx.db.write(lambda tx: mutes.mute(tx, town.ctx, actor=marie, target=loud))
    bits = await tastes.of(town.ctx, marie.id, town.reader)
    now_ms = town.ctx.clock.now_ms()
    assert await found(town, marie, "kermesse", bits=bits, now_ms=now_ms) == ids(kept), "who is muted is found"
    assert await found(town, marc, "kermesse") == ids(shouted, kept)
    await change("UPDATE actors SET limited = TRUE WHERE id = $1", loud.id)
    assert await found(town, marc, "kermesse") == ids(kept), "a limited account is found by anybody"
    await town.follow(marc, loud)
    assert await found(town, marc, "kermesse") == ids(shouted, kept)
    for state in ("suspended", "host_suspended"):
        await town.suspend(loud, state)
        assert await found(town, marc, "kermesse") == ids(kept), state


async def test_the_index_follows_what_happens(town: Town) -> None:
    mairie, marie = await open_town(town)
    post = await town.post(mairie, "Brocante dimanche")
    await read_all(town)
    assert await found(town, marie, "brocante") == ids(post)
    town.later()
    await town.ctx.db.write(
        lambda tx: tx.execute("UPDATE posts SET content = '<p>Vide-grenier</p>', edited_ms = 5 WHERE id = $1", post.id)
    )
    await read_all(town)
    assert await found(town, marie, "brocante") == []
    assert await found(town, marie, "greniers") == ids(post)
    await town.ctx.db.write(lambda tx: tx.execute("UPDATE actors SET indexable = FALSE WHERE id = $1", mairie.id))
    assert await found(town, marie, "greniers") == [], "who changed her mind is still found"
    await town.ctx.db.write(lambda tx: deletion.delete(tx, town.ctx, post=post))
    await read_all(town)
    for table in ("search_postings", "search_posts", "search_queue"):
        assert await town.reader.value(f"SELECT COUNT(*) FROM {table}") == 0, f"{table} remembers a deleted post"


async def test_building_anew_changes_nothing(town: Town) -> None:
    mairie, marie = await open_town(town)
    post = await town.post(mairie, "Piscine ouverte")
    await read_all(town)
    before: Sequence[object] = [tuple(row) for row in await town.reader.fetch("SELECT * FROM search_postings")]
    assert await index.rebuild(town.ctx) > 1
    assert (await index.size(town.reader)).waiting > 1
    assert await found(town, marie, "piscine") == ids(post), "while it is built anew nothing is found"
    await read_all(town)
    assert [tuple(row) for row in await town.reader.fetch("SELECT * FROM search_postings")] == before
