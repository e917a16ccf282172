"""A delivery at the door: proved, stored once, promised (202). What it means is worked out later (`processing`).

Refused in order of cost: size and type, JSON, a blocked host, weakness and age of the signature, its digest, its
key, the key's owner, the origin's share. Each refusal has a status, words, and a figure `inbox_refused{reason}`.
"""

import asyncio
import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any, Final

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from node.actors import actors
from node.federation import answers, resolve, signatures
from node.federation.delivery import breaker
from node.federation.identity import allow_http
from node.federation.inbox import door, forwarded, limits, relayed, repeats, synchronization, verification
from node.federation.inbox.door import Proved
from node.federation.vocab import activities, json, links, origins
from node.federation.vocab.activities import Activity
from node.federation.vocab.limits import MAX_DOCUMENT_BYTES
from node.runtime import log, windows
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import (
    BeffroiError,
    Forbidden,
    Gone,
    Malformed,
    NotAcceptable,
    NotFound,
    TooLarge,
    Unauthorized,
)

_TYPES: Final = frozenset({"application/activity+json", "application/ld+json"})
# Both stand in one index row of PostgreSQL, which holds 2,704 bytes.
_MAX_IDS_BYTES: Final = 2_500
_LIFE_CHECK_MS: Final = 30_000
_FAREWELL_MS: Final = 300_000

_BODY_S: Final = 30.0
"""From the headers to the last byte: who sends a byte a second holds a connection, and not for days."""

_DRAINED_BYTES: Final = 4_000_000
_DRAINED_S: Final = 5.0

_ACCEPTED: Final = Response(status_code=202)


class Dawdled(Malformed):
    """The request did not arrive in time."""

    status = 408


async def inbox(request: Request) -> Response:
    """POST to the shared inbox, to an actor's, or to the instance actor's."""
    ctx = answers.context(request)
    who = windows.subscriber(request.scope["state"].get("client", ""))
    try:
        limits.check(ctx, limits.WRONG, who)
        recipient_id = await _recipient(ctx, request)
        async with asyncio.timeout(_BODY_S):
            body = await _body(request)
        await _take(ctx, request.scope, body, recipient_id)
    except TimeoutError:
        return _closing(_refused(ctx, who, Dawdled("the request took too long to arrive")))
    except TooLarge as error:
        whole = await _drained(request)  # else the sender may never read why it was refused
        return _refused(ctx, who, error) if whole else _closing(_refused(ctx, who, error))
    except ClientDisconnect:
        return _refused(ctx, who, Malformed("the request was cut short"))
    except BeffroiError as error:
        return _refused(ctx, who, error)
    return _ACCEPTED


async def _drained(request: Request) -> bool:
    """Let what is left of a body pass, a little of it; whether that was all."""
    left = _DRAINED_BYTES
    try:
        async with asyncio.timeout(_DRAINED_S):
            async for piece in request.stream():
                left -= len(piece)
                if left < 0:
                    return False
    except (TimeoutError, ClientDisconnect):
        return False
    return True


def _closing(response: Response) -> Response:
    """*response*, after which nothing more is read: the server would take in, and throw away, whatever still comes."""
    response.headers["Connection"] = "close"
    return response


def _refused(ctx: Context, who: str, error: BeffroiError) -> Response:
    reason = type(error).__name__
    ctx.metrics.count("inbox_refused", reason=reason)
    log.log("inbox.refused", reason=reason, says=str(error))
    if not error.again:
        try:
            limits.hit(ctx, limits.WRONG, who)
        except BeffroiError:
            pass  # the next one is told
    return answers.refusal(error)


async def _recipient(ctx: Context, request: Request) -> int | None:
    """Whose inbox it is; None for a shared one.

    Raises:
        NotFound: nobody's.
        Gone: of an actor that was deleted; the sender may forget it.
    """
    username = request.path_params.get("username")
    if username is None:
        return None
    host, _ = await answers.home(request)
    found = await actors.local_by_username(ctx.db.reader, username, host)
    if found is None:
        raise NotFound("there is no such inbox here")
    if found.deleted:
        raise Gone("this account was deleted")
    return found.id


