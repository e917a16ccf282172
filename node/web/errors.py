"""Errors as people read them: what happened and what to do; programs get JSON."""

import base64
import hashlib
import math
from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from node.runtime import log
from node.runtime.errors import BeffroiError, TooMany, Unavailable
from node.runtime.i18n import Sentence, negotiate, sentence
from node.web import headers as page_headers
from node.web import pages, visits

_PROGRAMS: Final = (
    "/api/", "/oauth/token", "/oauth/revoke", "/oauth/userinfo", "/inbox", "/users/", "/actor", "/.well-known/", "/nodeinfo/",
)  # fmt: skip

_TITLES: Final[dict[int, Sentence]] = {
    400: sentence("This request cannot be read"),
    401: sentence("Not logged in"),
    403: sentence("Not allowed"),
    404: sentence("There is no such page"),
    405: sentence("This address does not take that"),
    406: sentence("Not in this form"),
    410: sentence("Deleted"),
    413: sentence("Too long"),
    422: sentence("This cannot be done"),
    429: sentence("Too many attempts"),
    503: sentence("No answer for now"),
}
_ADVICE: Final[dict[int, Sentence]] = {
    404: sentence(
        "The address may be mistyped. A post may also have been deleted, or its author shows it to some people only: "
        "then open it in your application."
    ),
    410: sentence("Its author, or a moderator, took it back. It does not come back."),
    429: sentence("Nothing is lost: wait a little and try again."),
    503: sentence("Try again in some minutes. If it goes on, write to the contact of this site."),
}
_OTHERWISE: Final = sentence("Go back and try again. If it goes on, write to the contact of this site.")


async def refused(request: Request, error: Exception) -> Response:
    """A BeffroiError that no handler answered itself."""
    assert isinstance(error, BeffroiError)
    extra: dict[str, str] = {}
    if isinstance(error, TooMany):
        extra["Retry-After"] = str(max(1, math.ceil(error.retry_s)))
    elif isinstance(error, Unavailable):
        extra["Retry-After"] = "60"
    return await _answer(request, error.status, error.args[0] if error.args else "", extra)


async def unrouted(request: Request, error: Exception) -> Response:
    """What the router refuses: no such path, or not with this method."""
    assert isinstance(error, HTTPException)
    return await _answer(request, error.status_code, "", dict(error.headers or {}))


handlers: Final[Mapping[Any, Any]] = {BeffroiError: refused, HTTPException: unrouted}
"""For Starlette, which finds the handler of an error by its class and those above it."""


async def _answer(request: Request, status: int, message: str, extra: Mapping[str, str]) -> Response:
    if _is_program(request.scope):
        body = orjson.dumps({"error": str(message or _TITLES.get(status, "Refused"))})
        return Response(
            body, status, {**extra, "Cache-Control": "no-store", "Access-Control-Allow-Origin": "*"}, "application/json"
        )
    visit = await visits.begin_anywhere(request)
    title = _TITLES.get(status, _TITLES[422])
    answer = pages.private(
        visit,
        "error.html",
        status=status,
        title=visit.say(title),
        # Other messages are for programs, and in English.
        message=visit.say(message) if isinstance(message, Sentence) else "",
        advice=visit.say(_ADVICE.get(status, _OTHERWISE)),
    )
    answer.headers.update(extra)
    return answer


def _is_program(scope: Scope) -> bool:
    path: str = scope["path"]
    if path.startswith(_PROGRAMS) and not path.startswith("/actors"):
        return True
    accept = Headers(scope=scope).get("accept", "")
    return "json" in accept and "text/html" not in accept


_BROKEN: Final = {
    "fr": (
        "Une panne de notre côté",
        "Ce site n’a pas pu répondre. Ce n’est pas votre faute, et rien de ce que vous avez déjà envoyé n’est perdu.",
        "Réessayez dans quelques minutes. Si cela continue, écrivez à la personne qui tient ce site en citant ce numéro :",
        "Revenir à l’accueil",
    ),
    "en": (
        "Something broke on our side",
        "This site could not answer. It is not your fault, and nothing that you sent before is lost.",
        "Try again in some minutes. If it goes on, write to the keeper of this site and quote this number:",
        "Back to the first page",
    ),
}
_STYLE: Final = """
:root { color-scheme: light dark; }
body { font: 1.125rem/1.6 system-ui, sans-serif; max-width: 36rem; margin: 4rem auto; padding: 0 1.25rem; }
code { font-size: 1.1em; overflow-wrap: anywhere; } a { color: inherit; }
"""
_POLICY: Final = (
    f"default-src 'none'; style-src 'sha256-{base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()}'; "
    "frame-ancestors 'none'; base-uri 'none'"
)
# One page without template, catalogue or file: whatever is broken, this is not.
_PAGE: Final = """<!doctype html>
<html lang="{language}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title><style>{style}</style></head><body><main><h1>{title}</h1><p>{said}</p><p>{advice} <code>{request_id}</code></p>
<p><a href="/">{back}</a></p></main></body></html>
"""


def broken(scope: Scope, status: int, request_id: str) -> tuple[list[tuple[bytes, bytes]], bytes]:
    """Headers and body when the node itself failed; the request id leads to the reason in the log."""
    try:
        language = negotiate(Headers(scope=scope).get("accept-language"))
    except Exception as error:  # noqa: BLE001 - the last word must not fail in its turn
        log.warn("broken_page.language", error=str(error))
        language = "fr"
    title, said, advice, back = _BROKEN[language]
    body = _PAGE.format(
        language=language, title=title, said=said, advice=advice, request_id=request_id, back=back, style=_STYLE
    ).encode()
    headers = [
        (b"content-type", b"text/html; charset=utf-8"),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"content-security-policy", _POLICY.encode()),
        *(
            (name.lower().encode(), value.encode())
            for name, value in page_headers.beside_policy(secure=scope.get("scheme") == "https").items()
        ),
    ]
    return headers, body
