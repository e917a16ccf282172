"""The body of a push message, encrypted to one application: RFC 8291, and the draft that most clients still ask for.

`aes128gcm` (RFC 8291 and 8188) carries salt and public key in its own header; `aesgcm` (draft-ietf-webpush-encryption-04)
in the headers Encryption and Crypto-Key. Both: ECDH on P-256 with a key made for this one message, HKDF, AES-128-GCM.
"""

import base64
import binascii
import os
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

MAX_BYTES: Final = 3_800
"""Of what is encrypted: push services take bodies of 4,096 bytes (RFC 8030 §7.2)."""
_RECORD_BYTES: Final = 4_096
_AUTH_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Keys:
    """What an application gave: its public key, and a secret that only it and we know."""

    public: ec.EllipticCurvePublicKey
    auth: bytes

    @classmethod
    def read(cls, p256dh: str, auth: str) -> "Keys":
        """From base64url (or base64), with or without padding.

        Raises:
            Invalid: the key is no point of P-256, or the secret has not 16 bytes.
        """
        try:
            public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decoded(p256dh))
            secret = decoded(auth)
        except ValueError:
            raise Invalid(sentence("The keys of the subscription are not valid.")) from None
        if len(secret) != _AUTH_BYTES:
            raise Invalid(sentence("The keys of the subscription are not valid."))
        return cls(public, secret)


@dataclass(frozen=True, slots=True)
class Sealed:
    """What goes on the wire."""

    body: bytes
    headers: dict[str, str]
    crypto_key: str = ""
    """What Crypto-Key says of the message's own key, where it is no part of the body."""


@dataclass(frozen=True, slots=True)
class Fresh:
    """What is made anew for each message."""

    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    salt: bytes = field(default_factory=lambda: os.urandom(16))


def standard(message: bytes, to: Keys, fresh: Fresh | None = None) -> Sealed:
    """*message* as RFC 8291 says."""
    fresh = fresh or Fresh()
    ours, theirs = raw(fresh.key.public_key()), raw(to.public)
    shared = fresh.key.exchange(ec.ECDH(), to.public)
    secret = _derived(to.auth, shared, b"WebPush: info\0" + theirs + ours, 32)
    key = _derived(fresh.salt, secret, b"Content-Encoding: aes128gcm\0", 16)
    nonce = _derived(fresh.salt, secret, b"Content-Encoding: nonce\0", 12)
    sealed = AESGCM(key).encrypt(nonce, message + b"\x02", None)  # 2: the last record
    header = fresh.salt + struct.pack(">IB", _RECORD_BYTES, len(ours)) + ours
    return Sealed(header + sealed, {"Content-Encoding": "aes128gcm"})


def legacy(message: bytes, to: Keys, fresh: Fresh | None = None) -> Sealed:
    """*message* as the draft says."""
    fresh = fresh or Fresh()
    ours, theirs = raw(fresh.key.public_key()), raw(to.public)
    shared = fresh.key.exchange(ec.ECDH(), to.public)
    secret = _derived(to.auth, shared, b"Content-Encoding: auth\0", 32)
    about = b"P-256\0" + struct.pack(">H", len(theirs)) + theirs + struct.pack(">H", len(ours)) + ours
    key = _derived(fresh.salt, secret, b"Content-Encoding: aesgcm\0" + about, 16)
    nonce = _derived(fresh.salt, secret, b"Content-Encoding: nonce\0" + about, 12)
    sealed = AESGCM(key).encrypt(nonce, b"\0\0" + message, None)  # no padding
    headers = {"Content-Encoding": "aesgcm", "Encryption": f"salt={encoded(fresh.salt)}"}
    return Sealed(sealed, headers, f"dh={encoded(ours)}")


ENCODINGS: Final[dict[bool, Callable[[bytes, Keys], Sealed]]] = {True: standard, False: legacy}
"""Whether an application asked for the standard -> how it is told."""


def raw(key: ec.EllipticCurvePublicKey) -> bytes:
    """The 65 bytes of an uncompressed point."""
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def encoded(value: bytes) -> str:
    """base64url without padding."""
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def decoded(text: str) -> bytes:
    """base64url or base64, with or without padding.

    Raises:
        ValueError: it is neither.
    """
    plain = text.strip().rstrip("=").replace("+", "-").replace("/", "_")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), altchars=b"-_", validate=True)
    except binascii.Error as error:
        raise ValueError(str(error)) from None


def _derived(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=length, salt=salt, info=info).derive(secret)
