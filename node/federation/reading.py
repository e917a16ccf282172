"""What this node understands of a document, said in plain facts: for keepers and for tests.

The way of the inbox, without its signatures and database: the same reader of bytes, the same values, the same
judgement about whose id is where, the same table of what is handled.
"""

from dataclasses import dataclass
from typing import Any, Final, Literal

import orjson

from node.federation.inbox import handlers
from node.federation.vocab import audience, documents, json, limits, origins
from node.federation.vocab.activities import Activity
from node.federation.vocab.actors import Actor
from node.federation.vocab.audience import PUBLIC, Audience, Visibility
from node.federation.vocab.collections import Collection
from node.federation.vocab.documents import Document, Tombstone, Unknown
from node.federation.vocab.events import EventDetails
from node.federation.vocab.links import Reference, same_origin
from node.federation.vocab.pictures import Media
from node.federation.vocab.places import Place
from node.federation.vocab.policies import InteractionPolicy, Rule
from node.federation.vocab.posts import Post
from node.runtime.clock import iso
from node.runtime.errors import BeffroiError, Malformed
from node.runtime.i18n.sentences import sentence
from node.runtime.text import plain

Facts = dict[str, Any]

_DEPTH: Final = 3
"""An Announce of a Create of a post."""
_MAX_SHOWN: Final = 50
_MAX_TEXT_CHARS: Final = 2_000
_TELLING: Final = frozenset({"Create", "Update"})


@dataclass(frozen=True, slots=True)
class Reading:
    """One document, understood."""

    verdict: Literal["read", "ignored", "refused"]
    why: str | None
    """Of what is ignored or refused: a sentence, in English until it is translated."""
    facts: Facts
    """Names to texts, numbers, lists and facts; what is not there is left out. As much as can be told of what is refused."""


def read(data: bytes, *, allow_http: bool = True) -> Reading:
    """Read *data* as the inbox would; a document that is no activity, as one that was fetched. Never raises."""
    why: str | None = None
    raw: Any = None
    try:
        raw = json.read(data)
    except BeffroiError as refusal:
        why, raw = _words_of(refusal), _at_least(data)
    if not isinstance(raw, dict):
        return Reading("refused", why, {})
    found, refused = _document(raw, allow_http)
    facts = {} if found is None else describe(found)
    why = why or refused or (_judged(found) if found is not None else None)
    if why is not None:
        return Reading("refused", why, facts)
    unread = _ignored(found) if found is not None else None
    return Reading("ignored" if unread else "read", unread, facts)


def describe(document: Document, depth: int = _DEPTH) -> Facts:
    """The facts of *document*."""
    match document:
        case Post():
            found = _post(document)
        case Actor():
            found = _actor(document)
        case Activity():
            found = _activity(document, depth)
        case Collection():
            found = _collection(document)
        case Tombstone():
            found = {
                "kind": "tombstone",
                "id": document.id,
                "former_type": document.former_type,
                "deleted": _time(document.deleted_ms),
            }
        case Place():
            found = {"kind": "place", "type": "Place", "id": document.id, **_place(document)}
        case Unknown():
            found = {"kind": "ignored", "type": document.type, "id": document.id}
    return {name: value for name, value in found.items() if value not in (None, "")}


def _at_least(data: bytes) -> Any:
    """What a careless parser would take of refused bytes."""
    try:
        return orjson.loads(data) if len(data) <= 2 * limits.MAX_DOCUMENT_BYTES else None
    except orjson.JSONDecodeError:
        return None


def _document(raw: Facts, allow_http: bool) -> tuple[Document | None, str | None]:
    """What *raw* is, and why it is refused all the same; a draft needs no id, but an id that is none is refused."""
    refused: str | None = None
    for without in ((), ("id", "@id"), ("id", "@id", "actor")):
        left = {name: value for name, value in raw.items() if name not in without}
        try:
            return documents.read(left, allow_http=allow_http, draft=True), refused
        except Malformed as refusal:
            refused = refused or _words_of(refusal)
    return None, refused


