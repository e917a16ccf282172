"""Reports, for who moderates: listed, shown, classified, taken over, answered, opened again."""

from collections.abc import Sequence
from typing import Any, Final

from admin.api import entities
from admin.api.door import Moderating
from node.api import paging, rendering
from node.api.answers import Answer
from node.api.errors import RecordNotFound
from node.moderation import cases, decisions, grounds, reports
from node.moderation import rules as site_rules
from node.moderation.reports import Report
from node.runtime.clock import iso
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import sentence, translator
from node.timeline import posts

_NO_MEASURE: Final = sentence("The moderators looked at what was reported, and took no measure.")


async def listed(at: Moderating) -> Answer:
    """GET /api/v1/admin/reports: those that wait; with `resolved` the answered ones, with `unresolved` too all."""
    asked = at.input
    page = paging.asked(at.call, default=40, most=80)
    closed, open_ = bool(asked.flag("resolved")), bool(asked.flag("unresolved"))
    found = await reports.page(
        at.reader, page, state=None if closed and open_ else "closed" if closed else "open",
        reporter_id=asked.id("account_id"), target_id=asked.id("target_account_id"),
    )  # fmt: skip
    rows, links = paging.listed(at.call, found, page, lambda report: report.id)
    return at.answer(await _shown(at, rows), links)


async def show(at: Moderating) -> Answer:
    """GET /api/v1/admin/reports/:id."""
    return await _answer(at, await _known(at))


async def change(at: Moderating) -> Answer:
    """PUT (or PATCH) /api/v1/admin/reports/:id: its category, and the rules (`rule_ids`) that it is about."""
    report, asked = await _known(at), at.input
    category = asked.text("category") or report.category
    ground = report.ground
    if "rule_ids" in asked:
        known = {str(each.number): each.words for each in await _rules(at)}
        wanted = asked.texts("rule_ids")
        if not known.keys() >= set(wanted):
            raise Invalid("Validation failed: Rules does not reference valid rules")
        ground = "; ".join(known[number] for number in dict.fromkeys(wanted))
    await at.perform("reports.classify", number=str(report.id), category=category, ground=ground)
    return await _answer(at, await _known(at))


async def take(at: Moderating) -> Answer:
    """POST /api/v1/admin/reports/:id/assign_to_self: its file, with all that was told of the same account."""
    return await _assign(at, at.person.email)


async def leave(at: Moderating) -> Answer:
    """POST /api/v1/admin/reports/:id/unassign."""
    return await _assign(at, "")


async def resolve(at: Moderating) -> Answer:
    """POST /api/v1/admin/reports/:id/resolve: no measure is taken, and who reported is told so. Again: nothing happens."""
    report = await _known(at)
    if report.state == "open":
        case = await cases.require(at.ctx.db.reader, report.case_id)
        say = translator(at.language)
        await at.perform(
            "case.decide", number=case.number, kind="none", why=at.input.text("text") or say(_NO_MEASURE),
            words=report.ground or say(grounds.OTHER_RULE),
        )  # fmt: skip
    return await _answer(at, await _known(at))


async def reopen(at: Moderating) -> Answer:
    """POST /api/v1/admin/reports/:id/reopen."""
    report = await _known(at)
    if report.state != "open":
        await at.perform("reports.reopen", number=str(report.id))
    return await _answer(at, await _known(at))


async def _assign(at: Moderating, email: str) -> Answer:
    report = await _known(at)
    case = await cases.require(at.ctx.db.reader, report.case_id)
    await at.perform("case.assign", number=case.number, email=email)
    return await _answer(at, report)


async def _known(at: Moderating) -> Report:
    try:
        return await reports.require(at.ctx.db.reader, at.id)
    except NotFound:
        raise RecordNotFound from None


async def _answer(at: Moderating, report: Report) -> Answer:
    return at.answer((await _shown(at, [report]))[0])


async def _rules(at: Moderating) -> Sequence[site_rules.Rule]:
    return await site_rules.of_domain(at.reader, at.call.domain.id, translator(at.language))


async def _shown(at: Moderating, found: Sequence[Report]) -> list[dict[str, Any]]:
    """Admin::Report of each. A fixed number of queries.

    Who has no account here or writes from another server is shown as whom her words came through: this server, or hers.
    Posts are shown as far as they were reported, hidden ones and letters too: that is what is to be judged.
    """
    reader = at.ctx.db.reader
    files = await cases.by_ids(reader, [each.case_id for each in found])
    taken = await decisions.by_ids(reader, [each.decision_id for each in found if each.decision_id is not None])
    judges = await entities.accounts_of(
        reader,
        [
            person_id
            for person_id in (
                *(each.assigned_id for each in files.values()), *(each.decided_by_id for each in taken.values())
            )
            if person_id is not None
        ],
    )  # fmt: skip
    own = await reader.value("SELECT id FROM actors WHERE domain_id = $1 AND kind = 'instance'", at.call.domain.id)
    named = [actor_id for each in found for actor_id in (each.reporter_id or own, each.target_id)]
    people = await entities.accounts(reader, [*named, *judges.values()])
    about = await posts.by_uris(reader, list({uri for each in found for uri in each.posts}))
    statuses = await rendering.statuses(at.ctx, None, [post.id for post in about.values()])
    rules = await _rules(at)
    lines = []
    for each in found:
        case, decision = files[each.case_id], taken.get(each.decision_id or 0)
        shown = [about[uri].id for uri in each.posts if uri in about and about[uri].author_id == each.target_id]
        broken = set(each.ground.split("; "))
        lines.append(
            {
                "id": str(each.id),
                "action_taken": each.state == "closed",
                "action_taken_at": None if each.closed_ms is None else iso(each.closed_ms),
                "category": each.category,
                "comment": each.comment,
                "forwarded": each.forwarded,
                "created_at": iso(each.created_ms),
                "updated_at": iso(each.closed_ms or each.created_ms),
                "account": people.get(each.reporter_id or own or 0),
                "target_account": people.get(each.target_id),
                "assigned_account": people.get(judges.get(case.assigned_id or 0, 0)),
                "action_taken_by_account": people.get(judges.get(decision.decided_by_id or 0, 0)) if decision else None,
                "statuses": [rendering.as_json(statuses[post_id]) for post_id in shown if post_id in statuses],
                "rules": [
                    {"id": str(rule.number), "text": rule.words, "hint": rule.hint}
                    for rule in rules if rule.words in broken
                ],
            }
        )  # fmt: skip
    return lines
