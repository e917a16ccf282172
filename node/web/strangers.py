"""Forms for who has no session: the page and a cookie that came with it name the same random value.

So no other site sends such a form in a visitor's name (double submit, bound to this host by `__Host-`).
"""

import base64
import re
import secrets
from typing import Final

from starlette.responses import Response

from node.runtime.keyring import KeyringError
from node.web import forms, visitors
from node.web.forms import ForgedForm, Form
from node.web.visits import Visit

_COOKIE: Final = "beffroi-form"
_TOKEN: Final = re.compile(r"[A-Za-z0-9_-]{43}")


def token(visit: Visit) -> str:
    """What the form carries: the cookie's value, or a fresh one."""
    held = visit.request.cookies.get(visitors.cookie_name(visit.ctx, _COOKIE), "")
    return held if _TOKEN.fullmatch(held) else secrets.token_urlsafe(32)


def keep(answer: Response, visit: Visit, value: str) -> Response:
    """Give the browser the cookie that belongs to *value*."""
    visitors.set_cookie(answer, visit.ctx, _COOKIE, value)
    return answer


async def read(visit: Visit) -> Form:
    """The form that was posted, from a page of ours that this browser has opened.

    Raises:
        ForgedForm: it was not.
    """
    form = await forms.read(visit)
    form.require_token(visit.request.cookies.get(visitors.cookie_name(visit.ctx, _COOKIE), ""))
    return form


def stamp(visit: Visit, value: str) -> str:
    """When the page was shown: the form brings it back, and only this node can write or read it."""
    sealed = visit.ctx.keyring.seal(b"%d" % visit.ctx.clock.now_ms(), _context(value))
    return base64.urlsafe_b64encode(sealed).decode("ascii")


def age_ms(visit: Visit, form: Form, value: str, field: str = "shown") -> int:
    """How long ago the page of *form* was shown.

    Raises:
        ForgedForm: its stamp was not made for this browser.
    """
    try:
        shown_ms = int(visit.ctx.keyring.open(base64.urlsafe_b64decode(form.text(field)), _context(value)))
    except (KeyringError, ValueError):
        raise ForgedForm from None
    return visit.ctx.clock.now_ms() - shown_ms


def _context(value: str) -> bytes:
    return f"page shown to {value}".encode()
