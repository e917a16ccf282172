"""Status (https://docs.joinmastodon.org/entities/Status/), in parts: what never changes, what counts, who reads it."""

from collections.abc import Sequence
from html import escape
from typing import Any

import orjson

from node.actors.actor import Actor
from node.api.entities import account, emoji, interaction_policy, media_attachment, preview_card, quote, tag, visibility
from node.media.attachments import Media
from node.runtime.clock import iso
from node.runtime.i18n import sentence, translator
from node.timeline import replies
from node.timeline.cards import Card
from node.timeline.extras import Extra
from node.timeline.hashtags import Tag
from node.timeline.records import Post
from node.timeline.shown import BOOKMARKED, BOOSTED_IT, FAVOURITED, MUTED, PINNED, Counts, Kept
from node.timeline.waiting import Waiting


def core(
    post: Post,
    media: Sequence[Media],
    tags: Sequence[Tag],
    mentioned: Sequence[Actor],
    waiting: Waiting | None = None,
    card: Card | None = None,
) -> bytes:
    """What a post says, rendered once: a JSON object without its closing brace. *waiting*: nobody approved it yet."""
    warned = post.type in ("Note", "Question") or post.sensitive
    said: dict[str, Any] = {
        "id": str(post.id),
        "uri": post.uri,
        "url": post.url or post.uri,  # never empty: clients crash on it
        "created_at": iso(post.published_ms),
        "edited_at": None if post.edited_ms is None else iso(post.edited_ms),
        "sensitive": post.sensitive,
        "spoiler_text": post.summary if warned else "",
        "visibility": visibility.said(post.visibility),
        "language": post.language or None,
        "content": content(post),
        "media_attachments": [media_attachment.render(each) for each in media],
        "mentions": account.mentions(mentioned),
        "tags": [tag.brief(each) for each in tags],
        "emojis": emoji.of_post(post),
        "application": {"name": post.application, "website": None} if post.application else None,
        "card": None if card is None else preview_card.render(card),
        "poll": None,
        "quote": None,
        "quote_approval": quote.FOR_ALL if post.extras & Extra.QUOTABLE else quote.FOR_NOBODY,
    }
    if waiting is not None:
        said["content"] = _waits(post, waiting) + said["content"]
        said["beffroi"] = {
            "waiting": waiting.state == "waiting", "refused": waiting.reason or None,
            "visibility": visibility.said(waiting.visibility),
        }  # fmt: skip
    if post.extras & Extra.LOCAL_ONLY:
        said["local_only"] = True
    if (rule := replies.stated(post)) is not None:
        said["interaction_policy"] = interaction_policy.render(rule, post.visibility)
    for extra, name in _SUPPLEMENTED:
        if post.extras & extra:
            del said[name]
    return orjson.dumps(said)[:-1]


# `supplements` says how it stands.
_SUPPLEMENTED = ((Extra.POLL, "poll"), (Extra.QUOTE, "quote"), (Extra.QUOTABLE_BY_SOME, "quote_approval"))


def content(post: Post) -> str:
    """The text as readers see it: the title of an article or an event stands above it."""
    if not post.name:
        return post.content
    title = f"<p><strong>{escape(post.name, quote=False)}</strong></p>"
    if post.summary and not post.content and not post.sensitive:
        return f"{title}<p>{escape(post.summary, quote=False)}</p>"
    return title + post.content


def _waits(post: Post, waiting: Waiting) -> str:
    """A first line that every application shows, where nothing else of this one would say that it is not published."""
    say = translator("en" if post.language.startswith("en") else "fr")
    if waiting.state == "refused":
        line = say(sentence("Not approved: %(reason)s Change this post, and it waits again.", reason=waiting.reason))
    else:
        line = say(sentence("Waits for approval. Until then, only your team sees this post."))
    return f"<p><em>{escape(line, quote=False)}</em></p>"


def boost_core(row: Kept) -> bytes:
    """A boost has no text of its own: its row is enough."""
    return orjson.dumps(
        {
            "id": str(row.id),
            "uri": row.uri,
            "url": row.url or row.uri,
            "created_at": iso(row.published_ms),
            "edited_at": None,
            "sensitive": False,
            "spoiler_text": "",
            "visibility": visibility.said(row.visibility),
            "language": None,
            "content": "",
            "media_attachments": [],
            "mentions": [],
            "tags": [],
            "emojis": [],
            "application": None,
            "card": None,
            "poll": None,
            "quote": None,
        }
    )[:-1]


def counted(core_: bytes, counts: Counts) -> bytes:
    """The core with what changes more often than the text; an account is to follow."""
    reply_to_id, reply_to_author_id, replies, boosts, favourites, extras = counts
    reply_to = b'"%d"' % reply_to_id if reply_to_id else b"null"
    reply_to_author = b'"%d"' % reply_to_author_id if reply_to_id and reply_to_author_id else b"null"
    quotes = b"" if extras & Extra.QUOTED else b',"quotes_count":0'
    return core_ + (
        b',"in_reply_to_id":%s,"in_reply_to_account_id":%s,"replies_count":%d,"reblogs_count":%d,"favourites_count":%d%s,'
        b'"account":' % (reply_to, reply_to_author, replies, boosts, favourites, quotes)
    )


def start(counted_: bytes, author: bytes) -> bytes:
    """What a status begins with: what it says and counts, its author. `end` follows."""
    return counted_ + author + b',"reblog":null'


def boost_start(counted_: bytes, author: bytes, boosted: bytes) -> bytes:
    """The same of a boost, with the `start` of what it boosts: the `end` of that comes first, then its own."""
    return counted_ + author + b',"reblog":' + boosted


def end(marks_: bytes) -> bytes:
    """What a status ends with: what the reader did with it, and what hangs on it."""
    return marks_ + b"}"


def marks(acted: int, *, own: bool, filtered: bytes | None = None) -> bytes:
    """What a reader did with a post (of a boost: with the boosted post, since that is what buttons act on).

    *filtered*: which of her filters it meets, as JSON.
    """
    done = _DONE[acted & ~PINNED] + (b',"filtered":[]' if filtered is None else b',"filtered":' + filtered)
    return done + b',"pinned":%s' % _json(acted & PINNED) if own else done


def _json(flag: int) -> bytes:
    return b"true" if flag else b"false"


_DONE = [
    b',"favourited":%s,"reblogged":%s,"muted":%s,"bookmarked":%s' % (
        _json(acted & FAVOURITED), _json(acted & BOOSTED_IT), _json(acted & MUTED), _json(acted & BOOKMARKED),
    )
    for acted in range(2 * MUTED)
]  # fmt: skip
