"""Who this node is when it asks others: its name, its contact, the key it signs its questions with."""

from typing import NamedTuple

from cryptography.hazmat.primitives.asymmetric import rsa

from node import __version__
from node.actors import actors, domains, keys
from node.runtime.context import Context
from node.runtime.errors import Unavailable


class Asker(NamedTuple):
    """The instance actor that signs what the node fetches; it is readable unsigned, so that nobody has to ask back."""

    actor_id: int
    key_id: str
    private: rsa.RSAPrivateKey


async def asker(ctx: Context) -> Asker:
    """The instance actor of the node's first domain, with its key.

    Raises:
        Unavailable: the node has no domain yet.
    """
    cache = ctx.cache.of("asker", 1)
    actor_id: int | None = cache.get("it")
    if actor_id is None:
        first = next(iter(await domains.all(ctx.db.reader)), None)
        if first is None:
            raise Unavailable("this node has no domain yet")
        actor_id = (await actors.instance_actor(ctx.db.reader, first.service_host)).id
        cache.put("it", actor_id)
    key_id, private = await keys.signing_key(ctx, ctx.db.reader, actor_id)
    return Asker(actor_id, key_id, private)


async def user_agent(ctx: Context) -> str:
    """How the node names itself to others: with an address where a person answers."""
    cached: str | None = ctx.cache.of("user_agent", 1).get("it")
    if cached is None:
        first = next(iter(await domains.all(ctx.db.reader)), None)
        contact = f"+{ctx.settings.scheme}://{first.service_host}/" if first else "no domain yet"
        if first and first.contact_email:
            contact += f"; {first.contact_email}"
        cached = f"Beffroi/{__version__} ({contact})"
        ctx.cache.of("user_agent", 1).put("it", cached)
    return cached


def allow_http(ctx: Context) -> bool:
    """Whether ids may be http: only on a node of one's own machine, or in a laboratory."""
    return ctx.settings.scheme == "http" or bool(ctx.settings.laboratory)
