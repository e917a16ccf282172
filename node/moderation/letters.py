"""Letters of the moderation: the receipt of a report, the reasons of a decision, its end, an appeal and its answer.

A letter repeats nothing that a stranger wrote into a form: nobody can make this node write to others in his own words.
"""

from collections.abc import Iterable, Sequence
from contextlib import suppress

from node.actors import memberships, people, permissions
from node.actors.actor import Actor
from node.actors.people import Person
from node.moderation import cases, decided, reports, statements
from node.moderation.cases import Case
from node.moderation.decided import Decision
from node.moderation.reports import Report
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n import DEFAULT, Language, Translator, translator


async def speakers(reader: Reader, target_id: int) -> list[Person]:
    """Who answers for an account before the moderation: its owners and editors, also while it is suspended."""
    return [
        person
        for person, role in await memberships.people_of(reader, target_id)
        if person.state == "active" and permissions.may(role, "edit profile")
    ]


async def receipt(tx: Tx, ctx: Context, *, report: Report, number: str, token: str) -> None:
    """It has come (DSA art. 16 §4)."""
    found = await _reporter(tx, report)
    if found is None:
        return
    to, _ = found
    await _send(
        tx, ctx, to, _("Your report %(number)s on %(host)s", number=number, host=report.reporter_host),
        _("Your report has come. It has the number %(number)s; a person will read it and decide.", number=number),
        _("At this address, which is yours alone, you will read the answer:"), _address(ctx, report, token),
    )  # fmt: skip


async def to_author(tx: Tx, ctx: Context, *, decision: Decision, case: Case, target: Actor) -> None:
    """The statement of reasons."""
    posts = len(await decided.posts_of(tx, decision.id))
    for person in await speakers(tx, target.id):
        _ = translator(_language(person.language))
        lines = statements.in_words(
            _, decision, target=target, posts=posts, host=target.service_host, appeal=page_of(ctx, decision, target)
        )
        await _send(
            tx, ctx, person.email, _("A decision about @%(handle)s", handle=target.handle),
            _("The moderation of %(host)s has taken a decision (file %(number)s). These are its reasons.",
              host=target.service_host, number=case.number),
            *(f"{label}\n{said}" for label, said in lines),
        )  # fmt: skip


async def to_reporters(tx: Tx, ctx: Context, *, decision: Decision, case: Case, answered: Sequence[Report]) -> None:
    """What came of their reports (DSA art. 16 §5). Another server is told nothing."""
    target = await cases.target_of(tx, decision.target_id)
    posts = len(await decided.posts_of(tx, decision.id))
    for report in answered:
        found = await _reporter(tx, report)
        if found is None:
            continue
        to, _ = found
        await _send(
            tx, ctx, to, _("The answer to your report %(number)s", number=case.number),
            _("The moderation of %(host)s has read your report and decided.", host=report.reporter_host),
            statements.what(_, decision, handle=f"@{target.handle}", posts=posts),
            _("Reasons") + f"\n{decision.facts}",
            _("Here you read it again. If nothing was done, you can ask there that another person judges it, free of charge, for six months:"),
            await _private(tx, ctx, report),
        )  # fmt: skip


async def over(tx: Tx, ctx: Context, *, decision: Decision) -> None:
    """It has ended, or was taken back."""
    target = await cases.target_of(tx, decision.target_id)
    number = (await cases.require(tx, decision.case_id)).number
    for person in await speakers(tx, target.id) if target.local else ():
        _ = translator(_language(person.language))
        await _send(
            tx, ctx, person.email, _("A decision about @%(handle)s is over", handle=target.handle),
            _("File %(number)s:", number=number) + " " + statements.period(_, decision), page_of(ctx, decision, target),
        )  # fmt: skip


async def appealed(tx: Tx, ctx: Context, *, decision: Decision, report: Report | None, person: Person | None) -> None:
    """To whoever appealed: it has come."""
    number = (await cases.require(tx, decision.case_id)).number
    for to, _ in await _concerned(tx, report, [person] if person else []):
        await _send(
            tx, ctx, to, _("Your appeal in the file %(number)s", number=number),
            _("Your appeal has come. Another person than who decided will judge it, and you will get the reasons."),
        )  # fmt: skip


async def judged(
    tx: Tx, ctx: Context, *, decision: Decision, report: Report | None, reversed_: bool, reasons: str
) -> None:
    """What an appeal came to, to both sides: the account, and who reported."""
    target = await cases.target_of(tx, decision.target_id)
    case = await cases.require(tx, decision.case_id)
    told = [report] if report else await reports.of_decision(tx, decision.id)
    # A dismissal was never told to the account: neither is that it was asked about.
    own = await speakers(tx, target.id) if target.local and decision.kind != "none" else []
    readers = [(to, _, await _private(tx, ctx, each)) for each in told for to, _ in await _concerned(tx, each, [])]
    readers += [(each.email, translator(_language(each.language)), page_of(ctx, decision, target)) for each in own]
    for to, _, address in readers:
        if not reversed_:
            said = _("Another person has judged the appeal: the decision stands.")
        elif decision.kind == "none":
            said = _("Another person has judged the appeal: the report was dismissed wrongly. The file is open again.")
        else:
            said = _("Another person has judged the appeal: the decision was wrong, and what it changed is undone.")
        await _send(
            tx, ctx, to, _("The answer to the appeal in the file %(number)s", number=case.number), said,
            _("Reasons") + f"\n{reasons}", address,
        )  # fmt: skip


def page_of(ctx: Context, decision: Decision, target: Actor) -> str:
    """Where the account's people read a decision, and appeal."""
    return f"{ctx.settings.scheme}://{target.service_host}/account/decisions/{decision.id}"


def _address(ctx: Context, report: Report, token: str) -> str:
    return f"{ctx.settings.scheme}://{report.reporter_host}/report/{token}"


async def _private(tx: Tx, ctx: Context, report: Report) -> str:
    token = await reports.token_of(tx, ctx, report.id)
    return "" if token is None else _address(ctx, report, token)


async def _reporter(tx: Tx, report: Report) -> tuple[str, Translator] | None:
    return next(iter(await _concerned(tx, report, [])), None)


async def _concerned(tx: Tx, report: Report | None, persons: Iterable[Person]) -> list[tuple[str, Translator]]:
    told = [(each.email, translator(_language(each.language))) for each in persons]
    if report is not None and report.person_id is not None:
        person = await people.by_id(tx, report.person_id)
        if person is not None and person.state == "active":
            told.append((person.email, translator(_language(person.language))))
    elif report is not None and report.reporter_email:
        told.append((report.reporter_email, translator(_language(report.language))))
    return told


def _language(written: str) -> Language:
    return "en" if written == "en" else DEFAULT


async def _send(tx: Tx, ctx: Context, to: str, subject: str, *paragraphs: str) -> None:
    text = "\n\n".join(each for each in paragraphs if each) + "\n"
    with suppress(Invalid):  # an address that no letter reaches must not stand in the way of a decision
        await mail.post(tx, ctx, to=to, subject=subject[:200], text=text)
