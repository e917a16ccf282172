"""Scopes: what a person lets an application do (the client API's words: `read`, `write:statuses`, `follow`…)."""

import re

from node.oauth.errors import InvalidScope

_READ = (
    "accounts", "blocks", "bookmarks", "collections", "favourites", "filters", "follows", "lists", "mutes",
    "notifications", "search", "statuses",
)  # fmt: skip
_WRITE = (
    "accounts", "blocks", "bookmarks", "collections", "conversations", "favourites", "filters", "follows", "lists",
    "media", "mutes", "notifications", "reports", "statuses",
)  # fmt: skip
_ADMIN = (
    "accounts",
    "canonical_email_blocks",
    "domain_allows",
    "domain_blocks",
    "email_domain_blocks",
    "ip_blocks",
    "reports",
)
_FOLLOW = frozenset(f"{right}:{what}" for right in ("read", "write") for what in ("blocks", "follows", "mutes"))

DEFAULT = "read"
SUPPORTED: tuple[str, ...] = (
    "profile", "read", *(f"read:{what}" for what in _READ),
    "write", *(f"write:{what}" for what in _WRITE),
    "follow", "push",
    # Worth something for keepers and moderators alone (admin.api.door); clients ask everybody for them in advance.
    "admin:read", *(f"admin:read:{what}" for what in _ADMIN),
    "admin:write", *(f"admin:write:{what}" for what in _ADMIN),
)  # fmt: skip
_KNOWN = frozenset(SUPPORTED)
_BETWEEN = re.compile(r"[\s+]+")  # `+` that was encoded twice, as some clients do

Scopes = tuple[str, ...]


def read(text: str) -> Scopes:
    """The scopes of `read write follow`, each once, in the order given; none at all means `read`.

    Raises:
        InvalidScope: one of them does not exist.
    """
    asked = tuple(dict.fromkeys(part for part in _BETWEEN.split(text) if part)) or (DEFAULT,)
    strange = [scope for scope in asked if scope not in _KNOWN]
    if strange:
        raise InvalidScope(f"there is no scope {strange[0][:60]!a}")
    return asked


def write(scopes: Scopes) -> str:
    """As tokens and rows carry them."""
    return " ".join(scopes)


def covers(granted: Scopes, needed: str) -> bool:
    """Whether *granted* allows what *needed* names: `read` covers `read:accounts`, `follow` the old trio of both."""
    if needed in granted:
        return True
    right, _, what = needed.partition(":")
    if what and right in granted:
        return True
    if right == "admin" and needed.rpartition(":")[0] in granted:
        return True
    return needed in _FOLLOW and "follow" in granted


def within(asked: Scopes, registered: Scopes) -> bool:
    """Whether an application that registered *registered* may ask for *asked*."""
    return all(
        covers(registered, scope) or (scope == "profile" and covers(registered, "read:accounts")) for scope in asked
    )
