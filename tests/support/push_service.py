"""A push service and the application behind it, which opens what it is told with nothing but its own keys.

Written from RFC 8291, RFC 8188, RFC 8292 and draft-ietf-webpush-encryption-04; nothing of the node's is used.
"""

import base64
import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat


def _b64(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()


def _bytes(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _hkdf(salt: bytes, secret: bytes, info: bytes, length: int) -> bytes:
    extracted = hmac.new(salt, secret, hashlib.sha256).digest()
    return hmac.new(extracted, info + b"\x01", hashlib.sha256).digest()[:length]


def opened(body: bytes, secret: bytes) -> bytes:
    """What an `aes128gcm` body says, of one record or several (RFC 8188 §2)."""
    salt, size, begin = body[:16], int.from_bytes(body[16:20], "big"), 21 + body[20]
    key = AESGCM(_hkdf(salt, secret, b"Content-Encoding: aes128gcm\0", 16))
    base = int.from_bytes(_hkdf(salt, secret, b"Content-Encoding: nonce\0", 12), "big")
    said, places = b"", range(begin, len(body), size)
    for number, at in enumerate(places):
        record = key.decrypt((base ^ number).to_bytes(12, "big"), body[at : at + size], None).rstrip(b"\0")
        assert record[-1:] == (b"\x02" if at == places[-1] else b"\x01"), "2 ends the last record, 1 the others"
        said += record[:-1]
    return said


class Client:
    """An application with its keys, which are made anew or given."""

    def __init__(self, key: ec.EllipticCurvePrivateKey | None = None, auth: bytes | None = None) -> None:
        self.key = key or ec.generate_private_key(ec.SECP256R1())
        self.auth = auth or os.urandom(16)
        self.public = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        self.p256dh, self.auth_text = _b64(self.public), _b64(self.auth)

    def open(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        """What was said, whichever encoding the headers name."""
        return {"aes128gcm": self._standard, "aesgcm": self._legacy}[headers["Content-Encoding"]](body, headers)

    def _shared(self, theirs: bytes) -> bytes:
        return self.key.exchange(ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), theirs))

    def _standard(self, body: bytes, _headers: Mapping[str, str]) -> bytes:
        theirs = body[21 : 21 + body[20]]
        return opened(body, _hkdf(self.auth, self._shared(theirs), b"WebPush: info\0" + self.public + theirs, 32))

    def _legacy(self, body: bytes, headers: Mapping[str, str]) -> bytes:
        salt = _bytes(re.search(r"salt=([\w-]+)", headers["Encryption"])[1])  # type: ignore[index]
        theirs = _bytes(re.search(r"dh=([\w-]+)", headers["Crypto-Key"])[1])  # type: ignore[index]
        about = b"P-256\0\0\x41" + self.public + b"\0\x41" + theirs
        secret = _hkdf(self.auth, self._shared(theirs), b"Content-Encoding: auth\0", 32)
        key = _hkdf(salt, secret, b"Content-Encoding: aesgcm\0" + about, 16)
        nonce = _hkdf(salt, secret, b"Content-Encoding: nonce\0" + about, 12)
        opened = AESGCM(key).decrypt(nonce, body, None)
        return opened[2 + int.from_bytes(opened[:2], "big") :]


class PushService:
    """Takes messages at any path, and answers `status` (with `headers`)."""

    def __init__(self, origin: str) -> None:
        self.origin, self.status, self.headers = origin, 201, list[tuple[bytes, bytes]]()
        self.got: list[tuple[str, dict[str, str], bytes]] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        body, more = b"", True
        while more:
            message = await receive()
            body, more = body + message.get("body", b""), message.get("more_body", False)
        headers = {name.decode().title(): value.decode() for name, value in scope["headers"]}
        self.got.append((scope["path"], headers, body))
        await send({"type": "http.response.start", "status": self.status, "headers": self.headers})
        await send({"type": "http.response.body", "body": b""})

    def sender(self, headers: Mapping[str, str]) -> tuple[str, dict[str, Any]]:
        """The key that signed the message, and what it claims; fails the test when the signature is none."""
        said = headers["Authorization"]
        if said.startswith("vapid "):
            token, key = re.fullmatch(r"vapid t=([^,]+), ?k=([\w-]+)", said).groups()  # type: ignore[union-attr]
        else:
            token = said.removeprefix("WebPush ")
            key = re.search(r"p256ecdsa=([\w-]+)", headers["Crypto-Key"])[1]  # type: ignore[index]
        head, claims, signature = token.split(".")
        assert json.loads(_bytes(head))["alg"] == "ES256"
        raw = _bytes(signature)
        der = encode_dss_signature(int.from_bytes(raw[:32], "big"), int.from_bytes(raw[32:], "big"))
        public = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _bytes(key))
        public.verify(der, f"{head}.{claims}".encode(), ec.ECDSA(hashes.SHA256()))
        found: dict[str, Any] = json.loads(_bytes(claims))
        assert found["aud"] == self.origin, "a push service refuses what is signed for another"
        return key, found
