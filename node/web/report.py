"""`/report`: somebody, with or without an account, tells the moderation of a post or an account (DSA art. 16).

It works without a script and without a log-in. Who tells gets a number and a private address, `/report/{token}`, where the
answer is read, and where one appeals if nothing was done.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import unquote, urlsplit

from starlette.responses import Response

from node.actors import actors, domains, hosts
from node.actors.actor import Actor
from node.moderation import appeals, cases, decided, filing, grounds, reports, statements
from node.moderation.reports import Report
from node.runtime import mail, windows
from node.runtime.database import Reader, Tx
from node.runtime.errors import BeffroiError, Invalid, NotFound, TooMany
from node.runtime.i18n import sentence, translator
from node.runtime.windows import Limit
from node.timeline import visibility
from node.timeline.posts import Post
from node.timeline.search import addresses
from node.web import attempts, pages, strangers
from node.web.forms import Form
from node.web.visits import Visit

_FROM: Final = Limit("reports from an address", 5, 60 * 60)
_AS: Final = Limit("reports with an e-mail address", 10, 24 * 60 * 60)
_LOOKED_UP: Final = Limit("addresses of reports", 60, 60 * 60)
_MAX_ADDRESSES: Final = 10
_MAX_ADDRESS_CHARS: Final = 2_000
_FIELDS: Final = ("about", "ground", "comment", "name", "email", "good_faith")
_PAGE: Final = re.compile(r"/@([^/@]+)(?:@([^/]+))?(?:/(\d{1,18}))?/?")
_OBJECT: Final = re.compile(r"/users/([^/]+)(?:/statuses/(\d{1,18}))?/?")


@dataclass(frozen=True, slots=True)
class Meant:
    """What the addresses of a report lead to."""

    target: Actor
    posts: Sequence[Post]


async def show(visit: Visit) -> Response:
    """GET /report?about=ADDRESS."""
    return await _page(visit, {"about": visit.request.query_params.get("about", "")[:_MAX_ADDRESS_CHARS]})


async def send(visit: Visit) -> Response:
    """POST /report: kept, and answered with a number; what is wrong is said beside what was typed."""
    form = await strangers.read(visit)
    said = translator(visit.ctx.settings.language)
    chosen = (await grounds.of_site(visit.ctx.db.reader, visit.domain.id, said)).get(form.text("ground"))
    try:
        told = filing.notice(
            category=chosen.category if chosen else "",
            ground=said(chosen.words) if chosen else "",
            comment=form.text("comment"), name=form.text("name"), email=form.text("email"),
            good_faith=form.text("good_faith") == "on", anonymous=form.text("ground") == filing.CHILD_ABUSE,
            language=visit.language,
        )  # fmt: skip
        subscriber = windows.subscriber(visit.client)
        attempts.spend(visit.ctx, _LOOKED_UP, subscriber)
        meant = await _meant(visit, form.text("about"))
        attempts.spend(visit.ctx, _FROM, subscriber)
        if told.email:
            attempts.spend(visit.ctx, _AS, told.email)
    except (Invalid, TooMany) as error:
        return await _page(visit, form.values, problem=visit.say(error.args[0]), status=error.status)

    async def step(tx: Tx) -> tuple[Report, str]:
        return await filing.file_notice(
            tx, visit.ctx, notice=told, target=meant.target, posts=meant.posts, host=visit.host
        )

    _report, token = await visit.ctx.db.write(step)
    return visit.go(f"/report/{token}?done=sent")


async def show_answer(visit: Visit) -> Response:
    """GET /report/{token}: how it stands."""
    return await _answer(visit, await _told(visit))


async def appeal(visit: Visit) -> Response:
    """POST /report/{token}: nothing was done, and she does not accept it."""
    form = await strangers.read(visit)
    report = await _told(visit)
    try:
        await visit.ctx.db.write(lambda tx: appeals.by_reporter(tx, visit.ctx, report=report, words=form.text("words")))
    except Invalid as error:
        return await _answer(visit, report, form=form, problem=visit.say(error.args[0]))
    return visit.go(f"/report/{visit.request.path_params['token']}?done=appealed")


async def _told(visit: Visit) -> Report:
    report = await reports.by_token(visit.ctx.db.reader, visit.request.path_params["token"])
    if report is None:
        raise NotFound(sentence("There is no such report."))
    return report


async def _answer(visit: Visit, report: Report, *, form: Form | None = None, problem: str | None = None) -> Response:
    reader, token = visit.ctx.db.reader, strangers.token(visit)
    case = await cases.require(reader, report.case_id)
    target = await cases.target_of(reader, report.target_id)
    decision = None if report.decision_id is None else await decided.require(reader, report.decision_id)
    posts = 0 if decision is None else len(await decided.posts_of(reader, decision.id))
    asked = None if decision is None else await appeals.of(reader, decision.id, report.id)
    answer = pages.private(
        visit, "report_answer.html", status=422 if problem else 200, report=report, number=case.number,
        handle=f"@{target.handle}", decision=decision, appeal=asked, form_token=token, problem=problem,
        what=decision and statements.what(visit.say, decision, handle=f"@{target.handle}", posts=posts),
        refusal=decision and appeals.refusal(visit.ctx, decision, asked), words=form.text("words") if form else "",
        until=decision and statements.appeal_until_ms(decision), done=visit.request.query_params.get("done", ""),
        path=f"/report/{visit.request.path_params['token']}", sends_mail=mail.configured(visit.ctx),
    )  # fmt: skip
    answer.headers["Referrer-Policy"] = "no-referrer"
    return strangers.keep(answer, visit, token)


async def _page(visit: Visit, values: Mapping[str, str], *, problem: str | None = None, status: int = 200) -> Response:
    token, typed = strangers.token(visit), {name: values.get(name, "") for name in _FIELDS}
    known = await grounds.of_site(visit.ctx.db.reader, visit.domain.id, visit.say)
    answer = pages.private(
        visit, "report.html", status=status, form_token=token, problem=problem, typed=typed, known=known
    )
    return strangers.keep(answer, visit, token)


async def _meant(visit: Visit, text: str) -> Meant:
    """What the addresses in *text*, one a line, lead to: posts of one account, or the account.

    Raises:
        Invalid: none, too many, of several accounts, or not shown here to everybody.
    """
    lines = list(dict.fromkeys(text.split()))
    if not lines:
        raise Invalid(sentence("Give the exact address of what you report: copy it from the address bar of its page."))
    if len(lines) > _MAX_ADDRESSES:
        raise Invalid(sentence("One report names at most %(count)s addresses.", count=_MAX_ADDRESSES))
    posts: dict[int, Post] = {}
    targets: dict[int, Actor] = {}
    for line in lines:
        target, post = await _at(visit, line[:_MAX_ADDRESS_CHARS])
        targets[target.id] = target
        if post is not None:
            posts[post.id] = post
    if len(targets) > 1:
        raise Invalid(sentence("These addresses are of several accounts: send one report for each."))
    return Meant(next(iter(targets.values())), list(posts.values()))


async def _at(visit: Visit, address: str) -> tuple[Actor, Post | None]:
    reader = visit.ctx.db.reader
    try:
        post = await _post_at(reader, visit, address)
        target = await (
            _actor_at(reader, visit, address) if post is None else actors.require_by_id(reader, post.author_id)
        )
    except (BeffroiError, ValueError):
        target = None
    if target is None or not target.active or (target.local and target.kind == "instance"):
        raise Invalid(
            sentence("%(address)s is not the address of a post or an account that this site shows to everybody. Copy it from the address bar of its page.", address=address[:200])
        )  # fmt: skip
    return target, post


async def _post_at(reader: Reader, visit: Visit, address: str) -> Post | None:
    if not address.startswith("/"):
        found = await addresses.post_by_url(reader, None, address)
        if found is not None or not await _is_ours(reader, address):
            return found
    path = unquote(urlsplit(address).path)
    read = _PAGE.fullmatch(path) or _OBJECT.fullmatch(path)
    number = None if read is None else read[read.re.groups]
    if number is None:
        return None
    return await visibility.require_readable(reader, viewer_id=None, post_id=int(number))


async def _actor_at(reader: Reader, visit: Visit, address: str) -> Actor | None:
    if not address.startswith("/") and not await _is_ours(reader, address):
        name, _, host = address.removeprefix("@").partition("@")
        if "://" not in address and host:
            return await actors.by_handle(reader, name, hosts.authority(host))
        return await actors.by_uri(reader, address) or await _by_page(reader, address)
    path = unquote(urlsplit(address).path)
    page = _PAGE.fullmatch(path)
    if page is not None and page[2]:
        return await actors.by_handle(reader, page[1], hosts.authority(page[2]))
    read = page or _OBJECT.fullmatch(path)
    return None if read is None else await actors.local_by_username(reader, read[1], visit.domain.service_host)


async def _by_page(reader: Reader, address: str) -> Actor | None:
    """A stranger's account by the address of its page as most programs write it, `https://host/@name`."""
    parts = urlsplit(address)
    read = _PAGE.fullmatch(unquote(parts.path))
    if read is None or read[2] or read[3]:
        return None
    return await actors.by_handle(reader, read[1], hosts.authority(parts.netloc))


async def _is_ours(reader: Reader, address: str) -> bool:
    parts = urlsplit(address)
    return bool(parts.netloc) and await domains.is_local(reader, hosts.authority(parts.netloc))
