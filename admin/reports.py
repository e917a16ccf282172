"""What people and other servers told the keepers, report by report. What becomes of them is decided in their file (`cases.py`)."""

from collections.abc import Iterable, Mapping

from admin.pointers import pointer
from node.actors import actors
from node.moderation import cases, reports
from node.moderation.audit import Hand
from node.moderation.cases import Case
from node.moderation.reports import Report
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator
from node.runtime.text.plain import shorten

_EXCERPT_CHARS = 80


async def list_all(ctx: Context, *, closed: bool = False, limit: int = 50) -> list[str]:
    """One line a report, newest first: the open ones, or all."""
    _ = translator(ctx.settings.language)
    found = await reports.listed(ctx.db.survey, closed=closed, limit=limit)
    people = await _people(ctx, found)
    numbers = await cases.numbers(ctx.db.survey, [each.case_id for each in found])
    return [
        f"{each.id}  {numbers.get(each.case_id, '?')}  {iso(each.created_ms)[:16]}  "
        f"{said_by(each, people)} -> {people.get(each.target_id, each.target_id)}  {each.category}"
        + (f"  {shorten(each.comment, _EXCERPT_CHARS)}" if each.comment else "")
        + (f"  (+{each.repeats})" if each.repeats else "")
        + ("" if each.state == "open" else f"  [{each.state}]")
        for each in found
    ] or [_("There is no report.")]


async def show(ctx: Context, *, number: str) -> list[str]:
    """All that was told."""
    _ = translator(ctx.settings.language)
    report = await reports.require(ctx.db.reader, read_number(number))
    people = await _people(ctx, [report])
    case = await cases.require(ctx.db.reader, report.case_id)
    about = people.get(report.target_id, str(report.target_id))
    told = _("%(by)s, on %(at)s, about %(about)s (%(category)s)", by=said_by(report, people), at=iso(report.created_ms)[:16],
             about=about, category=report.category)  # fmt: skip
    lines = [told, *report.comment.splitlines(), *report.posts]
    if report.ground:
        lines.append(report.ground)
    if report.repeats:
        lines.append(_("Told %(count)s times more by the same server.", count=report.repeats))
    if report.forwarded:
        lines.append(_("The account's own server was told too."))
    lines.append(_("It is in the file %(number)s: 'beffroi case show' shows it.", number=case.number))
    return lines


async def classify(ctx: Context, *, number: str, category: str, ground: str = "") -> list[str]:
    """Say of what kind a report is, where who told chose wrongly; *ground* is the rule or the law in words."""
    _ = translator(ctx.settings.language)
    report = await reports.require(ctx.db.reader, read_number(number))
    await ctx.db.write(lambda tx: reports.classify(tx, report=report, category=category, ground=ground))
    return [_("Report %(number)s: %(category)s", number=report.id, category=category)]


async def reopen(ctx: Context, *, number: str, by: Hand) -> list[str]:
    """Have a report that was answered wait again, in the open file about the account."""
    _ = translator(ctx.settings.language)
    report = await reports.require(ctx.db.reader, read_number(number))

    async def step(tx: Tx) -> Case:
        case = await cases.reopen(tx, case=await cases.require(tx, report.case_id))
        await reports.reopen(tx, report_id=report.id, case_id=case.id)
        await cases.note(tx, ctx, case=case, by=by, words=_("The report %(number)s waits again.", number=report.id))
        return case

    if report.state == "open":
        raise Invalid(sentence("This report waits already."))
    case = await ctx.db.write(step)
    return [_("The report waits again, in the file %(number)s.", number=case.number)]


def said_by(report: Report, people: Mapping[int, str]) -> str:
    """Who told: a server that speaks for its people is named by its host."""
    if report.source == "visitor":
        return f"{report.reporter_name or '?'} <{report.reporter_email}>"
    name = people.get(report.reporter_id or 0)
    return report.reporter_host if report.source == "server" and (name is None or name == "") else name or "?"


async def people_of(ctx: Context, actor_ids: Iterable[int]) -> dict[int, str]:
    """Who they are, as people write it; of a server that speaks for its people, nothing."""
    found = await actors.by_ids(ctx.db.survey, list(actor_ids))
    return {
        key: "" if actor.type == "Application" and not actor.local else f"@{actor.handle}"
        for key, actor in found.items()
    }


async def _people(ctx: Context, found: Iterable[Report]) -> dict[int, str]:
    return await people_of(
        ctx, [id_ for each in found for id_ in (each.reporter_id, each.target_id) if id_ is not None]
    )


def read_number(number: str) -> int:
    """The number of a report, as it is typed.

    Raises:
        Invalid: it is none.
    """
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise Invalid(
            sentence(
                "%(number)s is no number of a report; %(there)s shows them.",
                number=number, there=pointer("beffroi reports list", sentence("Reports")),
            )
        )  # fmt: skip
    return int(number)
