"""The readers of a group: they hold what it announced, and the author's server knows nothing of them.

What an author elsewhere says of an announced post is passed on to them as it came (ActivityPub §7.1.2), if it carries a
signature of its own: FEP-8b32, or the LD signature of Mastodon. Whether that holds is for each reader's server to say;
without one nobody would believe it, and nothing is sent.
"""

from collections.abc import Sequence
from typing import Any, Final, Protocol

from node.actors import hosts
from node.actors.actor import Actor
from node.federation.delivery import orders
from node.federation.delivery.orders import Audience
from node.federation.vocab import json
from node.federation.vocab.activities import Activity
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.windows import Limit

_MAX_BYTES: Final = 131_072
_MARKS: Final = (b'"proof"', b'"signature"')
_BY_ACTOR: Final = Limit("edits and ends passed on, by actor", 120, 3_600)


class Said(Protocol):
    """An activity as it was received (`inbox.received`)."""

    @property
    def sender(self) -> Actor: ...
    @property
    def activity(self) -> Activity: ...
    @property
    def object_id(self) -> str | None: ...
    @property
    def body(self) -> bytes: ...


def of(group_id: int, *, but_hosts: tuple[str, ...] = ()) -> Audience:
    """Those who follow the group on servers to which it announces ids; the others hear it from the group itself."""
    return Audience(followers_of=(group_id,), dialect="ids", but_hosts=but_hosts)


def signed(body: bytes) -> bool:
    """Whether the activity itself is signed, and short enough to be worth a copy to everyone."""
    if len(body) > _MAX_BYTES or not any(mark in body for mark in _MARKS):
        return False
    raw: dict[str, Any] = json.read(body)
    return isinstance(raw.get("proof"), dict | list) or isinstance(raw.get("signature"), dict)


async def announcing(tx: Tx, post_id: int) -> Sequence[int]:
    """The groups of this node that announce the post. Plan: posts_boost, then actors by primary key."""
    rows = await tx.fetch(
        "SELECT b.author_id FROM posts b JOIN actors a ON a.id = b.author_id WHERE b.boost_of_id = $1 AND b.local "
        "AND a.type = 'Group' AND a.state = 'active'",
        post_id,
    )
    return [row[0] for row in rows]


async def pass_on(tx: Tx, ctx: Context, *, said: Said, groups: Sequence[int]) -> None:
    """Send the readers of *groups* what the author said of its post."""
    about, said_id = said.object_id, said.activity.id
    if about is None or said_id is None or not groups or not signed(said.body):
        return
    if windows.hit(ctx, _BY_ACTOR, said.sender.uri).exceeded:
        ctx.metrics.count("announced_passed_on", outcome="too many")
        return
    for group_id in groups:
        await orders.pass_on(
            tx, ctx, actor_id=group_id, activity_id=said_id, kind=said.activity.type, body=said.body,
            audience=of(group_id, but_hosts=(hosts.of_uri(said.sender.uri),)), subject=about,
        )  # fmt: skip