def _judged(document: Document) -> str | None:
    """Why the inbox, or a fetch, refuses what could be read."""
    try:
        if isinstance(document, Activity) and document.actor:
            if document.id is not None:
                origins.of_activity(document.id, document.actor)
            told = document.object
            post = _embedded(told, document.audience) if document.type in _TELLING else None
            if told is not None and told.id is not None and isinstance(post, Post):
                origins.of_told(told.id, document.actor)
                origins.of_author(post, document.actor)
        elif isinstance(document, Post) and document.id and document.attributed_to is not None:
            origins.of_fetched(document)
    except BeffroiError as refusal:
        return _words_of(refusal)
    return None


def _ignored(document: Document) -> str | None:
    if isinstance(document, Unknown):
        return document.why
    if isinstance(document, Activity) and handlers.handler_for(document) is None:
        return sentence("this kind of activity is not understood here")
    return None


def _words_of(refusal: BeffroiError) -> str:
    """Its sentence as it was written, so that it can be translated."""
    said = refusal.args[0] if refusal.args else ""
    return said if isinstance(said, str) else str(refusal)


def _embedded(reference: Reference | None, inherited: Audience = audience.NOBODY) -> Document | None:
    if reference is None or reference.raw is None:
        return None
    raw = dict(reference.raw)
    return _document(raw, allow_http=True)[0] if inherited.empty else _told(raw, inherited)


def _told(raw: Facts, inherited: Audience) -> Document | None:
    try:
        return documents.read(raw, inherited=inherited, allow_http=True, draft=True)
    except Malformed:
        return _document(raw, allow_http=True)[0]


def _post(post: Post) -> Facts:
    return {
        "kind": "post",
        "type": post.type,
        "id": post.id,
        "author": post.attributed_to,
        "time": _time(post.published_ms),
        "updated": _time(post.updated_ms),
        "visibility": _visibility(post.audience, post.attributed_to),
        "title": plain.plain(post.name or ""),
        "summary": plain.plain(post.summary or ""),
        "language": post.language,
        "text": _words(post.content, post.media_type),
        "sensitive": post.sensitive,
        "answers": post.in_reply_to,
        "url": post.url,
        "attachments": [_media(media) for media in post.attachments],
        "icon": post.icon and post.icon.url,
        "image": post.image and post.image.url,
        "tags": [tag.name for tag in post.hashtags],
        "mentions": [mention.href for mention in post.mentions],
        "emojis": [{"name": emoji.name, "url": emoji.url} for emoji in post.emojis],
        "groups": list(post.audience.groups),
        "context": post.context,
        "replies": post.replies,
        "likes": post.likes,
        "shares": post.shares,
        "vote": post.vote,
        "poll": _poll(post),
        "event": post.event and _event(post.event),
        "place": post.place and _place(post.place),
        "quote": post.quote and _said(uri=post.quote.uri, form=post.quote.form, authorization=post.quote.authorization),
        "policy": post.policy and _policy(post.policy),
        "approved_by": post.approved_by,
        "references": list(post.references) or None,
        "duration_s": post.duration_s,
    }


def _poll(post: Post) -> Facts | None:
    if post.poll is None:
        return None
    poll = post.poll
    return _said(
        options=[_said(name=option.name, votes=option.votes) for option in poll.options],
        multiple=poll.multiple,
        ends=_time(poll.ends_ms),
        closed=poll.closed or None,
        voters=poll.voters,
    )


def _event(event: EventDetails) -> Facts:
    return _said(
        starts=_time(event.starts_ms),
        ends=_time(event.ends_ms),
        timezone=event.timezone,
        place=event.place and _place(event.place),
        online=event.online_url,
        join=event.join_mode,
        join_url=event.join_url,
        max=event.max_attendees,
        attendees=event.attendees,
        status=event.status,
    )


def _place(place: Place) -> Facts:
    return _said(
        name=place.name, address=place.address, latitude=place.latitude, longitude=place.longitude, url=place.url
    )


def _policy(policy: InteractionPolicy) -> Facts:
    def rule(found: Rule | None) -> Facts | None:
        return None if found is None else {"always": list(found.always), "manual": list(found.manual)}

    return _said(
        reply=rule(policy.can_reply), like=rule(policy.can_like), announce=rule(policy.can_announce),
        quote=rule(policy.can_quote),
    )  # fmt: skip


def _media(media: Media) -> Facts:
    return _said(
        type=media.kind, url=media.url, mediaType=media.media_type, alt=media.alt, width=media.width,
        height=media.height, blurhash=media.blurhash, focus=media.focal_point and list(media.focal_point),
    )  # fmt: skip


