"""A stranger's post as its document says it: what is looked at, to whom it is addressed, and the row that its words make."""

from collections.abc import Sequence
from typing import Protocol

import orjson

from node.runtime.text import cleaning, composing, languages, plain
from node.timeline import carried
from node.timeline.attached import RemoteMedia
from node.timeline.records import Post
from node.timeline.visibility import Visibility

MAX_TITLE_CHARS = 2_048
MAX_SUMMARY_CHARS = 5_000
MAX_CONTEXT_CHARS = 2_048
MAX_EMOJIS = 64
PUBLIC = "https://www.w3.org/ns/activitystreams#Public"

# Summaries of these are content warnings, plain text; of all others abstracts, HTML.
_WARNED_TYPES = frozenset({"Note", "Question"})


class Addressed(Protocol):
    """To whom a document is addressed; Public spelt in full."""

    @property
    def to(self) -> Sequence[str]: ...
    @property
    def cc(self) -> Sequence[str]: ...


class Named(Protocol):
    """A hashtag without its #."""

    @property
    def name(self) -> str: ...


class Pictured(Protocol):
    """A custom emoji."""

    @property
    def name(self) -> str: ...
    @property
    def url(self) -> str: ...


class Document(carried.Carrier, Protocol):
    """What is read of a stranger's post: node.federation.vocab.posts.Post, which lies above this layer."""

    @property
    def id(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def attributed_to(self) -> str | None: ...
    @property
    def audience(self) -> Addressed: ...
    @property
    def published_ms(self) -> int | None: ...
    @property
    def updated_ms(self) -> int | None: ...
    @property
    def name(self) -> str | None: ...
    @property
    def summary(self) -> str | None: ...
    @property
    def content(self) -> str: ...
    @property
    def media_type(self) -> str: ...
    @property
    def language(self) -> str | None: ...
    @property
    def in_reply_to(self) -> str | None: ...
    @property
    def url(self) -> str | None: ...
    @property
    def attachments(self) -> Sequence[RemoteMedia]: ...
    @property
    def image(self) -> RemoteMedia | None: ...
    @property
    def hashtags(self) -> Sequence[Named]: ...
    @property
    def emojis(self) -> Sequence[Pictured]: ...
    @property
    def sensitive(self) -> bool: ...
    @property
    def context(self) -> str | None: ...
    @property
    def conversation(self) -> str | None: ...
    @property
    def approved_by(self) -> str | None: ...


def visibility_of(audience: Addressed, followers: str | None) -> Visibility:
    """Public in `to` is public, in `cc` unlisted; the author's followers in either is followers; else direct."""
    if PUBLIC in audience.to:
        return "public"
    if PUBLIC in audience.cc:
        return "unlisted"
    if followers and (followers in audience.to or followers in audience.cc):
        return "followers"
    return "direct"


def is_vote(document: Document, content: str) -> bool:
    """Whether it is a vote: a Note with `name` and `inReplyTo`; snac's carry "<br>" as content."""
    return (
        document.type == "Note"
        and bool(document.name)
        and document.in_reply_to is not None
        and not plain.plain(content)
        and not document.attachments
    )


def media_of(document: Document) -> Sequence[RemoteMedia]:
    """Its files; of one that has none, the picture that stands for it."""
    if not document.attachments and document.image is not None:
        return (document.image,)
    return document.attachments


def row_of(document: Document) -> Post:
    """What the document says, cleaned and cut; where it stands in the thread and who may read it come later."""
    summary = document.summary or ""
    if document.type not in _WARNED_TYPES:
        summary = plain.plain(summary)
    if document.media_type.startswith("text/html"):
        content = cleaning.clean(document.content)
    else:
        text = cleaning.storable(document.content[: cleaning.MAX_CHARS])
        content = composing.compose(text, lambda _name: None, lambda _tag: None).html
    pictures = [{"name": emoji.name, "url": emoji.url} for emoji in document.emojis[:MAX_EMOJIS]]
    return Post(
        id=0, uri=document.id, url=document.url or document.id, type=document.type, author_id=0, person_id=None,
        local=False, domain_id=None, visibility="direct", boost_of_id=None, reply_to_id=None, reply_to_uri=None,
        reply_to_author_id=None, thread_id=0,
        context=cleaning.storable(document.context or document.conversation or "")[:MAX_CONTEXT_CHARS],
        name=plain.plain(document.name or "")[:MAX_TITLE_CHARS], content=content, source="",
        summary=cleaning.storable(summary).strip()[:MAX_SUMMARY_CHARS],
        sensitive=document.sensitive or (document.type in _WARNED_TYPES and bool(summary.strip())),
        language=languages.read(document.language) or "", emojis=orjson.dumps(pictures).decode(), application=None,
        hidden=False, replies_count=0, boosts_count=0, favourites_count=0, published_ms=0, edited_ms=None, created_ms=0,
    )  # fmt: skip
