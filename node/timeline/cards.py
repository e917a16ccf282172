"""Cards: what the page says of itself that a post links to. One for each address, whoever links to it.

Only the first link of what everybody may read is looked at, of a post without files: an address in a letter may be one that works
once, and is nobody's business. Mentions, hashtags and pages of this node have none. Reading a page is
`node.timeline.previews`; here stand the rows, and which post shows which.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import unescape
from typing import Any, Final
from urllib.parse import urlsplit

from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.jobs import enqueue
from node.runtime.net import BadUrl
from node.runtime.net.urls import parse
from node.timeline.extras import ONE_CHANGE, Extra
from node.timeline.facts import PostEdited, PostsPublished
from node.timeline.records import Post, by_id

FIND_JOB: Final = "timeline.find_cards"

_SHOWN: Final = 500
"""Posts that show another card at once; older ones show it when they are next rendered."""
_COLUMNS: Final = (
    "c.id, c.url, c.state, c.title, c.description, c.language, c.author_name, c.author_url, c.provider_name, "
    "c.image_url, c.image_description, c.width, c.height, c.fetched_ms"
)
_LINK: Final = re.compile(r"<a ([^>]*)>(.{0,4})", re.DOTALL)
_HREF: Final = re.compile(r'href="([^"]*)"')
_CLASS: Final = re.compile(r'class="([^"]*)"')
_NOT_LINKS: Final = frozenset({"mention", "hashtag", "u-url"})


@dataclass(frozen=True, slots=True)
class Card:
    """One row."""

    id: int
    url: str
    state: str
    title: str
    description: str
    language: str
    author_name: str
    author_url: str
    provider_name: str
    image_url: str | None
    image_description: str
    width: int | None
    height: int | None
    fetched_ms: int | None


def link_in(content: str) -> str | None:
    """The first link of a post's HTML (as `cleaning.clean` leaves it) that is neither a mention nor a hashtag, in normal form."""
    for each in _LINK.finditer(content):
        classes = _CLASS.search(each[1])
        href = _HREF.search(each[1])
        if href is None or each[2][:1] in ("#", "@"):
            continue
        if classes is not None and not _NOT_LINKS.isdisjoint(classes[1].split()):
            continue
        try:
            return parse(unescape(href[1])).url
        except BadUrl:
            continue
    return None


def wanted(post: Post, *, media: bool) -> bool:
    """Whether a post may show a card at all; no query."""
    return (
        post.distributable and post.boost_of_id is None and not media and not post.held and "<a " in post.content
        and link_in(post.content) is not None
    )  # fmt: skip


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Reaction: have the links of new posts looked at. One job for all of them, none where there is no link."""
    if not ctx.settings.link_previews:
        return
    linking = [each.post_id for each in fact.posts if wanted(each.post, media=each.media)]
    if linking:
        await enqueue(tx, ctx, FIND_JOB, {"posts": linking})


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited) -> None:
    """Reaction: another text may have another link, or none."""
    post = await by_id(tx, fact.post_id) if ctx.settings.link_previews else None
    if post is not None and (post.extras & Extra.CARD or wanted(post, media=False)):
        await enqueue(tx, ctx, FIND_JOB, {"posts": [post.id]})


async def linked(tx: Tx, ctx: Context, *, post_id: int, url: str) -> Card:
    """The card of *url*, made where there is none yet, which the post shows from now on if there is something to show."""
    await tx.execute(
        "INSERT INTO cards (id, url, state, created_ms) VALUES ($1, $2, 'new', $3) ON CONFLICT (url) DO NOTHING",
        ctx.ids.next(), url, ctx.clock.now_ms(),
    )  # fmt: skip
    row = await tx.row(f"SELECT {_COLUMNS} FROM cards c WHERE c.url = $1", url)
    assert row is not None
    card = Card(*row)
    await tx.execute(
        "INSERT INTO post_cards (post_id, card_id) VALUES ($1, $2) "
        "ON CONFLICT (post_id) DO UPDATE SET card_id = excluded.card_id",
        post_id, card.id,
    )  # fmt: skip
    await _show(tx, [post_id], shown=card.state == "ready")
    return card


async def unlink(tx: Tx, *, post_id: int) -> None:
    """The post links to nothing any more."""
    if await tx.execute("DELETE FROM post_cards WHERE post_id = $1", post_id):
        await _show(tx, [post_id], shown=False)


async def keep(tx: Tx, ctx: Context, *, card_id: int, read: Mapping[str, Any] | None) -> None:
    """Write what was *read* at the address (columns), None: nothing; and have the posts with it show that."""
    now_ms = ctx.clock.now_ms()
    if read is None:  # what it said before stays: the page may only be away
        await tx.execute(
            "UPDATE cards SET fetched_ms = $2, state = CASE WHEN state = 'ready' THEN state ELSE 'none' END WHERE id = $1",
            card_id, now_ms,
        )  # fmt: skip
        return
    places = ", ".join(f"{name} = ${at}" for at, name in enumerate(read, start=3))
    await tx.execute(
        f"UPDATE cards SET state = 'ready', fetched_ms = $2, {places} WHERE id = $1", card_id, now_ms, *read.values()
    )
    rows = await tx.fetch(
        f"SELECT post_id FROM post_cards WHERE card_id = $1 ORDER BY post_id DESC LIMIT {_SHOWN}", card_id
    )
    await _show(tx, [row[0] for row in rows], shown=True)


async def by_card_id(reader: Reader, card_id: int) -> Card | None:
    """The card of that id."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM cards c WHERE c.id = $1", card_id)
    return None if row is None else Card(*row)


async def of_posts(reader: Reader, post_ids: Iterable[int]) -> dict[int, Card]:
    """The cards that those posts show. One query."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS}, pc.post_id FROM post_cards pc JOIN cards c ON c.id = pc.card_id "
        "WHERE pc.post_id = ANY($1::bigint[]) AND c.state = 'ready'",
        list(post_ids),
    )
    return {row["post_id"]: Card(*tuple(row)[:-1]) for row in rows}


def host_of(url: str) -> str:
    """The host of an address, for people."""
    return (urlsplit(url).hostname or "").removeprefix("www.")


async def _show(tx: Tx, post_ids: Sequence[int], *, shown: bool) -> None:
    """Have those posts rendered anew, with their card or without one."""
    bits = f"(extras | {int(Extra.CARD)})" if shown else f"(extras & ~{int(Extra.CARD)})"
    only = "" if shown else f" AND extras & {int(Extra.CARD)} <> 0"
    await tx.execute(
        f"UPDATE posts SET extras = {bits} + {ONE_CHANGE}, fragment = NULL WHERE id = ANY($1::bigint[]){only}",
        list(post_ids),
    )
