"""What anyone reads: the town, its actors, their posts. And what nobody reads here."""

import re

import pytest

from node.actors import actors, domains, follows, remote
from node.actors.actor import Actor
from node.federation.vocab import actors as actor_documents
from node.federation.vocab import posts as post_documents
from node.runtime.database import Tx
from node.runtime.errors import Gone
from node.timeline import boosts, favourites, posts, votes
from node.timeline.polls import NewPoll
from tests.support.client import Client
from tests.support.fediverse import some_keys
from tests.support.town import PUBLIC
from tests.web.conftest import Town


async def test_the_first_page_presents_the_town(town: Town):
    """Its actors, its public posts, how to follow and how to log in; nobody who does not wish to be found."""
    await town.post("Les horaires d’été")
    shy = await town.node.person("discret", discoverable=False)
    await town.post("Je suis discret", author=shy.actor, visibility="unlisted")
    page = await town.reader().open("/")
    assert "Mairie de Montreuil (exemple)" in page.words
    assert "Les horaires d’été" in page.words
    assert "montreuil.example" in page.words
    assert "discret" not in page.words
    assert not page.all("a", href="/@montreuil.example"), "the node's own actor is no inhabitant"


async def test_an_actor_says_who_it_is(town: Town):
    """Handle, presentation, fields, codes and how they were proved, feed, the form to follow."""
    page = await town.reader().open("/@mairie")
    for words in ("@mairie@montreuil.example", "La mairie, tous les jours.", "Suivre depuis votre compte"):
        assert words in page.words
    assert "INSEE" not in page.words
    ctx = town.node.ctx
    changes: actors.Changes = {"insee": "93048", "siren": "219300480", "fields": [("Horaires", "9 h – 17 h")]}
    await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=town.hall.actor, changes=changes))
    page = await town.reader().open("/@mairie")
    for words in ("93048", "219300480", "non vérifiés", "Horaires", "9 h – 17 h"):
        assert words in page.words
    proved: actors.Changes = {"codes_proof": "declared by the node's keeper; official geographic code 2026"}
    await ctx.db.write(lambda tx: actors.update_profile(tx, ctx, actor=town.hall.actor, changes=proved))
    assert "code officiel géographique de 2026" in (await town.reader().open("/@mairie")).words
    assert page.all("link", type="application/rss+xml", href="/@mairie.rss")
    assert page.all("link", type="application/activity+json", href="https://montreuil.example/users/mairie")


async def test_a_post_is_shown_whole(town: Town):
    """Words, pictures with their descriptions, date, counts; what is around it in the conversation."""
    first = await town.post("Qui vient samedi ?")
    post = await town.rich_post()
    answer = await town.post("Moi !", reply_to=first)
    second = await town.post("Moi aussi", reply_to=answer)
    ctx, neighbour = town.node.ctx, (await town.node.person("voisine")).actor

    async def like(tx: Tx) -> None:
        await favourites.add(tx, ctx, actor=neighbour, post=post)
        await boosts.boost(tx, ctx, actor=neighbour, post=post)

    await ctx.db.write(like)
    page = await town.reader().open(f"/@mairie/{post.id}")
    assert "1 partage" in page.words
    assert "1 favori" in page.words
    assert [each.attributes["alt"] for each in page.all("img", loading="lazy") if each.attributes["alt"]] == [
        'La halle <repeinte> & "neuve"', "Image sans description",
    ]  # fmt: skip
    assert page.all("time", datetime="2026-09-21T14:13:22.000Z"), [each.attributes for each in page.all("time")]
    assert page.all("link", rel="canonical", href=post.url)
    page = await town.reader().open(f"/@mairie/{answer.id}")
    assert page.words.index("Qui vient samedi ?") < page.words.index("Moi !") < page.words.index("Moi aussi")
    assert page.words.index("En réponse à") < page.words.index("Moi !") < page.words.index("Réponses")
    assert (await town.reader().open(f"/@mairie/{second.id}")).words.count("Moi aussi") == 1


async def test_a_content_warning_hides_words_and_pictures(town: Town):
    """Both are in a <details>, and the warning is what search engines and previews get."""
    held = await town.picture("Une image pénible")
    post = await town.post("Le détail", summary="Sujet pénible", media_ids=(held.id,))
    reader = town.reader()
    page = await reader.open(f"/@mairie/{post.id}")
    (details,) = page.all("details")
    assert "Le détail" in details.words
    assert page.all("summary")[0].words.strip() == "Sujet pénible"
    assert "Le détail" not in page.all("meta", name="description")[0].attributes["content"]
    assert "/files/" not in page.all("meta", property="og:image")[0].attributes["content"]
    html = reader.answer.text
    assert html.index("<details") < html.index("Une image pénible") < html.index("</details>")


async def test_an_edit_is_dated(town: Town):
    """A reader sees that a post was changed, and when."""
    post = await town.post("Réunion mardi")
    ctx = town.node.ctx
    ctx.clock.forward(60)  # type: ignore[attr-defined]
    await ctx.db.write(
        lambda tx: posts.edit(tx, ctx, post=post, author=town.hall.actor, text="Réunion mercredi", language="fr")
    )
    page = await town.reader().open(f"/@mairie/{post.id}")
    assert "Réunion mercredi" in page.words
    assert "modifié le" in page.words


