"""Reading the pages that posts link to: by jobs, once for each address, through the guarded network.

An address is read when the first post links to it, and again when a post links to it after two weeks (after a day, where
nothing was found). Who reads posts never asks those pages: pictures come through the node's cache. Nothing of a page is embedded.
"""

import asyncio
from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urljoin

from node import __version__
from node.actors import domains, hosts
from node.media import attachments
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Forbidden, Invalid
from node.runtime.jobs import enqueue
from node.runtime.net import BadUrl
from node.runtime.net.fetch import content_type, follow
from node.runtime.net.urls import parse
from node.runtime.text import heads
from node.timeline import cards, records

FETCH_JOB: Final = "timeline.fetch_card"

_FRESH_MS: Final = 14 * 24 * 60 * 60_000
_NOTHING_MS: Final = 24 * 60 * 60_000
_SPREAD_MS: Final = 20_000
"""Over which nodes that got a post at the same moment ask the same site."""
_MAX_BYTES: Final = 2 * 1024 * 1024
_TIMEOUT_S: Final = 10.0
_PAGES: Final = ("text/html", "application/xhtml+xml")


async def find_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `timeline.find_cards`: which page each of these posts links to; those that are not known are read soon."""
    posts = await records.by_ids(ctx.db.reader, args["posts"])
    media = await attachments.of_posts(ctx.db.reader, list(posts))
    ours = await _own_hosts(ctx)
    for post in posts.values():
        url = cards.link_in(post.content) if cards.wanted(post, media=post.id in media) else None
        if url is not None and parse(url).host in ours:
            url = None
        await ctx.db.write(lambda tx, post=post, url=url: _link(tx, ctx, post, url))  # type: ignore[misc]


async def fetch_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `timeline.fetch_card`: read one page; whatever it answers, it is not asked again soon."""
    card = await cards.by_card_id(ctx.db.reader, int(args["card"]))
    if card is None or not _stale(ctx, card):
        return
    try:
        read = await _read(ctx, card.url)
    except BeffroiError:
        read = None
    ctx.metrics.count("link_previews", outcome="none" if read is None else "read")
    await ctx.db.write(lambda tx: cards.keep(tx, ctx, card_id=card.id, read=read))


async def _link(tx: Tx, ctx: Context, post: records.Post, url: str | None) -> None:
    if await records.by_id(tx, post.id) is None:
        return
    if url is None:
        await cards.unlink(tx, post_id=post.id)
        return
    card = await cards.linked(tx, ctx, post_id=post.id, url=url)
    if _stale(ctx, card):
        now_ms = ctx.clock.now_ms()
        at_ms = now_ms if post.local else now_ms + card.id % _SPREAD_MS
        await enqueue(tx, ctx, FETCH_JOB, {"card": card.id}, at_ms=at_ms, unique=f"{FETCH_JOB}:{card.id}")


def _stale(ctx: Context, card: cards.Card) -> bool:
    if card.fetched_ms is None:
        return True
    return ctx.clock.now_ms() - card.fetched_ms > (_FRESH_MS if card.state == "ready" else _NOTHING_MS)


async def _own_hosts(ctx: Context) -> frozenset[str]:
    every = await domains.all(ctx.db.reader)
    return frozenset(name.partition(":")[0] for each in every for name in (each.handle_host, each.service_host))


async def _read(ctx: Context, url: str) -> dict[str, Any] | None:
    """What the page at *url* says of itself, as columns of `cards`; None: nothing.

    Raises:
        BeffroiError: it could not be read, or its server is suspended here.
    """
    policies = await hosts.policies(ctx)

    def headers_for(hop: str) -> dict[str, str]:
        if policies.of(hosts.of_uri(hop)).suspended:
            raise Forbidden("this node has no dealings with that server")
        return {
            "User-Agent": f"Beffroi/{__version__} (link preview)",
            "Accept": "text/html",
            "Accept-Language": "fr, en;q=0.5",
        }

    response = await follow(
        ctx.network, url, headers_for=headers_for, accept=_PAGES, max_bytes=_MAX_BYTES, timeout_total_s=_TIMEOUT_S
    )
    if response.status != 200:
        return None
    charset = content_type(response)[1].get("charset", "")
    head = await asyncio.to_thread(heads.read, response.body, charset=charset)
    if not head.title:
        return None
    author_is_page = head.author.startswith(("https://", "http://"))
    return {
        "title": head.title,
        "description": head.description,
        "language": head.language,
        "author_name": "" if author_is_page else head.author,
        "author_url": head.author if author_is_page else "",
        "provider_name": head.site or cards.host_of(response.url),
        "image_url": _image(policies, response.url, head.image),
        "image_description": head.image_description,
        "width": head.width,
        "height": head.height,
    }


def _image(policies: hosts.Policies, page: str, image: str) -> str | None:
    """The address of the page's picture, if the node may ask for it."""
    if not image:
        return None
    try:
        found = parse(urljoin(page, image)).url
        return None if policies.of(hosts.of_uri(found)).refuses_media else found
    except (BadUrl, Invalid, ValueError):
        return None
