"""The conversation around a post, as far as it happens elsewhere: read at its servers when one of ours opens it.

What is above the post, then what is below: the `context` collection where there is one (FEP-7888, FEP-f228), else the
`replies` of the post and of its replies. Collections are hints: each post is asked for at its own server, and kept only
if it answers one that is kept. Everything is bounded, since whoever writes the collections may be hostile: posts, pages,
depth, time, and how often one host is asked, in one reading and by the whole node.
"""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from typing import Any, Final

from node.actors import domains, hosts
from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import posts as resolving
from node.federation.vocab import collections, links
from node.federation.vocab import posts as vocab
from node.federation.vocab.posts import Post as Document
from node.runtime import log, windows
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.jobs import enqueue
from node.runtime.windows import Limit
from node.timeline import posts, threads
from node.timeline.posts import Post

READ_JOB: Final = "federation.read_conversation"
EVERY_MS: Final = 15 * 60_000
BY_READER: Final = Limit("conversations by reader", 60, 300)
MAX_ASKED: Final = 80
"""Documents that one reading asks for, collections and their pages included."""
MAX_ASKED_OF_A_HOST: Final = 40
MAX_PAGES: Final = 6
MAX_DEPTH: Final = 4
"""Replies to replies to replies…"""
MAX_ABOVE: Final = 20
TIME_S: Final = 60.0
_AT_ONCE: Final = 4
_ANSWERS: Final = 40


async def opened(ctx: Context, post: Post, *, reader_id: int) -> None:
    """*reader_id*, one of ours, looks at the conversation of *post*: have it read, at most every quarter of an hour."""
    if not _elsewhere(post):
        return
    cache, now_ms = ctx.cache.of("conversations_read", 20_000), ctx.clock.now_ms()
    if now_ms < (cache.get(post.id) or 0) or windows.hit(ctx, BY_READER, str(reader_id)).exceeded:
        return
    cache.put(post.id, now_ms + EVERY_MS)
    await ctx.db.write(lambda tx: enqueue(tx, ctx, READ_JOB, {"post_id": post.id}, unique=f"{READ_JOB}:{post.id}"))


