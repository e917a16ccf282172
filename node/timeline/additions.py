"""New posts: their rows and all that hangs on them, written with one statement of each kind, whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import hashtags, mentions, records, threads
from node.timeline.facts import PostPublished, PostsPublished
from node.timeline.records import Post


@dataclass(frozen=True, slots=True)
class Addition:
    """A post that is not there yet."""

    post: Post
    author: Actor
    named: Iterable[Actor] = ()
    """Whom it names; its author does not count."""
    addressed: Iterable[Actor] = ()
    """Who may read it without being named."""
    tags: Iterable[str] = ()
    """Its hashtags as typed."""
    media: bool = False
    """It has media, which are written (or attached) in this transaction."""


async def add(tx: Tx, ctx: Context, additions: Sequence[Addition]) -> None:
    """Write *additions*, what one answers before the answer, and state PostsPublished."""
    if not additions:
        return
    posts = [each.post for each in additions]
    await records.insert(tx, posts)
    heard = {each.post.id: mentions.heard(each.post.author_id, each.named, each.addressed) for each in additions}
    await mentions.give(tx, heard)
    tags = await hashtags.give(tx, ctx, {each.post.id: each.tags for each in additions})
    await threads.adopt(tx, ctx, posts)
    tx.state(
        PostsPublished(
            tuple(
                PostPublished(
                    post.id, post.author_id, post.local, post.visibility, post.boost_of_id, post.reply_to_author_id,
                    post.reply_to_id, post, each.author, *heard[post.id], tags.get(post.id, ()), each.media,
                )
                for post, each in zip(posts, additions, strict=True)
            )
        )
    )  # fmt: skip
