"""Object integrity proofs, eddsa-jcs-2022 (FEP-8b32): an activity that carries its own proof can be forwarded."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ed25519

from node.federation.signatures import canonical
from node.federation.vocab import dates
from node.runtime import keypairs as keys
from node.runtime import multibase
from node.runtime.errors import Malformed, Unauthorized

SUITE = "eddsa-jcs-2022"


@dataclass(frozen=True, slots=True)
class ProofClaim:
    """Which key a document says proved it; nothing is believed yet."""

    key_id: str
    created_ms: int | None
    expires_ms: int | None


def read(document: Mapping[str, Any]) -> ProofClaim | None:
    """The proof that *document* carries; None without one, or with one of another suite.

    Raises:
        Malformed: a proof of this suite that cannot be read.
    """
    proof = document.get("proof")
    if not isinstance(proof, dict) or proof.get("cryptosuite") != SUITE:
        return None
    method = proof.get("verificationMethod")
    if proof.get("type") != "DataIntegrityProof" or not isinstance(method, str) or not method:
        raise Malformed("the proof has no verificationMethod")
    if proof.get("proofPurpose") != "assertionMethod":
        raise Malformed("the proof is not an assertion")
    expires_ms = None
    if proof.get("expires") is not None:
        expires_ms = dates.instant_ms(proof["expires"])
        if expires_ms is None:
            raise Malformed("the proof expires at an unreadable time")
    return ProofClaim(method, dates.instant_ms(proof.get("created")), expires_ms)


def verify(document: Mapping[str, Any], public_key: keys.PublicKey, now_ms: int) -> bool:
    """Whether *document*'s proof was made by *public_key* (an assertionMethod of its actor, which the caller found).

    Raises:
        Malformed: the proof cannot be read.
        Unauthorized: the proof has expired, or there is none.
    """
    claim = read(document)
    if claim is None:
        raise Unauthorized("the document carries no proof that is understood")
    if claim.expires_ms is not None and now_ms > claim.expires_ms:
        raise Unauthorized("the proof has expired")
    proof = document["proof"]
    value = proof.get("proofValue")
    if not isinstance(value, str) or not isinstance(public_key, ed25519.Ed25519PublicKey):
        return False
    config = {name: item for name, item in proof.items() if name != "proofValue"}
    unsecured = {name: item for name, item in document.items() if name != "proof"}
    if "@context" in config:
        # Data Integrity EdDSA §3.3.2: contexts may be appended after the proof was made, not before.
        signed, given = _listed(config["@context"]), _listed(unsecured.get("@context"))
        if given[: len(signed)] != signed:
            return False
        unsecured["@context"] = config["@context"]
    return keys.verify(public_key, multibase.decode(value), _hash(config, unsecured))


def create(
    document: Mapping[str, Any], key_id: str, private_key: ed25519.Ed25519PrivateKey, now_ms: int
) -> dict[str, Any]:
    """*document* with its proof; *key_id* is the Multikey's id among the actor's assertionMethod."""
    unsecured = {name: item for name, item in document.items() if name != "proof"}
    config: dict[str, Any] = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "verificationMethod": key_id,
        "proofPurpose": "assertionMethod",
        "created": datetime.fromtimestamp(now_ms // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
    }
    if "@context" in unsecured:
        config["@context"] = unsecured["@context"]
    value = multibase.encode(keys.sign(private_key, _hash(config, unsecured)))
    return {**unsecured, "proof": {**config, "proofValue": value}}


def _hash(config: dict[str, Any], unsecured: dict[str, Any]) -> bytes:
    return b"".join(hashlib.sha256(canonical.form(part)).digest() for part in (config, unsecured))


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
