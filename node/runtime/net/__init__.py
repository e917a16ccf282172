"""The way out to other people's servers: one hop, one promise, and the failures that name what went wrong.

`client.AiohttpNetwork` keeps the promise over TCP; the tests have another that routes to nodes inside the
process. Everything that leaves the node for an address a stranger could have chosen goes through a `Network`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from multidict import CIMultiDictProxy

from node.runtime.errors import BeffroiError


@dataclass(frozen=True, slots=True)
class Response:
    """What another server answered, read to its end and decoded."""

    status: int
    headers: CIMultiDictProxy[str]
    """Names in any case; `headers.getall(name)` where a header is repeated."""
    body: bytes
    url: str
    """The URL that was asked, in its normal form (`urls.parse(url).url`)."""


class Network(Protocol):
    """Sends requests to servers that nobody vouches for."""

    async def request(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        max_bytes: int,
        timeout_s: float | None = None,
    ) -> Response:
        """Send one request and read one answer; a redirect is an answer, never followed (see `fetch.follow`).

        What goes on the wire is `urls.parse(url).url`: sign that. *headers* name a User-Agent; a body is at most
        *max_bytes* once decompressed; *timeout_s* (30 s unless told) bounds everything from the look-up of the
        name to the last byte.

        Raises:
            NetworkFailure: one of the subclasses below; nothing else for anything a stranger can do.
            ValueError: no User-Agent, which is a fault of ours.
        """
        ...

    async def close(self) -> None:
        """Let go of every connection."""
        ...


class NetworkFailure(BeffroiError):
    """No usable answer came. `again` tells what may pass from what will not."""

    status = 503
    again = True


class BadUrl(NetworkFailure):
    """Not a URL that this node asks: wrong scheme, port, host or characters."""

    status = 422
    again = False


class AddressRefused(NetworkFailure):
    """The host is, or resolves to, an address that is not on the public internet. Nothing was sent."""

    status = 422
    again = False


class BadRedirect(NetworkFailure):
    """Redirected too often, in a circle, or from https to http."""

    status = 422
    again = False


class WrongType(NetworkFailure):
    """The answer is not of a type that was asked for."""

    status = 422
    again = False


class TooMuch(NetworkFailure):
    """The body is longer than what the caller takes.

    `answered` is the status that came before it: for a delivery, a 410 with a long page is still a 410.
    """

    status = 422
    again = False

    def __init__(self, message: str, *, answered: int) -> None:
        super().__init__(message)
        self.answered = answered


class TooSlow(NetworkFailure):
    """The server did not connect, answer or finish in time."""


class NotResolved(NetworkFailure):
    """The name has no address."""


class TlsFailed(NetworkFailure):
    """The server did not prove who it is."""


class ConnectionFailed(NetworkFailure):
    """Refused, cut, or not HTTP."""