def _actor(actor: Actor) -> Facts:
    return {
        "kind": "actor",
        "type": actor.type,
        "id": actor.id,
        "username": actor.username,
        "handle": actor.webfinger,
        "name": plain.plain(actor.name or ""),
        "text": _words(actor.summary or ""),
        "time": _time(actor.published_ms),
        "updated": _time(actor.updated_ms),
        "url": actor.url,
        "inbox": actor.inbox,
        "shared_inbox": actor.shared_inbox,
        "outbox": actor.outbox,
        "followers": actor.followers,
        "following": actor.following,
        "featured": actor.featured,
        "icon": actor.icon and actor.icon.url,
        "image": actor.image and actor.image.url,
        "fields": [{"name": field.name, "value": plain.plain(field.value)} for field in actor.fields],
        "emojis": [{"name": emoji.name, "url": emoji.url} for emoji in actor.emojis],
        "tags": [tag.name for tag in actor.hashtags],
        "keys": [{"id": key.id, "kind": "PEM" if key.pem else "Multikey"} for key in actor.keys],
        "locked": actor.locked,
        "discoverable": actor.discoverable,
        "indexable": actor.indexable,
        "suspended": actor.suspended or None,
        "memorial": actor.memorial or None,
        "moved_to": actor.moved_to,
        "also_known_as": list(actor.also_known_as),
        "owner": actor.attributed_to,
    }


def _activity(activity: Activity, depth: int) -> Facts:
    return {
        "kind": "activity",
        "type": activity.type,
        "id": activity.id,
        "actor": activity.actor,
        "time": _time(activity.published_ms),
        "visibility": None if activity.audience.empty else _visibility(activity.audience, activity.actor),
        "object": _object(activity.object, activity.audience, depth),
        "objects": _several(activity, depth),
        "target": activity.target and activity.target.id,
        "origin": activity.origin and activity.origin.id,
        "instrument": _object(activity.instrument, audience.NOBODY, depth),
        "result": activity.result and activity.result.id,
        "approved_by": activity.approved_by,
        "content": _words(activity.content or ""),
        "summary": _words(activity.summary or ""),
        "reaction": activity.reaction
        and _said(
            content=activity.reaction.content, url=activity.reaction.emoji and activity.reaction.emoji.url
        ),
    }  # fmt: skip


def _several(activity: Activity, depth: int) -> list[Facts] | None:
    """All objects, where there are several: the votes of one ballot, what a Flag is about."""
    if len(activity.objects) < 2:
        return None
    return [_object(reference, activity.audience, depth) or {} for reference in activity.objects]


def _object(reference: Reference | None, inherited: Audience, depth: int) -> Facts | None:
    found = _embedded(reference, inherited) if depth else None
    if found is not None:
        return describe(found, depth - 1)
    return {"id": reference.id} if reference is not None and reference.id is not None else None


def _collection(collection: Collection) -> Facts:
    return {
        "kind": "collection",
        "type": collection.type,
        "id": collection.id,
        "title": collection.name,
        "total": collection.total_items,
        "items": [reference.id or "" for reference in collection.items[:_MAX_SHOWN]],
        "first": collection.first and (collection.first.id or ""),
        "next": collection.next,
        "prev": collection.prev,
        "part_of": collection.part_of,
        "owner": collection.attributed_to,
    }


def _visibility(found: Audience, author: str | None) -> str:
    """As `audience.visibility`; without the author's document, what looks like the followers of somebody there is taken for theirs."""
    said = found.visibility(None)
    if said is not Visibility.DIRECT or author is None:
        return said.value
    near = [address for address in found.everyone if address != PUBLIC and same_origin(address, author)]
    followed = any(part in address.lower() for address in near for part in ("/followers", "/subscribers"))
    return Visibility.FOLLOWERS.value if followed else said.value


def _words(content: str, media_type: str = "text/html") -> str:
    if not media_type.startswith("text/html"):
        return content[:_MAX_TEXT_CHARS]
    return plain.plain(content)[:_MAX_TEXT_CHARS]


def _time(instant_ms: int | None) -> str | None:
    try:
        return None if instant_ms is None else iso(instant_ms)[:19] + "Z"
    except (ValueError, OverflowError):  # before the year 1
        return None


def _said(**facts: Any) -> Facts:
    return {name: value for name, value in facts.items() if value not in (None, "")}
