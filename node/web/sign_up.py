"""Making an account: the form, the letter's link, the parent's link. Who was invited comes by `invitations.py`."""

from typing import Any, Final

from starlette.responses import Response

from node.actors.invitations import Invitation
from node.actors.keys import make_keys
from node.actors.local import NameTaken
from node.moderation import asked, sign_ups
from node.moderation.asked import Asked, Filled, Refused
from node.runtime.errors import BeffroiError, Forbidden, Gone, Invalid, TooMany
from node.runtime.i18n import Sentence, sentence
from node.web import pages, strangers
from node.web.forms import Form
from node.web.visits import Visit

_AT_LEAST_MS: Final = 3_000
"""A person reads the form; a program that fills in every form it finds does not."""
_AT_MOST_MS: Final = 24 * 3_600_000
_TRAP: Final = "website"
"""A field that nobody sees: who fills it in is no person."""


async def show(visit: Visit) -> Response:
    """GET /sign-up."""
    return form_page(visit)


async def ask(visit: Visit) -> Response:
    """POST /sign-up: whoever has the address already gets the same answer, and learns it by letter."""
    return await take(visit, None)


async def take(visit: Visit, invitation: Invitation | None) -> Response:
    """The form was posted, by somebody with that invitation or with none."""
    ctx, domain = visit.ctx, visit.domain
    form = await strangers.read(visit)
    if not sign_ups.open_to(ctx, domain, invitation):
        return form_page(visit, invitation, status=403)
    filled = read(visit, form, invitation)
    try:
        asked.count_attempt(ctx, visit.client)
        age_ms = strangers.age_ms(visit, form, strangers.token(visit))
        if not _AT_LEAST_MS <= age_ms <= _AT_MOST_MS:
            raise Invalid(sentence("Please take a moment, look at what you wrote, and send it again."))
        if form.text(_TRAP):
            ctx.metrics.count("sign_ups", outcome="trapped")
            return _said(visit, "asked")
        wanted = await asked.checked(ctx, domain, filled, client=visit.client, invitation=invitation)
        what = await _store(visit, wanted, invitation)
    except Refused as error:
        problems = {field: visit.say(each.says) for field, each in error.problems.items()}
        return form_page(visit, invitation, filled=filled, problems=problems, status=422)
    except (Invalid, Forbidden, Gone, TooMany) as error:
        problems = {"form": visit.say(error.args[0])}
        answer = form_page(visit, invitation, filled=filled, problems=problems, status=error.status)
        if isinstance(error, TooMany):
            answer.headers["Retry-After"] = str(error.retry_s)
        return answer
    ctx.metrics.count("sign_ups", outcome="asked")
    return _said(visit, what)


async def _store(visit: Visit, wanted: Asked, invitation: Invitation | None) -> str:
    ctx, domain = visit.ctx, visit.domain
    if wanted.parent_email:
        asked.count_letter(ctx, wanted.parent_email)
    if invitation is not None and invitation.email == wanted.email:
        keys = await make_keys()
        return await ctx.db.write(
            lambda tx: sign_ups.join(tx, ctx, domain=domain, asked=wanted, invitation=invitation, keys=keys)
        )
    asked.count_letter(ctx, wanted.email)
    await ctx.db.write(lambda tx: sign_ups.ask(tx, ctx, domain=domain, asked=wanted, invitation=invitation))
    return "asked"


async def show_link(visit: Visit) -> Response:
    """GET /sign-up/confirm/{token}: a page with a button, because mail programs open links by themselves."""
    try:
        found = await sign_ups.by_token(visit.ctx.db.reader, visit.ctx, state="unconfirmed", token=_token(visit))
    except Gone as error:
        return _link_page(visit, problem=error)
    return _link_page(visit, username=found.username)


