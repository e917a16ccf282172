"""Which program runs on a host, as its NodeInfo says: asked when it matters, and again after a month."""

from typing import Any, Final

import orjson

from node.actors import hosts
from node.actors.actor import Actor
from node.federation.identity import allow_http, user_agent
from node.federation.vocab import links
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Unavailable
from node.runtime.jobs import enqueue
from node.runtime.net.fetch import follow

LEARN_JOB: Final = "federation.learn_software"
_MAX_BYTES: Final = 100_000
_MAX_NAME_CHARS: Final = 60
_FRESH_MS: Final = 30 * 86_400_000
_TYPES: Final = ("application/json", "application/jrd+json")


async def of_actor(ctx: Context, actor: Actor) -> str:
    """The name of the program that serves *actor*, lower-case: known, or asked for now. Empty: it does not say.

    Raises:
        Unavailable, NetworkFailure: it does not answer; `again` says whether a later attempt makes sense.
    """
    if actor.local:
        return "beffroi"
    return await _of_origin(ctx, links.origin_of(actor.uri))


async def learn(tx: Tx, ctx: Context, actor: Actor) -> None:
    """Have it asked for, after this transaction."""
    origin = links.origin_of(actor.uri)
    await enqueue(tx, ctx, LEARN_JOB, {"origin": origin}, unique=f"{LEARN_JOB}:{origin}")


async def learn_job(ctx: Context, args: dict[str, Any]) -> None:
    """The job `federation.learn_software`."""
    await _of_origin(ctx, str(args["origin"]))


async def _of_origin(ctx: Context, origin: str) -> str:
    cache, now_ms, host = ctx.cache.of("software", 10_000), ctx.clock.now_ms(), origin.partition("://")[2]
    kept: tuple[int, str] | None = cache.get(host)
    if kept is not None and now_ms < kept[0]:
        return kept[1]
    (await hosts.policies(ctx)).refuse_blocked(host)
    name = await _asked(ctx, origin)
    cache.put(host, (now_ms + _FRESH_MS, name))

    async def step(tx: Tx) -> None:
        await tx.execute(
            "INSERT INTO hosts (host, software, created_ms) VALUES ($1, $2, $3) "
            "ON CONFLICT (host) DO UPDATE SET software = excluded.software WHERE hosts.software <> excluded.software",
            host, name, now_ms,
        )  # fmt: skip

    await ctx.db.write(step)
    return name


async def _asked(ctx: Context, origin: str) -> str:
    try:
        found = await _json(ctx, f"{origin}/.well-known/nodeinfo")
        addresses = [
            href
            for link in links.listed(found.get("links"))
            if isinstance(link, dict) and "nodeinfo.diaspora.software/ns/schema/" in str(link.get("rel"))
            and (href := links.optional_uri(link.get("href"), allow_http=allow_http(ctx))) is not None
            and links.same_origin(href, origin)
        ]  # fmt: skip
        if not addresses:
            return ""
        software = (await _json(ctx, addresses[-1])).get("software")
    except BeffroiError as error:
        if error.again:
            raise
        return ""
    name = software.get("name") if isinstance(software, dict) else None
    return name.lower()[:_MAX_NAME_CHARS] if isinstance(name, str) and name.isprintable() else ""


async def _json(ctx: Context, url: str) -> dict[str, Any]:
    agent = await user_agent(ctx)
    response = await follow(
        ctx.network, url, headers_for=lambda _hop: {"User-Agent": agent, "Accept": "application/json"},
        accept=_TYPES, max_bytes=_MAX_BYTES,
    )  # fmt: skip
    if response.status >= 500:
        raise Unavailable(f"the server answered {response.status}")
    if response.status != 200:
        return {}
    try:
        found = orjson.loads(response.body)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}
