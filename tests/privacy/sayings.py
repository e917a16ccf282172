"""Posts and what is done to them, by requests of clients and signed activities."""

from dataclasses import replace
from typing import Any

from node.runtime.clock import iso
from node.timeline import posts
from tests.privacy import deeds
from tests.privacy.model import OPEN, Post
from tests.privacy.world import World, picture
from tests.support.peer import PUBLIC

_WEEK_S = 7 * 86_400


async def say(world: World, deed: deeds.Say) -> None:
    """A post of somebody here or elsewhere."""
    model = world.model
    number = world.new_post(deed.who)
    above = _meant_words(world, deed.answers)
    named = frozenset(who for who in deed.named if who != deed.who)
    if not model.local(deed.who):
        await _say_elsewhere(world, deed, number, above, named)
        return
    quoted = None if deed.more or deed.waits else _meant_words(world, deed.quotes)
    answerable = above is None or (model.may_read(deed.who, above) and not model.posts[above].waits)
    place, ruling = model.placed(deed.who, above, deed.visibility, named)
    may = not model.gone(deed.who) and answerable and place != "refused"
    governed = ruling is not None or place == "held"
    waits = deed.waits and deed.who not in model.deleted and not governed
    rule = "" if waits or deed.visibility == "direct" else deed.rule
    form = await _form(world, deed, number, named) | _rule(rule)
    stays = deed.stays or any(at is not None and model.posts[at].stays for at in (above, quoted))
    if deed.stays:
        form["local_only"] = "true"
    if above is not None:
        form["in_reply_to_id"] = world.posts[above][0]
    if quoted is not None:
        form["quoted_status_id"] = world.posts[quoted][0]
    client = await world.contributor(deed.who) if waits else world.citizen(deed.who).client
    answer = await client.post("/api/v1/statuses", form)
    done = answer.status == 200
    if quoted is None:
        assert done is may, f"{deed} was answered {answer.status}: {answer.body[:300]!r}; the model says {may}"
    elif done:
        assert may, f"{deed} answers what its author may not read"
        assert model.may_read(deed.who, quoted), f"{deed} quotes what its author may not read"
    if not done:
        return
    status = answer.json
    world.posts[number] = (int(status["id"]), status["uri"])
    shown = quoted if quoted is not None and (status["quote"] or {}).get("state") == "accepted" else None
    model.posts[number] = Post(
        number, deed.who, deed.visibility, frozenset(who for who in named if not model.gone(who)), above, None, shown,
        deed.tagged, deed.more == "poll", deed.more == "picture", above is not None, waits,
        rule, governed, ruling if place == "held" else None, place == "held", stays,
    )  # fmt: skip


def _rule(rule: str) -> dict[str, Any]:
    if not rule:
        return {}
    at_once = ["mentioned", "followers"] if rule == "followers" else ["mentioned"]
    asked = {"interaction_policy[can_reply][manual_approval]": ["public"]} if rule == "held" else {}
    return {"interaction_policy[can_reply][automatic_approval]": at_once, **asked}


async def judge(world: World, deed: deeds.Judge) -> None:
    """Whose rule holds a reply lets it through or refuses it, also after it was let through."""
    model = world.model
    asked = [post for post in model.posts.values() if post.judge is not None and post.judge in model.posts]
    if not asked:
        return
    post = asked[deed.what % len(asked)]
    assert post.judge is not None
    who = model.posts[post.judge].author
    path = f"/api/v1/interaction_requests/{world.posts[post.number][0]}/{'authorize' if deed.yes else 'reject'}"
    await world.asked(who, path, allowed=not model.gone(who))
    if not model.gone(who):
        model.judged(post.number, yes=deed.yes)


async def approve(world: World, deed: deeds.Approve) -> None:
    """The owner publishes what waits: it has another id from then on."""
    model, waiting = world.model, world.model.waiting()
    if not waiting:
        return
    number = waiting[deed.what % len(waiting)]
    author, may, was = model.posts[number].author, model.may_approve(number), world.posts[number][0]
    answer = await world.asked(author, f"/api/v1/beffroi/statuses/{was}/approve", allowed=may)
    if may:
        world.posts[number], world.was[number] = (int(answer.json["id"]), answer.json["uri"]), was
        model.approve(number)


