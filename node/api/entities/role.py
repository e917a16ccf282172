"""Role: what somebody may do for the whole node, as the bits that clients read (https://docs.joinmastodon.org/entities/Role/)."""

from typing import Any, Final

from node.actors import permissions
from node.actors.people import Person
from node.actors.permissions import Duty

BITS: Final[dict[Duty, int]] = {
    "read the log": 1 << 2,
    "open the console": 1 << 3,  # view_dashboard
    "judge reports": 1 << 4 | 1 << 9,  # manage_reports, manage_appeals
    "judge hosts": 1 << 5,  # manage_federation
    "judge accounts": 1 << 10,  # manage_users
    "keep people": 1 << 7
    | 1 << 11
    | 1 << 16
    | 1 << 18,  # manage_blocks, manage_invites, invite_users, manage_user_access
    "keep domains": 1 << 12 | 1 << 13,  # manage_rules, manage_announcements
    "keep the node": 1 << 6,  # manage_settings
}
"""Mastodon's flags that stand for our duties; `administrator` is said of nobody: it would mean all of them, later ones too."""


def render(person: Person | None) -> dict[str, Any]:
    """What *person* is to the node: keeper, moderator or nothing special."""
    bits = 0 if person is None else sum(bit for duty, bit in BITS.items() if permissions.duty(person, duty))
    if person is not None and bits and person.keeper:
        return {"id": "2", "name": "Keeper", "color": "", "permissions": str(bits), "highlighted": False}
    if bits:
        return {"id": "1", "name": "Moderator", "color": "", "permissions": str(bits), "highlighted": False}
    return {"id": "-99", "name": "", "color": "", "permissions": "0", "highlighted": False}
