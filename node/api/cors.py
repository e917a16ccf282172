"""Web clients on other origins: everybody may ask, nobody's cookies count (tokens travel in a header)."""

import re

from starlette.datastructures import Headers

from node.api.answers import Answer, Header

HEADERS: tuple[Header, ...] = (
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        b"Link, X-RateLimit-Limit, X-RateLimit-Remaining, X-RateLimit-Reset, X-Request-Id",
    ),
)
# The star of Access-Control-Allow-Headers does not cover Authorization (Fetch §3.2.3), so names are repeated.
_USUAL = "Authorization, Content-Type, Idempotency-Key"
_NAMES = re.compile(r"[A-Za-z0-9, -]{1,500}")


def preflight(headers: Headers) -> Answer:
    """The answer to OPTIONS: yes to whatever was announced; no token is needed to ask."""
    asked = headers.get("access-control-request-headers", "")
    return Answer(
        b"",
        200,
        (
            (b"access-control-allow-methods", b"GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS"),
            (b"access-control-allow-headers", (asked if _NAMES.fullmatch(asked) else _USUAL).encode()),
            (b"access-control-max-age", b"7200"),
        ),
        b"text/plain",
    )