async def _body(request: Request) -> bytes:
    """The body, of an accepted type and size; nothing is kept of a longer one.

    Raises:
        NotAcceptable: not ActivityStreams by its own word.
        TooLarge: more than 1 MB.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in _TYPES:
        raise NotAcceptable("an inbox takes application/activity+json")
    stated = request.headers.get("content-length", "")
    if stated.isdecimal() and (len(stated) > 9 or int(stated) > MAX_DOCUMENT_BYTES):
        raise TooLarge(f"an activity has at most {MAX_DOCUMENT_BYTES:,} bytes")
    pieces, size = [], 0
    async for piece in request.stream():
        size += len(piece)
        if size > MAX_DOCUMENT_BYTES:
            raise TooLarge(f"an activity has at most {MAX_DOCUMENT_BYTES:,} bytes")
        pieces.append(piece)
    return b"".join(pieces)


async def _take(ctx: Context, scope: Mapping[str, Any], body: bytes, recipient_id: int | None) -> None:
    raw = json.read(body)
    activity = activities.read(raw, allow_http=allow_http(ctx))
    if await _farewell_of_a_stranger(ctx, activity):
        ctx.metrics.count("inbox_received", outcome="stranger")
        return
    request = await verification.wire(ctx, scope, body)
    claim = signatures.read(request)
    await verification.refuse_blocked(ctx, claim, activity.actor)
    try:
        signer = await verification.signer(ctx, request, claim)
    except Unauthorized:
        if not await _farewell_without_a_key(ctx, activity):
            raise
        ctx.metrics.count("inbox_received", outcome="gone")
        return
    origin = links.host_of(signer.owner_uri)
    limits.hit(ctx, limits.ORIGIN, origin)
    if signer.suspended:
        raise Forbidden("this account is suspended here")
    if signer.owner_uri != activity.actor:
        if await relayed.passed_on(ctx, signer.owner_uri, activity):
            ctx.metrics.count("inbox_received", outcome="relayed")
            return
        if not await forwarded.proved(ctx, raw, activity):
            if await forwarded.ask(ctx, raw, activity):
                ctx.metrics.count("inbox_received", outcome="forwarded")
                return
            raise Unauthorized("the key that signed is not the actor's own")
    if await verification.speaks_for_us(ctx, activity.actor):
        raise Forbidden("this server's own accounts do not speak from outside")
    activity_id = _id_of(activity, body)
    alive = await _was_in_trouble(ctx, origin)
    compare = (
        synchronization.claimed(ctx, request, claim, activity.actor) if signer.owner_uri == activity.actor else None
    )

    besides = partial(_told_besides, ctx=ctx, compare=compare, alive=origin if alive else None)
    again = partial(
        repeats.take, ctx=ctx, activity=activity, activity_id=activity_id, body=body, signed=(request, claim)
    )
    stored = await door.store(Proved(ctx, activity, activity_id, body, recipient_id, besides, again))
    ctx.metrics.count("inbox_received", outcome="stored" if stored else "known")


async def _told_besides(tx: Tx, *, ctx: Context, compare: Mapping[str, str] | None, alive: str | None) -> None:
    """What the request says beside its activity: who follows, and that its server is alive."""
    if compare is not None:
        await synchronization.ask(tx, ctx, compare)
    if alive is not None:
        await breaker.answered(tx, ctx, alive)


def _id_of(activity: Activity, body: bytes) -> str:
    """Its id, on its actor's origin; for a transient activity one made of its bytes, so that a replay is known.

    Raises:
        Malformed: an id on another server, or one too long to keep.
    """
    found = activity.id or f"{activity.actor}#transient/{hashlib.sha256(body).hexdigest()}"
    origins.of_activity(found, activity.actor)
    if len(found.encode()) + len(activity.actor.encode()) > _MAX_IDS_BYTES:
        raise Malformed("the ids are too long")
    return found


async def _farewell_of_a_stranger(ctx: Context, activity: Activity) -> bool:
    """Whether somebody never met here says that it is gone or changed: nothing to do, and no key left to ask for."""
    if activity.type not in ("Delete", "Update") or activity.object is None or activity.object.id != activity.actor:
        return False
    return await actors.by_uri(ctx.db.reader, activity.actor) is None


async def _farewell_without_a_key(ctx: Context, activity: Activity) -> bool:
    """Whether somebody known says that it is gone, with a key that nobody publishes any more, and its server says so too.

    Asked once in five minutes for each account, whoever claims it.
    """
    if activity.type != "Delete" or activity.object is None or activity.object.id != activity.actor:
        return False
    cache, now_ms = ctx.cache.of("farewells", 10_000), ctx.clock.now_ms()
    known = await actors.by_uri(ctx.db.reader, activity.actor)
    if known is None or known.local or now_ms < (cache.get(activity.actor) or 0):
        return known is not None and known.deleted and not known.local
    cache.put(activity.actor, now_ms + _FAREWELL_MS)
    try:
        await resolve.actor(ctx, activity.actor, refresh=True)
    except Gone:
        return True
    except BeffroiError:
        return False
    return False


async def _was_in_trouble(ctx: Context, origin: str) -> bool:
    """Whether this request is the sign of life of a host that did not answer us."""
    if breaker.closed_until_ms(ctx, origin):  # held in memory: what waits for it may leave now
        return True
    cache, now_ms = ctx.cache.of("signs_of_life", 10_000), ctx.clock.now_ms()
    until_ms: int | None = cache.get(origin)
    if until_ms is not None and now_ms < until_ms:
        return False
    cache.put(origin, now_ms + _LIFE_CHECK_MS)
    return await breaker.troubled(ctx.db.reader, origin)
