"""DomainBlock (https://docs.joinmastodon.org/entities/DomainBlock/)."""

import hashlib
from typing import Any

from node.actors.hosts import Policy


def render(policy: Policy) -> dict[str, Any]:
    """A server that is limited or suspended here; a name that is not to be spelt out keeps its shape."""
    return {
        "domain": _masked(policy.host) if policy.obfuscate else policy.host,
        "digest": hashlib.sha256(policy.host.encode()).hexdigest(),
        "severity": policy.severity,
        "comment": policy.public_comment or None,
    }


def _masked(host: str) -> str:
    """`exa****.e*****e`: who knows it recognises it."""
    length = len(host)
    seen = max(1, length // 4)
    return "".join(
        letter if letter == "." or at < seen or at >= length - seen else "*" for at, letter in enumerate(host)
    )
