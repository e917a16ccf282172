"""Who speaks for which actor, and as what."""

from typing import get_args

from node.actors import people
from node.actors.actor import NAMES, Actor, columns, read
from node.actors.facts import MembershipChanged
from node.actors.people import Person
from node.actors.roles import Role
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence

__all__ = ["Role", "actors_of", "add", "people_of", "remove", "role_of"]


async def actors_of(reader: Reader, person_id: int, host: str | None = None) -> list[tuple[Actor, Role]]:
    """The actors a person speaks for, the oldest membership first; none that is deleted.

    With *host* (normal form) only those of the domains that this host stands for: the one whose handles end in it,
    or all that are served there.
    """
    where = "" if host is None else "AND (a.service_host = $2 OR a.handle_host = $2)"
    rows = await reader.fetch(
        f"SELECT {columns('a')}, m.role FROM memberships m JOIN actors a ON a.id = m.actor_id "
        f"WHERE m.person_id = $1 AND a.state <> 'deleted' {where} ORDER BY m.created_ms, a.id",
        *((person_id,) if host is None else (person_id, host)),
    )
    return [(read(row), row[len(NAMES)]) for row in rows]


async def people_of(reader: Reader, actor_id: int) -> list[tuple[Person, Role]]:
    """Who speaks for an actor, the oldest membership first."""
    rows = await reader.fetch(
        f"SELECT m.role, {people.columns('p')} FROM memberships m JOIN people p ON p.id = m.person_id "
        "WHERE m.actor_id = $1 ORDER BY m.created_ms, p.id",
        actor_id,
    )
    return [(people.read(row, 1), row[0]) for row in rows]


async def role_of(reader: Reader, *, person_id: int, actor_id: int) -> Role | None:
    """As what a person speaks for an actor; None: she does not, or one of the two may not act at all."""
    role: Role | None = await reader.value(
        "SELECT m.role FROM memberships m JOIN people p ON p.id = m.person_id JOIN actors a ON a.id = m.actor_id "
        "WHERE m.person_id = $1 AND m.actor_id = $2 AND p.state = 'active' AND a.state = 'active'",
        person_id, actor_id,
    )  # fmt: skip
    return role


async def add(tx: Tx, ctx: Context, *, person_id: int, actor_id: int, role: Role) -> None:
    """Let a person speak for an actor, or change as what she does.

    Raises:
        Invalid: no such role, not a local actor that is there, or the actor would be left without an owner.
    """
    if role not in get_args(Role):
        raise Invalid(sentence("The role is one of: %(roles)s", roles=", ".join(get_args(Role))))
    await tx.lock(f"memberships:{actor_id}")
    place = await tx.value(
        "SELECT 1 FROM actors WHERE id = $1 AND domain_id IS NOT NULL AND state <> 'deleted'", actor_id
    )
    if place is None:
        raise Invalid(sentence("People speak for accounts of this server only."))
    before = await _held(tx, person_id, actor_id)
    if before == role:
        return
    if before == "owner":
        await _keep_an_owner(tx, person_id, actor_id)
    await tx.execute(
        "INSERT INTO memberships (person_id, actor_id, role, created_ms) VALUES ($1, $2, $3, $4) "
        "ON CONFLICT (person_id, actor_id) DO UPDATE SET role = excluded.role",
        person_id, actor_id, role, ctx.clock.now_ms(),
    )  # fmt: skip
    tx.state(MembershipChanged(person_id, actor_id, before, role))


async def remove(tx: Tx, *, person_id: int, actor_id: int) -> bool:
    """End a membership; whether there was one.

    Raises:
        Invalid: she is the actor's last owner.
    """
    await tx.lock(f"memberships:{actor_id}")
    before = await _held(tx, person_id, actor_id)
    if before is None:
        return False
    await _keep_an_owner(tx, person_id, actor_id)
    await tx.execute("DELETE FROM memberships WHERE person_id = $1 AND actor_id = $2", person_id, actor_id)
    tx.state(MembershipChanged(person_id, actor_id, before, None))
    return True


async def _held(tx: Tx, person_id: int, actor_id: int) -> Role | None:
    role: Role | None = await tx.value(
        "SELECT role FROM memberships WHERE person_id = $1 AND actor_id = $2", person_id, actor_id
    )
    return role


async def _keep_an_owner(tx: Tx, leaving_id: int, actor_id: int) -> None:
    rows = await tx.fetch("SELECT person_id FROM memberships WHERE actor_id = $1 AND role = 'owner'", actor_id)
    if [row["person_id"] for row in rows] == [leaving_id]:
        raise Invalid(sentence("An account keeps at least one owner: name another one first."))
