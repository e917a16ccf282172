"""Posts: whatever a person publishes and others read, reply to and share, under one shape."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from node.federation.vocab import (
    audience,
    dates,
    events,
    limits,
    links,
    names,
    pictures,
    places,
    policies,
    polls,
    quotes,
    tags,
    texts,
)
from node.federation.vocab.audience import Audience
from node.federation.vocab.events import EventDetails
from node.federation.vocab.links import Link
from node.federation.vocab.pictures import Media
from node.federation.vocab.places import Place
from node.federation.vocab.policies import InteractionPolicy
from node.federation.vocab.polls import Poll
from node.federation.vocab.quotes import Quote
from node.federation.vocab.tags import Emoji, Hashtag, Mention
from node.federation.vocab.texts import Source
from node.runtime.errors import Malformed
from node.runtime.i18n.sentences import sentence

_MARKUP = re.compile(r"<[^<>]*>|&nbsp;")

_OWN_TYPES = frozenset({"Note", "Article", "Page", "Question", "Event", "Video", "Image", "Audio", "Document"})
_READ_AS = {
    "ChatMessage": "Note",  # Pleroma, Lemmy, Mbin: a direct message
    "Comment": "Note",  # BookWyrm, which sends these three to its like, and Note or Article to others
    "Quotation": "Note",
    "GeneratedNote": "Note",
    "Review": "Article",
    "PodcastEpisode": "Audio",  # Castopod
}
TYPES = _OWN_TYPES | frozenset(_READ_AS)
_TIMED_TYPES = frozenset({"Video", "Audio"})


@dataclass(frozen=True, slots=True)
class Post:
    """A post as its server describes it. HTML is not yet cleaned."""

    id: str
    """Empty in a draft only."""
    type: str
    attributed_to: str | None
    """The author: the first Person of several (PeerTube names the channel too)."""
    audience: Audience
    published_ms: int | None
    updated_ms: int | None
    name: str | None
    """Title; in a Note with `in_reply_to`, a vote."""
    summary: str | None
    """Content warning of a Note, abstract of an Article or Event."""
    content: str
    media_type: str
    """Of `content`: `text/html`, or `text/markdown` (PeerTube)."""
    source: Source | None
    language: str | None
    """BCP 47."""
    in_reply_to: str | None
    url: str | None
    """The page that a person opens."""
    links: tuple[Link, ...]
    """All of `url`: the files of a Video among them."""
    attachments: tuple[Media, ...]
    icon: Media | None
    """Thumbnail of a Video or Article."""
    image: Media | None
    mentions: tuple[Mention, ...]
    hashtags: tuple[Hashtag, ...]
    emojis: tuple[Emoji, ...]
    sensitive: bool
    replies: str | None
    likes: str | None
    shares: str | None
    context: str | None
    """FEP-7888: the conversation, perhaps a collection; any URI."""
    conversation: str | None
    """Mastodon's older `conversation`; any text."""
    poll: Poll | None = None
    """Of a Question."""
    event: EventDetails | None = None
    """Of an Event."""
    place: Place | None = None
    """Where a picture was taken or a note written; an Event's stands in *event*."""
    quote: Quote | None = None
    policy: InteractionPolicy | None = None
    approved_by: str | None = None
    """GoToSocial's `approvedBy`: the authorisation of a reply; to be fetched, never believed."""
    references: tuple[str, ...] = ()
    """FEP-e232: the objects that the text links to, the quoted one among them."""
    duration_s: int | None = None
    """Of a Video or Audio."""

    @property
    def vote(self) -> str | None:
        """The option that this Note chooses in the poll it answers (`in_reply_to`); None: it is no vote.

        A vote has a name and no words; snac's carry `<br>`.
        """
        if self.type != "Note" or self.in_reply_to is None or not self.name or self.attachments:
            return None
        return None if _MARKUP.sub("", self.content).strip() else self.name


