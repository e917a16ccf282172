"""Who pushes, as push services know it: one key for each domain (RFC 8292), made when it is first needed.

Applications bind their subscriptions to it, so it never changes. The private half is sealed by the keyring.
"""

from dataclasses import dataclass
from typing import Final

import orjson
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_der_private_key

from node.actors.domains import Domain
from node.notifications.push.encryption import encoded, raw
from node.runtime.context import Context
from node.runtime.database import DatabaseBusy, Tx

_VALID_S: Final = 12 * 3600
_KEPT: Final = 1024


@dataclass(frozen=True, slots=True)
class VapidKey:
    """The key of a domain."""

    public: str
    """As applications and push services read it: base64url of the point."""
    private: ec.EllipticCurvePrivateKey


async def of_domain(ctx: Context, domain_id: int) -> VapidKey:
    """The domain's key; made and stored when there is none."""
    cache = ctx.cache.of("vapid_keys", _KEPT)
    kept: VapidKey | None = cache.get(domain_id)
    if kept is not None:
        return kept
    row = await ctx.db.reader.row("SELECT public, sealed FROM vapid_keys WHERE domain_id = $1", domain_id)
    if row is None:
        made = ec.generate_private_key(ec.SECP256R1())
        public, der = encoded(raw(made.public_key())), made.private_bytes(
            Encoding.DER, PrivateFormat.PKCS8, NoEncryption()
        )  # fmt: skip
        sealed = ctx.keyring.seal(der, _purpose(domain_id))

        async def step(tx: Tx) -> None:
            await tx.execute(
                "INSERT INTO vapid_keys (domain_id, public, sealed, created_ms) VALUES ($1, $2, $3, $4) "
                "ON CONFLICT DO NOTHING",
                domain_id, public, sealed, ctx.clock.now_ms(),
            )  # fmt: skip

        await ctx.db.write(step)  # whoever was first: that one is read
        row = await ctx.db.reader.row("SELECT public, sealed FROM vapid_keys WHERE domain_id = $1", domain_id)
        assert row is not None
    private = load_der_private_key(ctx.keyring.open(bytes(row["sealed"]), _purpose(domain_id)), None)
    assert isinstance(private, ec.EllipticCurvePrivateKey)
    found = VapidKey(row["public"], private)
    cache.put(domain_id, found)
    return found


async def public_key(ctx: Context, domain_id: int) -> str:
    """What an instance says of it; empty only in a process that cannot write, before there is one."""
    try:
        return (await of_domain(ctx, domain_id)).public
    except DatabaseBusy:
        return ""


def token(ctx: Context, key: VapidKey, *, audience: str, domain: Domain) -> str:
    """The signed word that a push service checks: for *audience* (its origin), by *domain*, for some hours."""
    about = (
        f"mailto:{domain.contact_email}" if domain.contact_email else f"{ctx.settings.scheme}://{domain.service_host}"
    )
    claims = {"aud": audience, "exp": ctx.clock.now_ms() // 1000 + _VALID_S, "sub": about}
    signed = f"{encoded(orjson.dumps({'typ': 'JWT', 'alg': 'ES256'}))}.{encoded(orjson.dumps(claims))}"
    r, s = decode_dss_signature(key.private.sign(signed.encode(), ec.ECDSA(hashes.SHA256())))
    return f"{signed}.{encoded(r.to_bytes(32, 'big') + s.to_bytes(32, 'big'))}"


async def reseal(tx: Tx, ctx: Context) -> int:
    """Seal with the ring's current key what an older one sealed; how many were."""
    anew = []
    for row in await tx.fetch("SELECT domain_id, sealed FROM vapid_keys"):
        sealed, purpose = bytes(row["sealed"]), _purpose(row["domain_id"])
        if ctx.keyring.needs_resealing(sealed):
            anew.append((row["domain_id"], ctx.keyring.seal(ctx.keyring.open(sealed, purpose), purpose)))
    await tx.executemany("UPDATE vapid_keys SET sealed = $2 WHERE domain_id = $1", anew)
    return len(anew)


def _purpose(domain_id: int) -> bytes:
    return f"vapid {domain_id}".encode()
