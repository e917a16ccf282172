"""A forgotten password: ask for a link, open it, choose another one."""

import re
from typing import Final

from starlette.responses import RedirectResponse, Response

from node.actors import mailed_links, passwords, recovery
from node.oauth import tokens
from node.runtime import mail, windows
from node.runtime.database import Tx
from node.runtime.errors import Gone, Invalid, TooMany
from node.runtime.i18n import sentence
from node.web import attempts, pages, strangers, visitors
from node.web.visits import Visit

_COOKIE: Final = "beffroi-reset"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_CHARS: Final = 254
_DIFFERENT: Final = sentence("The two passwords are not the same.")


async def show(visit: Visit) -> Response:
    """GET /login/forgotten."""
    return _page(visit, done=visit.request.query_params.get("done", ""))


async def ask(visit: Visit) -> Response:
    """POST /login/forgotten: the same answer for an address that somebody has and one that nobody has."""
    form = await strangers.read(visit)
    email = form.text("email").strip().lower()[:_MAX_CHARS]
    if not mail.configured(visit.ctx):
        return _page(visit, status=503)
    try:
        attempts.spend(visit.ctx, attempts.FORGOTTEN_FROM, windows.subscriber(visit.client))
    except TooMany as error:
        answer = _page(visit, problem=visit.say(error.args[0]), status=429)
        answer.headers["Retry-After"] = str(error.retry_s)
        return answer
    try:
        attempts.spend(visit.ctx, attempts.FORGOTTEN_AS, email)
    except TooMany:
        # Nothing more is sent, and nobody is locked out: the links that she has still work.
        return visit.go("/login/forgotten?done=asked")
    if email.isprintable():
        await visit.ctx.db.write(lambda tx: recovery.ask(tx, visit.ctx, email=email, domain=visit.domain))
    return visit.go("/login/forgotten?done=asked")


async def open_link(visit: Visit) -> Response:
    """GET /login/reset/{token}: the token goes from the address into a cookie, so that no Referer and no history keeps it."""
    token = visit.request.path_params["token"]
    answer = RedirectResponse(
        visit.link("/login/reset"), 303, {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer"}
    )
    if _TOKEN.fullmatch(token):
        visitors.set_cookie(answer, visit.ctx, _COOKIE, token, max_age_s=mailed_links.LIFETIME_MS["password"] // 1000)
    return answer


async def show_reset(visit: Visit) -> Response:
    """GET /login/reset."""
    try:
        await mailed_links.find(visit.ctx.db.reader, visit.ctx, purpose="password", token=_held(visit))
    except Gone as error:
        return _reset_page(visit, over=visit.say(error.args[0]), status=410)
    return _reset_page(visit)


async def reset(visit: Visit) -> Response:
    """POST /login/reset: another password; sessions and applications are logged out everywhere."""
    form = await strangers.read(visit)
    ctx, token = visit.ctx, _held(visit)
    try:
        await mailed_links.find(ctx.db.reader, ctx, purpose="password", token=token)  # before the hash, which costs
        if form.text("wanted") != form.text("again"):
            raise Invalid(_DIFFERENT)
        password = await passwords.digest(form.text("wanted"))

        async def step(tx: Tx) -> None:
            person = await recovery.reset(tx, ctx, token=token, password=password, domain=visit.domain)
            await tokens.revoke_of_person(tx, ctx, person_id=person.id)

        await ctx.db.write(step)
    except Gone as error:
        return _reset_page(visit, over=visit.say(error.args[0]), status=410)
    except Invalid as error:
        return _reset_page(visit, problem=visit.say(error.args[0]), status=422)
    answer = visit.go("/login/forgotten?done=changed")
    visitors.set_cookie(answer, ctx, _COOKIE, "", max_age_s=0)
    return answer


def _held(visit: Visit) -> str:
    return visit.request.cookies.get(visitors.cookie_name(visit.ctx, _COOKIE), "")


def _page(visit: Visit, *, done: str = "", problem: str | None = None, status: int = 200) -> Response:
    value = strangers.token(visit)
    answer = pages.private(
        visit, "forgotten.html", status=status, done=done, problem=problem, form_token=value,
        sends_mail=mail.configured(visit.ctx),
    )  # fmt: skip
    return strangers.keep(answer, visit, value)


def _reset_page(visit: Visit, *, over: str = "", problem: str | None = None, status: int = 200) -> Response:
    value = strangers.token(visit)
    answer = pages.private(visit, "reset.html", status=status, over=over, problem=problem, form_token=value)
    return strangers.keep(answer, visit, value)
