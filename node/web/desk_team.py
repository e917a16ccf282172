"""The team of an account: who speaks for it and as what; who is asked to; and leaving it."""

from typing import cast, get_args

from starlette.responses import Response

from node.actors import invitations, memberships, permissions
from node.actors.letters import ROLES
from node.actors.memberships import Role
from node.runtime import mail
from node.runtime.database import Step, Tx
from node.runtime.errors import BeffroiError, Invalid, NotFound
from node.runtime.i18n import sentence
from node.web import cursors
from node.web.desk import Desk


async def show(desk: Desk) -> Response:
    """GET /desk/{actor}/team."""
    return await _page(desk)


async def invite(desk: Desk) -> Response:
    """POST /desk/{actor}/team/invite: ask somebody by mail."""
    email, role = desk.form.text("email"), cast(Role, desk.form.text("role"))

    async def step(tx: Tx) -> str:
        token = await invitations.invite(
            tx, desk.ctx, email=email, by=desk.person, domain_id=desk.actor.domain_id or 0, actor_id=desk.actor.id,
            role=role,
        )  # fmt: skip
        await desk.record(tx, "member.invite", email, role=role)
        return token

    try:
        token = await desk.ctx.db.write(step)
    except BeffroiError as error:
        return await _page(desk, email=email, wanted=role, problem=error.args[0], status=error.status)
    if mail.configured(desk.ctx):
        return desk.go("/team", "invited")
    # Nothing is sent from here: she gives the link on herself, and sees it this once.
    return await _page(desk, given=f"{desk.visit.home}/invitations/{token}", email=email)


async def change_role(desk: Desk) -> Response:
    """POST /desk/{actor}/team/role."""
    person_id, role = cursors.read(desk.form.text("person")), cast(Role, desk.form.text("role"))

    async def step(tx: Tx) -> None:
        await _require_member(tx, desk, person_id)
        await memberships.add(tx, desk.ctx, person_id=person_id, actor_id=desk.actor.id, role=role)
        await desk.record(tx, "member.role", (await desk.names([person_id], tx))[person_id], role=role)

    return await _done(desk, step, "role")


async def remove(desk: Desk) -> Response:
    """POST /desk/{actor}/team/remove: she speaks for the account no more, at once, in no application."""
    person_id = cursors.read(desk.form.text("person"))

    async def step(tx: Tx) -> None:
        await _require_member(tx, desk, person_id)
        await memberships.remove(tx, person_id=person_id, actor_id=desk.actor.id)
        await desk.record(tx, "member.remove", (await desk.names([person_id], tx))[person_id])

    return await _done(desk, step, "removed")


async def leave(desk: Desk) -> Response:
    """POST /desk/{actor}/team/leave: everybody but the last owner may."""

    async def step(tx: Tx) -> None:
        await desk.record(tx, "member.leave", desk.person.email)
        await memberships.remove(tx, person_id=desk.person.id, actor_id=desk.actor.id)

    try:
        await desk.ctx.db.write(step)
    except Invalid as error:
        return await _page(desk, problem=error.args[0], status=error.status)
    return desk.visit.go("/desk")


async def withdraw(desk: Desk) -> Response:
    """POST /desk/{actor}/team/withdraw: an invitation is worth nothing any more."""
    invitation_id = cursors.read(desk.form.text("invitation"))
    if invitation_id not in [each.id for each in await _invited(desk)]:
        raise NotFound(sentence("This invitation is gone, or was used."))

    async def step(tx: Tx) -> None:
        gone = await invitations.withdraw(tx, desk.ctx, invitation_id=invitation_id, by=desk.person)
        await desk.record(tx, "member.uninvite", gone.email or "")

    return await _done(desk, step, "withdrawn")


async def _require_member(tx: Tx, desk: Desk, person_id: int) -> None:
    """Asked again within the step: two owners may work at once."""
    await permissions.require(tx, person=desk.person, act="manage members", actor_id=desk.actor.id)
    if person_id not in [person.id for person, _ in await memberships.people_of(tx, desk.actor.id)]:
        raise NotFound(sentence("This person does not belong to the team any more."))


async def _done(desk: Desk, step: Step[None], done: str) -> Response:
    try:
        await desk.ctx.db.write(step)
    except Invalid as error:
        return await _page(desk, problem=error.args[0], status=error.status)
    return desk.go("/team", done)


async def _invited(desk: Desk) -> list[invitations.Invitation]:
    if not desk.may("manage members"):
        return []
    return list(await invitations.of_actor(desk.reader, desk.ctx, actor_id=desk.actor.id))


async def _page(
    desk: Desk, *, email: str = "", wanted: str = "contributor", problem: str | None = None, status: int = 200,
    given: str | None = None,
) -> Response:  # fmt: skip
    return desk.page(
        "desk_team.html", "/team", status=status, members=await memberships.people_of(desk.reader, desk.actor.id),
        roles=ROLES, invited=await _invited(desk), email=email, wanted=wanted if wanted in get_args(Role) else "reader",
        given=given, problem=None if problem is None else desk.visit.say(problem),
    )  # fmt: skip
