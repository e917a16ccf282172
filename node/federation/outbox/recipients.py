"""Whom a post of ours is sent to by name, beside those who follow its author: nobody who could not read it here."""

from collections.abc import Iterable

from node.runtime.database import Tx
from node.timeline import quotes, visibility
from node.timeline.extras import Extra
from node.timeline.posts import Post


async def of_post(tx: Tx, post: Post, heard: Iterable[int]) -> tuple[int, ...]:
    """Of those it names (*heard*), whom it answers and whom it quotes: all where anyone may read it, else its readers.

    An answer for followers is not for the author of what it answers, unless it names or is followed by that author
    (Mastodon's StatusReachFinder asks `distributable?` likewise).
    """
    meant = list(heard)
    if post.reply_to_author_id is not None:
        meant.append(post.reply_to_author_id)
    if post.extras & Extra.QUOTE:
        meant.extend(await quotes.authors_of(tx, post.id))
    meant = list(dict.fromkeys(meant))
    if not post.distributable:
        meant = await visibility.readers_among(tx, post_id=post.id, actor_ids=meant)
    return tuple(meant)