async def test_what_is_not_public_is_nowhere(town: Town):
    """Followers-only and direct posts: on no page, in no feed; asking for one is like asking for none."""
    neighbour = await town.node.person("voisine")
    ctx = town.node.ctx
    await ctx.db.write(lambda tx: follows.request(tx, ctx, follower=neighbour.actor, followee=town.hall.actor))
    public = await town.post("Tout le monde #secret")
    hidden = [
        await town.post("SECRET abonnés #secret", visibility="followers"),
        await town.post("SECRET direct @voisine #secret", visibility="direct", mentions=[neighbour.actor]),
        await town.post("SECRET réponse #secret", visibility="followers", reply_to=public),
        await town.post("SECRET voisine #secret", author=neighbour.actor, visibility="followers"),
    ]
    reader = await town.logged_in()  # being logged in changes nothing: these pages are the same for everyone
    for path in (
        "/",
        "/@mairie",
        "/@voisine",
        "/tags/secret",
        f"/@mairie/{public.id}",
        "/@mairie.rss",
        "/@mairie/feed",
    ):
        await reader.open(path)
        assert reader.answer.status == 200, path
        assert "SECRET" not in reader.answer.text, f"{path} shows what is not public"
    missing = await reader.open("/@mairie/12345")
    for post in hidden:
        author = "voisine" if post.author_id == neighbour.actor.id else "mairie"
        for tail in ("", "/interact"):
            page = await reader.open(f"/@{author}/{post.id}{tail}")
            assert (reader.answer.status, page.words) == (404, missing.words), "missing and private must look alike"
    await reader.client.post(f"/@mairie/{hidden[0].id}/interact", {"handle": "@a@b.example"})


async def test_a_post_under_another_name_is_not_there(town: Town):
    """The id alone does not open a page that would give somebody else's words to this name."""
    await town.node.person("voisine")
    post = await town.post()
    reader = town.reader()
    for path in (
        f"/@voisine/{post.id}",
        "/@mairie/9999999999999999999",
        "/@mairie/12x",
        f"/@mairie/{2**64}",
        "/@mairie/-1",
    ):
        await reader.open(path)
        assert reader.answer.status == 404, path


