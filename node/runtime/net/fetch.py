"""Reading a document of another server: a few redirects, each one checked, and a type that was asked for."""

import time
from collections.abc import Awaitable, Callable, Collection, Mapping
from typing import Final
from urllib.parse import urljoin

from node.runtime.net import BadRedirect, BadUrl, Network, Response, TooSlow, WrongType
from node.runtime.net.urls import Target, parse

ACTIVITYSTREAMS: Final = "https://www.w3.org/ns/activitystreams"
ACTIVITY_TYPES: Final = frozenset({"application/activity+json", "application/ld+json"})
ACTIVITY_ACCEPT: Final = f'application/activity+json, application/ld+json; profile="{ACTIVITYSTREAMS}"'
"""The Accept header of a signed fetch."""

HeadersFor = Callable[[str], Mapping[str, str] | Awaitable[Mapping[str, str]]]
"""The headers for a hop, at once or when they are signed."""

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})


async def follow(
    network: Network,
    url: str,
    *,
    headers_for: HeadersFor,
    accept: Collection[str] = (),
    max_bytes: int,
    max_redirects: int = 3,
    timeout_total_s: float = 30.0,
) -> Response:
    """GET *url*, following at most *max_redirects* redirects, all within *timeout_total_s*.

    `headers_for(url)` is called at each hop with the URL exactly as it goes on the wire: a signature covers one
    host and one path, and never travels to another. *accept* lists the media types taken (`type/*` works;
    `application/ld+json` only with the ActivityStreams profile); it binds successes only, so that a 404 or a 410
    comes back whatever its page is. `Response.url` is where the last hop led: whose word it is, the caller decides.

    Raises:
        BadRedirect: too many, a circle, from https to http, or to what is no web address.
        WrongType: a success of another type.
        NetworkFailure: any other failure of a hop.
    """
    end_s = time.monotonic() + timeout_total_s
    target = parse(url)
    seen: set[str] = set()
    while True:
        seen.add(target.url)
        headers = headers_for(target.url)
        if isinstance(headers, Awaitable):
            headers = await headers
        left_s = end_s - time.monotonic()
        if left_s <= 0:
            raise TooSlow(f"{target.host} redirected for too long")
        response = await network.request("GET", target.url, headers=headers, max_bytes=max_bytes, timeout_s=left_s)
        location = response.headers.get("Location")
        if response.status not in _REDIRECTS or not location:
            break
        target = _next(target, location)
        if target.url in seen:
            raise BadRedirect(f"{target.host} redirects in a circle")
        if len(seen) > max_redirects:
            raise BadRedirect(f"more than {max_redirects} redirects")
    if accept and 200 <= response.status < 300 and not _accepted(response, accept):
        found = content_type(response)[0] or "of no type"
        raise WrongType(f"the answer of {target.host} is {found[:100]!a}, which was not asked for")
    return response


def content_type(response: Response) -> tuple[str, dict[str, str]]:
    """The media type in lower case and its parameters (RFC 9110 §8.3), or `("", {})`.

    Two Content-Type headers are none: two readers could each believe another one.
    """
    found = response.headers.getall("Content-Type", [])
    if len(found) != 1:
        return "", {}
    head, *rest = _split(found[0])
    parameters: dict[str, str] = {}
    for part in rest:
        name, equals, value = part.partition("=")
        if equals:
            parameters.setdefault(name.strip().lower(), _unquoted(value.strip()))
    return head.strip().lower(), parameters


def is_activity(response: Response) -> bool:
    """Whether *response* is ActivityStreams by its own word (ActivityPub §3.2).

    Nothing else will do: what a user may upload to a server (text, images, plain JSON) is not its server's word.
    """
    kind, parameters = content_type(response)
    if kind == "application/activity+json":
        return True
    return kind == "application/ld+json" and ACTIVITYSTREAMS in parameters.get("profile", "").split()


def _accepted(response: Response, accept: Collection[str]) -> bool:
    kind = content_type(response)[0]
    if kind == "application/ld+json":
        return kind in accept and is_activity(response)
    return kind in accept or f"{kind.partition('/')[0]}/*" in accept


def _next(target: Target, location: str) -> Target:
    try:
        following = parse(urljoin(target.url, location))
    except (BadUrl, ValueError):
        raise BadRedirect(f"{target.host} redirects to what is no web address") from None
    if target.scheme == "https" and following.scheme != "https":
        raise BadRedirect(f"{target.host} redirects from https to http")
    return following


def _split(header: str) -> list[str]:
    """*header* cut at the semicolons that are not in quotes."""
    parts = [""]
    quoted = escaped = False
    for character in header:
        if character == ";" and not quoted:
            parts.append("")
            continue
        if character == '"' and not escaped:
            quoted = not quoted
        escaped = quoted and character == "\\" and not escaped
        parts[-1] += character
    return parts


def _unquoted(value: str) -> str:
    if len(value) < 2 or not value.startswith('"') or not value.endswith('"'):
        return value
    plain, escaped = [], False
    for character in value[1:-1]:
        if character == "\\" and not escaped:
            escaped = True
            continue
        plain.append(character)
        escaped = False
    return "".join(plain)
