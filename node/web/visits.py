"""A visit: one request for a page, read once into what every page needs to know of it."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import get_args
from urllib.parse import quote, urlencode

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from node.actors import domains, first_run, hosts
from node.actors.domains import Domain
from node.runtime.context import Context
from node.runtime.errors import Malformed, NotFound
from node.runtime.i18n import Language, Translator, negotiate, translator


@dataclass(frozen=True, slots=True)
class Visit:
    """Who asks what of which domain, in which language. Who the person is, if she logged in: `visitors.of`."""

    request: Request
    ctx: Context
    host: str
    """The host that was asked, in its normal form, with its port."""
    domain: Domain
    language: Language
    chosen: bool
    """The language was asked for by `?lang=`, and is kept in the links."""

    @property
    def say(self) -> Translator:
        """The node's sentences in the visitor's language."""
        return translator(self.language)

    @property
    def home(self) -> str:
        """`https://host`, without a slash."""
        return f"{self.ctx.settings.scheme}://{self.host}"

    @property
    def path(self) -> str:
        """The path that was asked, encoded as in an address."""
        return quote(self.request.url.path, safe="/@:+,;=~")

    @property
    def client(self) -> str:
        """The visitor's address."""
        client: str = self.request.scope["state"]["client"]
        return client

    def link(self, path: str) -> str:
        """*path* of ours, in the language that was asked for."""
        if not self.chosen:
            return path
        return f"{path}{'&' if '?' in path else '?'}lang={self.language}"

    def in_language(self, language: Language) -> str:
        """This very page in another language."""
        kept = [(name, value) for name, value in self.request.query_params.multi_items() if name != "lang"]
        return f"{self.path}?{urlencode([*kept, ('lang', language)])}"

    def go(self, path: str) -> Response:
        """To another page of ours, after a form was done."""
        return RedirectResponse(self.link(path), 303, {"Cache-Control": "no-store"})


Show = Callable[[Visit], Awaitable[Response]]


async def begin(request: Request) -> Visit:
    """Read a request.

    Raises:
        NotFound: its host is no domain of this node.
        NotSetUp: it has none at all.
    """
    ctx: Context = request.app.state.ctx
    host = request.headers.get("host", "")
    try:
        domain = await domains.for_request(ctx.db.reader, host)
    except NotFound:
        if await first_run.is_over(ctx.db.reader):
            raise
        raise first_run.NotSetUp from None
    return _visit(request, ctx, hosts.authority(host), domain)


async def begin_anywhere(request: Request) -> Visit:
    """Read a request that may concern no domain of ours: for pages that say so."""
    try:
        return await begin(request)
    except NotFound:
        ctx: Context = request.app.state.ctx
        host = request.headers.get("host", "").lower()
        return _visit(request, ctx, host, Domain(0, host, host, "Beffroi", "", "", "closed", 0))


def page(show: Show) -> Callable[[Request], Awaitable[Response]]:
    """*show* as Starlette calls it."""

    async def answer(request: Request) -> Response:
        # No text column takes a NUL (PostgreSQL), and no name or id has one.
        if "\0" in request.scope["path"] or b"%00" in request.scope["query_string"]:
            raise Malformed("an address holds no NUL")
        return await show(await begin(request))

    return answer


def _visit(request: Request, ctx: Context, host: str, domain: Domain) -> Visit:
    asked = request.query_params.get("lang", "").lower().partition("-")[0]
    for language in get_args(Language):
        if asked == language:
            return Visit(request, ctx, host, domain, language, chosen=True)
    return Visit(request, ctx, host, domain, negotiate(request.headers.get("accept-language")), chosen=False)
