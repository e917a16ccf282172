"""From a request to its handler and back: one table of endpoints, looked up by the parts of the path.

Frameworks try one regular expression after the other (two hundred of them cost 0.15 ms); here the number of
endpoints does not matter. Everything that all answers share is done here: tokens, limits, errors, CORS.
"""

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import Headers
from starlette.types import Receive, Scope, Send

from node.actors.permissions import Act
from node.api import auth, cors, errors, limits, requests
from node.api.answers import JSON, Answer, Header
from node.api.auth import Access
from node.api.call import Call
from node.api.limits import Limit, Standing
from node.api.splicing import splice
from node.runtime.context import Context
from node.runtime.database import AlreadyThere
from node.runtime.errors import BeffroiError, NotFound, Unavailable

Handler = Callable[[Call], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One line of the table. Parts of the path that begin with a colon have a name."""

    method: str
    path: str
    handler: Handler
    access: Access = "person"
    scope: str | None = None
    limit: Limit = limits.USUAL
    max_body_bytes: int = requests.MAX_BODY_BYTES
    act: Act | None = None
    """What it does in the name of an account, where the scope does not say it (`auth.ACTS`)."""


class WrongMethod(NotFound):
    """The path exists, with other methods."""


class Table:
    """The endpoints, by the parts of their paths."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self._exact: dict[str, dict[str, Endpoint]] = {}
        self._tree: dict[str, Any] = {}
        for endpoint in endpoints:
            if ":" not in endpoint.path:
                by_method = self._exact.setdefault(endpoint.path, {})
            else:
                at = self._tree
                for part in endpoint.path.split("/"):
                    at = at.setdefault(":" if part.startswith(":") else part, {})
                by_method = at.setdefault("", {})
            if endpoint.method in by_method:
                raise ValueError(f"{endpoint.method} {endpoint.path} is in the table twice")
            by_method[endpoint.method] = endpoint

    def find(self, method: str, path: str) -> tuple[Endpoint, dict[str, str]]:
        """The endpoint, and the named parts of the path.

        Raises:
            NotFound: there is none.
        """
        path = path.rstrip("/")
        by_method = self._exact.get(path)
        endpoint = None if by_method is None else by_method.get(method)
        if endpoint is not None:
            return endpoint, {}
        parts = path.split("/")
        for other in self._walk(self._tree, parts, 0):
            endpoint = other.get(method)
            if endpoint is not None:
                names = endpoint.path.split("/")
                return endpoint, {n[1:]: part for n, part in zip(names, parts, strict=True) if n.startswith(":")}
            by_method = other
        if by_method:
            raise WrongMethod("This address does not answer to this method")
        raise NotFound("There is no such endpoint")

    def _walk(self, at: dict[str, Any], parts: list[str], depth: int) -> Iterable[dict[str, Endpoint]]:
        # A part of its own name before a part of any name: /accounts/lookup is no account called lookup.
        if depth == len(parts):
            if depth and "" in at:
                yield at[""]
            return
        part = parts[depth]
        for key in (part, ":"):
            if key in at and (key != ":" or part) and (key or depth == 0):
                yield from self._walk(at[key], parts, depth + 1)


class ClientApi:
    """The ASGI application of every endpoint in a table."""

    def __init__(self, endpoints: Iterable[Endpoint]) -> None:
        self.endpoints = tuple(endpoints)
        self._table = Table(self.endpoints)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        ctx: Context = scope["app"].state.ctx
        headers = Headers(scope=scope)
        standing: list[Standing] = []
        if scope["method"] == "OPTIONS":
            answer = cors.preflight(headers)
        else:
            try:
                answer = await self._answer(ctx, scope, receive, headers, standing)
            except AlreadyThere:
                answer = errors.answer(Unavailable("Somebody did the same at the same moment; try again"))
            except BeffroiError as error:
                answer = errors.answer(error)
        await _send(send, answer, standing, head=scope["method"] == "HEAD")

    async def _answer(
        self, ctx: Context, scope: Scope, receive: Receive, headers: Headers, standing: list[Standing]
    ) -> Answer:
        method: str = "GET" if scope["method"] == "HEAD" else scope["method"]
        address = scope.get("state", {}).get("client") or (scope.get("client") or ("local", 0))[0]
        client = limits.subscriber(address)
        limit, who, problem = limits.USUAL, client, None
        try:
            endpoint, named = self._table.find(method, scope["path"])
            limit = endpoint.limit
            host = headers.get("host", "")
            at = await auth.domains_at(ctx, host)
            token, domain = None, at[0]
            if endpoint.access != "open":
                token, domain = await auth.token_of(ctx, auth.bearer(headers), at)
            who = client if token is None else f"token {token.id}"
        except BeffroiError as error:
            problem = error  # said below: guessing tokens and paths is counted too
        standing.append(limits.hit(ctx, limit, who))
        limits.refuse_exceeded(ctx, standing[0])
        if problem is not None:
            raise problem
        auth.admit(token, endpoint.access, endpoint.scope, endpoint.act)
        found = await requests.read(scope, receive, max_body_bytes=endpoint.max_body_bytes)
        call = Call(ctx, domain, token, found, named, headers, scope["path"], scope["query_string"], host, address)
        answer = await endpoint.handler(call)
        if answer.type is JSON and not answer.spliced:
            return Answer(splice(answer.body, domain, ctx.settings.scheme), answer.status, answer.headers)
        return answer


async def _send(send: Send, answer: Answer, standing: list[Standing], *, head: bool) -> None:
    headers: list[Header] = [
        (b"content-type", answer.type),
        (b"content-length", b"%d" % len(answer.body)),
        (b"x-content-type-options", b"nosniff"),
        *answer.headers,
        *cors.HEADERS,
    ]
    if not any(name == b"cache-control" for name, _ in answer.headers):
        headers.append((b"cache-control", b"private, no-store"))
    for each in standing:
        headers.extend(limits.headers(each))
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": b"" if head else answer.body})
