"""The way in, once a password was right: a session, or first the page that asks for the second factor.

Whatever lets a person in (the log-in form, a letter with a link) comes through `enter`.
"""

import hashlib
import hmac
from typing import Final

from starlette.responses import RedirectResponse, Response

from node.actors import factors, log_ins, sessions
from node.actors.people import Person
from node.runtime.database import Tx
from node.runtime.text.cleaning import storable
from node.web import devices, visitors
from node.web.visits import Visit

_PENDING: Final = "beffroi-factor"


async def enter(visit: Visit, person: Person, onward: str) -> Response:
    """Let *person* in, on to the path *onward*; who has a second factor is asked for it first."""
    ctx = visit.ctx
    if not await factors.enrolled(ctx.db.reader, person.id):
        return await open_session(visit, person, onward, factor=False)
    token = await ctx.db.write(lambda tx: log_ins.begin(tx, ctx, person_id=person.id))
    answer = RedirectResponse(visitors.with_next("/login/factor", onward), 303, {"Cache-Control": "no-store"})
    visitors.set_cookie(answer, ctx, _PENDING, token, max_age_s=log_ins.LIFETIME_S)
    return answer


async def open_session(visit: Visit, person: Person, onward: str, *, factor: bool) -> Response:
    """A fresh session, whatever this browser had before; *factor*: she has just shown a second one."""
    ctx = visit.ctx
    before, pending = await visitors.of(visit), pending_token(visit)

    async def step(tx: Tx) -> str:
        if before is not None:
            await sessions.close(tx, token=before.token)
        await log_ins.end(tx, pending)
        return await sessions.open(tx, ctx, person_id=person.id, device=device_of(visit), factor=factor)

    token = await ctx.db.write(step)
    ctx.metrics.count("logins", result="accepted")
    answer = RedirectResponse(onward, 303, {"Cache-Control": "no-store"})
    visitors.remember(answer, ctx, token)
    devices.remember(answer, visit, person)
    if pending:
        visitors.set_cookie(answer, ctx, _PENDING, "", max_age_s=0)
    return answer


def pending_token(visit: Visit) -> str:
    """Of the log-in that waits for its second factor; empty: none does."""
    return visit.request.cookies.get(visitors.cookie_name(visit.ctx, _PENDING), "")


def pending_form_token(token: str) -> str:
    """What the form of the second step carries."""
    return hmac.new(token.encode(), b"form of the second step", hashlib.sha256).hexdigest() if token else ""


def device_of(visit: Visit) -> str:
    """What the browser calls itself."""
    return storable(visit.request.headers.get("user-agent", ""))
