"""Posts as pages show them: with authors, media and what they boost, in a fixed number of queries."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import actors
from node.actors.actor import Actor
from node.media import addresses, attachments
from node.media.attachments import Media
from node.runtime.database import Reader
from node.timeline import polls, posts, quotes
from node.timeline.extras import Extra
from node.timeline.polls import Poll
from node.timeline.posts import Post
from node.timeline.quotes import Quote

_MAX_SIDE_PX: Final = 4096


@dataclass(frozen=True, slots=True)
class Picture:
    """An image of a post; its files are ours or in our cache, so that no other server learns who reads."""

    address: str
    preview: str
    alt: str
    width: int | None
    """Of the preview, in pixels."""
    height: int | None
    mime: str
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Recording:
    """A film or a sound of ours, that is played on the page."""

    kind: str
    address: str
    mime: str
    poster: str | None
    alt: str
    width: int | None
    height: int | None
    size_bytes: int


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A video, a sound or another file that this node does not keep: a link to it."""

    kind: str
    address: str
    alt: str


@dataclass(frozen=True, slots=True)
class Card:
    """One post on a page."""

    post: Post
    author: Actor
    pictures: Sequence[Picture]
    recordings: Sequence[Recording]
    files: Sequence[Elsewhere]
    boosted_by: Actor | None
    """Who brings it here, where that is not its author."""
    cursor: int
    """The id in the list that it stands in."""
    poll: Poll | None = None
    """What it asks, and how that stands."""
    quotes: str | None = None
    """The page of what it quotes, where the quoted author agreed."""

    @property
    def address(self) -> str:
        """Where it is read: our own page, or that of its server."""
        return page_of(self.author, self.post)


async def of(reader: Reader, post_ids: Sequence[int], *, home: str = "") -> list[Card]:
    """The posts of those ids, in their order; what is gone is left out.

    At most four queries, and one for polls and one for quotes where there are any.
    *home* (`https://host`) makes the addresses of media absolute. Whether the reader may have them was asked before.
    """
    listed = await posts.by_ids(reader, post_ids)
    boosted = [post.boost_of_id for post in listed.values() if post.boost_of_id is not None]
    found = {**await posts.by_ids(reader, boosted), **listed}
    authors = await actors.by_ids(reader, (post.author_id for post in found.values()))
    media = await attachments.of_posts(reader, list(found))
    asked = await polls.of_posts(reader, asking) if (asking := _with(Extra.POLL, found)) else {}
    quoted = await quotes.of_posts(reader, quoting) if (quoting := _with(Extra.QUOTE, found)) else {}
    cards = []
    for post_id in post_ids:
        line = listed.get(post_id)
        if line is None or line.author_id not in authors:
            continue
        post = line if line.boost_of_id is None else found.get(line.boost_of_id)
        if post is None or post.author_id not in authors:
            continue
        by = None if line is post else authors[line.author_id]
        held = media.get(post.id, ())
        pictures = [_picture(home, item) for item in held if item.kind == "image"]
        played = [
            _recording(home, item, item.storage_key) for item in held if item.kind != "image" and item.storage_key
        ]
        files = [_elsewhere(item) for item in held if item.kind != "image"]
        shown = [each for each in files if each is not None]
        poll = asked.get(post.id)
        quote = _agreed(quoted.get(post.id))
        cards.append(Card(post, authors[post.author_id], pictures, played, shown, by, line.id, poll, quote))
    return cards


def _with(extra: Extra, found: Mapping[int, Post]) -> list[int]:
    return [post.id for post in found.values() if post.extras & extra]


def _agreed(quote: Quote | None) -> str | None:
    if quote is None or quote.state != "accepted" or quote.quoted_id is None:
        return None
    return web_address(quote.quoted_url)


def page_of(author: Actor, post: Post) -> str:
    """The page of a post: a path here for our own, so that a reader stays on the host she is on."""
    if author.local:
        return f"/@{author.username}/{post.id}"
    return web_address(post.url) or web_address(post.uri) or "#"


def profile_of(actor: Actor) -> str:
    """The page of an actor; the node's own actor is presented by /about."""
    if actor.local:
        return "/about" if actor.kind == "instance" else f"/@{actor.username}"
    return web_address(actor.url) or web_address(actor.uri) or "#"


def avatar_of(actor: Actor, home: str = "") -> str:
    """The address of an actor's picture, never empty."""
    return addresses.of_actor(home, "avatar", actor.id, actor.avatar, local=actor.local)


def web_address(text: str) -> str | None:
    """*text*, if a browser may be sent there."""
    return text if text.startswith(("https://", "http://")) else None


def _picture(home: str, item: Media) -> Picture:
    if item.storage_key:
        address = addresses.of_key(home, item.storage_key)
        preview = addresses.of_key(home, item.preview_key or item.storage_key)
    else:
        address = addresses.of_remote(home, "image", item.id, item.remote_url or "")
        preview = addresses.of_remote(home, "preview", item.id, item.remote_url or "")
    width, height = item.preview_width or item.width, item.preview_height or item.height
    if not width or not height or width > _MAX_SIDE_PX or height > _MAX_SIDE_PX:
        width = height = None
    return Picture(address, preview, item.description, width, height, item.mime, item.size_bytes)


def _recording(home: str, item: Media, key: str) -> Recording:
    poster = None if item.preview_key is None else addresses.of_key(home, item.preview_key)
    size = (item.width, item.height) if (item.width or 0) <= _MAX_SIDE_PX >= (item.height or 0) else (None, None)
    return Recording(
        item.kind, addresses.of_key(home, key), item.mime, poster, item.description, *size, item.size_bytes
    )


def _elsewhere(item: Media) -> Elsewhere | None:
    address = web_address(item.remote_url or "")
    return None if address is None else Elsewhere(item.kind, address, item.description)
