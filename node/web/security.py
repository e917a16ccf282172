"""`/account/security`: second factors, codes on paper, and where one is logged in.

To add or remove a factor asks for the password again, and for a second factor of today from who has one. Every other
browser is logged out then.
"""

from typing import Final

from markupsafe import Markup
from starlette.responses import Response

from node.actors import factors, paper_codes, people, security_keys, sessions, totp
from node.actors.people import Person
from node.moderation import audit
from node.moderation.audit import Hand
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import BeffroiError, Invalid
from node.runtime.i18n import sentence
from node.web import attempts, cursors, factor, forms, pages, visitors
from node.web.forms import Form
from node.web.visitors import Visitor
from node.web.visits import Visit

_PATH: Final = "/account/security"


async def show(visit: Visit) -> Response:
    """GET /account/security."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    return await _page(visit, visitor, onward=visitors.onward(visit.request.query_params.get("next", "")))


async def add(visit: Visit) -> Response:
    """POST /account/security/add: the password was typed; the page on which the app or the key is set up."""
    form, visitor = await _sent(visit)
    if visitor is None:
        return visit.go("/login")
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    onward, ctx, person = visitors.onward(form.text("next")), visit.ctx, visitor.person
    try:
        name = await factors.named(ctx.db.reader, person.id, form.text("name"))
        await _password(visit, visitor, form)
        if form.text("kind") == "key":
            return await _key_page(visit, visitor, name, onward)
    except BeffroiError as error:
        return await _page(visit, visitor, onward=onward, problem=error)
    await ctx.db.write(lambda tx: totp.begin(tx, ctx, person_id=person.id, name=name))
    return await _app_page(visit, visitor, onward)


async def confirm(visit: Visit) -> Response:
    """POST /account/security/confirm: the first code of an app, or what the new key answered."""
    form, visitor = await _sent(visit)
    if visitor is None:
        return visit.go("/login")
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    onward, ctx, person = visitors.onward(form.text("next")), visit.ctx, visitor.person
    key, name, place = None, "", factor.place(visit)
    try:
        if form.text("kind") == "key":
            if place is None:
                raise Invalid(sentence("Keys are added at %(host)s.", host=visit.domain.service_host))
            name = await factors.named(ctx.db.reader, person.id, form.text("name"))
            key = security_keys.made(form.text("answer"), visitor.session.challenge, place)
        else:
            attempts.spend(ctx, attempts.CODE, str(person.id))

        async def step(tx: Tx) -> list[str]:
            first = not await factors.enrolled(tx, person.id)
            if key is not None and place is not None:
                await security_keys.add(tx, ctx, person_id=person.id, name=name, key=key, place=place)
            elif await totp.waiting(tx, ctx, person.id) is None:
                raise Invalid(sentence("This took too long. Begin again."))
            elif not await totp.confirm(tx, ctx, person_id=person.id, code=form.text("code")):
                raise Invalid(sentence("This is not the code that the application shows now. Type the next one."))
            await sessions.close_others(tx, person_id=person.id, key=visitor.session.key)
            await sessions.proved(tx, ctx, key=visitor.session.key)
            await _tell(tx, ctx, person, "factor.add")
            return await paper_codes.make(tx, ctx, person_id=person.id) if first else []

        codes = await ctx.db.write(step)
    except BeffroiError as error:
        if form.text("kind") != "key" and await totp.waiting(ctx.db.reader, ctx, person.id) is not None:
            return await _app_page(visit, visitor, onward, problem=error)
        return await _page(visit, visitor, onward=onward, problem=error)
    if codes:
        return _codes_page(visit, visitor, codes, onward)
    return visit.go(visitors.with_next(_PATH, onward) + "&done=added")


async def remove(visit: Visit) -> Response:
    """POST /account/security/remove."""
    form, visitor = await _sent(visit)
    if visitor is None:
        return visit.go("/login")
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    factor_id = cursors.read(form.text("factor"))
    try:
        await _password(visit, visitor, form)
    except BeffroiError as error:
        return await _page(visit, visitor, problem=error)

    async def step(tx: Tx) -> None:
        if not await factors.remove(tx, person_id=visitor.person.id, factor_id=factor_id):
            return
        await _tell(tx, visit.ctx, visitor.person, "factor.remove")
        await sessions.close_others(tx, person_id=visitor.person.id, key=visitor.session.key)

    await visit.ctx.db.write(step)
    return visit.go(f"{_PATH}?done=removed")


async def renew_codes(visit: Visit) -> Response:
    """POST /account/security/codes: ten new ones, shown this once."""
    form, visitor = await _sent(visit)
    if visitor is None:
        return visit.go("/login")
    if not await _fresh(visit, visitor):
        return visit.go(visitors.with_next("/account/factor", _PATH))
    ctx, person = visit.ctx, visitor.person
    try:
        await _password(visit, visitor, form)
        if not await factors.enrolled(ctx.db.reader, person.id):
            raise Invalid(sentence("Recovery codes replace a second factor: add one first."))
    except BeffroiError as error:
        return await _page(visit, visitor, problem=error)

    async def step(tx: Tx) -> list[str]:
        await _tell(tx, ctx, person, "factor.codes")
        return await paper_codes.make(tx, ctx, person_id=person.id)

    codes = await ctx.db.write(step)
    return _codes_page(visit, visitor, codes, _PATH)


async def end_session(visit: Visit) -> Response:
    """POST /account/security/sessions: another browser is logged out, or all others."""
    form, visitor = await _sent(visit)
    if visitor is None:
        return visit.go("/login")
    person_id, own, key = visitor.person.id, visitor.session.key, form.text("session")

    async def step(tx: Tx) -> None:
        if key:
            await sessions.close_one(tx, person_id=person_id, key=key)
        else:
            await sessions.close_others(tx, person_id=person_id, key=own)

    await visit.ctx.db.write(step)
    return visit.go(f"{_PATH}?done=ended")


async def _sent(visit: Visit) -> tuple[Form, Visitor | None]:
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is not None:
        form.require_token(visitor.form_token)
    return form, visitor


async def _fresh(visit: Visit, visitor: Visitor) -> bool:
    """Whether she may change her factors: she has none, or has shown one of late."""
    return visitor.session.proved(visit.ctx) or not await factors.enrolled(visit.ctx.db.reader, visitor.person.id)


async def _password(visit: Visit, visitor: Visitor, form: Form) -> None:
    attempts.spend(visit.ctx, attempts.PASSWORD_AGAIN, str(visitor.person.id))
    if await people.check_password(visit.ctx, email=visitor.person.email, password=form.text("password")) is None:
        raise Invalid(sentence("Your present password is another one."))


async def _tell(tx: Tx, ctx: Context, person: Person, act: str) -> None:
    """Write down what a keeper or a moderator does to her own way in; of others nothing is."""
    if person.keeper or person.moderator:
        await audit.record(tx, ctx, by=Hand(person.id, person.email, "desk"), act=act, about=person.email)


async def _page(
    visit: Visit, visitor: Visitor, *, onward: str = "/account", problem: BeffroiError | None = None
) -> Response:
    reader, person = visit.ctx.db.reader, visitor.person
    return pages.private(
        visit,
        "security.html",
        status=200 if problem is None else problem.status,
        visitor=visitor,
        factors=await factors.of_person(reader, person.id),
        codes_left=await paper_codes.left(reader, person.id),
        sessions=await sessions.of_person(reader, visit.ctx, person.id),
        keys_here=factor.place(visit) is not None,
        needed=person.keeper or person.moderator,
        onward=onward,
        done=visit.request.query_params.get("done", ""),
        problem=None if problem is None else visit.say(problem.args[0]),
    )


async def _app_page(visit: Visit, visitor: Visitor, onward: str, *, problem: BeffroiError | None = None) -> Response:
    import segno

    secret = await totp.waiting(visit.ctx.db.reader, visit.ctx, visitor.person.id) or ""
    address = totp.address(secret, email=visitor.person.email, site=visit.host)
    drawn = segno.make(address, error="m").svg_inline(dark="#000", light="#fff", border=4, omitsize=True)
    return pages.private(
        visit, "security_app.html", status=200 if problem is None else problem.status, visitor=visitor, onward=onward,
        drawing=Markup(drawn), secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),  # noqa: S704
        address=address, problem=None if problem is None else visit.say(problem.args[0]),
    )  # fmt: skip


async def _key_page(visit: Visit, visitor: Visitor, name: str, onward: str) -> Response:
    place = factor.place(visit)
    if place is None:
        raise Invalid(sentence("Keys are added at %(host)s.", host=visit.domain.service_host))
    asked = await security_keys.ask_to_make(
        visit.ctx.db.reader, visitor.person, place, site=visit.domain.name or visit.host
    )
    await visit.ctx.db.write(lambda tx: sessions.challenge(tx, key=visitor.session.key, challenge=asked.challenge))
    return pages.private(
        visit, "security_key.html", scripts=True, visitor=visitor, name=name, onward=onward, options=asked.options
    )


def _codes_page(visit: Visit, visitor: Visitor, codes: list[str], onward: str) -> Response:
    return pages.private(visit, "security_codes.html", visitor=visitor, codes=codes, onward=onward)
