"""`/account/delete`: a person deletes herself, with her password and, if she has one, a second factor of today."""

from starlette.responses import Response

from node.actors import factors, people
from node.moderation import departures
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.web import attempts, forms, pages, visitors
from node.web.visitors import Visitor
from node.web.visits import Visit

_PATH = "/account/delete"


async def show(visit: Visit) -> Response:
    """GET /account/delete: what is deleted, what stays, and what has to be done before."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    return await _page(visit, visitor)


async def do(visit: Visit) -> Response:
    """POST /account/delete."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    ctx, person = visit.ctx, visitor.person
    try:
        if form.text("sure") != "on":
            raise Invalid(sentence("Say that you want to delete your account: it cannot be undone."))
        attempts.spend(ctx, attempts.PASSWORD_AGAIN, str(person.id))
        if await people.check_password(ctx, email=person.email, password=form.text("password")) is None:
            raise Invalid(sentence("Your present password is another one."))
        await ctx.db.write(lambda tx: departures.leave(tx, ctx, person=person, domain=visit.domain))
    except BeffroiError as error:
        return await _page(visit, visitor, problem=error)
    answer = pages.private(visit, "account_deleted.html")
    visitors.forget(answer, ctx)
    return answer


async def _fresh(visit: Visit, visitor: Visitor) -> bool:
    return visitor.session.proved(visit.ctx) or not await factors.enrolled(visit.ctx.db.reader, visitor.person.id)


async def _page(visit: Visit, visitor: Visitor, *, problem: BeffroiError | None = None) -> Response:
    return pages.private(
        visit, "account_delete.html", status=200 if problem is None else problem.status, visitor=visitor,
        plan=await departures.foreseen(visit.ctx.db.reader, visitor.person.id),
        problem=None if problem is None else visit.say(problem.args[0]),
    )  # fmt: skip