def read(
    raw: Mapping[str, Any],
    *,
    inherited: Audience = audience.NOBODY,
    allow_http: bool = False,
    draft: bool = False,
) -> Post:
    """The post in *raw*; *inherited* is the audience of the activity around it, for objects that name nobody.

    Raises:
        Malformed: not a post, or without a usable id; with *draft* it may have none.
    """
    raw = names.plain(raw)
    said = next((name for name in links.types_of(raw) if name in TYPES), None)
    if said is None:
        raise Malformed(sentence("expected a post"))
    kind = _READ_AS.get(said, said)
    if said == "PodcastEpisode":
        raw = _episode(raw)
    own = audience.read(raw, allow_http=allow_http)
    marks = tags.read(raw.get("tag") or raw.get("tags"), allow_http=allow_http)  # Prismo says `tags`
    name = texts.read(raw, "name")
    summary = texts.read(raw, "summary")
    content = texts.read(raw, "content")
    addresses = links.links_of(raw.get("url"), allow_http=allow_http)
    attached = pictures.attached(raw.get("attachment"), allow_http=allow_http)

    def place(value: object) -> str | None:
        return links.optional_uri(value, allow_http=allow_http)

    return Post(
        id=links.own_id(raw, allow_http=allow_http, draft=draft),
        type=kind,
        attributed_to=_author(raw, allow_http),
        audience=Audience(inherited.to, inherited.cc, own.groups or inherited.groups) if own.empty else own,
        published_ms=dates.instant_ms(raw.get("published")),
        updated_ms=dates.instant_ms(raw.get("updated")),
        name=limits.cut(name.value, limits.MAX_NAME_CHARS) if name else None,
        summary=limits.cut_bytes(summary.value, limits.MAX_SUMMARY_BYTES) if summary else None,
        content=limits.cut_bytes(content.value, limits.MAX_CONTENT_BYTES) if content else "",
        media_type=links.media_type_of(raw) or "text/html",
        source=texts.source_of(raw),
        language=_language(raw, content, summary, name),
        in_reply_to=next(iter(links.ids_of(raw.get("inReplyTo"), 1, allow_http=allow_http)), None),
        url=links.page_of(addresses),
        links=addresses,
        attachments=_with_file(kind, attached, raw.get("url"), name, allow_http),
        icon=pictures.largest(raw.get("icon"), allow_http=allow_http),
        image=pictures.largest(raw.get("image"), allow_http=allow_http),
        mentions=marks.mentions,
        hashtags=marks.hashtags,
        emojis=marks.emojis,
        sensitive=texts.flag(raw.get("sensitive")) or any(media.sensitive for media in attached),
        replies=place(raw.get("replies")),
        likes=place(raw.get("likes")),
        shares=place(raw.get("shares")),
        context=_thread(raw.get("context")),
        conversation=_thread(raw.get("conversation")),
        poll=polls.read(raw) if kind == "Question" else None,
        event=events.read(raw, allow_http=allow_http) if kind == "Event" else None,
        place=_place(raw, allow_http) if kind != "Event" else None,
        quote=quotes.read(raw, marks.objects, allow_http=allow_http),
        policy=policies.read(raw, allow_http=allow_http),
        approved_by=place(raw.get("replyAuthorization")) or place(raw.get("approvedBy")),
        references=tuple(link.href for link in marks.objects),
        duration_s=dates.duration_s(raw.get("duration")) if kind in _TIMED_TYPES else None,
    )


def _episode(raw: Mapping[str, Any]) -> Mapping[str, Any]:
    """A PodcastEpisode as an Audio: its words stand in `description`, its file in `audio`."""
    words, sound = raw.get("description"), raw.get("audio")
    found = dict(raw)
    if isinstance(words, dict):
        found.update({name: words[name] for name in ("content", "contentMap", "mediaType") if name in words})
    if isinstance(sound, dict):
        found["url"] = [*links.listed(raw.get("url")), *links.listed(sound.get("url"))]
        found["duration"] = sound.get("duration")
    return found


def _with_file(
    kind: str, attached: tuple[Media, ...], url: object, name: texts.Text | None, allow_http: bool
) -> tuple[Media, ...]:
    """The attachments; for a Video, Audio or Image also the file that its `url` is, before them."""
    if kind not in pictures.FAMILIES:
        return attached
    alt = limits.cut(name.value, limits.MAX_NAME_CHARS) if name else None
    found = pictures.file_of(kind, url, alt, allow_http=allow_http)
    if found is None or any(media.url == found.url for media in attached):
        return attached
    return (found, *attached)


def _place(raw: Mapping[str, Any], allow_http: bool) -> Place | None:
    found = places.first_of(raw.get("location"), allow_http=allow_http)
    if found is not None:
        return found
    for item in links.listed(raw.get("attachment"))[: limits.MAX_ATTACHMENTS]:  # Vernissage: where it was taken
        if isinstance(item, dict) and item.get("location") is not None:
            found = places.first_of(item["location"], allow_http=allow_http)
            if found is not None:
                return found
    return None


def _author(raw: Mapping[str, Any], allow_http: bool) -> str | None:
    # Mobilizon and Pleroma also give `actor`; a few servers give only that
    stated = raw.get("attributedTo")
    if type(stated) is str and (found := links.optional_uri(stated, allow_http=allow_http)) is not None:
        return found
    named = links.references(stated, limits.MAX_OBJECTS, allow_http=allow_http)
    usable = [reference for reference in named if reference.id is not None]
    person = next((reference.id for reference in usable if reference.type == "Person"), None)
    if person is not None:
        return person
    return usable[0].id if usable else links.optional_uri(raw.get("actor"), allow_http=allow_http)


def _language(raw: Mapping[str, Any], *candidates: texts.Text | None) -> str | None:
    stated = next((text.language for text in candidates if text is not None and text.language is not None), None)
    return stated or texts.language_of(raw)


def _thread(value: object) -> str | None:
    if value is None:
        return None
    if isinstance(value, list) and value:  # FEP-b2b8: several, the nearest first
        value = value[0]
    try:
        found = links.id_of(value)
    except Malformed:
        return None
    return found if len(found.encode("utf-8", "replace")) <= limits.MAX_URI_BYTES else None
