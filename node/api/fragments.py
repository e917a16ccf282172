"""Bytes rendered once: what a post says, and accounts. Everything that a page of any list is put together from.

A post is rendered in the transaction that publishes or edits it, and kept in its row; one that has no bytes (an
older version of the node made it, or left it out) is rendered when first read. Both kinds stay in memory, keyed by
their versions, which the database counts.
"""

from collections.abc import Mapping, Sequence
from functools import partial

from node.actors import actors
from node.actors.actor import Actor
from node.api.entities import account, status
from node.media import attachments
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.timeline import cards, hashtags, mentions, records, shown, waiting
from node.timeline.extras import Extra
from node.timeline.facts import PostEdited, PostRefused, PostsPublished, PostWaits
from node.timeline.hashtags import Tag
from node.timeline.records import Post
from node.timeline.shown import AuthorVersion, PostVersion

# About 2 kB each: 16 MB of posts, 8 MB of accounts at most.
_POSTS_KEPT = 8192
_ACCOUNTS_KEPT = 8192
_IN_OTHER_ROWS = int(Extra.EVENT)


def fresh(post: Post, tags: Sequence[Tag], named: Sequence[Actor]) -> bytes:
    """What a new post says that has neither media nor rows of its own."""
    return status.core(post, (), tags, named)


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Reaction: render new posts and keep their bytes in their rows, in the transaction that made them.

    Most were written with their bytes (`fresh`): a row that grows is a row that moves, and with it what the indexes
    say of it. A boost is rendered from its row. Only what the fragment shows of other rows is read again.
    """
    said = [each for each in fact.posts if each.boost_of_id is None]
    written = {each.post_id: each.fragment for each in said if each.fragment is not None}
    late = [each for each in said if each.fragment is None]
    plain = [each for each in late if not each.media and not each.post.extras & _IN_OTHER_ROWS]
    rendered = {each.post_id: fresh(each.post, each.tags, each.named) for each in plain}
    rendered |= await _render(tx, [each.post_id for each in late if each.post_id not in rendered])
    await shown.keep_fragments(tx, rendered)
    rendered |= written
    for each in said:
        if each.local and each.post_id in rendered:  # who wrote it reads it next
            counted = status.counted(rendered[each.post_id], shown.counts(each.post))
            kept = ctx.cache.of("post_fragments", _POSTS_KEPT)
            tx.after_commit(partial(kept.put, shown.version(each.post), counted))


async def on_edited(tx: Tx, ctx: Context, fact: PostEdited | PostWaits | PostRefused) -> None:
    """Reaction: render what has changed, in the transaction that changed it."""
    await shown.keep_fragments(tx, await _render(tx, [fact.post_id]))


async def posts(ctx: Context, reader: Reader, versions: Sequence[PostVersion]) -> list[bytes | None]:
    """What each post says and counts (see `status.counted`), in that order; None for one that is gone.

    No query when all are in memory, one when all are in their rows.
    """
    kept = ctx.cache.of("post_fragments", _POSTS_KEPT)
    found: list[bytes | None] = kept.get_all(versions)
    if None in found:
        missing = {version[0]: version for version, rendered in zip(versions, found, strict=True) if rendered is None}
        for post_id, counted in (await _counted(reader, [each for each in missing if each is not None])).items():
            # Under the version of the row that was read first: a change in between is seen at the next page.
            kept.put(missing[post_id], counted)
        found = kept.get_all(versions)
    return found


async def _counted(reader: Reader, post_ids: Sequence[int]) -> dict[int, bytes]:
    rows = {row.id: row for row in await shown.kept(reader, post_ids)}
    cores: dict[int, bytes] = {}
    never: list[int] = []
    for row in rows.values():
        if row.boost_of_id is not None:
            cores[row.id] = status.boost_core(row)
        elif row.fragment is not None:
            cores[row.id] = bytes(row.fragment)
        else:
            never.append(row.id)
    cores.update(await _render(reader, never))
    return {post_id: status.counted(core, rows[post_id].counts) for post_id, core in cores.items()}


async def accounts(ctx: Context, reader: Reader, versions: Mapping[int, AuthorVersion]) -> dict[int, bytes]:
    """Each author's account; no query when all are in memory, one otherwise."""
    kept = ctx.cache.of("account_fragments", _ACCOUNTS_KEPT)
    found = dict(zip(versions, kept.get_all(versions.values()), strict=True))
    missing = [actor_id for actor_id, rendered in found.items() if rendered is None]
    if missing:
        known = await actors.by_ids(reader, missing)
        for actor_id in missing:
            if actor_id not in known:
                del found[actor_id]
                continue
            found[actor_id] = rendered = account.fragment(known[actor_id])
            # Under the version of the row that was read first: a change in between is seen at the next page.
            kept.put(versions[actor_id], rendered)
    return found


async def _render(reader: Reader, post_ids: Sequence[int]) -> dict[int, bytes]:
    """Render posts anew: five queries, whatever their number."""
    if not post_ids:
        return {}
    posts = await records.by_ids(reader, post_ids)
    media = await attachments.of_posts(reader, post_ids)
    tags = await hashtags.of_posts(reader, post_ids)
    named = await mentions.of_posts(reader, post_ids)
    people = await actors.by_ids(reader, {actor_id for ids in named.values() for actor_id in ids})
    shut = [post.id for post in posts.values() if post.extras & Extra.WAITS]
    waits = await waiting.of_posts(reader, shut) if shut else {}
    linking = [post.id for post in posts.values() if post.extras & Extra.CARD]
    previewed = await cards.of_posts(reader, linking) if linking else {}
    return {
        post.id: status.core(
            post,
            media.get(post.id, ()),
            tags.get(post.id, ()),
            [people[actor_id] for actor_id in named.get(post.id, ()) if actor_id in people],
            waits.get(post.id),
            previewed.get(post.id),
        )
        for post in posts.values()
    }
