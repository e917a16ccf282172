"""Search: accounts, hashtags, and statuses by what they say; one of either by its address."""

import contextlib
from typing import Any

from node.actors import actors
from node.actors.actor import Actor
from node.api import accounts, rendering, tags
from node.api.answers import Answer
from node.api.call import Call
from node.federation import resolve
from node.federation.resolve import named
from node.runtime.errors import BeffroiError, Forbidden
from node.timeline.pages import Page
from node.timeline.records import Post
from node.timeline.search import addresses, asked, hashtags
from node.timeline.search import posts as texts
from node.timeline.visibility import may_read


async def everything(call: Call) -> Answer:
    """GET /api/v2/search. Asking other servers (`resolve`) is for people with an account.

    `exclude_unreviewed` is understood and changes nothing: here nobody reviews hashtags, all can be found.
    """
    return call.answer(await _found(call))


async def version1(call: Call) -> Answer:
    """GET /api/v1/search: the same, its hashtags as names."""
    found = await _found(call)
    return call.answer({**found, "hashtags": [each["name"] for each in found["hashtags"]]})


async def _found(call: Call) -> dict[str, Any]:
    given = call.input
    text, kind = given.required("q").strip(), given.text("type") or ""
    limit = given.number("limit", 20, low=1, high=40)
    offset = given.number("offset", 0, low=0, high=10_000)
    ask_elsewhere = bool(given.flag("resolve"))
    if (ask_elsewhere or offset) and call.viewer_id is None:
        raise Forbidden("Search queries that resolve remote resources are not supported without authentication")
    found: dict[str, Any] = {"accounts": [], "statuses": [], "hashtags": []}
    if text.startswith(("https://", "http://")) and " " not in text:
        actor, post = await _by_address(call, text, ask_elsewhere=ask_elsewhere)
        if actor is not None and kind in ("", "accounts"):
            found["accounts"] = rendering.account_list([actor])
        if post is not None and kind in ("", "statuses"):
            found["statuses"] = await _rendered(call, [post.id])
        if actor is not None or post is not None:
            return found
    elif kind in ("", "accounts") and not text.startswith("#"):
        found["accounts"] = rendering.account_list(
            await accounts.searched(
                call, text, limit=limit, resolve_remote=ask_elsewhere, following=bool(given.flag("following")),
                offset=offset,
            )
        )  # fmt: skip
    if kind in ("", "hashtags") and "@" not in text and " " not in text and ":" not in text:
        tags_found = await hashtags.find(call.ctx.db.survey, text, limit=limit, offset=offset)
        found["hashtags"] = await tags.rendered(call, tags_found)
    if kind in ("", "statuses") and not text.startswith("@"):
        page = Page(given.id("max_id"), given.id("since_id"), given.id("min_id"), limit)
        ids = await texts.find(
            call.ctx.db.survey, call.viewer_id, asked.read(text), page=page, offset=offset,
            author_id=given.id("account_id"), host=call.domain.handle_host, bits=await call.tastes(),
            now_ms=call.ctx.clock.now_ms(),
        )  # fmt: skip
        found["statuses"] = await _rendered(call, ids)
    return found


async def _rendered(call: Call, ids: list[int]) -> list[Any]:
    shown = await rendering.statuses(call.ctx, call.viewer_id, ids)
    return [rendering.as_json(shown[each]) for each in ids if each in shown]


async def _by_address(call: Call, url: str, *, ask_elsewhere: bool) -> tuple[Actor | None, Post | None]:
    """What lies at *url*: known already, or fetched now if that is allowed."""
    post = await addresses.post_by_url(call.reader, call.viewer_id, url)
    if post is not None:
        return None, post
    actor = await _known_actor(call, url)
    if actor is not None or not ask_elsewhere:
        return actor, None
    with contextlib.suppress(BeffroiError):
        fetched = await resolve.post(call.ctx, url)
        if await may_read(call.reader, viewer_id=call.viewer_id, post=fetched):
            return None, fetched
        return None, None
    actor = await named.elsewhere(call.ctx, url)
    return (actor if actor is not None and actor.active else None), None


async def _known_actor(call: Call, url: str) -> Actor | None:
    actor = await actors.by_uri(call.reader, url)
    if actor is None:
        # The page of an account, https://host/@user[@host], of ours or as other servers write it.
        host, _, rest = url.partition("://")[2].partition("/")
        if rest.startswith("@") and "/" not in rest:
            name, _, elsewhere = rest[1:].partition("@")
            actor = await named.here(call.reader, name, elsewhere or host)
    return actor if actor is not None and actor.active else None
