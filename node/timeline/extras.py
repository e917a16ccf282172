"""What hangs on a post beside its text, as bits of `posts.extras`: a page of posts without any asks for none."""

from enum import IntFlag

from node.runtime.database import Tx


class Extra(IntFlag):
    """One kind of thing that a post may have."""

    POLL = 1
    """It asks something (node.timeline.polls)."""
    QUOTE = 2
    """It quotes another post (node.timeline.quotes)."""
    REACTIONS = 4
    """Somebody reacted to it with an emoji (node.timeline.emoji_reactions)."""
    EVENT = 8
    """It says when and where (node.timeline.events)."""
    QUOTABLE_BY_SOME = 16
    """Not everybody and not nobody may quote it: what the reader may do has to be worked out."""
    QUOTABLE = 32
    """Everybody may quote it at once."""
    QUOTED = 64
    """It is quoted, with its author's consent."""
    AWAITS = 128
    """An answer or a boost of ours that the author elsewhere has to approve before others get it."""
    APPROVED = 256
    """One that was approved (node.timeline.approvals)."""
    MARKED = 512
    """The keepers marked it as sensitive: no edit of its author takes that back (node.moderation)."""
    GOVERNED = 1024
    """It stands in a conversation below a post of ours whose author says who may reply (node.timeline.replies)."""

    WAITS = 2048
    """A contributor wrote it, and nobody approved it yet: a direct post that names nobody (node.timeline.waiting)."""
    REFUSED = 4096
    """One that was not approved."""
    LOCAL_ONLY = 8192
    """It never leaves this node, which is where its readers log in (node.timeline.visibility); a boost of such a post too."""
    CARD = 16384
    """It shows what the page says of itself that it links to (node.timeline.cards), in its rendered bytes."""


ONE_CHANGE = 1 << 32
"""Above the bits it is counted how often the post's policy changed: what was rendered before is another version."""

# As a number: a flag would cost 2 µs each time.
PER_READER = int(Extra.POLL | Extra.QUOTE | Extra.REACTIONS | Extra.QUOTABLE_BY_SOME | Extra.QUOTED)
"""What is not in the rendered fragment, because it changes or differs from reader to reader."""


async def mark(tx: Tx, post_id: int, extra: Extra) -> None:
    """Say that the post has *extra*; its fragment is rendered anew where it says something about that."""
    await tx.execute("UPDATE posts SET extras = extras | $2 WHERE id = $1 AND extras & $2 = 0", post_id, int(extra))
