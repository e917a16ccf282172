"""RSS, for readers without an account anywhere."""

from xml.etree import ElementTree

from node.timeline import boosts
from tests.web.conftest import Town


async def test_the_feed_is_read_by_feed_readers(town: Town):
    """RSS 2.0: well-formed, itself named, an id and a date for each post, words whole, the first picture enclosed."""
    held = await town.picture("La halle")
    await town.post("Vieille nouvelle\x0b & <b>grasse</b>")
    post = await town.post("Une nouvelle #fete", media_ids=(held.id,))
    await town.post("Sous le pli", summary="Attention")
    neighbour = (await town.node.person("voisine")).actor
    other, ctx = await town.post("Parole de voisine", author=neighbour), town.node.ctx
    await ctx.db.write(lambda tx: boosts.boost(tx, ctx, actor=town.hall.actor, post=other))
    answer = await town.reader().client.get("/@mairie.rss")
    assert answer.headers["content-type"].startswith("application/rss+xml")
    rss = ElementTree.fromstring(answer.body)
    assert (rss.tag, rss.get("version")) == ("rss", "2.0")
    channel = rss.find("channel")
    assert channel is not None
    for tag in ("title", "link", "description"):
        assert channel.findtext(tag), f"<{tag}> is required"
    itself = channel.find("{http://www.w3.org/2005/Atom}link")
    assert itself is not None
    assert itself.attrib == {
        "href": "https://montreuil.example/@mairie.rss",
        "rel": "self",
        "type": "application/rss+xml",
    }
    items = channel.findall("item")
    assert [item.findtext("title") for item in items] == [
        "Attention",
        "Une nouvelle #fete",
        "Vieille nouvelle & <b>grasse</b>",
    ]
    assert items[1].findtext("guid") == post.url
    assert items[1].findtext("pubDate") == "Mon, 21 Sep 2026 14:13:22 +0000"
    assert items[1].findtext("category") == "fete"
    enclosure = items[1].find("enclosure")
    assert enclosure is not None
    assert enclosure.get("url", "").startswith("https://montreuil.example/media/files/")
    assert (enclosure.get("type"), enclosure.get("length")) == ("image/png", "1234")
    whole = "{http://purl.org/rss/1.0/modules/content/}encoded"
    assert "<p>Une nouvelle <a href=" in (items[1].findtext(whole) or "")
    assert (items[0].findtext(whole) or "").startswith("<p><strong>Attention</strong></p><hr>")
    assert items[2].find("enclosure") is None
