"""Public keys of other servers' actors: parsed once, kept in memory, fetched again when a signature fails.

A key id comes in several shapes: `actor#main-key` (most), `actor/main-key` (GoToSocial: a stub whose owner is the
actor), the bare actor id (Osada), `acct:` (WebFinger). Whichever it is, the owner must publish that very key.
"""

from dataclasses import dataclass
from typing import Final

from node.actors import actors as known_actors
from node.actors import remote
from node.actors.actor import Actor
from node.federation import fetch
from node.federation.identity import allow_http
from node.federation.resolve import webfinger
from node.federation.resolve.actors import actor, take
from node.federation.signatures import key_owner_hint
from node.federation.vocab import actors as vocab
from node.federation.vocab import links
from node.runtime import keypairs as keys
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Malformed, Unauthorized

_CACHED: Final = 50_000
# Read again from the database now and then: another process may have met a new key.
_KEPT_MS: Final = 600_000
_REFUSED_MS: Final = 300_000


@dataclass(frozen=True, slots=True)
class Known:
    """A key and whose it is. *suspended*: when it was read, its owner was not heard here."""

    key_id: str
    owner_id: int
    owner_uri: str
    suspended: bool
    public: keys.PublicKey
    read_ms: int


@dataclass(frozen=True, slots=True)
class _Unknown:
    until_ms: int
    error: BeffroiError


async def key(ctx: Context, key_id: str, *, refresh: bool = False) -> Known:
    """The key *key_id*; with *refresh*, as its owner publishes it now, asked at most once in five minutes.

    Raises:
        Unauthorized: nobody publishes this key.
        Gone: its owner was deleted.
        HostSuspended, Refused, Malformed, NotFound: its owner or its server is refused.
        Unavailable, NetworkFailure: its server does not answer.
    """
    cache, now_ms = ctx.cache.of("public_keys", _CACHED), ctx.clock.now_ms()
    kept: Known | None = cache.get(key_id)
    if kept is not None and not refresh and now_ms - kept.read_ms < _KEPT_MS:
        return kept
    if not refresh:
        owner = await known_actors.by_key_id(ctx.db.reader, key_id)
        if owner is not None and not owner.deleted:
            found = await _of(ctx, owner, key_id, now_ms)
            if not found.suspended:  # or it would go unheard for minutes after it came back
                cache.put(key_id, found)
            return found
    unknown: _Unknown | None = ctx.cache.of("unknown_keys", _CACHED).get((key_id, refresh))
    if unknown is not None and now_ms < unknown.until_ms:
        raise unknown.error.with_traceback(None)
    try:
        found = await _of(ctx, await _owner(ctx, key_id), key_id, now_ms)
    except BeffroiError as error:
        if not error.again:
            _refuse_for_a_while(ctx, key_id, refresh, error)
        raise
    cache.put(key_id, found)
    if refresh:
        again = Unauthorized("the signature is not of the key that its owner publishes")
        _refuse_for_a_while(ctx, key_id, refresh, again)
    return found


def _refuse_for_a_while(ctx: Context, key_id: str, refresh: bool, error: BeffroiError) -> None:
    until_ms = ctx.clock.now_ms() + _REFUSED_MS
    ctx.cache.of("unknown_keys", _CACHED).put((key_id, refresh), _Unknown(until_ms, error))


async def _owner(ctx: Context, key_id: str) -> Actor:
    if key_id.startswith("acct:"):
        found = await webfinger.look_up(ctx, *webfinger.split(key_id))
        return await actor(ctx, found.actor_uri, refresh=True)
    place = key_id.partition("#")[0]
    raw = await fetch.document(ctx, place)
    if vocab.TYPES.intersection(links.types_of(raw)):
        return await take(ctx, raw)
    # A key by itself: whoever it names as its owner must name it back.
    owner = links.optional_uri(raw.get("owner") or raw.get("controller"), allow_http=allow_http(ctx))
    return await actor(ctx, owner or key_owner_hint(key_id), refresh=True)


async def _of(ctx: Context, owner: Actor, key_id: str, now_ms: int) -> Known:
    published = owner.public_key
    if key_id not in (owner.public_key_id, owner.uri) and not key_id.startswith("acct:"):
        published = (await remote.further_keys(ctx.db.reader, owner.id)).get(key_id)
        if published is None and owner.public_key is not None:
            raise Unauthorized("the key that signed is not its owner's")
    if published is None:
        raise Unauthorized("the signer publishes no key")
    try:
        pem = published.lstrip().startswith("-----")
        public = keys.public_from_pem(published) if pem else keys.public_from_multikey(published)
    except Malformed as error:
        raise Unauthorized(str(error)) from None
    return Known(key_id, owner.id, owner.uri, not owner.active, public, now_ms)
