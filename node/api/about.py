"""The instance, in longer words: what it does with data, whom it knows, whom it blocks, how much is said; and oEmbed."""

from collections.abc import Mapping
from html import escape
from typing import Any, Final
from urllib.parse import urlsplit

from node.actors import actors, hosts
from node.actors.figures import active_weeks, known_hosts
from node.api.answers import Answer
from node.api.call import Call
from node.api.entities import domain_block
from node.api.errors import InvalidToken, RecordNotFound
from node.runtime.clock import iso
from node.runtime.errors import NotFound
from node.runtime.i18n import sentence, translator
from node.timeline.visibility import require_readable

_PUBLIC: Final = ((b"cache-control", b"public, max-age=3600"),)
_FRESH_MS: Final = 60 * 60 * 1000
_WEEK_MS: Final = 7 * 24 * 60 * 60 * 1000
_MONDAY_MS: Final = 4 * 24 * 60 * 60 * 1000
"""1 January 1970 was a Thursday."""
_WEEKS: Final = 12
_WIDTH_PX: Final = (220, 400, 4_000)
"""Narrowest, usual and widest frame of an embedded post."""


async def privacy_policy(call: Call) -> Answer:
    """GET /api/v1/instance/privacy_policy: where it stands, for people to read."""
    say = translator(call.ctx.settings.language)
    words = say(sentence("What this server keeps of you, for how long, and what you may ask:"))
    page = f"{call.home}/privacy"
    content = f'<p>{escape(words)} <a href="{escape(page)}">{escape(page)}</a></p>'
    return call.answer({"updated_at": iso(call.domain.created_ms), "content": content}, _PUBLIC)


async def peers(call: Call) -> Answer:
    """GET /api/v1/instance/peers: the servers of which this one has seen anything, those left out that it blocks."""
    kept = await _kept(call, "peers", lambda: _peers(call))
    return call.answer(kept, _PUBLIC)


async def activity(call: Call) -> Answer:
    """GET /api/v1/instance/activity: twelve weeks, the present one first; `logins` are accounts that published."""
    kept = await _kept(call, f"activity {call.domain.id}", lambda: _activity(call))
    return call.answer(kept, _PUBLIC)


async def domain_blocks(call: Call) -> Answer:
    """GET /api/v1/instance/domain_blocks: to whom the keepers show it (`blocked_servers_for`).

    Raises:
        RecordNotFound: to nobody; InvalidToken: to people of this node.
    """
    shown_to = call.ctx.settings.blocked_servers_for
    if shown_to == "nobody":
        raise RecordNotFound
    if shown_to == "people" and call.viewer_id is None:
        raise InvalidToken
    every = await hosts.every(call.reader)
    listed = (each for each in every if each.severity != "none" and each.host != hosts.EVERYONE)
    return call.answer([domain_block.render(each) for each in listed])


async def oembed(call: Call) -> Answer:
    """GET /api/oembed?url=: a frame-less excerpt of a public post of this node (https://oembed.com, `rich`).

    Its HTML is a quotation with a link: no script, nothing of another site.
    """
    url = call.input.required("url")
    post_id = _id_in(call, url)
    try:
        post = await require_readable(call.reader, viewer_id=None, post_id=post_id)
    except NotFound:
        raise RecordNotFound from None
    author = await actors.require_by_id(call.reader, post.author_id)
    if not post.local or post.boost_of_id is not None or author.domain_id != call.domain.id:
        raise RecordNotFound
    low, usual, high = _WIDTH_PX
    name, page = author.name or author.username, post.url or post.uri
    quoted = f'<blockquote cite="{escape(page)}">{post.content}<p>— <a href="{escape(page)}">{escape(name)}</a></p></blockquote>'
    return call.answer(
        {
            "type": "rich",
            "version": "1.0",
            "title": f"{name} (@{author.username}@{author.handle_host})",
            "author_name": name,
            "author_url": author.url or author.uri,
            "provider_name": call.domain.name or call.domain.handle_host,
            "provider_url": f"{call.home}/",
            "cache_age": 86_400,
            "html": quoted,
            "width": call.input.number("maxwidth", usual, low=low, high=high),
            "height": None,
        },
        _PUBLIC,
    )


def _id_in(call: Call, url: str) -> int:
    """The id in the address of one of our posts' pages: `https://service.host/@name/1`."""
    try:
        split = urlsplit(url)
    except ValueError:
        raise RecordNotFound from None
    parts = split.path.strip("/").split("/")
    here = split.netloc.lower() in (call.domain.service_host, call.domain.handle_host)
    number = parts[-1]
    if not here or len(parts) not in (2, 4) or not number.isascii() or not number.isdigit() or len(number) > 18:
        raise RecordNotFound
    return int(number)


async def _peers(call: Call) -> list[str]:
    policies = await hosts.policies(call.ctx)
    return [host for host in await known_hosts(call.ctx.db.survey) if not policies.suspends(host)]


async def _activity(call: Call) -> list[Mapping[str, str]]:
    now_ms = call.ctx.clock.now_ms()
    this_week_ms = now_ms - (now_ms - _MONDAY_MS) % _WEEK_MS
    first_ms = this_week_ms - (_WEEKS - 1) * _WEEK_MS
    found = await active_weeks(call.ctx.db.survey, domain_id=call.domain.id, since_ms=first_ms, week_ms=_WEEK_MS)
    return [
        {
            "week": str((first_ms + at * _WEEK_MS) // 1000),
            "statuses": str(found[at].posts if at in found else 0),
            "logins": str(found[at].authors if at in found else 0),
            "registrations": str(found[at].accounts if at in found else 0),
        }
        for at in range(_WEEKS - 1, -1, -1)
    ]


async def _kept(call: Call, name: str, make: Any) -> Any:
    """What *make* makes, an hour old at most: neither is counted for every request."""
    cache, now_ms = call.ctx.cache.of("instance_words", 1024), call.ctx.clock.now_ms()
    kept = cache.get(name)
    if kept is None or now_ms - kept[0] > _FRESH_MS:
        kept = (now_ms, await make())
        cache.put(name, kept)
    return kept[1]
