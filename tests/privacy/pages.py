"""What browsers and feed readers ask."""

from collections.abc import Iterator

from tests.privacy import deeds
from tests.privacy.question import NOTHING, Question, exactly
from tests.privacy.world import World


def by_browsers(world: World) -> Iterator[Question]:
    """The pages and feeds, which show everybody what anybody may read."""
    model = world.model
    for number, post in model.posts.items():
        if model.local(post.author) and post.boosts is None:
            name, readable = world.citizen(post.author).actor.username, model.may_read(None, number)
            shown = model.around(None, number) | {number} if readable else NOTHING
            page, alone = f"/@{name}/{world.posts[number][0]}", frozenset([number]) if readable else NOTHING
            yield exactly("GET /@{name}/{id}", page, frozenset(shown), refused=not readable)
            for method, data in (("GET", None), ("POST", {"handle": "nobody"})):
                route = f"{method} /@{{name}}/{{id}}/interact"
                yield Question(route, f"{page}/interact", alone, data=data, refused=not readable or method == "POST")
            yield exactly("GET /@{name}/{id}/deliveries", f"{page}/deliveries", NOTHING)  # to the page for logging in
        elif not model.local(post.author):
            readable = model.may_read(None, number)
            path = f"/{world.handle(post.author)}/{world.posts[number][0]}"
            yield exactly("GET /@{name}/{id}", path, NOTHING, refused=not readable)
    for who in range(deeds.LOCAL):
        name, gone = world.citizen(who).actor.username, model.gone(who)
        own = model.by(who)
        most = model.shown_by(None, [p.number for p in own])
        least = model.readable(None, [p.number for p in own if p.boosts is None and not p.by_reply])
        yield Question("GET /@{name}", f"/@{name}", most, least, refused=gone)
        for route in ("/@{name}.rss", "/@{name}/feed"):
            yield Question(f"GET {route}", route.format(name=name), most, least, refused=gone)
    yield exactly("GET /tags/{name}", f"/tags/fete{world.number}", model.tagged(None))
    here = frozenset(n for n in model.in_public(None) if model.local(model.posts[n].author))
    yield Question("GET /", "/", here, frozenset(sorted(here)[-15:]))


def with_session(world: World, viewer: int) -> Iterator[Question]:
    """The pages for who has logged in, which show what is for all, and how far one's own posts got."""
    model = world.model
    for number, post in model.posts.items():
        what = model.said(number)
        readable = model.may_read(None, what)
        alone = frozenset([what]) if readable else NOTHING
        params = {"uri": world.posts[number][1]}
        yield exactly(
            "GET /authorize_interaction",
            "/authorize_interaction",
            alone,
            params=params,
            refused=not readable,
            session=True,
        )
        if post.author != viewer and model.local(post.author) and post.boosts is None:
            path = f"/@{world.citizen(post.author).actor.username}/{world.posts[number][0]}/deliveries"
            yield exactly("GET /@{name}/{id}/deliveries", path, NOTHING, refused=True, session=True)
