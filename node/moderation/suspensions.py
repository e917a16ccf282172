"""Suspension of one actor, local or remote: it neither speaks nor is shown, and may come back as it was."""

from node.actors import hosts
from node.actors.actor import Actor
from node.actors.facts import ActorSuspended, ActorUnsuspended
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Gone
from node.runtime.i18n.sentences import sentence


async def suspend(tx: Tx, _ctx: Context, *, actor: Actor) -> bool:
    """Suspend *actor*; its follows, posts and counters stay for the day it comes back. Whether it was not before.

    Raises:
        Forbidden: it is what the node itself speaks with.
        Gone: it was deleted.
    """
    if actor.local and actor.kind == "instance":
        raise Forbidden(sentence("The account that the server itself speaks with cannot be suspended."))
    was = await _state(tx, actor)
    if was == "suspended":
        return False
    await tx.execute("UPDATE actors SET state = 'suspended' WHERE id = $1", actor.id)
    if was == "active":
        tx.state(ActorSuspended(actor.id))
    return True


async def unsuspend(tx: Tx, _ctx: Context, *, actor: Actor) -> bool:
    """Let *actor* back, unless all of its host is suspended; whether it was suspended by itself.

    Raises:
        Gone: it was deleted.
    """
    if await _state(tx, actor) != "suspended":
        return False
    if not actor.local and await _host_is_suspended(tx, actor):
        await tx.execute("UPDATE actors SET state = 'host_suspended' WHERE id = $1", actor.id)
        return True
    await tx.execute("UPDATE actors SET state = 'active' WHERE id = $1", actor.id)
    tx.state(ActorUnsuspended(actor.id))
    return True


async def _state(tx: Tx, actor: Actor) -> str:
    await tx.lock(f"actor:{actor.id}")
    state: str | None = await tx.value("SELECT state FROM actors WHERE id = $1", actor.id)
    if state is None or state == "deleted":
        raise Gone(sentence("This account was deleted."))
    return state


async def _host_is_suspended(tx: Tx, actor: Actor) -> bool:
    return any([(await hosts.policy(tx, host)).suspended for host in {actor.service_host, actor.handle_host}])