async def read_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job `federation.read_conversation`; what could not be read is left out until the next time."""
    post = await posts.by_id(ctx.db.reader, int(args["post_id"]))
    if post is None or not _elsewhere(post):
        return
    if not await ctx.db.write(lambda tx: threads.begin_reading(tx, ctx, post.id, every_ms=EVERY_MS)):
        return  # another process did, a moment ago
    reading = _Reading(ctx)
    try:
        async with asyncio.timeout(TIME_S):
            await reading.around(post)
    except TimeoutError:
        reading.bounded("time")
    log.log("conversation.read", post=post.uri, asked=reading.asked.total(), kept=reading.kept)


def _elsewhere(post: Post) -> bool:
    """Whether other servers may know more of the conversation: it is public, and not all ours."""
    return post.distributable and (not post.local or post.replies_count > 0 or post.reply_to_uri is not None)


class _Reading:
    """One reading, with what it may still ask for."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.asked: Counter[str] = Counter()
        self.kept = 0
        self._seen: set[str] = set()

    def bounded(self, by: str) -> None:
        self.ctx.metrics.count("conversations_bounded", by=by)

    async def around(self, post: Post) -> None:
        """Read what is above *post*, then what is below."""
        if post.local:
            await self._above(post, post.reply_to_uri)
            await self._below(post, await self._answers_of_strangers(post), further=True)
            return
        document = await self._post(post.uri)
        if document is None:
            return
        await self._above(post, document.in_reply_to or post.reply_to_uri)
        found = await self._listed(document.context) if _is_place(document.context) else []
        await self._below(post, found or await self._listed(document.replies), further=not found)

    async def _answers_of_strangers(self, post: Post) -> list[str]:
        """The ids of those answers to a post of ours that others may have answered without telling us."""
        reader = self.ctx.db.reader
        known = await posts.by_ids(reader, await threads.replies_page(reader, post.id, limit=_ANSWERS))
        return [answer.uri for answer in known.values() if not answer.local]

    async def _above(self, post: Post, above: str | None) -> None:
        """Climb to the first post, over those that are here already."""
        reader = self.ctx.db.reader
        climbed: set[str] = {post.uri}
        for _ in range(MAX_ABOVE):
            if above is None or above in climbed:
                return
            climbed.add(above)
            known = await posts.by_uri(reader, above)
            if known is None:
                told = await self._post(above)
                if told is None or not await self._keep(told):
                    return
                above = told.in_reply_to
            else:
                above = known.reply_to_uri
        self.bounded("above")

    async def _below(self, post: Post, uris: Iterable[str], *, further: bool) -> None:
        """Keep those of *uris* that belong to the conversation and, with *further*, what answers them."""
        waiting = deque((uri, 1) for uri in uris)
        homeless: list[Document] = []
        while waiting:
            some = [waiting.popleft() for _ in range(min(_AT_ONCE, len(waiting)))]
            told = await asyncio.gather(*(self._reply(uri, again=further and depth == 1) for uri, depth in some))
            for (_, depth), document in zip(some, told, strict=True):
                if document is None:
                    continue
                if not await self._answers(post, document):
                    homeless.append(document)
                elif await self._keep(document) and further:
                    if depth >= MAX_DEPTH:
                        self.bounded("depth")
                    else:
                        waiting.extend((uri, depth + 1) for uri in await self._listed(document.replies))
        await self._keep_in_order(post, homeless)

    async def _keep_in_order(self, post: Post, documents: list[Document]) -> None:
        """A context need not name a post before its answers: go on while something finds its place."""
        while documents:
            later = []
            for document in documents:
                if await self._answers(post, document):
                    await self._keep(document)
                else:
                    later.append(document)
            if len(later) == len(documents):
                return  # of another conversation, or of nothing that may be seen
            documents = later

    async def _answers(self, post: Post, document: Document) -> bool:
        """Whether *document* answers a post of this conversation that is here."""
        if document.in_reply_to is None:
            return False
        answered = await posts.by_uri(self.ctx.db.reader, document.in_reply_to)
        here = await posts.by_id(self.ctx.db.reader, post.id)
        return answered is not None and here is not None and answered.thread_id == here.thread_id

    async def _reply(self, uri: str, *, again: bool) -> Document | None:
        """A reply that is not here; with *again* also one of a stranger's that is, since others may have answered it."""
        known = await posts.by_uri(self.ctx.db.reader, uri)
        return await self._post(uri) if known is None or (again and not known.local) else None

    async def _keep(self, document: Document) -> bool:
        """Keep a post, if it is not here; whether it is now."""
        if await posts.by_uri(self.ctx.db.reader, document.id) is not None:
            return True
        try:
            await resolving.keep(self.ctx, document, depth=resolving.MAX_PARENTS)
        except BeffroiError:  # not public, deleted, its author is suspended or cannot be met
            return False
        self.kept += 1
        return True

    async def _listed(self, collection: str | None) -> list[str]:
        """The ids in a collection and its pages, as far as we ask."""
        found: dict[str, None] = {}
        place: str | None = collection
        for _ in range(MAX_PAGES):
            raw = await self._asked(place) if place is not None else None
            if raw is None:
                return list(found)
            try:
                page = collections.read(raw, allow_http=allow_http(self.ctx))
                found |= dict.fromkeys(item.id for item in page.items if item.id is not None)
                place = page.next
                if page.first is not None and page.first.raw is not None:
                    first = collections.read(page.first.raw, allow_http=allow_http(self.ctx))
                    found |= dict.fromkeys(item.id for item in first.items if item.id is not None)
                    place = first.next
                elif page.first is not None and not page.is_page:
                    place = page.first.id
            except BeffroiError:
                return list(found)
            if place is not None and collection is not None and not links.same_origin(place, collection):
                return list(found)
        if place is not None:
            self.bounded("pages")
        return list(found)

    async def _post(self, uri: str) -> Document | None:
        raw = await self._asked(uri)
        try:
            return None if raw is None else vocab.read(raw, allow_http=allow_http(self.ctx))
        except BeffroiError:
            return None

    async def _asked(self, uri: str) -> dict[str, Any] | None:
        """One document of another server, if all bounds allow it; None where it cannot be had."""
        try:
            host = hosts.of_uri(uri)
        except Invalid:
            return None
        if uri in self._seen or await domains.is_local(self.ctx.db.reader, host):
            return None
        if self.asked.total() >= MAX_ASKED or self.asked[host] >= MAX_ASKED_OF_A_HOST:
            self.bounded("number")
            return None
        if windows.hit(self.ctx, resolving.BY_HOST, host).exceeded:
            self.bounded("host")
            return None
        self._seen.add(uri)
        self.asked[host] += 1
        try:
            return await fetch.document(self.ctx, uri)
        except BeffroiError:
            return None


def _is_place(context: str | None) -> bool:
    """Whether a `context` is an address: older ones are tags and other names."""
    return context is not None and context.startswith(("https://", "http://"))
