"""Invitations: to make an account at a domain, or to speak for one of its actors in a role.

One for a named address is mailed there, and is that person's alone; one for nobody in particular is a link that works
for whoever has it, as often as it says. Of its token only the hash is kept.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, get_args

from node.actors import actors, domains, letters, memberships, people, permissions
from node.actors.memberships import Role
from node.actors.people import Person
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden, Gone, Invalid, NotFound, TooMany
from node.runtime.i18n.sentences import sentence

MAX_USES: Final = 100
MAX_DAYS: Final = 90
MAX_A_DAY: Final = 50
_DAY_MS: Final = 86_400_000
_COLUMNS: Final = (
    "i.id, i.domain_id, i.actor_id, i.role, i.email, i.made_by_id, i.uses, i.used, i.created_ms, i.expires_ms, "
    "i.withdrawn_ms, p.name, p.email"
)
_FROM: Final = "FROM invitations i LEFT JOIN people p ON p.id = i.made_by_id"


@dataclass(frozen=True, slots=True)
class Invitation:
    """One invitation, without its token."""

    id: int
    domain_id: int
    actor_id: int | None
    """For which actor; None: to make an account of one's own."""
    role: Role | None
    email: str | None
    """Whose it is; None: whoever has the link."""
    made_by: int | None
    uses: int
    used: int
    created_ms: int
    expires_ms: int
    withdrawn_ms: int | None
    by_name: str
    """Who made it, as people call her."""

    def open(self, now_ms: int) -> bool:
        """Whether it can still be used."""
        return self.withdrawn_ms is None and self.used < self.uses and self.expires_ms > now_ms


async def invite(
    tx: Tx,
    ctx: Context,
    *,
    email: str | None,
    by: Person | None,
    domain_id: int,
    actor_id: int | None = None,
    role: Role | None = None,
    uses: int = 1,
    days: int = 7,
) -> str:
    """Make an invitation and return its token, shown this once; with *email*, it is mailed there too.

    *by* None: the command line. Whether she may invite for that actor is asked here.

    Raises:
        Forbidden: she may not.
        Invalid: a value that is none, or nobody can make an account at that domain.
        TooMany: she made many today.
    """
    domain = await domains.by_id(tx, domain_id)
    if domain is None:
        raise Invalid(sentence("This server has no such domain."))
    if email is not None:
        email, uses = people.normal_email(email), 1
    if not 1 <= uses <= MAX_USES or not 1 <= days <= MAX_DAYS:
        raise Invalid(
            sentence("An invitation is for 1 to %(uses)s people and 1 to %(days)s days.", uses=MAX_USES, days=MAX_DAYS)
        )
    actor = None
    if actor_id is not None:
        actor = await actors.by_id(tx, actor_id)
        if actor is None or actor.domain_id != domain_id or not actor.active:
            raise Invalid(sentence("People speak for accounts of this server only."))
        if role not in get_args(Role):
            raise Invalid(sentence("The role is one of: %(roles)s", roles=", ".join(get_args(Role))))
    elif domain.registrations == "closed":
        raise Invalid(sentence("No accounts are made at %(host)s: open it to invitations first.",
                               host=domain.handle_host))  # fmt: skip
    await _require(tx, by, actor_id)
    await _count(tx, ctx, by)
    token, now_ms = secrets.token_urlsafe(32), ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO invitations (id, token_hash, domain_id, actor_id, role, email, made_by_id, uses, created_ms, expires_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        ctx.ids.next(), _hashed(token), domain_id, actor_id, role if actor_id is not None else None, email,
        None if by is None else by.id, uses, now_ms, now_ms + days * _DAY_MS,
    )  # fmt: skip
    if email is not None:
        written = letters.invitation(
            ctx, domain, token=token, actor=actor, role=role, days=days, language=by.language if by else None,
            by=_called(by.name, by.email) if by else domain.name,
        )  # fmt: skip
        await mail.post(tx, ctx, to=email, subject=written.subject, text=written.text, until_ms=now_ms + days * _DAY_MS)
    return token


async def find(reader: Reader, ctx: Context, token: str) -> Invitation:
    """The invitation of that token.

    Raises:
        NotFound: there is none.
        Gone: it was withdrawn, is used up, or its time is over; the message says which. One for an account counts as
            withdrawn when who made it could no longer make it.
    """
    row = await reader.row(f"SELECT {_COLUMNS} {_FROM} WHERE i.token_hash = $1", _hashed(token))
    if row is None:
        raise NotFound(sentence("There is no such invitation. Was the link copied whole?"))
    found = _read(row)
    await _refuse_closed(reader, ctx, found)
    return found


