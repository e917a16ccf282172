"""Every way to read: what may be asked by whom, and what the model says of the answer.

Each question names the route that answers it; `routes.py` says of every route of the node whether it is asked here.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from tests.privacy import deeds
from tests.privacy.model import OPEN, Post, Viewer
from tests.privacy.world import World

AP: Final = "application/activity+json"
NOTHING: Final[frozenset[int]] = frozenset()


@dataclass(frozen=True)
class Question:
    """One request, and what may and must be in its answer."""

    route: str
    path: str
    may: frozenset[int]
    """At most these posts."""
    must: frozenset[int] = NOTHING
    """At least these."""
    params: Mapping[str, Any] = field(default_factory=dict)
    data: Mapping[str, Any] | None = None
    refused: bool = False
    """It is not there for who asks, and the answer must say so."""
    lists: tuple[frozenset[int], frozenset[int]] | None = None
    """Of a collection that names posts without their words: which it must and may name."""

    @property
    def method(self) -> str:
        return self.route.partition(" ")[0]


def _exactly(route: str, path: str, posts: frozenset[int], **more: Any) -> Question:
    return Question(route, path, posts, posts, **more)


def by_clients(world: World, viewer: Viewer) -> Iterator[Question]:
    """The client API, as somebody of the node or nobody asks it."""
    yield from _timelines(world, viewer)
    for number in world.model.posts:
        yield from _of_post(world, viewer, number)
    for who in world.model.host:
        yield from _of_account(world, viewer, who)
    if viewer is not None:
        yield from _own(world, viewer)
        yield from _refusals(world, viewer)


def _timelines(world: World, viewer: Viewer) -> Iterator[Question]:
    model = world.model
    since = {"since_id": str(world.begin), "limit": 40}
    public = model.with_quoted(viewer, model.in_public(viewer))
    here = model.with_quoted(viewer, [n for n in model.in_public(viewer) if model.local(model.posts[n].author)])
    route = "GET /api/v1/timelines/public"
    yield _exactly(route, "/api/v1/timelines/public", public, params=since)
    yield _exactly(route, "/api/v1/timelines/public", here, params={**since, "local": True})
    yield Question(route, "/api/v1/timelines/public", public, params={**since, "remote": True})
    yield Question(route, "/api/v1/timelines/public", public, params={**since, "only_media": True})
    tag = f"fete{world.number}"
    tagged = model.with_quoted(viewer, model.tagged(viewer))
    yield _exactly("GET /api/v1/timelines/tag/:hashtag", f"/api/v1/timelines/tag/{tag}", tagged)
    ids = [world.posts[n][0] for n in model.posts]
    shown = model.with_quoted(viewer, model.shown_by(viewer, model.posts))
    yield _exactly("GET /api/v1/statuses", "/api/v1/statuses", shown, params={"id": ids})
    yield _exactly("GET /api/v2/search", "/api/v2/search", NOTHING, params={"q": "canari"})


def _of_post(world: World, viewer: Viewer, number: int) -> Iterator[Question]:
    model, (post_id, uri) = world.model, world.posts[number]
    readable = model.may_read(viewer, number)
    what = model.said(number)
    alone = frozenset([what]) if readable else NOTHING
    path, route = f"/api/v1/statuses/{post_id}", "GET /api/v1/statuses/:id"
    yield _exactly(route, path, model.with_quoted(viewer, alone), refused=not readable)
    around = model.with_quoted(viewer, model.around(viewer, what)) if readable else NOTHING
    yield _exactly(f"{route}/context", f"{path}/context", around, refused=not readable)
    for leaf in ("favourited_by", "reblogged_by"):
        yield _exactly(f"{route}/{leaf}", f"{path}/{leaf}", NOTHING, refused=not readable)
    yield Question(f"{route}/card", f"{path}/card", alone, refused=not readable)
    yield Question(
        f"{route}/history", f"{path}/history", alone, alone if number == what else NOTHING, refused=not readable
    )
    quoting = model.readable(viewer, [p.number for p in model.posts.values() if p.quotes == what])
    yield Question(
        f"{route}/quotes",
        f"{path}/quotes",
        model.with_quoted(viewer, quoting) if readable else NOTHING,
        refused=not readable,
    )
    post = model.posts[number]
    if post.asks:
        yield _exactly("GET /api/v1/polls/:id", f"/api/v1/polls/{post_id}", alone, refused=not readable)
    found = model.with_quoted(viewer, alone)
    yield _exactly("GET /api/v2/search", "/api/v2/search", found, params={"q": uri})
    if viewer is not None and post.boosts is None:
        own = alone if viewer == post.author and model.local(viewer) else NOTHING
        yield _exactly(f"{route}/source", f"{path}/source", own, refused=not own)
        yield _exactly(
            "GET /api/v1/beffroi/statuses/:id/deliveries", f"/api/v1/beffroi/statuses/{post_id}/deliveries", NOTHING,
            refused=not own,
        )  # fmt: skip


def _of_account(world: World, viewer: Viewer, who: int) -> Iterator[Question]:
    model = world.model
    path, route = f"/api/v1/accounts/{world.ids[who]}/statuses", "GET /api/v1/accounts/:id/statuses"
    gone = model.gone(who)
    own = [post.number for post in model.by(who)]
    shown = model.with_quoted(viewer, model.shown_by(viewer, own))
    yield _exactly(route, path, shown, params={"limit": 40}, refused=gone)
    plain = [n for n in own if model.posts[n].boosts is None]
    said = model.with_quoted(viewer, model.readable(viewer, plain))
    yield _exactly(route, path, said, params={"limit": 40, "exclude_reblogs": True}, refused=gone)
    starts = model.readable(viewer, [n for n in plain if not model.answers_another(model.posts[n])])
    at_least = model.with_quoted(viewer, starts)
    yield Question(route, path, shown, at_least, params={"limit": 40, "exclude_replies": True}, refused=gone)
    yield Question(route, path, shown, params={"limit": 40, "only_media": True}, refused=gone)
    pinned = model.with_quoted(viewer, model.readable(viewer, [n for n in model.pinned if n in own]))
    yield _exactly(route, path, pinned, params={"pinned": True}, refused=gone)


def _own(world: World, viewer: int) -> Iterator[Question]:
    model = world.model
    # Whose account is suspended asks as nobody, and has no lists.
    most, least = NOTHING, NOTHING
    if not model.gone(viewer):
        most = model.with_quoted(viewer, {model.said(n) for n in model.may_be_home(viewer)})
        least = model.must_be_home(viewer)
    gone = model.gone(viewer)
    yield Question(
        "GET /api/v1/timelines/home", "/api/v1/timelines/home", most, least, params={"limit": 40}, refused=gone
    )
    for route, chosen in (("favourites", model.liked), ("bookmarks", model.kept)):
        kept = model.readable(viewer, [n for who, n in chosen if who == viewer])
        yield _exactly(f"GET /api/v1/{route}", f"/api/v1/{route}", model.with_quoted(viewer, kept), refused=gone)
    told = model.with_quoted(viewer, model.readable(viewer))
    yield Question("GET /api/v1/notifications", "/api/v1/notifications", told, refused=gone, params={"limit": 80})
    territory = deeds.TERRITORY
    listed = (viewer, territory) in model.follows and not model.gone(territory) and not gone
    group = [p for p in model.by(territory) if p.visibility in OPEN and not p.by_reply] if listed else []
    shown = model.with_quoted(viewer, model.shown_by(viewer, [p.number for p in group]))
    yield _exactly(
        "GET /api/v1/timelines/list/:id", f"/api/v1/timelines/list/{world.ids[territory]}", shown, refused=not listed
    )


_VERBS: Final = ("favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark", "pin", "unpin")


def _refusals(world: World, viewer: int) -> Iterator[Question]:
    """What answers with a post and must not, by what is done to one that cannot be read."""
    model = world.model
    hidden = sorted(n for n in model.posts if not model.may_read(viewer, n))
    for number in hidden[viewer % 2 :: 3]:  # some of them: each of these costs a transaction
        post_id, post = world.posts[number][0], model.posts[number]
        path, route = f"/api/v1/statuses/{post_id}", "/api/v1/statuses/:id"
        asked: list[tuple[str, str, Mapping[str, Any]]] = [
            (f"POST {route}/{verb}", f"{path}/{verb}", {}) for verb in _VERBS
        ]
        asked += [(f"{method} {route}", path, {"status": "autre"}) for method in ("PUT", "PATCH", "DELETE")]
        asked += [
            ("POST /api/v1/polls/:id/votes", f"/api/v1/polls/{post_id}/votes", {"choices": ["0"]}),
            (f"PUT {route}/interaction_policy", f"{path}/interaction_policy", {"quote_approval_policy": "nobody"}),
            (f"POST {route}/quotes/:quoting_status_id/revoke", f"{path}/quotes/{post_id}/revoke", {}),
            ("POST /api/v1/statuses", "/api/v1/statuses", {"status": "réponse", "in_reply_to_id": post_id}),
            ("POST /api/v1/statuses", "/api/v1/statuses", {"status": "citation", "quoted_status_id": post_id}),
        ]
        if post.author != viewer:
            for route_, path_, data in asked:
                yield Question(route_, path_, NOTHING, data=data, refused=True)


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
        yield _exactly(f"{route}/outbox", f"{uri}/outbox", NOTHING, refused=refused)
        boosts = model.shown_by(None, [p.number for p in model.by(who) if p.boosts is not None]) if seen else NOTHING
        named = listed | boosts
        yield _exactly(
            f"{route}/outbox", f"{uri}/outbox", listed, params={"page": "true"}, refused=refused, lists=(named, named)
        )
        pinned = listed & model.pinned
        yield _exactly(f"{route}/collections/featured", f"{uri}/collections/featured", pinned, refused=refused)


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
        yield _exactly(route, base, alone, refused=not readable)
        yield _exactly(f"{route}/activity", f"{base}/activity", alone, refused=not readable)
        public = seen and model.may_read(None, number)
        answers = model.readable(None, [p.number for p in model.posts.values() if p.answers == number])
        page = {"params": {"page": "true"}, "refused": not public}
        yield _exactly(f"{route}/replies", f"{base}/replies", NOTHING, lists=(answers, answers), **page)
        page["refused"] = not public or post.by_reply
        below = model.readable(None, model.below(number) | {number})
        others = model.readable(None, [p.number for p in model.posts.values() if p.by_reply])  # their parents went
        yield _exactly(f"{route}/context", f"{base}/context", NOTHING, lists=(below, below | others), **page)
    else:
        yield _exactly(f"{route}/activity", f"{base}/activity", NOTHING, refused=not readable)


def by_browsers(world: World) -> Iterator[Question]:
    """The pages and feeds, which show everybody what anybody may read."""
    model = world.model
    for number, post in model.posts.items():
        if model.local(post.author) and post.boosts is None:
            name, readable = world.citizen(post.author).actor.username, model.may_read(None, number)
            shown = model.around(None, number) | {number} if readable else NOTHING
            yield _exactly(
                "GET /@{name}/{id}", f"/@{name}/{world.posts[number][0]}", frozenset(shown), refused=not readable
            )
        elif not model.local(post.author):
            readable = model.may_read(None, number)
            path = f"/{world.handle(post.author)}/{world.posts[number][0]}"
            yield _exactly("GET /@{name}/{id}", path, NOTHING, refused=not readable)
    for who in range(deeds.LOCAL):
        name, gone = world.citizen(who).actor.username, model.gone(who)
        own = model.by(who)
        most = model.shown_by(None, [p.number for p in own])
        least = model.readable(None, [p.number for p in own if p.boosts is None and not p.by_reply])
        yield Question("GET /@{name}", f"/@{name}", most, least, refused=gone)
        for route in ("/@{name}.rss", "/@{name}/feed"):
            yield Question(f"GET {route}", route.format(name=name), most, least, refused=gone)
    yield _exactly("GET /tags/{name}", f"/tags/fete{world.number}", model.tagged(None))
    here = frozenset(n for n in model.in_public(None) if model.local(model.posts[n].author))
    yield Question("GET /", "/", here, frozenset(sorted(here)[-15:]))


def everything(world: World, viewer: Viewer) -> Sequence[Question]:
    """All that *viewer* may ask."""
    if viewer is None:
        return [*by_clients(world, None), *by_servers(world, None), *by_browsers(world)]
    if not world.model.local(viewer):
        return list(by_servers(world, viewer))
    asked = by_clients(world, viewer)
    # A suspended account's token is worth nothing, not even what nobody's would show.
    return (
        [replace(each, may=NOTHING, must=NOTHING, refused=True) for each in asked]
        if world.model.gone(viewer)
        else list(asked)
    )
