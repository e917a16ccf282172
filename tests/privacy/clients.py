"""What applications ask, for somebody of the node or for nobody."""

from collections.abc import Iterator, Mapping
from typing import Any, Final

from tests.privacy import deeds
from tests.privacy.model import OPEN, Viewer
from tests.privacy.question import NOTHING, Question, exactly
from tests.privacy.world import World


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
    yield exactly(route, "/api/v1/timelines/public", public, params=since)
    yield exactly(route, "/api/v1/timelines/public", here, params={**since, "local": True})
    yield Question(route, "/api/v1/timelines/public", public, params={**since, "remote": True})
    yield Question(route, "/api/v1/timelines/public", public, params={**since, "only_media": True})
    tag = f"fete{world.number}"
    tagged = model.with_quoted(viewer, model.tagged(viewer))
    yield exactly("GET /api/v1/timelines/tag/:hashtag", f"/api/v1/timelines/tag/{tag}", tagged)
    ids = [world.posts[n][0] for n in model.posts]
    shown = model.with_quoted(viewer, model.shown_by(viewer, model.posts))
    yield exactly("GET /api/v1/statuses", "/api/v1/statuses", shown, params={"id": ids})
    yield Question("GET /api/v1/trends/statuses", "/api/v1/trends/statuses", public, params={"limit": 40})
    found = NOTHING if viewer is None else model.with_quoted(viewer, model.readable(viewer))
    for route in ("GET /api/v2/search", "GET /api/v1/search"):
        path = route.removeprefix("GET ")
        word = f"canari{world.number}x"  # of every text of this world the beginning
        for words in (word, f"{word} in:library", "in:library", f"{word} -fete", f"{word} in:public"):
            yield Question(route, path, found, params={"q": words, "limit": 40})


def _of_post(world: World, viewer: Viewer, number: int) -> Iterator[Question]:
    model, (post_id, uri) = world.model, world.posts[number]
    readable = model.may_read(viewer, number)
    what = model.said(number)
    alone = frozenset([what]) if readable else NOTHING
    path, route = f"/api/v1/statuses/{post_id}", "GET /api/v1/statuses/:id"
    yield exactly(route, path, model.with_quoted(viewer, alone), refused=not readable)
    if number in world.was:  # the id of what waited leads its team, and nobody else, to what it became
        team = readable and viewer == model.posts[number].author
        old = f"/api/v1/statuses/{world.was[number]}"
        yield exactly(route, old, model.with_quoted(viewer, alone) if team else NOTHING, refused=not team)
    around = model.with_quoted(viewer, model.around(viewer, what)) if readable else NOTHING
    yield exactly(f"{route}/context", f"{path}/context", around, refused=not readable)
    for leaf in ("favourited_by", "reblogged_by"):
        yield exactly(f"{route}/{leaf}", f"{path}/{leaf}", NOTHING, refused=not readable)
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
        yield exactly("GET /api/v1/polls/:id", f"/api/v1/polls/{post_id}", alone, refused=not readable)
    found = model.with_quoted(viewer, alone)
    yield exactly("GET /api/v2/search", "/api/v2/search", found, params={"q": uri})
    if post.boosts is None:
        its_word = {"q": f"canari{world.number}x{number}z"}
        yield Question("GET /api/v2/search", "/api/v2/search", NOTHING if viewer is None else found, params=its_word)
    if viewer is not None and post.boosts is None:
        own = alone if viewer == post.author and model.local(viewer) else NOTHING
        yield exactly(f"{route}/source", f"{path}/source", own, refused=not own)
        yield exactly(
            "GET /api/v1/beffroi/statuses/:id/deliveries", f"/api/v1/beffroi/statuses/{post_id}/deliveries", NOTHING,
            refused=not own,
        )  # fmt: skip