async def by_id(reader: Reader, invitation_id: int) -> Invitation:
    """The invitation of that id, whatever became of it.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {_COLUMNS} {_FROM} WHERE i.id = $1", invitation_id)
    if row is None:
        raise NotFound(sentence("There is no such invitation. Was the link copied whole?"))
    return _read(row)


async def accept(tx: Tx, ctx: Context, *, invitation: Invitation, person: Person) -> None:
    """Use an invitation: one for an actor makes the membership, one for a domain is only counted.

    Raises:
        Gone: it was withdrawn, is used up, or its time is over, perhaps a moment ago.
        Forbidden: it is another person's.
        Invalid: she speaks for this actor already.
    """
    await tx.lock(f"invitation:{invitation.id}")
    found = await by_id(tx, invitation.id)
    await _refuse_closed(tx, ctx, found)
    require_addressee(found, person.email)
    now_ms = ctx.clock.now_ms()
    if found.actor_id is not None and found.role is not None:
        if await memberships.role_of(tx, person_id=person.id, actor_id=found.actor_id) is not None:
            raise Invalid(sentence("You speak for this account already."))
        await memberships.add(tx, ctx, person_id=person.id, actor_id=found.actor_id, role=found.role)
    counted = await tx.execute(
        "INSERT INTO invitation_uses (invitation_id, person_id, used_ms) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
        found.id, person.id, now_ms,
    )  # fmt: skip
    if counted:
        await tx.execute("UPDATE invitations SET used = used + 1 WHERE id = $1", found.id)


def require_addressee(invitation: Invitation, email: str) -> None:
    """Pass, if the invitation is for the person with *email*, or for whoever has it.

    Raises:
        Forbidden: it is another person's.
    """
    if invitation.email is not None and invitation.email != email:
        raise Forbidden(sentence("This invitation is for another address than yours. Ask for one of your own."))


async def withdraw(tx: Tx, ctx: Context, *, invitation_id: int, by: Person | None) -> Invitation:
    """Take an invitation back; again does nothing.

    Raises:
        NotFound: there is none.
        Forbidden: *by* may not (None: the command line).
    """
    found = await by_id(tx, invitation_id)
    await _require(tx, by, found.actor_id)
    await tx.execute(
        "UPDATE invitations SET withdrawn_ms = $2 WHERE id = $1 AND withdrawn_ms IS NULL",
        invitation_id, ctx.clock.now_ms(),
    )  # fmt: skip
    return found


async def of_actor(reader: Reader, ctx: Context, *, actor_id: int) -> Sequence[Invitation]:
    """The invitations to speak for an actor that can still be used, the latest first."""
    return await _open(reader, ctx, "i.actor_id = $2", actor_id)


async def of_domain(reader: Reader, ctx: Context, *, domain_id: int) -> Sequence[Invitation]:
    """The invitations to a domain and to its actors that can still be used, the latest first."""
    return await _open(reader, ctx, "i.domain_id = $2", domain_id)


async def of_node(reader: Reader, ctx: Context) -> Sequence[Invitation]:
    """Those of all domains that can still be used, the latest first."""
    return await _open(reader, ctx, "TRUE")


async def _open(reader: Reader, ctx: Context, where: str, *args: int) -> Sequence[Invitation]:
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} {_FROM} WHERE {where} AND i.withdrawn_ms IS NULL AND i.used < i.uses AND i.expires_ms > $1 "
        "ORDER BY i.id DESC LIMIT 200",
        ctx.clock.now_ms(), *args,
    )  # fmt: skip
    return [_read(row) for row in rows]


async def _count(reader: Reader, ctx: Context, by: Person | None) -> None:
    """Whose account was stolen does not make a sender of unwanted mail of this server."""
    if by is None or permissions.duty(by, "keep people"):
        return
    made = await reader.value(
        "SELECT COUNT(*) FROM invitations WHERE made_by_id = $1 AND created_ms > $2",
        by.id, ctx.clock.now_ms() - _DAY_MS,
    )  # fmt: skip
    if made >= MAX_A_DAY:
        raise TooMany(sentence("You made %(count)s invitations today: make more tomorrow.", count=MAX_A_DAY), 3_600)


async def _require(reader: Reader, by: Person | None, actor_id: int | None) -> None:
    if by is None or permissions.duty(by, "keep people"):
        return
    if actor_id is None:
        raise Forbidden(sentence("Only who keeps this server invites people to make an account."))
    await permissions.require(reader, person=by, act="manage members", actor_id=actor_id)


async def _refuse_closed(reader: Reader, ctx: Context, invitation: Invitation) -> None:
    if invitation.withdrawn_ms is not None or not await _holds(reader, invitation):
        raise Gone(sentence("This invitation was withdrawn. Ask who sent it for another one."))
    if invitation.used >= invitation.uses:
        raise Gone(sentence("This invitation was used already. Ask who sent it for another one."))
    if invitation.expires_ms <= ctx.clock.now_ms():
        raise Gone(sentence("The time of this invitation is over. Ask who sent it for another one."))


async def _holds(reader: Reader, invitation: Invitation) -> bool:
    """Whether who invited to speak for an account still may: nobody comes back by what she gave out herself."""
    maker = None if invitation.made_by is None else await people.by_id(reader, invitation.made_by)
    if maker is None or invitation.actor_id is None:
        return True
    try:
        await _require(reader, maker, invitation.actor_id)
    except Forbidden:
        return False
    return True


def _read(row: Row) -> Invitation:
    values = tuple(row)
    return Invitation(*(*values[:11], _called(*values[11:])))


def _called(name: str | None, email: str | None) -> str:
    return name or (email or "").partition("@")[0]


def _hashed(token: str) -> str:
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()
