"""Keys of local actors: RSA-2048 for HTTP signatures, Ed25519 for proofs (FEP-521a).

Private keys lie in the database as PKCS8 DER sealed by the keyring, and stay parsed in memory once used.
Ids: `{actor}#main-key` and `{actor}#ed25519-key`; they outlive a rotation, as other servers refetch by them.
"""

import asyncio
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple, cast

from cryptography.hazmat.primitives.asymmetric import ed25519, rsa

from node.actors.facts import ActorUpdated
from node.runtime import keypairs
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import NotFound
from node.runtime.i18n.sentences import sentence

Kind = Literal["rsa", "ed25519"]

_CACHED = 4096
# Another process may rotate a key: this often we look whether ours is still the current one.
_CHECKED_EVERY_MS = 60_000
_RESEALED_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class NewKeys:
    """Two fresh pairs, not yet anybody's. Public halves as they are published; private as PKCS8 DER."""

    rsa_public_pem: str
    rsa_private_der: bytes
    ed25519_public_multikey: str
    ed25519_private_der: bytes

    def __repr__(self) -> str:
        return "NewKeys(…)"  # never a private key in a log


class SigningKey(NamedTuple):
    """What signs requests."""

    key_id: str
    private: rsa.RSAPrivateKey


class ProofKey(NamedTuple):
    """What signs objects."""

    key_id: str
    private: ed25519.Ed25519PrivateKey


class PublicKeys(NamedTuple):
    """What an actor's document shows."""

    rsa_pem: str
    ed25519_multikey: str


@dataclass(slots=True)
class _Kept:
    row_id: int
    key_id: str
    private: Any
    checked_ms: int


async def make_keys() -> NewKeys:
    """Two new pairs, made in a thread (50 to 500 ms); before the transaction that stores them."""
    return await asyncio.to_thread(_make)


def _make() -> NewKeys:
    pair, proof = keypairs.generate_rsa(), keypairs.generate_ed25519()
    return NewKeys(
        keypairs.public_pem(pair.public_key()),
        keypairs.private_der(pair),
        keypairs.public_multikey(proof.public_key()),
        keypairs.private_der(proof),
    )


def key_id(actor_uri: str, kind: Kind) -> str:
    """Where others find the public half."""
    return f"{actor_uri}#main-key" if kind == "rsa" else f"{actor_uri}#ed25519-key"


async def store(tx: Tx, ctx: Context, *, actor_id: int, keys: NewKeys) -> None:
    """Seal *keys* as the current ones of an actor that has none."""
    made: tuple[tuple[Kind, str, bytes], ...] = (
        ("rsa", keys.rsa_public_pem, keys.rsa_private_der),
        ("ed25519", keys.ed25519_public_multikey, keys.ed25519_private_der),
    )
    for kind, public, private in made:
        await tx.execute(
            "INSERT INTO keys (id, actor_id, kind, public, sealed, created_ms) VALUES ($1, $2, $3, $4, $5, $6)",
            ctx.ids.next(), actor_id, kind, public, ctx.keyring.seal(private, _purpose(actor_id, kind)),
            ctx.clock.now_ms(),
        )  # fmt: skip


async def retire(tx: Tx, ctx: Context, *, actor_id: int) -> None:
    """End the current keys. They are kept: a deleted actor must still sign its Delete."""
    await tx.execute(
        "UPDATE keys SET retired_ms = $2 WHERE actor_id = $1 AND retired_ms IS NULL", actor_id, ctx.clock.now_ms()
    )
    _forget(tx, ctx, actor_id)


async def rotate(tx: Tx, ctx: Context, *, actor_id: int, keys: NewKeys) -> None:
    """Replace the current keys of a local actor; others learn it by the Update, or when a signature fails."""
    await tx.lock(f"keys:{actor_id}")
    await retire(tx, ctx, actor_id=actor_id)
    await store(tx, ctx, actor_id=actor_id, keys=keys)
    await tx.execute(
        "UPDATE actors SET public_key = $2, updated_ms = $3 WHERE id = $1",
        actor_id, keys.rsa_public_pem, ctx.clock.now_ms(),
    )  # fmt: skip
    tx.state(ActorUpdated(actor_id, local=True))