def _of_account(world: World, viewer: Viewer, who: int) -> Iterator[Question]:
    model = world.model
    path, route = f"/api/v1/accounts/{world.ids[who]}/statuses", "GET /api/v1/accounts/:id/statuses"
    gone = model.gone(who)
    own = [post.number for post in model.by(who)]
    shown = model.with_quoted(viewer, model.shown_by(viewer, own))
    yield exactly(route, path, shown, params={"limit": 40}, refused=gone)
    plain = [n for n in own if model.posts[n].boosts is None]
    said = model.with_quoted(viewer, model.readable(viewer, plain))
    yield exactly(route, path, said, params={"limit": 40, "exclude_reblogs": True}, refused=gone)
    starts = model.readable(viewer, [n for n in plain if not model.answers_another(model.posts[n])])
    at_least = model.with_quoted(viewer, starts)
    yield Question(route, path, shown, at_least, params={"limit": 40, "exclude_replies": True}, refused=gone)
    yield Question(route, path, shown, params={"limit": 40, "only_media": True}, refused=gone)
    pinned = model.with_quoted(viewer, model.readable(viewer, [n for n in model.pinned if n in own]))
    yield exactly(route, path, pinned, params={"pinned": True}, refused=gone)


def _own(world: World, viewer: int) -> Iterator[Question]:
    model = world.model
    waiting = NOTHING if model.gone(viewer) else frozenset(model.waiting(viewer))
    path = "/api/v1/beffroi/statuses/waiting"
    yield exactly(f"GET {path}", path, waiting, refused=model.gone(viewer))
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
        yield exactly(f"GET /api/v1/{route}", f"/api/v1/{route}", model.with_quoted(viewer, kept), refused=gone)
    told = model.with_quoted(viewer, model.readable(viewer))
    yield Question("GET /api/v1/notifications", "/api/v1/notifications", told, refused=gone, params={"limit": 80})
    yield Question("GET /api/v2/notifications", "/api/v2/notifications", told, refused=gone, params={"limit": 80})
    talked = model.with_quoted(
        viewer, model.readable(viewer, [p.number for p in model.posts.values() if p.visibility == "direct"])
    )
    for path in ("/api/v1/conversations", "/api/v1/timelines/direct"):
        yield Question(f"GET {path}", path, talked, refused=gone, params={"limit": 40})
    territory = deeds.TERRITORY
    listed = (viewer, territory) in model.follows and not model.gone(territory) and not gone
    group = [p for p in model.by(territory) if p.visibility in OPEN and not p.by_reply] if listed else []
    shown = model.with_quoted(viewer, model.shown_by(viewer, [p.number for p in group]))
    # What it shares of its own is a double of what stands there, also where that is an answer and stands elsewhere.
    once = [p.number for p in group if p.boosts is None or model.posts[p.boosts].author != territory]
    least = model.shown_by(viewer, once)
    path = f"/api/v1/timelines/list/{world.ids[territory]}"
    yield Question("GET /api/v1/timelines/list/:id", path, shown, least, refused=not listed)


_BEFFROI: Final = "/api/v1/beffroi/statuses/:id"
_VERBS: Final = (
    "favourite", "unfavourite", "reblog", "unreblog", "bookmark", "unbookmark", "pin", "unpin", "mute", "unmute",
)  # fmt: skip


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
            (f"POST {_BEFFROI}/approve", f"/api/v1/beffroi/statuses/{post_id}/approve", {}),
            (f"POST {_BEFFROI}/refuse", f"/api/v1/beffroi/statuses/{post_id}/refuse", {"reason": "non"}),
            ("POST /api/v1/statuses", "/api/v1/statuses", {"status": "réponse", "in_reply_to_id": post_id}),
            ("POST /api/v1/statuses", "/api/v1/statuses", {"status": "citation", "quoted_status_id": post_id}),
        ]
        if post.author != viewer:
            for route_, path_, data in asked:
                yield Question(route_, path_, NOTHING, data=data, refused=True)
