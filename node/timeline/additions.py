"""New posts: their rows and all that hangs on them, written with one statement of each kind, whatever their number."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from node.actors import actors
from node.actors.actor import Actor
from node.runtime.context import Context
from node.runtime.database import Tx
from node.timeline import hashtags, mentions, records, threads
from node.timeline.extras import Extra
from node.timeline.facts import PostPublished, PostsPublished
from node.timeline.hashtags import Tag
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
    """Write *additions*, what one answers before the answer, and state PostsPublished of those that are not held."""
    if not additions:
        return
    posts = [each.post for each in additions]
    heard = {each.post.id: mentions.heard(each.post.author_id, each.named, each.addressed) for each in additions}
    tags = await hashtags.chosen(tx, ctx, {each.post.id: each.tags for each in additions})
    fragments: dict[int, bytes] = {}
    if ctx.fragment is not None:
        fragments = {
            each.post.id: ctx.fragment(each.post, tags.get(each.post.id, ()), heard[each.post.id][0])
            for each in additions
            if _told_by_itself(each)
        }
    await records.insert(tx, posts, fragments)
    await mentions.give(tx, heard)
    await hashtags.give(tx, tags)
    shown = [each for each in additions if not each.post.held]
    if not shown:
        return
    await threads.adopt(tx, ctx, [each.post for each in shown if not each.post.local])  # nobody knew the id of ours
    tx.state(
        PostsPublished(
            tuple(
                _published(
                    each.post, each.author, *heard[each.post.id], tags.get(each.post.id, ()), each.media,
                    fragments.get(each.post.id),
                )
                for each in shown
            )
        )
    )  # fmt: skip


def _told_by_itself(addition: Addition) -> bool:
    """Whether all that the API shows of it is in hand: a boost shows another post, media and an event have rows of their own."""
    post = addition.post
    return post.boost_of_id is None and not addition.media and not post.held and not post.extras & Extra.EVENT


async def publish(tx: Tx, post: Post) -> None:
    """State PostsPublished of a post that was held until now; what hangs on it is read again."""
    author = await actors.require_by_id(tx, post.author_id)
    rows = await tx.fetch("SELECT actor_id, silent FROM post_mentions WHERE post_id = $1 ORDER BY actor_id", post.id)
    people = await actors.by_ids(tx, [row[0] for row in rows])
    named, addressed = (
        tuple(people[row[0]] for row in rows if bool(row[1]) is silent and row[0] in people) for silent in (False, True)
    )
    tags = tuple((await hashtags.of_posts(tx, [post.id])).get(post.id, ()))
    media = await tx.value("SELECT 1 FROM media WHERE post_id = $1 LIMIT 1", post.id) is not None
    tx.state(PostsPublished((_published(post, author, named, addressed, tags, media),)))


def _published(
    post: Post,
    author: Actor,
    named: tuple[Actor, ...],
    addressed: tuple[Actor, ...],
    tags: tuple[Tag, ...],
    media: bool,
    fragment: bytes | None = None,
) -> PostPublished:
    return PostPublished(
        post.id, post.author_id, post.local, post.visibility, post.boost_of_id, post.reply_to_author_id,
        post.reply_to_id, post, author, named, addressed, tags, media, fragment,
    )  # fmt: skip
