"""What the moderation decided about the accounts that somebody speaks for, with its reasons; there one appeals."""

from starlette.responses import Response

from node.actors import memberships, permissions
from node.moderation import appeals, cases, decided, letters, reports, statements
from node.moderation.decided import Decision
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence
from node.web import cursors, forms, pages, visitors
from node.web.visitors import Visitor
from node.web.visits import Visit


async def show_all(visit: Visit) -> Response:
    """GET /account/decisions: those about accounts that she owns or edits, and what became of what she reported."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    reader = visit.ctx.db.reader
    speaks = {
        actor.id: actor
        for actor, role in await memberships.actors_of(reader, visitor.person.id)
        if permissions.may(role, "edit profile")
    }
    found = [each for each in await decided.about(reader, list(speaks)) if each.kind != "none"]
    lines = [
        (each, speaks[each.target_id], statements.NAMES[each.kind], statements.period(visit.say, each))
        for each in found
    ]
    told = await reports.told_by(reader, visit.ctx, visitor.person.id)
    numbers = await cases.numbers(reader, [report.case_id for report, _ in told])
    return pages.private(visit, "decisions.html", visitor=visitor, lines=lines, told=told, numbers=numbers)


async def show(visit: Visit) -> Response:
    """GET /account/decisions/{id}."""
    visitor = await visitors.of(visit)
    if visitor is None:
        return visitors.log_in_first(visit)
    return await _page(visit, visitor, await _hers(visit, visitor))


async def appeal(visit: Visit) -> Response:
    """POST /account/decisions/{id}."""
    form = await forms.read(visit)
    visitor = await visitors.of(visit)
    if visitor is None:
        return visit.go("/login")
    form.require_token(visitor.form_token)
    decision = await _hers(visit, visitor)
    try:
        await visit.ctx.db.write(
            lambda tx: appeals.by_author(
                tx, visit.ctx, decision=decision, person=visitor.person, words=form.text("words")
            )
        )
    except Invalid as error:
        return await _page(visit, visitor, decision, problem=visit.say(error.args[0]), words=form.text("words"))
    return visit.go(f"/account/decisions/{decision.id}?done=appealed")


async def _hers(visit: Visit, visitor: Visitor) -> Decision:
    """The decision, if it is about an account that she answers for, suspended or not."""
    reader = visit.ctx.db.reader
    decision = await decided.require(reader, cursors.read(visit.request.path_params["id"]))
    speaks = {person.id for person in await letters.speakers(reader, decision.target_id)}
    if decision.kind == "none" or visitor.person.id not in speaks:
        raise NotFound(sentence("There is no such decision."))
    return decision


async def _page(
    visit: Visit, visitor: Visitor, decision: Decision, *, problem: str | None = None, words: str = ""
) -> Response:
    reader = visit.ctx.db.reader
    target = await cases.target_of(reader, decision.target_id)
    posts = await decided.posts_of(reader, decision.id)
    asked = await appeals.of(reader, decision.id, None)
    refusal = appeals.refusal(visit.ctx, decision, asked)
    return pages.private(
        visit, "decision.html", status=422 if problem else 200, visitor=visitor, decision=decision, target=target,
        number=(await cases.require(reader, decision.case_id)).number, posts=posts, appeal=asked,
        lines=statements.in_words(visit.say, decision, target=target, posts=len(posts), host=target.service_host, may_appeal=refusal is None),
        refusal=refusal, until=statements.appeal_until_ms(decision), words=words,
        problem=problem, done=visit.request.query_params.get("done", ""),
    )  # fmt: skip