async def reseal(tx: Tx, ctx: Context, *, above: int = 0) -> tuple[int, int | None]:
    """Seal the next 500 private keys above row id *above* with the ring's current key, where an older one did.

    How many were, and where to go on (None: that was the end).
    """
    rows = await tx.fetch(
        f"SELECT id, actor_id, kind, sealed FROM keys WHERE id > $1 ORDER BY id LIMIT {_RESEALED_AT_ONCE}", above
    )
    anew = []
    for row in rows:
        sealed, purpose = bytes(row["sealed"]), _purpose(row["actor_id"], row["kind"])
        if ctx.keyring.needs_resealing(sealed):
            anew.append((row["id"], ctx.keyring.seal(ctx.keyring.open(sealed, purpose), purpose)))
    await tx.executemany("UPDATE keys SET sealed = $2 WHERE id = $1", anew)
    return len(anew), rows[-1]["id"] if len(rows) == _RESEALED_AT_ONCE else None


async def signing_key(ctx: Context, reader: Reader, actor_id: int) -> SigningKey:
    """The RSA pair that a local actor signs requests with; a deleted actor's last one.

    Raises:
        NotFound: it has none.
    """
    kept = await _kept(ctx, reader, actor_id, "rsa")
    return SigningKey(kept.key_id, cast(rsa.RSAPrivateKey, kept.private))


async def proof_key(ctx: Context, reader: Reader, actor_id: int) -> ProofKey:
    """The Ed25519 pair that a local actor signs objects with; a deleted actor's last one.

    Raises:
        NotFound: it has none.
    """
    kept = await _kept(ctx, reader, actor_id, "ed25519")
    return ProofKey(kept.key_id, cast(ed25519.Ed25519PrivateKey, kept.private))


async def public_keys(reader: Reader, actor_id: int) -> PublicKeys:
    """The current public keys of a local actor.

    Raises:
        NotFound: it has none.
    """
    rows = await reader.fetch("SELECT kind, public FROM keys WHERE actor_id = $1 AND retired_ms IS NULL", actor_id)
    public = {row["kind"]: row["public"] for row in rows}
    if len(public) != 2:
        raise NotFound(sentence("This account has no keys."))
    return PublicKeys(public["rsa"], public["ed25519"])


async def _kept(ctx: Context, reader: Reader, actor_id: int, kind: Kind) -> _Kept:
    cache = ctx.cache.of("keys", _CACHED)
    now_ms = ctx.clock.now_ms()
    kept = cast(_Kept | None, cache.get((actor_id, kind)))
    if kept is not None and now_ms - kept.checked_ms < _CHECKED_EVERY_MS:
        return kept
    row = await reader.row(
        "SELECT k.id, k.sealed, a.uri FROM keys k JOIN actors a ON a.id = k.actor_id "
        "WHERE k.actor_id = $1 AND k.kind = $2 "
        "ORDER BY CASE WHEN k.retired_ms IS NULL THEN 0 ELSE 1 END, k.id DESC LIMIT 1",
        actor_id, kind,
    )  # fmt: skip
    if row is None:
        raise NotFound(sentence("This account has no keys."))
    if kept is not None and kept.row_id == row["id"]:
        kept.checked_ms = now_ms
        return kept
    kept = _Kept(row["id"], key_id(row["uri"], kind), _opened(ctx, row, actor_id, kind), now_ms)
    cache.put((actor_id, kind), kept)
    return kept


def _opened(ctx: Context, row: Row, actor_id: int, kind: Kind) -> object:
    return keypairs.private_from_der(ctx.keyring.open(bytes(row["sealed"]), _purpose(actor_id, kind)))


def _purpose(actor_id: int, kind: Kind) -> bytes:
    """Sealed for one actor and one use: a row moved to another actor does not open."""
    return f"key:{actor_id}:{kind}".encode()


def _forget(tx: Tx, ctx: Context, actor_id: int) -> None:
    def forget() -> None:
        for kind in ("rsa", "ed25519"):
            ctx.cache.of("keys", _CACHED).drop((actor_id, kind))
        ctx.live.forget("keys")

    tx.after_commit(forget)
