"""Refusals as the client API says them: `{"error": …}`, always JSON. Nothing below node.api knows of HTTP."""

import math

import orjson

from node.api.answers import JSON, Answer, Header
from node.oauth.errors import InvalidClient, OAuthError
from node.runtime.errors import BeffroiError, Forbidden, Invalid, NotFound, TooMany, Unauthorized, Unavailable

# Words that clients compare with (Mastodon's config/locales and doorkeeper's). Android looks for the second one.
INVALID_TOKEN = "The access token is invalid"  # noqa: S105
NO_USER = "This method requires an authenticated user"
UNCONFIRMED = "Your login is missing a confirmed e-mail address"
PENDING = "Your login is currently pending approval"
OUT_OF_SCOPE = "This action is outside the authorized scopes"
NOT_FOUND = "Record not found"


class InvalidToken(Unauthorized):
    """No token where one is needed, or one that is worth nothing here."""

    def __init__(self) -> None:
        super().__init__(INVALID_TOKEN)


class NoUser(Invalid):
    """The token is an application's own; a person must have consented."""

    def __init__(self) -> None:
        super().__init__(NO_USER)


class Waiting(Forbidden):
    """The account that was asked for with this token is not there yet."""

    def __init__(self, waits: str) -> None:
        super().__init__(UNCONFIRMED if waits == "unconfirmed" else PENDING)


class OutOfScope(Forbidden):
    """The person did not allow this to the application."""

    def __init__(self) -> None:
        super().__init__(OUT_OF_SCOPE)


class RecordNotFound(NotFound):
    """Not there, or not for this reader: the same words for both."""

    def __init__(self) -> None:
        super().__init__(NOT_FOUND)


def answer(error: BeffroiError) -> Answer:
    """The answer that says *error*."""
    headers: list[Header] = []
    if isinstance(error, OAuthError):
        if isinstance(error, InvalidClient):
            headers.append((b"www-authenticate", b'Basic realm="OAuth"'))
        body = {"error": error.code, "error_description": str(error)}
        return Answer(orjson.dumps(body), error.status, headers)
    if isinstance(error, Unauthorized):
        headers.append((b"www-authenticate", b'Bearer realm="OAuth", error="invalid_token"'))
    if isinstance(error, TooMany):
        headers.append((b"retry-after", b"%d" % math.ceil(error.retry_s)))
    if isinstance(error, Unavailable):
        headers.append((b"retry-after", b"60"))
    said = NOT_FOUND if type(error) is NotFound else str(error)
    return Answer(orjson.dumps({"error": said}), error.status, headers)


def broken(status: int, request_id: str) -> tuple[list[Header], bytes]:
    """Headers and body for a fault of the node itself; the request id leads to its traceback in the log."""
    body = orjson.dumps({"error": f"The node failed; its keeper finds the reason under {request_id}."})
    headers = [
        (b"content-type", JSON),
        (b"content-length", b"%d" % len(body)),
        (b"cache-control", b"no-store"),
        (b"access-control-allow-origin", b"*"),
    ]
    return headers, body
