"""`/admin/reports`: the queue of case files, and a file with all that is needed to decide it."""

from collections.abc import Sequence
from typing import Final, cast, get_args

from starlette.responses import Response

from admin.cases import judges
from admin.console.door import Keeping
from node.actors import actors, memberships
from node.moderation import appeals, cases, decided, grounds, reports, statements
from node.moderation.cases import Case, Queue
from node.moderation.reports import Report
from node.runtime.errors import BeffroiError
from node.runtime.i18n import Sentence, sentence
from node.timeline import posts
from node.web import cards, cursors
from node.web.forms import Form

QUEUES: Final[dict[Queue, Sentence]] = {
    "open": sentence("To decide"),
    "mine": sentence("Mine"),
    "appeals": sentence("Appeals to judge"),
    "closed": sentence("Closed"),
}
DONE: Final[dict[str, Sentence]] = {
    "decided": sentence("The decision is taken; those concerned are told why."),
    "lifted": sentence("The decision is taken back, and what it changed is undone."),
    "judged": sentence("The appeal is judged; both sides are told why."),
    "noted": sentence("Noted."),
    "assigned": sentence("The file has somebody who looks after it."),
}
_FIELDS: Final = ("act", "kind", "days", "ground", "words", "why")
_ACTS: Final = {
    "decide": ("case.decide", "decided"),
    "lift": ("case.lift", "lifted"),
    "judge": ("case.judge", "judged"),
    "note": ("case.note", "noted"),
    "assign": ("case.assign", "assigned"),
}


async def show_queue(keeping: Keeping) -> Response:
    """GET /admin/reports?which=open&after=…: the files that wait."""
    asked = keeping.asked("which") or "open"
    which = cast(Queue, asked) if asked in get_args(Queue) else "open"
    after = cursors.read(keeping.asked("after")) if keeping.asked("after") else None
    lines = await cases.queue(keeping.reader, which, person_id=keeping.person.id, after=after)
    about = await actors.by_ids(keeping.reader, [line.case.target_id for line in lines])
    more = lines[-1].case.id if len(lines) == cases.AT_ONCE else None
    return keeping.page("reports.html", which=which, queues=QUEUES, queue=lines, about=about, more=more)


async def show(keeping: Keeping) -> Response:
    """GET /admin/reports/{id}."""
    return await _page(keeping, await _case(keeping))


async def do(keeping: Keeping) -> Response:
    """POST /admin/reports/{id}: one of the acts on a file; what is refused is said above the form."""
    case, form = await _case(keeping), await keeping.form()
    name, done = _ACTS.get(form.text("act"), ("", ""))
    try:
        if name == "case.decide":
            chosen = [each.removeprefix("post-") for each in form.values if each.startswith("post-")]
            await keeping.perform(
                name, number=case.number, kind=form.text("kind"), why=form.text("why"), ground=form.text("ground"),
                words=form.text("words"), days=form.text("days"), about=" ".join(chosen),
            )  # fmt: skip
        elif name == "case.lift":
            await keeping.perform(name, decision=form.text("decision"))
        elif name == "case.judge":
            await keeping.perform(name, appeal=form.text("appeal"), verdict=form.text("verdict"), why=form.text("why"))
        elif name == "case.note":
            await keeping.perform(name, number=case.number, words=form.text("words"))
        elif name == "case.assign":
            await keeping.perform(name, number=case.number, email=form.text("email"))
    except BeffroiError as error:
        return await _page(keeping, case, form=form, problem=keeping.visit.say(error.args[0]), status=error.status)
    return keeping.go(f"/admin/reports/{case.number}", done)


async def _case(keeping: Keeping) -> Case:
    return await cases.by_number(keeping.reader, keeping.path("id"))


async def _page(
    keeping: Keeping, case: Case, *, form: Form | None = None, problem: str | None = None, status: int = 200
) -> Response:
    reader, say = keeping.reader, keeping.visit.say
    target = await cases.target_of(reader, case.target_id)
    told = await reports.of_case(reader, case.id)
    taken = await decided.about(reader, [target.id])
    counts = await decided.counts_of(reader, [each.id for each in taken])
    asked = await appeals.of_decisions(reader, [each.id for each in taken])
    by_id = {each.id: each for each in taken}
    people = await actors.by_ids(reader, [each.reporter_id for each in told if each.reporter_id is not None])
    reported, latest = await _posts(keeping, case, told)
    files = [each for each in await cases.about(reader, target.id) if each.id != case.id]
    own = await memberships.role_of(reader, person_id=keeping.person.id, actor_id=target.id)
    return keeping.page(
        "report.html", status=status, case=case, target=target, told=told, people=people, reported=reported,
        latest=latest, files=files, history=await cases.history(reader, case.id), known=await grounds.about(reader, target, say),
        names=statements.NAMES, judges=await judges(reader), problem=problem, speaks_for_it=own is not None,
        typed={name: "" if form is None else form.text(name) for name in _FIELDS},
        taken=[
            (
                each,
                statements.what(say, each, handle=f"@{target.handle}", posts=counts.get(each.id, 0)),
                statements.period(say, each),
            )
            for each in taken
        ],
        asked=[
            (each, by_id[each.decision_id], await appeals.may_judge(reader, by_id[each.decision_id], keeping.hand))
            for each in asked
        ],
        alone=not await appeals.others(reader, keeping.person.id), said=DONE.get(keeping.asked("done")),
    )  # fmt: skip


async def _posts(
    keeping: Keeping, case: Case, told: Sequence[Report]
) -> tuple[Sequence[cards.Card], Sequence[cards.Card]]:
    """The posts that were reported, and the latest public ones: what a moderator has to see, hidden ones too.

    Letters and posts for followers are shown only where somebody who could read them reported them.
    """
    uris = list(dict.fromkeys(uri for report in told for uri in report.posts))
    named = await posts.by_uris(keeping.reader, uris)
    reported = [post.id for post in named.values() if post.author_id == case.target_id]
    latest = [each for each in await cases.latest_posts(keeping.reader, case.target_id) if each not in reported]
    found = {card.post.id: card for card in await cards.of(keeping.reader, [*reported, *latest])}
    return (
        [found[post_id] for post_id in reported if post_id in found],
        [found[post_id] for post_id in latest if post_id in found],
    )
