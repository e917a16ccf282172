"""What a commune writes to a territory in any client: 'partager', with hashtags if not everything, and 'arrêter'.

It is read of the post's first word after the names it mentions. What it means depends on the other one's software,
which may have to be asked for: a job does that (node.federation.requests), and calls `partager` or `arreter` here.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from node.actors import follows, memberships, permissions
from node.actors.actor import Actor
from node.agreements import announcing, letters, speaking, terms
from node.agreements.agreements import Medium
from node.agreements.speaking import Pair
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.jobs import enqueue
from node.runtime.text.folding import fold
from node.runtime.text.plain import plain
from node.timeline import hashtags
from node.timeline.facts import PostsPublished
from node.timeline.posts import Post

READ_JOB: Final = "agreements.read_request"
Command = Literal["partager", "arreter"]
_WORDS: Final[dict[str, Command]] = {
    "partager": "partager", "partage": "partager", "arreter": "arreter", "arret": "arreter", "stop": "arreter",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Request:
    """What a post asks a territory."""

    command: Command
    categories: tuple[str, ...]


def read(html: str, tags: Sequence[str]) -> Request | None:
    """The request in a post, its text as HTML and its folded hashtags; None: it is only a post.

    'partager' stands alone with hashtags: who says more means something else. Who begins with 'arrêter' is taken at
    this word, since to stop too early does less harm than not to stop.
    """
    words = [word.strip(".,;:!?«»\"'()") for word in fold(plain(html, max_chars=2_000)).split()]
    said = [word for word in words if word and not word.startswith("@")]
    command = _WORDS.get(said[0]) if said else None
    if command is None or (command == "partager" and not all(word.startswith("#") for word in said[1:])):
        return None
    return Request(command, tuple(name for name in tags if name != announcing.OPT_OUT))


async def on_published(tx: Tx, ctx: Context, fact: PostsPublished) -> None:
    """Have posts read that name somebody with whom their author could agree."""
    for post in fact.posts:
        for other in post.named:
            if other.type != "Group" or not (post.local or other.local) or (other.local and other.kind != "territory"):
                continue
            if read(post.post.content, ()) is not None:
                args = {"post_id": post.post_id, "territory_id": other.id}
                await enqueue(tx, ctx, READ_JOB, args, unique=f"{READ_JOB}:{post.post_id}:{other.id}")


async def in_post(reader: Reader, post: Post) -> Request | None:
    """What *post* asks."""
    tags = (await hashtags.of_posts(reader, [post.id]))[post.id]
    return read(post.content, [tag.name for tag in tags])


async def may_speak(reader: Reader, post: Post, member: Actor) -> bool:
    """Whether who wrote *post* may agree to anything for a local *member*; its own server decides for a stranger."""
    if not member.local:
        return True
    if post.person_id is None:
        return False
    role = await memberships.role_of(reader, person_id=post.person_id, actor_id=member.id)
    return permissions.may(role, "agree")


async def partager(
    tx: Tx, ctx: Context, *, pair: Pair, categories: tuple[str, ...], source: str, medium: Medium
) -> None:
    """The member agrees: to what the territory offers if it names no hashtags, else to exactly these.

    On other software it follows the territory first, which shows that it can read the answers.
    """
    territory, member = pair.territory, pair.member
    if medium == "post" and await follows.state(tx, member.id, territory.id) != "accepted":
        await letters.say_follow_first(tx, ctx, territory=territory, member=member)
        return
    offered = None
    try:
        if not categories:
            await speaking.accept(tx, ctx, pair=pair, by="member", source=source)
            return
    except BeffroiError:
        pass  # nothing is offered: this is the first word
    offered = terms.make(categories=categories)
    agreement = await speaking.propose(tx, ctx, pair=pair, by="member", terms=offered, medium=medium, source=source)
    if medium == "post":
        await letters.say_asked(tx, ctx, territory=territory, member=member, agreement=agreement)


async def arreter(tx: Tx, ctx: Context, *, pair: Pair, source: str) -> None:
    """The member ends what there is."""
    try:
        await speaking.end(tx, ctx, pair=pair, by="member", source=source)
    except NotFound:
        pass
