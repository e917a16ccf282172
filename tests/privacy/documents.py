"""What other servers ask, with a signature or without."""

from collections.abc import Iterator

from tests.privacy import deeds
from tests.privacy.model import OPEN, Post, Viewer
from tests.privacy.question import NOTHING, Question, exactly
from tests.privacy.world import World


def by_servers(world: World, viewer: Viewer) -> Iterator[Question]:
    """The documents, as somebody elsewhere asks for them with a signature, or nobody does."""
    model = world.model
    for number, post in model.posts.items():
        if model.local(post.author):
            yield from _documents(world, viewer, number, post)
    for who in range(deeds.LOCAL):
        seen = _seen_through(world, viewer, who)
        uri, route = f"/users/{world.citizen(who).actor.username}", "GET /users/{username}"
        own = [p for p in model.by(who) if p.visibility in OPEN and p.boosts is None]
        listed = model.readable(None, [p.number for p in own]) if seen else NOTHING
        refused = not seen
        yield exactly(f"{route}/outbox", f"{uri}/outbox", NOTHING, refused=refused)
        boosts = model.shown_by(None, [p.number for p in model.by(who) if p.boosts is not None]) if seen else NOTHING
        named = listed | boosts
        yield exactly(
            f"{route}/outbox", f"{uri}/outbox", listed, params={"page": "true"}, refused=refused, lists=(named, named)
        )
        pinned = listed & model.pinned
        yield exactly(f"{route}/collections/featured", f"{uri}/collections/featured", pinned, refused=refused)


def _seen_through(world: World, viewer: Viewer, author: int) -> bool:
    """Whether an account's documents are shown to who asks at all."""
    model = world.model
    if model.gone(author):
        return False
    # Who blocked the author chose not to read; nobody has to keep it from them (GHSA-ccpr-m53r-mfwr is the other way).
    return not world.closed or (viewer is not None and not model.gone(viewer) and (author, viewer) not in model.blocks)


def _documents(world: World, viewer: Viewer, number: int, post: Post) -> Iterator[Question]:
    model, uri = world.model, world.posts[number][1].removeprefix(f"https://{world.node.host}")
    seen = _seen_through(world, viewer, post.author)
    # A public document is the same for all, whoever signs: where none is needed, everybody could leave it out.
    readable = seen and (model.may_read(viewer, number) or model.may_read(None, number))
    alone = frozenset([number]) if readable else NOTHING
    base, route = uri.removesuffix("/activity"), "GET /users/{username}/statuses/{id}"
    if post.boosts is None:
        yield exactly(route, base, alone, refused=not readable)
        yield exactly(f"{route}/activity", f"{base}/activity", alone, refused=not readable)
        public = seen and model.may_read(None, number)
        answers = model.readable(None, [p.number for p in model.posts.values() if p.answers == number])
        page = {"params": {"page": "true"}, "refused": not public}
        yield exactly(f"{route}/replies", f"{base}/replies", NOTHING, lists=(answers, answers), **page)
        page["refused"] = not public or post.by_reply
        below = model.readable(None, model.below(number) | {number})
        others = model.readable(None, [p.number for p in model.posts.values() if p.by_reply])  # their parents went
        yield exactly(f"{route}/context", f"{base}/context", NOTHING, lists=(below, below | others), **page)
    else:
        yield exactly(f"{route}/activity", f"{base}/activity", NOTHING, refused=not readable)
