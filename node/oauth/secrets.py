"""Secrets that are shown once and kept as their hash."""

import hashlib
import secrets


def fresh() -> str:
    """256 random bits, as 43 characters that need no escape in a URL."""
    return secrets.token_urlsafe(32)


def hashed(secret: str) -> str:
    """What is kept. Random 256 bits need no slow hash: there is nothing to guess."""
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


def same(secret: str, kept_hash: str) -> bool:
    """Whether *secret* is the one; takes as long either way."""
    return secrets.compare_digest(hashed(secret), kept_hash)
