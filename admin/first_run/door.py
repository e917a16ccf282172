"""The door of these pages: who holds the address that `beffroi serve` or `beffroi init --browser` printed.

The address holds the token; the first page takes it out of the address and keeps it in a cookie, so that no page that
can be left, printed or logged has it in its own address.
"""

import hashlib
import hmac
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import Response

from node.actors import first_run
from node.runtime.context import Context
from node.runtime.errors import BeffroiError
from node.runtime.i18n import Sentence
from node.runtime.text.cleaning import storable
from node.web import forms, pages, visitors, visits
from node.web.forms import Form
from node.web.visits import Visit

PATH: Final = "/first-run"
_COOKIE: Final = "beffroi-first-run"
_TEMPLATES: Final = Path(__file__).with_name("templates")
_MAX_CHARS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Beginning:
    """Somebody who may set this node up, at one of the pages."""

    visit: Visit
    token: str

    @property
    def ctx(self) -> Context:
        return self.visit.ctx

    @property
    def form_token(self) -> str:
        """What the form carries: drawn from the token, worth nothing without it."""
        return hmac.new(self.token.encode(), b"form of the first run", hashlib.sha256).hexdigest()

    def asked(self, name: str) -> str:
        """A value of the query, or an empty text."""
        return storable(self.visit.request.query_params.get(name, "")[:_MAX_CHARS]).strip()

    async def form(self) -> Form:
        """What was posted, from our own page.

        Raises:
            ForgedForm: it was not.
        """
        form = await forms.read(self.visit)
        form.require_token(self.form_token)
        return form

    def page(self, template: str, /, *, problem: BeffroiError | None = None, **values: Any) -> Response:
        """A page; *problem* stands above it."""
        return _page(self.visit, template, problem=problem, form_token=self.form_token, **values)

    def end(self, answer: Response) -> Response:
        """The node is made: the browser forgets the token, which opens nothing any more."""
        visitors.set_cookie(answer, self.ctx, _COOKIE, "", max_age_s=0)
        return answer


Work = Callable[[Beginning], Awaitable[Response]]


def behind(work: Work) -> Callable[[Request], Awaitable[Response]]:
    """*work* for those who hold the token; to all others, how one gets it."""

    async def answer(request: Request) -> Response:
        visit = await visits.begin_anywhere(request)
        token = request.cookies.get(visitors.cookie_name(visit.ctx, _COOKIE), "")
        try:
            await first_run.require(visit.ctx.db.reader, visit.ctx, token)
        except (first_run.NotOpen, first_run.SetUpAlready) as error:
            over = isinstance(error, first_run.SetUpAlready)
            return _page(visit, "closed.html", problem=error, over=over)
        return await work(Beginning(visit, token))

    return answer


async def enter(request: Request) -> Response:
    """GET /first-run/{token}: never a page of its own, right or wrong, so that its address is sent nowhere as Referer."""
    visit = await visits.begin_anywhere(request)
    answer = visit.go(PATH)
    token: str = request.path_params["token"]
    try:
        await first_run.require(visit.ctx.db.reader, visit.ctx, token)
    except (first_run.NotOpen, first_run.SetUpAlready):
        return answer  # the page there says why
    visitors.set_cookie(answer, visit.ctx, _COOKIE, token, max_age_s=first_run.LIFETIME_MS // 1000)
    return answer


def _page(visit: Visit, template: str, *, problem: BeffroiError | None = None, **values: Any) -> Response:
    said = problem.args[0] if problem is not None and problem.args else ""
    shown: Mapping[str, Any] = {"problem": visit.say(said) if isinstance(said, Sentence) else str(said), **values}
    status = 200 if problem is None else problem.status
    return pages.private(visit, template, status=status, folder=_TEMPLATES, **shown)