async def _form(world: World, deed: deeds.Say, number: int, named: frozenset[int]) -> dict[str, Any]:
    words = world.word(number)
    text = " ".join([words, *(world.handle(who) for who in sorted(named)), *_hashtag(world, deed)])
    form: dict[str, Any] = {
        "status": text, "visibility": "private" if deed.visibility == "followers" else deed.visibility
    }  # fmt: skip
    if deed.more == "warning":
        form["spoiler_text"] = words
    if deed.more == "poll":
        form |= {"poll[options]": [f"{words} oui", f"{words} non"], "poll[expires_in]": _WEEK_S}
    if deed.more == "picture" and not world.model.gone(deed.who):
        file = {"file": ("photo.png", "image/png", picture())}
        uploaded = (await world.citizen(deed.who).client.upload("/api/v2/media", file, {"description": words})).ok()
        form["media_ids"] = [uploaded["id"]]
    return form


def _hashtag(world: World, deed: deeds.Say) -> list[str]:
    return [f"#fete{world.number}"] if deed.tagged else []


async def _say_elsewhere(world: World, deed: deeds.Say, number: int, above: int | None, named: frozenset[int]) -> None:
    model, author = world.model, world.stranger(deed.who)
    note = _note(world, deed, number, above, named)
    await world.told(deed.who, author.create(note))
    await world.settle()
    kept = await posts.by_uri(world.node.ctx.db.reader, note["id"])
    if kept is None:
        read_here = any((who, deed.who) in model.follows for who in model.host if model.local(who))
        called_here = any(model.local(who) and not model.gone(who) for who in named)
        must = above is None and not model.gone(deed.who) and (read_here or called_here)
        assert not must, f"{deed} concerns people here and was not kept"
        return
    assert not model.gone(deed.who), f"{deed} of somebody suspended was kept"
    place, ruling = model.placed(deed.who, above, deed.visibility, named)
    assert place != "refused", f"{deed} was kept, which nobody allowed"
    world.posts[number] = (kept.id, note["id"])
    model.posts[number] = Post(
        number, deed.who, deed.visibility, named, above, None, None, deed.tagged, False, deed.more == "picture",
        above is not None, False, "", ruling is not None or place == "held", ruling if place == "held" else None,
        place == "held",
    )  # fmt: skip


def _note(world: World, deed: deeds.Say, number: int, above: int | None, named: frozenset[int]) -> dict[str, Any]:
    author, words = world.stranger(deed.who), world.word(number)
    called = [world.uri(who) for who in sorted(named)]
    to, cc = {
        "public": ([PUBLIC], [author.followers, *called]),
        "unlisted": ([author.followers], [PUBLIC, *called]),
        "followers": ([author.followers], called),
        "direct": (called, []),
    }[deed.visibility]
    tags: list[dict[str, str]] = [
        {"type": "Mention", "href": world.uri(who), "name": world.handle(who)} for who in sorted(named)
    ]
    tags += [{"type": "Hashtag", "name": tag} for tag in _hashtag(world, deed)]
    more: dict[str, Any] = {"to": to, "cc": cc, "tag": tags, "published": iso(world.node.ctx.clock.now_ms())}
    if above is not None:
        more["inReplyTo"] = world.posts[above][1]
    if deed.more == "warning":
        more |= {"summary": words, "sensitive": True}
    if deed.more == "picture":
        picture_url = f"{author.peer.home}/{words}.png"
        more["attachment"] = [{"type": "Document", "mediaType": "image/png", "url": picture_url, "name": words}]
    if deed.visibility in OPEN:
        more["interactionPolicy"] = {"canQuote": {"automaticApproval": [PUBLIC]}}
    return author.note(words, **more)


async def boost(world: World, deed: deeds.Boost) -> None:
    """Somebody shows a post again."""
    model = world.model
    what = _meant_words(world, deed.what)
    if what is None:
        return
    standing = any(post.boosts == what for post in model.by(deed.who))
    visibility = deed.visibility
    number = world.new_post(deed.who)
    if model.local(deed.who):
        allowed = model.may_boost(deed.who, what)
        level = "private" if visibility == "followers" else visibility
        path = f"/api/v1/statuses/{world.posts[what][0]}/reblog"
        answer = await world.asked(deed.who, path, {"visibility": level}, allowed=allowed)
        if not allowed or standing:
            return
        status = answer.json
        world.posts[number] = (int(status["id"]), status["uri"])
    else:
        author = world.stranger(deed.who)
        to = {"public": [PUBLIC], "unlisted": [author.followers], "followers": [author.followers]}[visibility]
        cc = [PUBLIC] if visibility == "unlisted" else []
        sent = author.activity("Announce", world.posts[what][1], to=to, cc=cc)
        await world.told(deed.who, sent)
        await world.settle()
        kept = await posts.by_uri(world.node.ctx.db.reader, sent["id"])
        if kept is None:
            return
        assert model.may_boost(deed.who, what), f"{deed} was kept"
        world.posts[number] = (kept.id, sent["id"])
    if model.posts[what].visibility == "followers":  # one's own, to those who may read it
        visibility = "followers"
    model.posts[number] = Post(number, deed.who, visibility, boosts=what, stays=model.posts[what].stays)


