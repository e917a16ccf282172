"""Errors that name what was refused.

`str(error)` is safe to show to a stranger. Only the edges (node.api, node.web, node.federation.routes) turn
an error into HTTP, by its `status`; only the job runner asks `again`.
"""

from typing import ClassVar


class BeffroiError(Exception):
    """Something was refused; the message says what, in words for the person who asked."""

    status: ClassVar[int] = 500
    again: ClassVar[bool] = False
    """Whether the same request may succeed later, unchanged."""


class Malformed(BeffroiError):
    """The bytes cannot be read as what they claim to be."""

    status = 400


class Unauthorized(BeffroiError):
    """Who is speaking is not proved."""

    status = 401


class Forbidden(BeffroiError):
    """Known, and not allowed."""

    status = 403


class NotFound(BeffroiError):
    """Not there, or not for this reader: the two are never told apart."""

    status = 404


class NotAcceptable(BeffroiError):
    """No representation of this kind."""

    status = 406


class Gone(BeffroiError):
    """It was there and was deleted."""

    status = 410


class TooLarge(BeffroiError):
    """More bytes, levels or items than the limit."""

    status = 413


class Invalid(BeffroiError):
    """Well-formed, but it cannot be done: a field has a value that is refused."""

    status = 422


class TooMany(BeffroiError):
    """Too often; `retry_s` says when to come back."""

    status = 429
    again = True

    def __init__(self, message: str, retry_s: int = 60) -> None:
        super().__init__(message)
        self.retry_s = retry_s


class Unavailable(BeffroiError):
    """Another server or service did not answer; try again later."""

    status = 503
    again = True
