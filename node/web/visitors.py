"""Who is at the browser: the session's cookie, the only one there is beside that of the log-in form."""

import hashlib
import hmac
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlsplit

from starlette.responses import Response

from node.actors import sessions
from node.actors.people import Person
from node.actors.sessions import Session
from node.runtime.context import Context
from node.web.visits import Visit

_SESSION: Final = "beffroi"
_MAX_NEXT_CHARS: Final = 8_000


@dataclass(frozen=True, slots=True)
class Visitor:
    """A person who logged in at this browser."""

    person: Person
    token: str
    """Of the session; it never appears on a page."""
    session: Session

    @property
    def form_token(self) -> str:
        """What her forms carry: drawn from the session, worth nothing without it."""
        return hmac.new(self.token.encode(), b"forms of this session", hashlib.sha256).hexdigest()


async def of(visit: Visit) -> Visitor | None:
    """Who logged in; None: nobody."""
    token = visit.request.cookies.get(cookie_name(visit.ctx, _SESSION), "")
    if not token:
        return None
    found = await sessions.find(visit.ctx.db.reader, visit.ctx, token=token)
    if found is None:
        return None
    person, session = found
    await sessions.seen(visit.ctx, session)
    return Visitor(person, token, session)


def log_in_first(visit: Visit) -> Response:
    """To the log-in page, and back to what was asked (which was a GET)."""
    return visit.go(with_next("/login", asked(visit)))


def with_next(path: str, onward: str) -> str:
    """*path* of ours, which leads on to *onward*."""
    return f"{path}?next={quote(onward, safe='')}"


def onward(text: str) -> str:
    """Where a form leads on to: a path on this host, or one's own page."""
    return local_path(text) or "/account"


def asked(visit: Visit) -> str:
    """The path that was asked, with its query."""
    query = visit.request.url.query
    return f"{visit.path}?{query}" if query else visit.path


def remember(response: Response, ctx: Context, token: str) -> None:
    """Give the browser the session."""
    set_cookie(response, ctx, _SESSION, token, max_age_s=sessions.LIFETIME_MS // 1000)


def forget(response: Response, ctx: Context) -> None:
    """Take it back."""
    set_cookie(response, ctx, _SESSION, "", max_age_s=0)


def set_cookie(response: Response, ctx: Context, name: str, value: str, *, max_age_s: int | None = None) -> None:
    """A cookie that no script reads and that no other site's form brings along."""
    response.set_cookie(
        cookie_name(ctx, name), value, max_age=max_age_s, path="/", secure=ctx.settings.scheme == "https",
        httponly=True, samesite="lax",
    )  # fmt: skip


def cookie_name(ctx: Context, name: str) -> str:
    """`__Host-` binds a cookie to this very host (RFC 6265bis §4.1.3.2); without https no browser takes it."""
    return f"__Host-{name}" if ctx.settings.scheme == "https" else name


def local_path(text: str) -> str | None:
    """*text*, if it is a path on this host and nothing else; None: it could lead elsewhere."""
    # //host, /\host and a tab between the slashes are other hosts to a browser (URL Standard, 'relative slash state').
    if len(text) > _MAX_NEXT_CHARS or not text.startswith("/") or text.startswith(("//", "/\\")):
        return None
    if "\\" in text or not text.isprintable() or any(char.isspace() for char in text):
        return None
    try:
        parts = urlsplit(text)
    except ValueError:
        return None
    return text if not parts.scheme and not parts.netloc else None