async def do(world: World, deed: deeds.Do) -> None:
    """A mark on a post."""
    model = world.model
    what, mark = _meant_words(world, deed.what), deed.mark
    if what is None:
        return
    post, pair = model.posts[what], (deed.who, what)
    may = model.may_read(deed.who, what)
    if not model.local(deed.who):
        if mark == "favourite":
            await world.told(deed.who, world.stranger(deed.who).activity("Like", world.posts[what][1]))
            if may:
                model.liked.add(pair)
        return
    if mark == "vote":
        may = may and post.asks and post.author != deed.who and pair not in model.voted
        path, data = f"/api/v1/polls/{world.posts[what][0]}/votes", {"choices": ["0"]}
        await world.asked(deed.who, path, data, allowed=may)
    else:
        if mark == "pin":
            pinned = sum(model.posts[n].author == deed.who for n in model.pinned)
            may = (
                may
                and post.author == deed.who
                and post.visibility != "direct"
                and not post.waits
                and not post.held
                and (pinned < 5 or what in model.pinned)
            )
        await world.asked(deed.who, f"/api/v1/statuses/{world.posts[what][0]}/{mark}", allowed=may)
    if not may:
        return
    match mark:
        case "favourite":
            model.liked.add(pair)
        case "bookmark":
            model.kept.add(pair)
        case "pin":
            model.pinned.add(what)
        case "vote":
            model.voted.add(pair)


async def edit(world: World, deed: deeds.Edit) -> None:
    """Its author writes it anew; its words name the same people."""
    model = world.model
    what = _meant(world, deed.what)
    if what is None or model.posts[what].boosts is not None:
        return
    post = model.posts[what]
    if model.local(post.author):
        data = {"status": f"{world.word(what)} bis" + (f" #fete{world.number}" if post.tagged else "")}
        path = f"/api/v1/statuses/{world.posts[what][0]}"
        above = not post.waits or model.may_approve(what)
        await world.asked(post.author, path, data, allowed=not model.gone(post.author) and above, method="PUT")
        if post.waits and not model.gone(post.author) and above:
            model.posts[what] = replace(post, named=frozenset())  # it names nobody any more, and nobody has read it
        return
    author = world.stranger(post.author)
    note = dict(author.peer.documents[world.posts[what][1]])
    note |= {"content": f"<p>{world.word(what)} bis</p>", "updated": "2027-09-21T14:00:00Z"}
    author.peer.serve(note)
    del note["@context"]
    await world.told(post.author, author.activity("Update", note, to=note["to"], cc=note["cc"]))


async def delete(world: World, deed: deeds.Delete) -> None:
    """Its author takes it away."""
    model = world.model
    what = _meant(world, deed.what)
    if what is None:
        return
    post = model.posts[what]
    if model.local(post.author):
        if post.boosts is None:
            path, method = f"/api/v1/statuses/{world.posts[what][0]}", "DELETE"
            await world.asked(post.author, path, allowed=not model.gone(post.author), method=method)
        else:
            path = f"/api/v1/statuses/{world.posts[post.boosts][0]}/unreblog"
            await world.asked(post.author, path, allowed=model.may_read(post.author, post.boosts))
            if not model.may_read(post.author, post.boosts):
                return
    else:
        author = world.stranger(post.author)
        uri = world.posts[what][1]
        if post.boosts is None:
            author.peer.documents[uri] = 410
            sent = author.activity("Delete", {"id": uri, "type": "Tombstone"}, to=[PUBLIC])
        else:
            inner = {"id": uri, "type": "Announce", "actor": author.uri, "object": world.posts[post.boosts][1]}
            sent = author.activity("Undo", inner)
        await world.told(post.author, sent)
    if not model.gone(post.author):
        model.delete(what)


def _meant(world: World, place: int | None) -> int | None:
    """The post that a deed means: one of those that are there."""
    there = sorted(world.model.posts)
    return None if place is None or not there else there[place % len(there)]


def _meant_words(world: World, place: int | None) -> int | None:
    """The same, of a boost what it boosts."""
    found = _meant(world, place)
    return None if found is None else world.model.said(found)