async def test_what_was_deleted_says_so(town: Town):
    """A deleted post and a deleted account answer 410 with a page; a suspended account is not shown."""
    post, ctx = await town.post(), town.node.ctx
    await ctx.db.write(lambda tx: posts.delete(tx, ctx, post=post))
    reader = town.reader()
    page = await reader.open(f"/@mairie/{post.id}")
    assert reader.answer.status == Gone.status
    assert "Supprimé" in page.words
    gone = (await town.node.person("partie")).actor
    await ctx.db.write(lambda tx: actors.delete_local(tx, ctx, actor=gone))
    await reader.open("/@partie")
    assert reader.answer.status == Gone.status
    await ctx.db.write(lambda tx: tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", town.hall.actor.id))
    for path in ("/@mairie", "/@mairie.rss"):
        await reader.open(path)
        assert reader.answer.status == 403, path
    assert "Mairie" not in (await reader.open("/")).words


async def test_older_posts_by_keyset(town: Town):
    """'Older' leads through all posts, each once, and ends; the address of a page shows the same later."""
    for number in range(45):
        await town.post(f"Nouvelle n°{number};")
    reader = town.reader()
    for first in ("/@mairie", "/"):
        seen: list[str] = []
        page = await reader.open(first)
        for _ in range(10):
            seen += re.findall(r"Nouvelle n°(\d+);", page.words)
            older = page.all("a", rel="next")
            if not older:
                break
            page = await reader.open(older[0].attributes["href"])
        assert seen == [str(number) for number in reversed(range(45))]
    for bad in ("x", "-1", "1e9", "٣", "9" * 30):
        await reader.open(f"/@mairie?max_id={bad}")
        assert reader.answer.status == 404, bad


async def test_a_boost_shows_whose_words_they_are(town: Town):
    """On the page of who shares it, with a link to the author; its own address leads to the post."""
    neighbour = (await town.node.person("voisine", name="La voisine")).actor
    post = await town.post("Parole de voisine", author=neighbour)
    ctx = town.node.ctx
    boost = await ctx.db.write(lambda tx: boosts.boost(tx, ctx, actor=town.hall.actor, post=post))
    page = await town.reader().open("/@mairie")
    assert "Partagé par Mairie de Montreuil (exemple)" in page.words
    assert "La voisine" in page.words
    assert boost is not None
    reader = town.reader()
    await reader.open(f"/@mairie/{boost.id}")
    assert reader.address == f"https://montreuil.example/@voisine/{post.id}"


async def test_somebody_from_elsewhere(town: Town, stranger):
    """A page of ours says where to go on, and lends its name to nobody: no redirect, not listed."""
    _, post = stranger
    reader = town.reader()
    for path in ("/@bruno@remote.example", f"/@bruno@remote.example/{post.id}"):
        page = await reader.open(path)
        assert reader.answer.status == 200, path
        assert page.all("a", class_="button")[0].attributes["href"].startswith("https://remote.example/"), path
        assert reader.answer.headers["x-robots-tag"] == "noindex"
        assert "Parole d’ailleurs" not in page.words
    for path in (
        "/@personne@remote.example",
        "/@bruno@",
        "/@@x",
        "/@bruno@remote.example/1",
        f"/@mairie@montreuil.example/{post.id}",
    ):
        await reader.open(path)
        assert reader.answer.status == 404, path
    await reader.open("/@mairie@montreuil.example")
    assert reader.address == "https://montreuil.example/@mairie"


@pytest.fixture
async def stranger(town: Town) -> tuple[Actor, posts.Post]:
    """Bruno, of another server, and a post of his."""
    uri, ctx = "https://remote.example/users/bruno", town.node.ctx
    raw = {
        "id": uri,
        "type": "Person",
        "preferredUsername": "bruno",
        "inbox": f"{uri}/inbox",
        "url": "https://remote.example/@bruno",
    }
    document = actor_documents.read(raw)
    actor = await ctx.db.write(lambda tx: remote.upsert(tx, ctx, document=document, handle_host="remote.example"))
    note = {
        "id": f"{uri}/1", "type": "Note", "attributedTo": uri, "content": "<p>Parole d’ailleurs</p>", "to": [PUBLIC],
        "published": "2026-09-21T10:00:00Z", "url": "https://remote.example/@bruno/1",
    }  # fmt: skip
    read = post_documents.read(note)
    post = await ctx.db.write(lambda tx: posts.receive(tx, ctx, author=actor, document=read, mentions=[]))
    assert post is not None
    return actor, post


async def test_a_handle_host_leads_to_the_service_host(fediverse):
    """`town.example/@mairie` may reach the node too: the page lies where the ids lie."""
    node = await fediverse.node("first.example")
    ctx, keys = node.ctx, await some_keys()

    async def step(tx: Tx) -> Actor:
        domain = await domains.create(
            tx, ctx, handle_host="town.example", service_host="social.town.example", name="Ville"
        )
        return await actors.create_local(
            tx, ctx, domain=domain, username="mairie", type="Organization", name="Mairie", keys=keys
        )

    await ctx.db.write(step)
    client = Client(node.app, "town.example")
    for path in ("/@mairie", "/@mairie.rss", "/@mairie/follow"):
        answer = await client.get(path)
        assert (answer.status, answer.headers["location"]) == (301, f"https://social.town.example{path}")
    assert "Mairie" in (await client.get("/")).text
    assert (await Client(node.app, "nobody.example").get("/")).status == 404


async def test_a_poll_shows_how_it_stands(town: Town):
    """Its options with their votes, until when one may vote; hidden totals only once it is closed."""
    poll = NewPoll(options=("Le jeudi", "Le <samedi>"), open_s=3600)
    post = await town.post("Quel jour ?", poll=poll)
    hidden = await town.post("Et là ?", poll=NewPoll(options=("Oui", "Non"), open_s=3600, hides_totals=True))
    voter, ctx = (await town.node.person("voisin")).actor, town.node.ctx

    async def vote(tx: Tx) -> None:
        for asked in (post, hidden):
            await votes.cast(tx, ctx, voter=voter, post=asked, choices=[1])

    await ctx.db.write(vote)
    words = (await town.reader().open(f"/@mairie/{post.id}")).words
    assert "Le jeudi (0 vote)" in words
    assert "Le <samedi> (1 vote)" in words
    assert "Ouvert jusqu’au" in words
    assert "(1 vote)" not in (await town.reader().open(f"/@mairie/{hidden.id}")).words
    ctx.clock.forward(4000)  # type: ignore[attr-defined]
    words = (await town.reader().open(f"/@mairie/{hidden.id}")).words
    assert "Non (1 vote)" in words
    assert "Le sondage est clos." in words


async def test_a_quote_leads_to_what_it_quotes(town: Town):
    """Once its author agreed; in the town's own words nobody has to be asked."""
    quoted = await town.post("Le pont est ouvert")
    post = await town.post("Enfin", quoted=quoted)
    page = await town.reader().open(f"/@mairie/{post.id}")
    assert "Cite" in page.words
    assert page.all("a", href=quoted.url)


async def test_the_page_about_a_site_names_its_territories(town: Town):
    """Communes and territories, with their codes; whoever is none of them is not named."""
    await town.node.town("montreuil", name="Montreuil", insee="62588")
    await town.node.territory("cotedopale", name="Côte d’Opale", siren="200069029")
    await town.node.person("alice")
    page = await town.reader().open("/about")
    assert "Territoires que ce site sert" in page.words
    assert "Montreuil Code INSEE 62588" in " ".join(page.words.split())
    assert "Côte d’Opale Numéro SIREN 200069029" in " ".join(page.words.split())
    assert "Alice" not in page.words
