"""News by RSS 2.0 (https://www.rssboard.org/rss-specification), for readers without an account anywhere."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Final

from starlette.responses import Response

from node.actors.actor import Actor
from node.runtime.i18n import sentence
from node.runtime.text.plain import plain, shorten
from node.timeline import account, hashtags
from node.timeline.account import Filters
from node.timeline.pages import Page
from node.web import actors, cards, pages
from node.web.cards import Card
from node.web.visits import Visit

_POSTS: Final = 20
_TITLE_CHARS: Final = 90
_MAX_AGE_S: Final = 300
# Its own posts: what it shares is its neighbours' news, and in their feeds.
_OWN: Final = Filters(exclude_replies=True, exclude_boosts=True)
# But a territory's feed is what its members share, by the time at which it announced it.
_SHARED: Final = Filters(exclude_replies=True)
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 §2.2


@dataclass(frozen=True, slots=True)
class Item:
    """One post in a feed."""

    card: Card
    title: str
    address: str
    published: str
    """RFC 822, as RSS asks."""
    tags: Sequence[str]


async def show(visit: Visit) -> Response:
    """GET /@{name}.rss and /@{name}/feed: the public and unlisted posts of a local actor; what a territory announces."""
    actor = await actors.local(visit, visit.request.path_params["name"])
    if moved := actors.at_home(visit, actor, f"/@{actor.username}.rss"):
        return moved
    reader = visit.ctx.db.reader
    filters = _SHARED if actor.kind == "territory" else _OWN
    ids = await account.page(reader, None, Page(limit=_POSTS), actor_id=actor.id, filters=filters)
    shown = await cards.of(reader, ids, home=visit.home)
    found = await hashtags.of_posts(reader, [card.post.id for card in shown])
    items = [_item(visit, card, [tag.display for tag in found[card.post.id]]) for card in shown]
    return pages.public(
        visit,
        "feed.xml",
        max_age_s=_MAX_AGE_S,
        media_type="application/rss+xml",
        actor=actor,
        address=f"{visit.home}/@{actor.username}",
        avatar=cards.avatar_of(actor, visit.home),
        described=" ".join(filter(None, (plain(actor.summary), _order(visit, actor)))),
        items=items,
        built=_date(visit.ctx.clock.now_ms() if not items else items[0].card.post.published_ms),
        legal=lambda text: _NOT_XML.sub("", text),
    )


def _order(visit: Visit, actor: Actor) -> str:
    """What a territory shows, and in which order."""
    if actor.kind != "territory":
        return ""
    return visit.say(
        sentence(
            "The territory announces what its members agreed to share, by the time at which it comes, the newest first: "
            "nothing that was agreed is hidden, and nothing is put first."
        )
    )


def _item(visit: Visit, card: Card, tags: Sequence[str]) -> Item:
    post = card.post
    title = post.summary or post.name or plain(post.content)
    said = [each.alt for each in card.pictures] + [each.alt for each in card.recordings]
    pictures = said[0] if said else ""
    title = shorten(title or pictures, _TITLE_CHARS) or visit.say(sentence("Post without words"))
    here = card.author.local and card.author.service_host == visit.host
    return Item(
        card,
        title if card.boosted_by is None else f"{card.author.name or card.author.username} – {title}",
        f"{visit.home}{card.address}" if here else post.url,
        _date(post.published_ms),
        tags,
    )


def _date(at_ms: int) -> str:
    return format_datetime(datetime.fromtimestamp(at_ms // 1000, UTC))