async def confirm(visit: Visit) -> Response:
    """POST /sign-up/confirm/{token}."""
    form = await strangers.read(visit)
    ctx, token, other = visit.ctx, _token(visit), form.text("username").strip()[:100]
    try:
        await sign_ups.by_token(ctx.db.reader, ctx, state="unconfirmed", token=token)  # before the keys, which cost
        keys = await make_keys()
        outcome = await ctx.db.write(lambda tx: sign_ups.confirm(tx, ctx, token=token, keys=keys, username=other))
    except NameTaken as error:
        return _link_page(visit, username=other, another=True, problem=error)
    except (Gone, Invalid, Forbidden) as error:
        return _link_page(visit, username=other, another=bool(other), problem=error)
    return _said(visit, outcome)


async def show_parent(visit: Visit) -> Response:
    """GET /sign-up/parent/{token}: what a parent agrees to."""
    try:
        found = await sign_ups.by_token(visit.ctx.db.reader, visit.ctx, state="parent", token=_token(visit))
    except Gone as error:
        return _parent_page(visit, problem=error)
    return _parent_page(visit, name=found.name, handle=f"@{found.username}@{visit.domain.handle_host}")


async def decide(visit: Visit) -> Response:
    """POST /sign-up/parent/{token}: yes or no."""
    form = await strangers.read(visit)
    ctx, token = visit.ctx, _token(visit)
    try:
        if form.text("answer") == "no":
            await ctx.db.write(lambda tx: sign_ups.decline(tx, ctx, token=token))
            return _said(visit, "declined")
        if form.text("answer") != "yes":
            raise Invalid(sentence("Say yes or no."))
        await sign_ups.by_token(ctx.db.reader, ctx, state="parent", token=token)
        keys = await make_keys()
        outcome = await ctx.db.write(lambda tx: sign_ups.agree(tx, ctx, token=token, keys=keys))
    except (Gone, Invalid) as error:
        return _parent_page(visit, problem=error)
    return _said(visit, "agreed_waiting" if outcome == "waiting" else "agreed")


async def show_said(visit: Visit) -> Response:
    """GET /sign-up/done: what happens next."""
    return pages.private(visit, "sign_up_done.html", what=visit.request.query_params.get("what", ""))


def read(visit: Visit, form: Form, invitation: Invitation | None) -> Filled:
    """The form's fields; the address of an invitation is the one that it was mailed to."""
    return Filled(
        email=(invitation.email if invitation else None) or form.text("email")[:500],
        username=form.text("username")[:200],
        password=form.text("password"),
        name=form.text("name")[:500],
        language=visit.language,
        reason=form.text("reason")[:5_000],
        agreed=form.text("agreement") == "on",
        fifteen={"yes": True, "no": False}.get(form.text("age")),
        parent_email=form.text("parent_email")[:500],
    )


def form_page(
    visit: Visit,
    invitation: Invitation | None = None,
    *,
    filled: Filled | None = None,
    problems: dict[str, str] | None = None,
    status: int = 200,
) -> Response:
    """The form; or that nobody makes an account here."""
    value = strangers.token(visit)
    answer = pages.private(
        visit, "sign_up.html", status=status, open=sign_ups.open_to(visit.ctx, visit.domain, invitation),
        invitation=invitation, filled=filled or Filled("", "", ""), problems=problems or {}, form_token=value,
        shown=strangers.stamp(visit, value), action=visit.link(visit.path),
    )  # fmt: skip
    return strangers.keep(answer, visit, value)


def _said(visit: Visit, what: str) -> Response:
    return visit.go(f"/sign-up/done?what={what}")


def _link_page(
    visit: Visit, *, username: str = "", another: bool = False, problem: BeffroiError | None = None
) -> Response:
    return _with_form(visit, "sign_up_confirm.html", problem, username=username, another=another)


def _parent_page(visit: Visit, *, name: str = "", handle: str = "", problem: BeffroiError | None = None) -> Response:
    return _with_form(visit, "sign_up_parent.html", problem, name=name, handle=handle)


def _with_form(visit: Visit, template: str, problem: BeffroiError | None, **values: Any) -> Response:
    token = strangers.token(visit)
    said = problem.args[0] if problem is not None and problem.args else ""
    answer = pages.private(
        visit, template, status=200 if problem is None else problem.status, form_token=token,
        problem=visit.say(said) if isinstance(said, Sentence) else said, **values,
    )  # fmt: skip
    return strangers.keep(answer, visit, token)


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    return token
