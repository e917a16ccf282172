"""What readers are shown of articles, events, videos and links of other programs."""

from typing import Any

from node.federation.vocab import posts
from node.federation.vocab.presentation import readable


def shown(**raw: Any) -> posts.Post:
    return readable(posts.read({"id": "https://a.test/1", "attributedTo": "https://a.test/u", **raw}))


def test_a_note_is_shown_as_it_came() -> None:
    note = posts.read({"id": "https://a.test/1", "type": "Note", "name": "a", "content": "b", "summary": "c"})
    assert readable(note) == note


def test_an_article_without_text_shows_its_abstract() -> None:
    """Mbin writes `content: null` and the words into `summary`."""
    page = shown(type="Page", name="Titre", content=None, summary="De quoi il s'agit")
    assert (page.content, page.summary) == ("De quoi il s'agit", None)


def test_the_page_that_a_lemmy_post_is_about_can_be_opened() -> None:
    link = {"type": "Link", "href": "https://press.test/a?b=1&c=2"}
    page = shown(type="Page", name="Titre", content="<p>lisez</p>", attachment=[link])
    assert (
        page.content
        == '<p>lisez</p><p><a href="https://press.test/a?b=1&amp;c=2">https://press.test/a?b=1&amp;c=2</a></p>'
    )
    said = '<a href="https://press.test/a?b=1&amp;c=2">là</a>'
    assert shown(type="Page", name="Titre", content=said, attachment=[link]).content == said, "linked twice"


def test_a_link_cannot_carry_markup() -> None:
    link = {"type": "Link", "href": "https://press.test/", "name": "<script>alert(1)</script>"}
    assert "<script>" not in shown(type="Event", name="Fête", attachment=[link]).content


def test_the_picture_of_an_event_comes_first_and_once() -> None:
    banner = {"type": "Image", "url": "https://a.test/banner.png", "name": "La place"}
    other = {"type": "Document", "mediaType": "image/png", "url": "https://a.test/2.png"}
    found = shown(type="Event", name="Fête", image=banner, attachment=[other])
    assert [media.url for media in found.attachments] == ["https://a.test/banner.png", "https://a.test/2.png"]
    again = shown(type="Event", name="Fête", image=banner, attachment=[other, {**banner}])
    assert [media.url for media in again.attachments] == ["https://a.test/2.png", "https://a.test/banner.png"]


def test_a_video_shows_its_thumbnail_before_its_file() -> None:
    """Films are not fetched by the node: without a picture readers would see a bare link."""
    stream = {"type": "Link", "mediaType": "application/x-mpegURL", "href": "https://a.test/master.m3u8"}
    icon = {"type": "Image", "url": "https://a.test/thumbnail.jpg"}
    found = shown(type="Video", name="Conseil", url=[stream], icon=icon)
    assert [media.url for media in found.attachments] == ["https://a.test/thumbnail.jpg"]
    file = {"type": "Link", "mediaType": "video/mp4", "href": "https://a.test/720.mp4", "height": 720}
    found = shown(type="Video", name="Conseil", url=[stream, file], icon=icon)
    assert [(media.kind, media.url) for media in found.attachments] == [
        ("Image", "https://a.test/thumbnail.jpg"),
        ("Video", "https://a.test/720.mp4"),
    ]


def test_a_picture_is_not_shown_beside_its_own_thumbnail() -> None:
    icon = {"type": "Image", "url": "https://a.test/small.jpg"}
    found = shown(type="Image", name="Le pont", url="https://a.test/large.jpg", icon=icon)
    assert [media.url for media in found.attachments] == ["https://a.test/large.jpg"]
