"""An invitation's link: who is logged in accepts it; who has no account here makes one; who has one logs in first."""

from starlette.responses import Response

from node.actors import actors, domains, invitations, letters, memberships
from node.actors.invitations import Invitation
from node.moderation import sign_ups
from node.runtime.errors import BeffroiError, NotFound
from node.runtime.i18n import Sentence, sentence
from node.web import forms, pages, sign_up, visitors
from node.web.visits import Visit


async def show(visit: Visit) -> Response:
    """GET /invitations/{token}."""
    try:
        found = await _find(visit)
    except BeffroiError as error:
        return _refused(visit, error)
    return await _page(visit, found)


async def accept(visit: Visit) -> Response:
    """POST /invitations/{token}: a person who is logged in says yes."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go(f"/login?next={visit.path}")
    form.require_token(visitor.form_token)
    try:
        found = await _find(visit)
        if found.actor_id is None:
            raise NotFound(sentence("You have an account here already: this invitation is for somebody else."))
        await visit.ctx.db.write(lambda tx: invitations.accept(tx, visit.ctx, invitation=found, person=visitor.person))
    except BeffroiError as error:
        return _refused(visit, error)
    return visit.go("/account?done=joined")


async def show_sign_up(visit: Visit) -> Response:
    """GET /invitations/{token}/sign-up."""
    try:
        return sign_up.form_page(visit, await _find(visit))
    except BeffroiError as error:
        return _refused(visit, error)


async def take(visit: Visit) -> Response:
    """POST /invitations/{token}/sign-up."""
    try:
        found = await _find(visit)
    except BeffroiError as error:
        return _refused(visit, error)
    return await sign_up.take(visit, found)


async def _find(visit: Visit) -> Invitation:
    found = await invitations.find(visit.ctx.db.reader, visit.ctx, visit.request.path_params["token"])
    domain = await domains.by_id(visit.ctx.db.reader, found.domain_id)
    if domain is None or domain.service_host != visit.domain.service_host:
        raise NotFound(sentence("There is no such invitation. Was the link copied whole?"))
    return found


async def _page(visit: Visit, found: Invitation) -> Response:
    reader, visitor = visit.ctx.db.reader, await visitors.of(visit)
    actor = None if found.actor_id is None else await actors.by_id(reader, found.actor_id)
    role = None
    if visitor is not None and actor is not None:
        role = await memberships.role_of(reader, person_id=visitor.person.id, actor_id=actor.id)
    return pages.private(
        visit, "invitation.html", invitation=found, actor=actor, visitor=visitor, speaks_already=role is not None,
        another=visitor is not None and found.email is not None and found.email != visitor.person.email,
        role=visit.say(letters.ROLES[found.role]) if found.role else "",
        may_sign_up=sign_ups.open_to(visit.ctx, visit.domain, found),
    )  # fmt: skip


def _refused(visit: Visit, error: BeffroiError) -> Response:
    said = error.args[0] if error.args else ""
    problem = visit.say(said) if isinstance(said, Sentence) else str(said)
    return pages.private(visit, "invitation_over.html", status=error.status, problem=problem)
