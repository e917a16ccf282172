"""A person's own page: for whom she speaks, what she allowed to applications, her password, logging out."""

from starlette.responses import Response

from node.actors import actors, memberships, passwords, people, recovery, sessions
from node.oauth import tokens
from node.runtime.database import Tx
from node.runtime.errors import Invalid, TooMany
from node.runtime.i18n import sentence
from node.web import attempts, cursors, entry, forms, pages, rights, visitors
from node.web.visitors import Visitor
from node.web.visits import Visit


async def show(visit: Visit) -> Response:
    """GET /account."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    return await _page(visit, visitor, done=visit.request.query_params.get("done", ""))


async def revoke(visit: Visit) -> Response:
    """POST /account/revoke: an application loses what she allowed it."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    token_id = cursors.read(form.text("token"))
    await visit.ctx.db.write(
        lambda tx: tokens.revoke_by_id(tx, visit.ctx, token_id=token_id, person_id=visitor.person.id)
    )
    return visit.go("/account?done=revoked")


async def change_password(visit: Visit) -> Response:
    """POST /account/password: every other browser is logged out, and if she says so every application."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    person = visitor.person
    try:
        attempts.spend(visit.ctx, attempts.PASSWORD_AGAIN, str(person.id))
        known = await people.check_password(visit.ctx, email=person.email, password=form.text("present"))
        if known is None:
            raise Invalid(sentence("Your present password is another one."))
        password = await passwords.digest(form.text("wanted"))
    except (Invalid, TooMany) as error:
        return await _page(visit, visitor, problem=visit.say(error.args[0]), status=error.status)

    async def step(tx: Tx) -> str:
        await people.set_password(tx, person_id=person.id, password=password)
        if form.text("applications") == "on":
            await tokens.revoke_of_person(tx, visit.ctx, person_id=person.id)
        await recovery.tell_changed(tx, visit.ctx, person=person, domain=visit.domain)
        return await sessions.open(
            tx, visit.ctx, person_id=person.id, device=entry.device_of(visit), factor=visitor.session.proved(visit.ctx)
        )

    answer = visit.go("/account?done=password")
    visitors.remember(answer, visit.ctx, await visit.ctx.db.write(step))
    return answer


async def _page(
    visit: Visit, visitor: Visitor, *, done: str = "", problem: str | None = None, status: int = 200
) -> Response:
    reader = visit.ctx.db.reader
    allowed = await tokens.of_person(reader, visitor.person.id)
    named = await actors.by_ids(reader, [token.actor_id for token in allowed if token.actor_id is not None])
    return pages.private(
        visit,
        "account.html",
        status=status,
        visitor=visitor,
        speaks=await memberships.actors_of(reader, visitor.person.id),
        allowed=[(token, named[token.actor_id]) for token in allowed if token.actor_id in named],
        rights=lambda scopes: rights.in_words(visit.say, scopes),
        done=done,
        problem=problem,
    )
