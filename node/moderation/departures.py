"""A person leaves for good, by her own hand or a keeper's: what is deleted, what stays, what the law keeps.

Deleted: her own accounts with all that they published, which other servers are told (Delete); how she logs in, her
applications, her name and address. What she wrote for an organisation is the organisation's, and stays without her
name; an organisation is never left without an owner. Kept, sealed and for a judge: `traces`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import letters, local, memberships, people, permissions
from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.letters import Written, one_line, paragraphs
from node.actors.people import Person
from node.moderation import traces
from node.oauth import tokens
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence

_HERS: Final = (
    "sessions", "log_ins", "mailed_links", "factors", "recovery_codes", "invitation_uses", "parental_consents", "oauth_codes",
)  # fmt: skip
"""What is a person's alone."""


@dataclass(frozen=True, slots=True)
class Plan:
    """What would become of the accounts that a person speaks for."""

    deleted: Sequence[Actor]
    """Her own."""
    left: Sequence[Actor]
    """They go on without her."""
    owed: Sequence[Actor]
    """They would be without an owner: not before there is another one."""


async def foreseen(reader: Reader, person_id: int) -> Plan:
    """What leaving would mean. Two queries."""
    speaks = await memberships.actors_of(reader, person_id)
    rows = await reader.fetch(
        "SELECT DISTINCT actor_id FROM memberships WHERE actor_id = ANY($1::bigint[]) AND role = 'owner' AND person_id <> $2",
        [actor.id for actor, _ in speaks], person_id,
    )  # fmt: skip
    shared = {row[0] for row in rows}
    alone = [actor for actor, role in speaks if role == "owner" and actor.id not in shared]
    return Plan(
        deleted=[actor for actor in alone if actor.type == "Person"],
        left=[actor for actor, _ in speaks if actor not in alone],
        owed=[actor for actor in alone if actor.type != "Person"],
    )


async def leave(tx: Tx, ctx: Context, *, person: Person, domain: Domain) -> None:
    """Delete *person* for good; a letter tells her so in the name of *domain*.

    Raises:
        NotFound: she left already.
        Invalid: she is the last owner of an organisation's account, or the last who keeps this node.
    """
    await tx.lock("keepers")
    found = await people.by_id(tx, person.id)
    if found is None or found.state == "deleted":
        raise NotFound(sentence("There is no such person."))
    await permissions.keep_a_keeper(tx, found.id)
    for actor, _ in await memberships.actors_of(tx, found.id):
        await tx.lock(f"memberships:{actor.id}")
    plan = await foreseen(tx, found.id)
    if plan.owed:
        owed = ", ".join(f"@{actor.handle}" for actor in plan.owed)
        raise Invalid(sentence("Nobody else owns %(handles)s: name another owner first.", handles=owed))
    await traces.keep_identity(tx, ctx, person=found, handles=[actor.handle for actor in plan.deleted])
    for actor in plan.left:
        await memberships.remove(tx, person_id=found.id, actor_id=actor.id)
    for actor in plan.deleted:
        await local.delete_local(tx, ctx, actor=actor)
    await tokens.revoke_of_person(tx, ctx, person_id=found.id)
    for table in _HERS:
        await tx.execute(f"DELETE FROM {table} WHERE person_id = $1", found.id)
    await tx.execute(
        "UPDATE invitations SET withdrawn_ms = $2 WHERE made_by_id = $1 AND withdrawn_ms IS NULL",
        found.id, ctx.clock.now_ms(),
    )  # fmt: skip
    await people.forget(tx, person_id=found.id)
    if mail.configured(ctx):
        written = _told(ctx, domain, found.language)
        await mail.post(tx, ctx, to=found.email, subject=written.subject, text=written.text)


def _told(ctx: Context, domain: Domain, language: str) -> Written:
    _ = letters.speaking(ctx, language)
    return Written(
        _("Your account at %(site)s is deleted", site=one_line(domain.name)),
        paragraphs(
            _("Your account at %(site)s and what you published with it are deleted. Other servers are told to delete their copies.",
              site=one_line(domain.name)),
            _("The law asks to keep your name and address for five years, and the names of your accounts for one, sealed and for a judge only."),
            _("This is the last letter that you receive from us."),
            signed=domain.name,
        ),
    )  # fmt: skip
