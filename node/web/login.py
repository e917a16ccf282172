"""Logging in and out at a browser, with e-mail address and password."""

import re
import secrets
from typing import Final

from starlette.responses import Response

from node.actors import people, sessions
from node.runtime.errors import TooMany
from node.runtime.i18n import sentence
from node.web import attempts, devices, entry, forms, pages, visitors
from node.web.visits import Visit

_FORM_COOKIE: Final = "beffroi-login"
_FORM_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_MAX_CHARS: Final = 1_000
_AFTER: Final = "/account"


async def show(visit: Visit) -> Response:
    """GET /login. `next`: the path to go on to; `again=1`: ask even who is logged in."""
    query = visit.request.query_params
    onward = visitors.onward(query.get("next", ""))
    if query.get("again") != "1" and await visitors.of(visit) is not None:
        return visit.go(onward)
    return _page(visit, onward)


async def log_in(visit: Visit) -> Response:
    """POST /login. One answer for an unknown address, a wrong password and a suspended person."""
    form = await forms.read(visit)
    # Nobody has a session yet: the page and the cookie that came with it name the same random value, so that no
    # other site logs a person in as somebody else.
    form.require_token(visit.request.cookies.get(visitors.cookie_name(visit.ctx, _FORM_COOKIE), ""))
    email, password = form.text("email")[:_MAX_CHARS], form.text("password")
    onward = visitors.onward(form.text("next"))
    device = devices.known(visit, email)
    try:
        attempts.spend_log_in(visit.ctx, client=visit.client, email=email, device=device)
    except TooMany as error:
        return _page(visit, onward, email=email, problem=visit.say(error.args[0]), status=429, retry_s=error.retry_s)
    person = await people.check_password(visit.ctx, email=email, password=password)
    if person is None:
        visit.ctx.metrics.count("logins", result="refused")
        problem = visit.say(sentence("This e-mail address and this password do not go together."))
        return _page(visit, onward, email=email, problem=problem, status=422)
    attempts.was_right(visit.ctx, client=visit.client, email=email, device=device)
    answer = await entry.enter(visit, person, onward)
    visitors.set_cookie(answer, visit.ctx, _FORM_COOKIE, "", max_age_s=0)
    return answer


async def log_out(visit: Visit) -> Response:
    """POST /logout."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    answer = visit.go("/")
    if visitor is not None:
        form.require_token(visitor.form_token)
        await visit.ctx.db.write(lambda tx: sessions.close(tx, token=visitor.token))
    visitors.forget(answer, visit.ctx)
    return answer


async def show_log_out(visit: Visit) -> Response:
    """GET /logout, which a link could make anyone ask: to the page that has the button."""
    return visit.go(_AFTER)


def _page(
    visit: Visit, onward: str, *, email: str = "", problem: str | None = None, status: int = 200, retry_s: int = 0
) -> Response:
    held = visit.request.cookies.get(visitors.cookie_name(visit.ctx, _FORM_COOKIE), "")
    token = held if _FORM_TOKEN.fullmatch(held) else secrets.token_urlsafe(32)
    answer = pages.private(
        visit, "login.html", status=status, onward=onward, email=email, problem=problem, form_token=token
    )
    if retry_s:
        answer.headers["Retry-After"] = str(retry_s)
    visitors.set_cookie(answer, visit.ctx, _FORM_COOKIE, token)
    return answer
