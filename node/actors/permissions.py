"""Who may do what: the one door for roles in an account and for duties in the node.

An *act* on an account is allowed by the role that a membership gives; a *duty* is something done for the whole node,
by a keeper or a moderator. Nothing else in the node compares roles.
"""

from collections.abc import Mapping
from typing import Final, Literal

from node.actors import memberships
from node.actors.memberships import Role
from node.actors.people import Person
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid
from node.runtime.i18n.sentences import sentence

Act = Literal[
    "look",
    "write",
    "publish",
    "interact",
    "see drafts",
    "approve",
    "edit any post",
    "judge replies",
    "answer reports",
    "block",
    "edit profile",
    "agree",
    "see audit",
    "manage members",
    "move",
    "delete account",
]
"""look: read what the account reads, and how its posts fare; write: write posts, which wait for approval unless one may
publish too; interact: boost, favourite, follow, vote in its name; judge replies: let held replies through; block: block
and mute in its name; agree: propose and end sharing agreements; move: other addresses, a move to another server."""

_LOOKING: Final[frozenset[Act]] = frozenset({"look", "see drafts"})
_MODERATING: Final[frozenset[Act]] = _LOOKING | {"judge replies", "answer reports", "block"}
_WRITING: Final[frozenset[Act]] = _LOOKING | {"write"}
_EDITING: Final[frozenset[Act]] = (
    _MODERATING
    | _WRITING
    | {"publish", "interact", "approve", "edit any post", "edit profile", "agree", "see audit"}
)  # fmt: skip
_OWNING: Final[frozenset[Act]] = _EDITING | {"manage members", "move", "delete account"}

ACTS: Final[Mapping[Role, frozenset[Act]]] = {
    "owner": _OWNING,
    "editor": _EDITING,
    "contributor": _WRITING,
    "moderator": _MODERATING,
    "reader": _LOOKING,
}
"""Role -> what it allows."""

NodeDuty = Literal["keeper", "moderator"]

Duty = Literal[
    "open the console",
    "judge reports",
    "judge accounts",
    "judge hosts",
    "see people",
    "see accounts",
    "read the log",
    "keep people",
    "keep accounts",
    "keep domains",
    "keep the node",
]
"""judge accounts: limit, freeze, suspend; judge hosts: the same for other servers; keep people: make them, let them in, send
them away, give duties; keep the node: its settings, queues, storage, keys."""

_JUDGING: Final[frozenset[Duty]] = frozenset(
    {"open the console", "judge reports", "judge accounts", "judge hosts", "see people", "see accounts", "read the log"}
)
DUTIES: Final[Mapping[NodeDuty, frozenset[Duty]]] = {
    "moderator": _JUDGING,
    "keeper": _JUDGING | {"keep people", "keep accounts", "keep domains", "keep the node"},
}
"""What keepers and moderators of the node may; a keeper may everything that a moderator may."""


def may(role: Role | None, act: Act) -> bool:
    """Whether *role* (None: no membership) allows *act*."""
    return role is not None and act in ACTS[role]


def duty(person: Person, wanted: Duty) -> bool:
    """Whether *person* may do *wanted* for the node."""
    if person.state != "active":
        return False
    return (person.keeper and wanted in DUTIES["keeper"]) or (person.moderator and wanted in DUTIES["moderator"])


async def require(reader: Reader, *, person: Person, act: Act, actor_id: int) -> Role:
    """As what *person* does *act* for an account.

    Raises:
        Forbidden: she does not speak for it, her role does not allow it, or one of the two may not act at all.
    """
    role = await memberships.role_of(reader, person_id=person.id, actor_id=actor_id)
    if role is None:
        raise Forbidden(sentence("You do not speak for this account here."))
    if not may(role, act):
        raise Forbidden(
            sentence("Your role in this account does not allow this. An owner of the account can change it.")
        )
    return role


def require_duty(person: Person, wanted: Duty) -> None:
    """Pass, if *person* may do *wanted* for the node.

    Raises:
        Forbidden: she keeps nothing here, or moderates and this is for keepers.
    """
    if duty(person, wanted):
        return
    if duty(person, "open the console"):
        raise Forbidden(sentence("Moderators may not do this: ask somebody who keeps this server."))
    raise Forbidden(sentence("This is for those who keep this server."))


async def set_duties(tx: Tx, *, person: Person, keeper: bool, moderator: bool) -> None:
    """Give *person* these duties for the node, and no others.

    Raises:
        Invalid: nobody would keep the node any more.
    """
    await tx.lock("keepers")
    if not keeper:
        await keep_a_keeper(tx, person.id)
    await tx.execute("UPDATE people SET keeper = $2, moderator = $3 WHERE id = $1", person.id, keeper, moderator)


async def keep_a_keeper(tx: Tx, leaving_id: int) -> None:
    """Refuse that the last person who keeps the node, and can log in, leaves.

    Raises:
        Invalid: she is the last one.
    """
    rows = await tx.fetch("SELECT id FROM people WHERE keeper AND state = 'active' ORDER BY id LIMIT 2")
    if [row["id"] for row in rows] == [leaving_id]:
        raise Invalid(sentence("She is the last person who keeps this server: name another one first."))
