"""Local posts as documents: Notes, Questions, and the Announce that a boost is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from node.actors import actors
from node.actors.actor import Actor
from node.federation.objects import PUBLIC, emojis, policies
from node.federation.objects.actors import home_of
from node.federation.objects.polls import question
from node.federation.objects.quotes import said
from node.media import addresses, attachments
from node.media.attachments import Media
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader
from node.timeline import approvals, hashtags, mentions, polls, posts, quotes
from node.timeline.extras import Extra
from node.timeline.facts import PostPublished
from node.timeline.hashtags import Tag
from node.timeline.polls import Poll
from node.timeline.posts import Post
from node.timeline.quotes import Quote

_IN_OTHER_ROWS = int(Extra.POLL | Extra.QUOTE | Extra.EVENT | Extra.APPROVED)
_TYPES = {"image": "Image", "video": "Video", "audio": "Audio"}


@dataclass(frozen=True, slots=True)
class _Around:
    """What the documents of some posts are made of."""

    authors: Mapping[int, Actor]
    named: Mapping[int, Sequence[int]]
    tags: Mapping[int, Sequence[Tag]]
    media: Mapping[int, Sequence[Media]]
    boosted: Mapping[int, Post]
    polls: Mapping[int, Poll]
    quotes: Mapping[int, Quote]
    approved: Mapping[int, str]


async def activities(reader: Reader, ctx: Context, of: Sequence[Post]) -> list[dict[str, Any]]:
    """The Create or Announce of each local post, in their order; six queries, whatever their number."""
    around = await _gather(reader, of)
    return [_activity(ctx, around, post) for post in of]


async def activity(reader: Reader, ctx: Context, post: Post) -> dict[str, Any]:
    """The Create of a local post, or the Announce of a boost."""
    return (await activities(reader, ctx, [post]))[0]


async def published(reader: Reader, ctx: Context, fact: PostPublished) -> dict[str, Any]:
    """`activity` of a post of ours in the transaction that writes it: only what has rows of its own is read."""
    post = fact.post
    if fact.media or post.boost_of_id is not None or post.extras & _IN_OTHER_ROWS:
        return await activity(reader, ctx, post)
    people = {actor.id: actor for actor in (fact.author, *fact.named)}
    named = {post.id: [actor.id for actor in fact.named]}
    return _activity(ctx, _Around(people, named, {post.id: fact.tags}, {}, {}, {}, {}, {}), post)


async def documents(reader: Reader, ctx: Context, of: Sequence[Post]) -> list[dict[str, Any]]:
    """The Note of each local post, in their order; boosts have none."""
    around = await _gather(reader, of)
    return [_note(ctx, around, post) for post in of]


async def document(reader: Reader, ctx: Context, post: Post) -> dict[str, Any]:
    """The Note of a local post."""
    return (await documents(reader, ctx, [post]))[0]


async def _gather(reader: Reader, of: Sequence[Post]) -> _Around:
    ids = [post.id for post in of]
    named = await mentions.of_posts(reader, ids)
    boosted = await posts.by_ids(reader, [post.boost_of_id for post in of if post.boost_of_id is not None])
    people = {post.author_id for post in (*of, *boosted.values())}.union(*named.values())
    return _Around(
        await actors.by_ids(reader, people),
        named,
        await hashtags.of_posts(reader, ids),
        await attachments.of_posts(reader, ids),
        boosted,
        await polls.of_posts(reader, asking) if (asking := _with(Extra.POLL, of)) else {},
        await quotes.of_posts(reader, quoting) if (quoting := _with(Extra.QUOTE, of)) else {},
        await approvals.of_posts(reader, approved) if (approved := _with(Extra.APPROVED, of)) else {},
    )


def _with(extra: Extra, of: Sequence[Post]) -> list[int]:
    return [post.id for post in of if post.extras & extra]


def _activity(ctx: Context, around: _Around, post: Post) -> dict[str, Any]:
    author = around.authors[post.author_id]
    if post.boost_of_id is not None:
        boosted = around.boosted[post.boost_of_id]
        to, cc = addressed(post.visibility, author, [around.authors[boosted.author_id].uri])
        approved = {"approvedBy": around.approved[post.id]} if post.id in around.approved else {}
        return {
            **approved, "id": post.uri, "type": "Announce", "actor": author.uri, "published": iso(post.published_ms),
            "to": to, "cc": cc, "object": boosted.uri,
        }  # fmt: skip
    note = _note(ctx, around, post)
    return {
        "id": f"{post.uri}/activity", "type": "Create", "actor": author.uri, "published": note["published"],
        "to": note["to"], "cc": note["cc"], "object": note,
    }  # fmt: skip


def _note(ctx: Context, around: _Around, post: Post) -> dict[str, Any]:
    author = around.authors[post.author_id]
    home = home_of(ctx, author)
    named = [around.authors[actor_id] for actor_id in around.named.get(post.id, ()) if actor_id in around.authors]
    to, cc = addressed(post.visibility, author, [actor.uri for actor in named])
    written: dict[str, Any] = {
        "id": post.uri,
        "type": post.type,
        "attributedTo": author.uri,
        "to": to,
        "cc": cc,
        "published": iso(post.published_ms),
        "url": post.url,
        "summary": post.summary or None,
        "sensitive": post.sensitive,
        "content": post.content,
        "inReplyTo": post.reply_to_uri,
        "source": {"content": post.source, "mediaType": "text/plain"},
        "tag": [
            *({"type": "Mention", "href": actor.uri, "name": f"@{actor.handle}"} for actor in named),
            *(
                {"type": "Hashtag", "href": f"{home}/tags/{quote(tag.name)}", "name": f"#{tag.display}"}
                for tag in around.tags.get(post.id, ())
            ),
            *emojis.tags(home, post.pictured),
        ],
        "attachment": [_attachment(home, media) for media in around.media.get(post.id, ())],
    }
    if post.id in around.approved:
        # GoToSocial's older and newer word for the same
        written["approvedBy"] = written["replyAuthorization"] = around.approved[post.id]
    if post.id in around.quotes:
        written |= said(around.quotes[post.id], post.content)
    if post.language:
        written["contentMap"] = {post.language: written["content"]}
    if post.edited_ms is not None:
        written["updated"] = iso(post.edited_ms)
    if post.context.startswith("https://"):
        written["context"] = post.context
    if post.distributable:
        written["replies"] = f"{post.uri}/replies"
    written["interactionPolicy"] = policies.of_post(post, author, named)
    if post.id in around.polls:
        written |= question(around.polls[post.id], ctx.clock.now_ms())
    return written


def addressed(visibility: str, author: Actor, named: Sequence[str]) -> tuple[list[str], list[str]]:
    """`to` and `cc` of a post of that visibility: Public in `to` is public, in `cc` unlisted."""
    match visibility:
        case "public":
            return [PUBLIC], [author.followers, *named]
        case "unlisted":
            return [author.followers], [PUBLIC, *named]
        case "followers":
            return [author.followers], list(named)
    return list(named), []


def _lasting(duration_ms: int | None) -> str | None:
    """A length as xsd:duration writes it (AS2 Vocabulary, `duration`)."""
    return None if duration_ms is None else f"PT{duration_ms / 1000:.3f}S"


def _attachment(home: str, media: Media) -> dict[str, Any]:
    address = addresses.of_key(home, media.storage_key) if media.storage_key else media.remote_url
    written: dict[str, Any] = {"type": _TYPES.get(media.kind, "Document"), "url": address}
    described = {
        "mediaType": media.mime,
        "name": media.description,
        "blurhash": media.blurhash,
        "width": media.width,
        "height": media.height,
        "duration": _lasting(media.duration_ms),
    }
    written |= {name: value for name, value in described.items() if value}
    if media.focus_x is not None and media.focus_y is not None:
        written["focalPoint"] = [media.focus_x, media.focus_y]
    if media.kind != "image" and media.preview_key:
        mime = addresses.MIMES[media.preview_key.rpartition(".")[2]]
        written["icon"] = {"type": "Image", "mediaType": mime, "url": addresses.of_key(home, media.preview_key)}
    return written
