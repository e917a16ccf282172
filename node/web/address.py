"""A person's e-mail address: another one, confirmed at the new mailbox and told to the old."""

from starlette.responses import Response

from node.actors import mailed_links, people, recovery
from node.runtime import mail
from node.runtime.errors import Gone, Invalid, TooMany, Unavailable
from node.runtime.i18n import sentence
from node.web import attempts, forms, pages, strangers, visitors
from node.web.visits import Visit


async def show(visit: Visit) -> Response:
    """GET /account/email."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    done = visit.request.query_params.get("done", "")
    return pages.private(visit, "address.html", visitor=visitor, done=done, problem=None)


async def ask(visit: Visit) -> Response:
    """POST /account/email."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    ctx, person = visit.ctx, visitor.person
    try:
        if not mail.configured(ctx):
            raise Unavailable(sentence("This site sends no mail yet: ask the person who keeps it."))
        attempts.spend(ctx, attempts.PASSWORD_AGAIN, str(person.id))
        if await people.check_password(ctx, email=person.email, password=form.text("present")) is None:
            raise Invalid(sentence("Your present password is another one."))
        attempts.spend(ctx, attempts.ADDRESS_OF, str(person.id))
        await ctx.db.write(
            lambda tx: recovery.ask_address(tx, ctx, person=person, email=form.text("email"), domain=visit.domain)
        )
    except (Invalid, TooMany, Unavailable) as error:
        problem = visit.say(error.args[0])
        return pages.private(visit, "address.html", status=error.status, visitor=visitor, done="", problem=problem)
    return visit.go("/account/email?done=asked")


async def show_link(visit: Visit) -> Response:
    """GET /account/email/{token}: a page with a button, because mail programs open links by themselves."""
    try:
        found = await mailed_links.find(
            visit.ctx.db.reader, visit.ctx, purpose="address", token=visit.request.path_params["token"]
        )
    except Gone as error:
        return _confirm_page(visit, problem=visit.say(error.args[0]), status=410)
    return _confirm_page(visit, email=found.email)


async def confirm(visit: Visit) -> Response:
    """POST /account/email/{token}."""
    await strangers.read(visit)
    token = visit.request.path_params["token"]
    try:
        await visit.ctx.db.write(lambda tx: recovery.change_address(tx, visit.ctx, token=token))
    except (Gone, Invalid) as error:
        return _confirm_page(visit, problem=visit.say(error.args[0]), status=error.status)
    return _confirm_page(visit, done=True)


def _confirm_page(
    visit: Visit, *, email: str = "", problem: str | None = None, done: bool = False, status: int = 200
) -> Response:
    value = strangers.token(visit)
    answer = pages.private(
        visit, "address_confirm.html", status=status, email=email, problem=problem, done=done, form_token=value
    )
    return strangers.keep(answer, visit, value)
