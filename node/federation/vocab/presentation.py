"""A post as people are shown it: nothing that was published looks empty, and what it is about can be opened.

The name of a Page, Article, Video or Event stands apart and is shown above its text.
"""

from collections.abc import Iterator
from dataclasses import replace
from html import escape
from typing import Final

from node.federation.vocab.pictures import Media
from node.federation.vocab.posts import Post

_SHORT_TYPES: Final = frozenset({"Note", "Question"})
_PLAYED_TYPES: Final = frozenset({"Video", "Audio"})
_MAX_PAGES: Final = 4


def readable(post: Post) -> Post:
    """*post* with something to read and to see.

    Without text a video, event or article shows its abstract; a page linked by it (Lemmy, Mobilizon) is a link below;
    the picture that stands for it comes first among its files.
    """
    shown = post
    if not post.content.strip() and post.name and post.type != "Note":
        shown = replace(shown, content=post.summary or "", media_type="text/html", summary=None)
    if not post.attachments and post.type in _SHORT_TYPES:
        return shown
    pages = tuple(_pages(shown))[:_MAX_PAGES]
    if pages:
        shown = replace(shown, content=shown.content + "".join(_link(shown, page) for page in pages))
    picture = _picture(post)
    return replace(shown, attachments=(picture, *post.attachments)) if picture is not None else shown


def _pages(post: Post) -> Iterator[Media]:
    """The attached pages that its text does not link to already."""
    for media in post.attachments:
        if media.kind == "Link" and media.url not in post.content and escape(media.url) not in post.content:
            yield media


def _link(post: Post, page: Media) -> str:
    if not post.media_type.startswith("text/html"):
        return f"\n\n{page.url}"
    return f'<p><a href="{escape(page.url)}">{escape(page.alt or page.url)}</a></p>'


def _picture(post: Post) -> Media | None:
    """The picture of an Article or Event, the thumbnail of a film or sound (which stay at their server); None if it is there."""
    if post.type in _SHORT_TYPES:
        return None
    files = [media for media in post.attachments if media.kind != "Link"]
    thumbnail = post.icon if post.type in _PLAYED_TYPES or (post.type == "Image" and not files) else None
    found = post.image or thumbnail
    return None if found is None or any(media.url == found.url for media in files) else found
