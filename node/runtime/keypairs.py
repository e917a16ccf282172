"""Keys of actors: made, written, read, used. Each is parsed once and then kept parsed by the caller.

Loading a private PEM costs 47 ms (OpenSSL checks the primes again); PKCS8 DER that this node wrote itself is loaded
without that check in microseconds.
"""

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ed25519, padding, rsa

from node.runtime import multibase
from node.runtime.errors import Malformed

_KINDS = "only RSA and Ed25519 keys are understood"

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey
PrivateKey = rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey

# BookWyrm's older keys have 1,024 bits; above 8,192 a verification costs milliseconds that a stranger chooses.
_RSA_BITS = range(1_024, 8_193)
_MAX_EXPONENT_BITS = 33
_MAX_PEM_CHARS = 8_000

# Multicodec prefixes, as varints (https://github.com/multiformats/multicodec).
_ED25519_PUBLIC = b"\xed\x01"
_ED25519_PRIVATE = b"\x80\x26"
_RSA_PUBLIC = b"\x85\x24"


def generate_rsa() -> rsa.RSAPrivateKey:
    """A new RSA-2048 pair, for HTTP signatures. Takes 50 to 500 ms: not on the event loop."""
    return rsa.generate_private_key(public_exponent=65_537, key_size=2_048)


def generate_ed25519() -> ed25519.Ed25519PrivateKey:
    """A new Ed25519 pair, for proofs (FEP-521a)."""
    return ed25519.Ed25519PrivateKey.generate()


def private_der(key: PrivateKey) -> bytes:
    """PKCS8 DER, unencrypted: what the keyring seals."""
    return key.private_bytes(
        serialization.Encoding.DER, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


def private_from_der(der: bytes) -> PrivateKey:
    """A private key that `private_der` wrote. Never for bytes from elsewhere: the primes are not checked.

    Raises:
        Malformed: not a private key, or of another kind.
    """
    try:
        key = serialization.load_der_private_key(der, password=None, unsafe_skip_rsa_key_validation=True)
    except (ValueError, TypeError, UnsupportedAlgorithm):
        raise Malformed("not a private key in PKCS8 DER") from None
    if isinstance(key, rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey):
        return key
    raise Malformed(_KINDS)


def public_pem(key: PublicKey) -> str:
    """SubjectPublicKeyInfo PEM, as actors publish it in `publicKey.publicKeyPem`."""
    return key.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode("ascii")


def public_from_pem(pem: str) -> PublicKey:
    """A public key from PEM: `PUBLIC KEY`, or PKCS1 `RSA PUBLIC KEY` as Mobilizon and Emissary write it.

    Raises:
        Malformed: not a key, of another kind, or of a size that is refused.
    """
    if len(pem) > _MAX_PEM_CHARS:
        raise Malformed("the public key is too long")
    try:
        # surrounding white space and the `\r\n` of some senders are harmless
        key = serialization.load_pem_public_key(pem.strip().encode("ascii"))
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("the public key is not PEM") from None
    return _accepted(key)


def public_multikey(key: PublicKey) -> str:
    """The `publicKeyMultibase` of a Multikey (FEP-521a): `z6Mk…` for Ed25519."""
    if isinstance(key, ed25519.Ed25519PublicKey):
        return multibase.encode(_ED25519_PUBLIC + key.public_bytes_raw())
    der = key.public_bytes(serialization.Encoding.DER, serialization.PublicFormat.PKCS1)
    return multibase.encode(_RSA_PUBLIC + der)


def public_from_multikey(text: str) -> PublicKey:
    """The key of a `publicKeyMultibase`: Ed25519 (`z6Mk…`) or RSA.

    Raises:
        Malformed: not base58btc, an unknown kind of key, or of a size that is refused.
    """
    data = multibase.decode(text)
    try:
        if data.startswith(_ED25519_PUBLIC):
            return ed25519.Ed25519PublicKey.from_public_bytes(data[len(_ED25519_PUBLIC) :])
        if data.startswith(_RSA_PUBLIC):
            return _accepted(serialization.load_der_public_key(data[len(_RSA_PUBLIC) :]))
    except (ValueError, UnsupportedAlgorithm):
        raise Malformed("the Multikey is not a key of the kind it announces") from None
    raise Malformed(_KINDS)


def private_from_multikey(text: str) -> ed25519.Ed25519PrivateKey:
    """The Ed25519 key of a `secretKeyMultibase`, as specifications publish them for tests.

    Raises:
        Malformed: not an Ed25519 secret key.
    """
    data = multibase.decode(text)
    if not data.startswith(_ED25519_PRIVATE) or len(data) != len(_ED25519_PRIVATE) + 32:
        raise Malformed("not an Ed25519 secret key")
    return ed25519.Ed25519PrivateKey.from_private_bytes(data[len(_ED25519_PRIVATE) :])


def sign(key: PrivateKey, message: bytes) -> bytes:
    """RSASSA-PKCS1-v1_5 with SHA-256, or Ed25519: the key decides. RSA-2048 costs 0.39 ms."""
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(message)
    return key.sign(message, padding.PKCS1v15(), hashes.SHA256())


def verify(key: PublicKey, signature: bytes, message: bytes) -> bool:
    """Whether *signature* is *key*'s over *message*. The algorithm is the key's: there is none to choose."""
    try:
        if isinstance(key, ed25519.Ed25519PublicKey):
            key.verify(signature, message)
        else:
            key.verify(signature, message, padding.PKCS1v15(), hashes.SHA256())
    except InvalidSignature:
        return False
    return True


def _accepted(key: object) -> PublicKey:
    if isinstance(key, ed25519.Ed25519PublicKey):
        return key
    if not isinstance(key, rsa.RSAPublicKey):
        raise Malformed(_KINDS)
    if key.key_size not in _RSA_BITS or key.public_numbers().e.bit_length() > _MAX_EXPONENT_BITS:
        raise Malformed("an RSA key needs 1,024 to 8,192 bits and a usual exponent")
    return key
