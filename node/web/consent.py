"""Consent, `/oauth/authorize`: a person lets an application act as one of the actors that she speaks for here."""

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote, urlencode

from starlette.responses import RedirectResponse, Response

from node.actors import memberships, permissions
from node.actors.actor import Actor
from node.actors.memberships import Role
from node.oauth import authorizations, codes
from node.oauth.authorizations import AuthorizationRequest
from node.runtime.errors import Forbidden
from node.runtime.i18n import sentence
from node.web import forms, headers, pages, rights, visitors
from node.web.visitors import Visitor
from node.web.visits import Visit

_CARRIED: Final[tuple[str, ...]] = (
    "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method",
)  # fmt: skip


async def show(visit: Visit) -> Response:
    """GET /oauth/authorize. What cannot be granted is said before anybody logs in.

    Raises:
        OAuthError: client and redirect address do not belong together; shown here, never redirected.
    """
    values = dict(visit.request.query_params)
    request = await authorizations.read(visit.ctx.db.reader, values)
    if (address := authorizations.refused(request)) is not None:
        return _away(address)
    visitor = await visitors.of(visit)
    if request.force_login or visitor is None:
        # Once: the way back no longer asks for it.
        kept = {name: values[name] for name in (*_CARRIED, "lang") if name in values}
        onward = quote(f"/oauth/authorize?{urlencode(kept)}", safe="")
        return visit.go(f"/login?next={onward}{'&again=1' if request.force_login else ''}")
    return await _page(visit, request, visitor, values)


async def decide(visit: Visit) -> Response:
    """POST /oauth/authorize.

    Raises:
        OAuthError: as `show`.
        ForgedForm: the person did not press the button on our page.
        Forbidden: she does not speak for the actor that she chose.
    """
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go(f"/login?next={quote(_again(form.values), safe='')}")
    form.require_token(visitor.form_token)
    request = await authorizations.read(visit.ctx.db.reader, form.values)
    if (address := authorizations.refused(request)) is not None:
        return _away(address)
    if form.text("decision") != "allow":
        address = authorizations.denied(request)
        return pages.private(visit, "refused.html", request=request) if address is None else _away(address)
    offered = await _offered(visit, request, visitor)
    chosen = next((actor for actor, _ in offered if actor.handle == form.text("actor")), None)
    if chosen is None:
        raise Forbidden(sentence("You do not speak for this account here."))
    code = await visit.ctx.db.write(
        lambda tx: codes.issue(tx, visit.ctx, request=request, person_id=visitor.person.id, actor_id=chosen.id)
    )
    address = authorizations.granted(request, code)
    if address is None:
        return pages.private(visit, "code.html", request=request, code=code, actor=chosen)
    return _away(address)


async def _page(visit: Visit, request: AuthorizationRequest, visitor: Visitor, values: Mapping[str, str]) -> Response:
    return pages.private(
        visit,
        "consent.html",
        form_action=headers.TO_APPLICATIONS,
        request=request,
        visitor=visitor,
        offered=await _offered(visit, request, visitor),
        rights=rights.in_words(visit.say, request.scopes),
        carried={name: values[name] for name in _CARRIED if name in values},
    )


async def _offered(visit: Visit, request: AuthorizationRequest, visitor: Visitor) -> Sequence[tuple[Actor, Role]]:
    """The actors of the host that was asked for which she may give these rights."""
    hers = await memberships.actors_of(visit.ctx.db.reader, visitor.person.id, visit.host)
    only_reads = rights.only_read(request.scopes)
    return [(actor, role) for actor, role in hers if actor.active and (only_reads or _does_something(role))]


def _does_something(role: Role) -> bool:
    """Whether a right to change anything is worth something; what exactly is asked at each request."""
    return permissions.may(role, "write") or permissions.may(role, "answer reports")


def _again(values: Mapping[str, str]) -> str:
    return f"/oauth/authorize?{urlencode({name: values[name] for name in _CARRIED if name in values})}"


def _away(address: str) -> Response:
    return RedirectResponse(address, 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"})
