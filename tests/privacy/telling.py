"""What is told without being asked for, by streams and deliveries: to all who are meant, and to nobody else."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

import orjson

from tests.privacy import deeds
from tests.privacy.deeds import Deed
from tests.privacy.world import World

_PATIENCE = 300
"""Hundredths of a second until what should be told counts as missing."""


@dataclass(frozen=True)
class Known:
    """What everybody may know at one moment."""

    by: Mapping[object, frozenset[int]]
    """Person, None for strangers, or the name of a server -> posts."""
    posts: frozenset[int]
    """Those that are published."""


def known(world: World) -> Known:
    """What each listener and each server may know now."""
    model = world.model
    by: dict[object, frozenset[int]] = {None: model.readable(None)}
    for who in model.host:
        by[who] = model.readable(who)
    for place in deeds.HOSTS:
        at = [by[who] for who, where in model.host.items() if where == place]
        open_ = by[None] if place not in model.blocked_hosts else frozenset()
        by[place] = frozenset().union(open_, *at)
    return Known(by, frozenset(n for n, post in model.posts.items() if not post.waits and not post.held))


async def check(world: World, deed: Deed, before: Known) -> None:
    """Compare what was told since *before*, which *deed* changed, with the model.

    Raises:
        AssertionError: somebody was told too much, or too little.
    """
    after = known(world)
    new = frozenset(n for n in after.posts - before.posts if world.model.posts[n].boosts is None)
    for place, owing in awaited(world, new).items():
        _compare_server(world, f"after {deed}", place, before.by[place] | after.by[place], owing)
    for viewer, stream in world.streams:
        owed = frozenset[int]()
        if stream.name == "public":
            owed = new & world.model.in_public(None)
        elif stream.name == "user" and viewer is not None and viewer not in world.ended:
            owed = new & world.model.must_be_home(viewer)
        told = world.canaries(stream.news())
        for _ in range(_PATIENCE):
            if owed <= told:
                break
            await asyncio.sleep(0.01)
            told |= world.canaries(stream.news())
        leak = told - before.by[viewer] - after.by[viewer]
        assert not leak, f"after {deed}: the stream {stream.name!r} tells {world.name(viewer)} of {world.what(leak)}"
        late = owed - told
        assert not late, (
            f"after {deed}: the stream {stream.name!r} tells {world.name(viewer)} nothing of {world.what(late)}"
        )


def awaited(world: World, new: frozenset[int]) -> dict[str, frozenset[int]]:
    """Server -> the new posts that it must be sent: somebody there follows the author or is named, and may read."""
    model = world.model
    found = dict.fromkeys(deeds.HOSTS, frozenset[int]())
    for number in new:
        post = model.posts[number]
        for who, place in model.host.items():
            meant = who in post.named or (post.visibility != "direct" and (who, post.author) in model.follows)
            if model.local(post.author) and not model.local(who) and meant and model.may_read(who, number):
                found[place] |= {number}
    return found


def _compare_server(world: World, when: str, place: str, may: frozenset[int], must: frozenset[int]) -> None:
    received = world.peers[place].received
    told = frozenset[int]()
    for body in received[world.delivered.get(place, 0) :]:
        found = world.canaries(orjson.dumps(body))
        leak = {n for n in found - may if world.model.host[world.authors[n]] != place}
        assert not leak, (
            f"{when}: a {body['type']} tells the server {place!r}, where nobody may read it, of {world.what(leak)}"
        )
        told |= found
    world.delivered[place] = len(received)
    assert must <= told, f"{when}: the server {place!r} is not sent {world.what(must - told)}"
