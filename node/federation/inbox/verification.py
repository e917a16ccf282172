"""Who signed a request: the signature read, judged, and verified with the key that its owner publishes."""

from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from node.actors import actors, domains, hosts
from node.actors.actor import Actor
from node.federation import signatures
from node.federation.resolve import keys
from node.federation.resolve.keys import Known
from node.federation.signatures import Claim, Request
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Forbidden, Invalid, Malformed, NotFound, Unauthorized, Unavailable

_OWN_HOST_MS: Final = 60_000
_ALL_OWN_MS: Final = 5_000
_OWN_HOSTS: Final = "own_hosts"
_KEPT_HOSTS: Final = 16_384
_ALL: Final = "*"  # no host is called that


async def wire(ctx: Context, scope: Mapping[str, Any], body: bytes) -> Request:
    """The request as it came, asked on a host of ours.

    Raises:
        NotFound: the Host header names nobody here: a request meant for another server.
        Malformed: the request line is not ASCII.
    """
    host = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"host"), "")
    await _require_own(ctx, host)
    raw_path: bytes = scope.get("raw_path") or scope["path"].encode()
    query: bytes = scope.get("query_string", b"")
    target = raw_path.partition(b"?")[0] + (b"?" + query if query else b"")
    return Request.from_wire(scope["method"], target, scope["headers"], host, body, ctx.settings.scheme)


async def refuse_blocked(ctx: Context, claim: Claim, *ids: str) -> None:
    """Pass, unless the key or one of *ids* is on a host that we have no dealings with.

    Raises:
        HostSuspended: it is.
        Malformed: the keyId is no address.
    """
    places = {_place(each) for each in (signatures.key_owner_hint(claim.key_id), *ids)}
    policies = await hosts.policies(ctx)
    if policies.by_host:
        for place in places:
            policies.refuse_blocked(place)


def _place(address: str) -> str:
    """The host of an id or of `acct:`; the same few come again and again."""
    try:
        if address.startswith("acct:"):
            return hosts.authority(address.rpartition("@")[2])
        return _of_origin("/".join(address.split("/", 3)[:3]))
    except Invalid:
        raise Malformed("the keyId or the actor is no address") from None


@lru_cache(8_192)
def _of_origin(origin: str) -> str:
    return hosts.of_uri(f"{origin}/")


async def signer(ctx: Context, request: Request, claim: Claim) -> Known:
    """The owner of the key that signed *request*: the key that is known, else the one that is published now.

    Raises:
        Unauthorized, Malformed: the signature is weak, old, of another body or another key.
        HostSuspended: the owner's server is blocked.
        Unavailable: the owner's server does not answer; the sender may try again.
    """
    signatures.check(request, claim, ctx.clock.now_ms())
    found = await _key(ctx, claim.key_id, refresh=False)
    if signatures.verify(request, claim, found.public):
        return found
    found = await _key(ctx, claim.key_id, refresh=True)
    if signatures.verify(request, claim, found.public):
        return found
    raise Unauthorized("the signature is not of the key that its owner publishes")


async def reader(ctx: Context, scope: Mapping[str, Any]) -> Actor | None:
    """Who signed a GET, as far as we listen to them; None when nobody did.

    Raises:
        BeffroiError: it is signed, and wrongly; as `signer`.
    """
    request = await wire(ctx, scope, b"")
    if "signature" not in request.headers:
        return None
    claim = signatures.read(request)
    await refuse_blocked(ctx, claim)
    known = await signer(ctx, request, claim)
    found = await actors.by_id(ctx.db.reader, known.owner_id)
    return found if found is not None and found.active else None


async def is_own(ctx: Context, host: str) -> bool:
    """Whether *host* is one of this node's, as remembered for a minute."""
    cache, now_ms = ctx.cache.of(_OWN_HOSTS, _KEPT_HOSTS), ctx.clock.now_ms()
    kept: tuple[int, bool] | None = cache.get(host)
    if kept is not None and now_ms < kept[0]:
        return kept[1]
    try:
        await domains.for_request(ctx.db.reader, host)
        own = True
    except NotFound:
        own = False
    cache.put(host, (now_ms + _OWN_HOST_MS, own))
    return own


async def speaks_for_us(ctx: Context, uri: str) -> bool:
    """Whether *uri* is an id of this node. Asked for every stranger: all its hosts are in memory, for seconds."""
    try:
        place = _place(uri)
    except Malformed:
        return False
    cache, now_ms = ctx.cache.of(_OWN_HOSTS, _KEPT_HOSTS), ctx.clock.now_ms()
    kept: tuple[int, frozenset[str]] | None = cache.get(_ALL)
    if kept is None or now_ms >= kept[0]:
        every = await domains.all(ctx.db.reader)
        kept = now_ms + _ALL_OWN_MS, frozenset(host for each in every for host in (each.handle_host, each.service_host))
        cache.put(_ALL, kept)
    return place in kept[1]


async def _key(ctx: Context, key_id: str, *, refresh: bool) -> Known:
    """The key; whatever is wrong with it makes the request unproved, never our own answer 404 or 410."""
    try:
        return await keys.key(ctx, key_id, refresh=refresh)
    except hosts.HostSuspended:
        raise
    except BeffroiError as error:
        if error.again:
            raise Unavailable(f"the key cannot be read now: {error}") from None
        if isinstance(error, Unauthorized | Forbidden):
            raise Unauthorized(str(error)) from None
        raise Unauthorized(f"the key cannot be read: {error}") from None


async def _require_own(ctx: Context, host: str) -> None:
    if not await is_own(ctx, host):
        raise NotFound("the request was meant for another server")
