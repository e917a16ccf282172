"""What people and other servers told the keepers: read, and closed."""

from collections.abc import Sequence

from node.actors import actors
from node.actors.actor import Actor
from node.moderation import reports
from node.moderation.reports import Report
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.i18n import sentence, translator
from node.runtime.text.plain import shorten

_EXCERPT_CHARS = 80


async def list_all(ctx: Context, *, closed: bool = False, limit: int = 50) -> list[str]:
    """One line a report, newest first: the open ones, or all."""
    _ = translator(ctx.settings.language)
    found = await reports.listed(ctx.db.survey, closed=closed, limit=limit)
    people = await _people(ctx, found)
    return [
        f"{each.id}  {iso(each.created_ms)[:16]}  {_by(each, people)} -> {_name(people, each.target_id)}  {each.category}"
        + (f"  {shorten(each.comment, _EXCERPT_CHARS)}" if each.comment else "")
        + (f"  (+{each.repeats})" if each.repeats else "")
        + ("" if each.state == "open" else f"  [{each.state}]")
        for each in found
    ] or [_("There is no report.")]


async def show(ctx: Context, *, number: str) -> list[str]:
    """All that was told."""
    _ = translator(ctx.settings.language)
    report = await reports.require(ctx.db.reader, _read(number))
    people = await _people(ctx, [report])
    told = _("%(by)s, on %(at)s, about %(about)s (%(category)s)", by=_by(report, people), at=iso(report.created_ms)[:16],
             about=_name(people, report.target_id), category=report.category)  # fmt: skip
    lines = [told, *report.comment.splitlines(), *report.posts]
    if report.repeats:
        lines.append(_("Told %(count)s times more by the same server.", count=report.repeats))
    if report.forwarded:
        lines.append(_("The account's own server was told too."))
    return lines


async def close(ctx: Context, *, number: str) -> list[str]:
    """It has been dealt with."""
    _ = translator(ctx.settings.language)
    await ctx.db.write(lambda tx: reports.close(tx, ctx, report_id=_read(number)))
    return [_("Report %(number)s is closed.", number=number)]


def _read(number: str) -> int:
    if not number.isascii() or not number.isdecimal() or len(number) > 18:
        raise Invalid(
            sentence("%(number)s is no number of a report; 'beffroi reports list' shows them.", number=number)
        )
    return int(number)


async def _people(ctx: Context, found: Sequence[Report]) -> dict[int, Actor]:
    return await actors.by_ids(ctx.db.survey, [id_ for each in found for id_ in (each.reporter_id, each.target_id)])


def _by(report: Report, people: dict[int, Actor]) -> str:
    """Who told: a server that speaks for its people is named by its host."""
    reporter = people.get(report.reporter_id)
    return report.reporter_host if reporter is None or reporter.type == "Application" else f"@{reporter.handle}"


def _name(people: dict[int, Actor], actor_id: int) -> str:
    return f"@{people[actor_id].handle}" if actor_id in people else str(actor_id)
