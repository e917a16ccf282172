"""Whose duty an operation is, when somebody does it at the console. Commands are the machine's owner's, who may all."""

from collections.abc import Mapping
from typing import Final

from node.actors.permissions import Duty

NEEDED: Final[Mapping[str, Duty]] = {
    "user.list": "see people",
    "user": "keep people",
    "actor.list": "see accounts",
    "actor.suspend": "judge accounts",
    "actor.judge": "judge accounts",
    "actor.unsuspend": "judge accounts",
    "actor": "keep accounts",
    "territory": "keep accounts",
    "agreement": "keep accounts",
    "domain": "keep domains",
    "rule": "keep domains",
    "announcement": "keep domains",
    "emoji": "keep domains",
    "invite": "keep people",
    "signup": "keep people",
    "signup_rule": "keep people",
    "user.traces": "keep the node",
    "reports": "judge reports",
    "case": "judge reports",
    "block": "judge hosts",
    "allow": "judge hosts",
    "wave": "judge hosts",
    "audit": "read the log",
}
"""An operation, or all whose name begins so."""


def needed(name: str) -> Duty:
    """The duty for the operation *name*; what nobody thought of is for keepers."""
    return NEEDED.get(name) or NEEDED.get(name.partition(".")[0]) or "keep the node"
