"""The second factor, asked after the password (`/login/factor`) and again before the console (`/account/factor`)."""

from collections.abc import Awaitable, Callable
from typing import Final

from starlette.responses import Response

from node.actors import factors, log_ins, paper_codes, security_keys, sessions, totp
from node.actors.people import Person
from node.actors.security_keys import Place
from node.runtime.database import Tx
from node.runtime.errors import TooMany
from node.runtime.i18n import Sentence, sentence
from node.web import attempts, devices, entry, forms, pages, visitors
from node.web.forms import Form
from node.web.visits import Visit

_MAX_CODE_CHARS: Final = 100
_REFUSED: Final = sentence(
    "This code is not right, or was used already. Wait for the next one, and check the clock of your telephone."
)
_KEY_REFUSED: Final = sentence("The key did not answer as expected. Try again.")


def place(visit: Visit) -> Place | None:
    """Where keys are asked: at the service host alone, for which they are made; None: not at this host."""
    if visit.host != visit.domain.service_host:
        return None
    return Place(visit.host.partition(":")[0], visit.home)


async def show_log_in(visit: Visit) -> Response:
    """GET /login/factor: the second step of a log-in."""
    token = entry.pending_token(visit)
    pending = await log_ins.find(visit.ctx.db.reader, visit.ctx, token)
    onward = visitors.onward(visit.request.query_params.get("next", ""))
    if pending is None:
        return visit.go(visitors.with_next("/login", onward))
    return await _log_in_page(visit, token, pending.person, onward)


async def log_in(visit: Visit) -> Response:
    """POST /login/factor."""
    form = await forms.read(visit)
    token = entry.pending_token(visit)
    form.require_token(entry.pending_form_token(token))
    onward = visitors.onward(form.text("next"))
    pending = await log_ins.find(visit.ctx.db.reader, visit.ctx, token)
    if pending is None:
        visit.ctx.metrics.count("logins", result="refused")
        return visit.go(visitors.with_next("/login", onward))
    person = pending.person

    async def spent(tx: Tx) -> bool:
        return await log_ins.spend(tx, token)

    problem, status = await _checked(visit, person, form, pending.challenge, spent)
    if problem is None:
        return await entry.open_session(visit, person, onward, factor=True)
    visit.ctx.metrics.count("logins", result="refused")
    if await log_ins.find(visit.ctx.db.reader, visit.ctx, token) is None:
        return visit.go(visitors.with_next("/login", onward))
    return await _log_in_page(visit, token, person, onward, problem=problem, status=status)


async def show(visit: Visit) -> Response:
    """GET /account/factor: who is logged in shows a second factor again."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    if not await factors.enrolled(visit.ctx.db.reader, visitor.person.id):
        return visit.go("/account/security")
    return await _again_page(visit, visitor, visitors.onward(visit.request.query_params.get("next", "")))


async def prove(visit: Visit) -> Response:
    """POST /account/factor."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    onward, session = visitors.onward(form.text("next")), visitor.session

    async def spent(tx: Tx) -> bool:
        await sessions.challenge(tx, key=session.key, challenge="")
        return True

    problem, status = await _checked(visit, visitor.person, form, session.challenge, spent)
    if problem is not None:
        return await _again_page(visit, visitor, onward, problem=problem, status=status)
    await visit.ctx.db.write(lambda tx: sessions.proved(tx, visit.ctx, key=session.key))
    return visit.go(onward)


async def _checked(
    visit: Visit, person: Person, form: Form, challenge: str, spent: Callable[[Tx], Awaitable[bool]]
) -> tuple[Sentence | str | None, int]:
    """What is wrong with the factor that was shown, and the status to say it with; None: nothing."""
    ctx, answer, code = visit.ctx, form.text("answer"), form.text("code")[:_MAX_CODE_CHARS]
    at = place(visit)
    if not answer:
        try:
            attempts.spend_code(ctx, person_id=person.id, device=devices.known(visit, person.email))
        except TooMany as error:
            return error.args[0], error.status

    async def step(tx: Tx) -> bool:
        if not await spent(tx):
            return False
        if answer:
            return at is not None and await security_keys.check(
                tx, ctx, person_id=person.id, answer=answer, challenge=challenge, place=at
            )
        if await totp.check(tx, ctx, person_id=person.id, code=code):
            return True
        return await paper_codes.use(tx, ctx, person_id=person.id, code=code)

    right = await ctx.db.write(step)
    return (None, 200) if right else (_KEY_REFUSED if answer else _REFUSED, 422)


async def _log_in_page(
    visit: Visit, token: str, person: Person, onward: str, *, problem: Sentence | str | None = None, status: int = 200
) -> Response:
    options = await _options(visit, person, lambda tx, challenge: log_ins.ask(tx, token, challenge))
    return _page(
        visit, action="/login/factor", form_token=entry.pending_form_token(token), onward=onward, options=options,
        problem=problem, status=status,
    )  # fmt: skip


async def _again_page(
    visit: Visit, visitor: visitors.Visitor, onward: str, *, problem: Sentence | str | None = None, status: int = 200
) -> Response:
    key = visitor.session.key
    options = await _options(
        visit, visitor.person, lambda tx, challenge: sessions.challenge(tx, key=key, challenge=challenge)
    )
    return _page(
        visit, action="/account/factor", form_token=visitor.form_token, onward=onward, options=options,
        problem=problem, status=status,
    )  # fmt: skip


async def _options(visit: Visit, person: Person, keep: Callable[[Tx, str], Awaitable[None]]) -> str:
    """What the script asks of a key; empty: she has none for this host."""
    at = place(visit)
    asked = None if at is None else await security_keys.ask_to_sign(visit.ctx.db.reader, person.id, at)
    if asked is None:
        return ""
    await visit.ctx.db.write(lambda tx: keep(tx, asked.challenge))
    return asked.options


def _page(
    visit: Visit,
    *,
    action: str,
    form_token: str,
    onward: str,
    options: str,
    problem: Sentence | str | None,
    status: int,
) -> Response:
    return pages.private(
        visit, "factor.html", status=status, scripts=True, action=action, form_token=form_token, onward=onward,
        options=options, problem=None if problem is None else visit.say(problem),
    )  # fmt: skip
