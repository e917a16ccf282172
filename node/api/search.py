"""Search: accounts by handle, a status or an account by its address, hashtags. Texts are not searched."""

import contextlib
from typing import Any

from node.actors import actors
from node.actors.actor import Actor
from node.api import accounts, rendering
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import tag
from node.federation import resolve
from node.federation.resolve import named
from node.runtime.errors import BeffroiError, Forbidden
from node.timeline import search
from node.timeline.records import Post
from node.timeline.visibility import may_read


async def everything(call: Call) -> Answer:
    """GET /api/v2/search. Asking other servers (`resolve`) is for people with an account."""
    asked = call.input
    text, kind = asked.required("q").strip(), asked.text("type") or ""
    limit = asked.number("limit", 20, low=1, high=40)
    offset = asked.number("offset", 0, low=0, high=10_000)
    ask_elsewhere = bool(asked.flag("resolve"))
    if (ask_elsewhere or offset) and call.viewer_id is None:
        raise Forbidden("Search queries that resolve remote resources are not supported without authentication")
    found: dict[str, Any] = {"accounts": [], "statuses": [], "hashtags": []}
    if text.startswith(("https://", "http://")):
        actor, post = await _by_address(call, text, ask_elsewhere=ask_elsewhere)
        if actor is not None and kind in ("", "accounts"):
            found["accounts"] = rendering.account_list([actor])
        if post is not None and kind in ("", "statuses"):
            found["statuses"] = list(
                map(rendering.as_json, (await rendering.statuses(call.ctx, call.viewer_id, [post.id])).values())
            )
        return call.answer(found)
    if kind in ("", "accounts") and not text.startswith("#"):
        found["accounts"] = rendering.account_list(
            await accounts.searched(
                call, text, limit=limit, resolve_remote=ask_elsewhere, following=bool(asked.flag("following")),
                offset=offset,
            )
        )  # fmt: skip
    if kind in ("", "hashtags") and not offset and "@" not in text:
        tags = await search.hashtags(call.reader, text, limit=limit)
        found["hashtags"] = [tag.render(each, following=None) for each in tags]
    return call.answer(found)


async def _by_address(call: Call, url: str, *, ask_elsewhere: bool) -> tuple[Actor | None, Post | None]:
    """What lies at *url*: known already, or fetched now if that is allowed."""
    post = await search.post_by_url(call.reader, call.viewer_id, url)
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
