"""Appeals: within six months, free, once, judged by another person than who decided (DSA art. 20).

The author appeals against what was decided about the account; who reported, against a dismissal. Reversed, a decision
leaves nothing but its record; a dismissal opens the file again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal

from node.actors.people import Person
from node.moderation import cases, decided, decisions, letters, reports, statements
from node.moderation.audit import Hand
from node.moderation.decided import Decision
from node.moderation.reports import Report
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Forbidden, Invalid, NotFound
from node.runtime.i18n.sentences import sentence

State = Literal["pending", "upheld", "reversed"]
"""upheld: the decision stands."""

MAX_CHARS: Final = 5_000
MIN_CHARS: Final = 10
_COLUMNS: Final = (
    "id, decision_id, report_id, person_id, words, state, judged_by_id, judged_by_name, reasons, created_ms, judged_ms"
)


@dataclass(frozen=True, slots=True)
class Appeal:
    """Somebody does not accept a decision."""

    id: int
    decision_id: int
    report_id: int | None
    """Whose dismissal it is; None: the account's people appeal."""
    person_id: int | None
    words: str
    state: State
    judged_by_id: int | None
    judged_by_name: str
    reasons: str
    created_ms: int
    judged_ms: int | None


def refusal(ctx: Context, decision: Decision, earlier: Appeal | None) -> str | None:
    """Why nobody can appeal against it now; None: one can."""
    if earlier is not None:
        return sentence("There was an appeal against this decision already; it is judged once.")
    if ctx.clock.now_ms() > statements.appeal_until_ms(decision):
        return sentence("One appeals within six months: this time is over.")
    if decision.state in ("lifted", "reversed"):
        return sentence("This decision was taken back already.")
    return None


async def by_author(tx: Tx, ctx: Context, *, decision: Decision, person: Person, words: str) -> Appeal:
    """One of the account's people does not accept a decision about it.

    Raises:
        NotFound: she does not answer for this account, or the decision does not concern it.
        Invalid: too late, a second time, taken back already, or without a word.
    """
    if decision.kind == "none" or person.id not in {each.id for each in await letters.speakers(tx, decision.target_id)}:
        raise NotFound(sentence("There is no such decision."))
    return await _open(tx, ctx, decision=decision, report=None, person=person, words=words)


async def by_reporter(tx: Tx, ctx: Context, *, report: Report, words: str) -> Appeal:
    """Who reported does not accept that nothing was done.

    Raises:
        Invalid: not dismissed, too late, a second time, or without a word.
    """
    decision = None if report.decision_id is None else await decided.require(tx, report.decision_id)
    if decision is None or decision.kind != "none":
        raise Invalid(sentence("One appeals here only where a report was dismissed."))
    return await _open(tx, ctx, decision=decision, report=report, person=None, words=words)


async def _open(
    tx: Tx, ctx: Context, *, decision: Decision, report: Report | None, person: Person | None, words: str
) -> Appeal:
    words = words.strip()
    if not MIN_CHARS <= len(words) <= MAX_CHARS:
        raise Invalid(
            sentence(
                "Say why the decision is wrong, in %(least)s to %(most)s characters.", least=MIN_CHARS, most=MAX_CHARS
            )
        )
    await tx.lock(f"case:{decision.target_id}")
    reason = refusal(
        ctx, await decided.require(tx, decision.id), await of(tx, decision.id, None if report is None else report.id)
    )
    if reason is not None:
        raise Invalid(reason)
    appeal = Appeal(
        ctx.ids.next(), decision.id, None if report is None else report.id, None if person is None else person.id, words, "pending", None, "", "",
        ctx.clock.now_ms(), None,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO appeals ({_COLUMNS}) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        appeal.id, appeal.decision_id, appeal.report_id, appeal.person_id, appeal.words, appeal.state,
        appeal.judged_by_id, appeal.judged_by_name, appeal.reasons, appeal.created_ms, appeal.judged_ms,
    )  # fmt: skip
    await cases.happened(tx, ctx, case_id=decision.case_id, kind="appeal", words=str(appeal.id))
    await letters.appealed(tx, ctx, decision=decision, report=report, person=person)
    return appeal


async def judge(tx: Tx, ctx: Context, *, appeal: Appeal, by: Hand, reverse: bool, reasons: str) -> None:
    """Another person than who decided says whether the decision stands; both sides are told.

    Raises:
        Forbidden: the same person, or nobody that is known; nothing is changed.
        Invalid: judged already, or without reasons.
    """
    appeal = await require(tx, appeal.id)
    decision = await decided.require(tx, appeal.decision_id)
    await tx.lock(f"case:{decision.target_id}")
    await _refuse_same(tx, decision, by)
    reasons = reasons.strip()
    if not MIN_CHARS <= len(reasons) <= MAX_CHARS:
        raise Invalid(
            sentence("Give the reasons, in %(least)s to %(most)s characters: both sides will read them.", least=MIN_CHARS, most=MAX_CHARS)
        )  # fmt: skip
    state: State = "reversed" if reverse else "upheld"
    judged = await tx.execute(
        "UPDATE appeals SET state = $2, judged_by_id = $3, judged_by_name = $4, reasons = $5, judged_ms = $6 "
        "WHERE id = $1 AND state = 'pending'",
        appeal.id, state, by.person_id, by.name, reasons, ctx.clock.now_ms(),
    )  # fmt: skip
    if not judged:
        raise Invalid(sentence("This appeal is judged already."))
    report = None if appeal.report_id is None else await reports.require(tx, appeal.report_id)
    # Before anything moves: a file that opens again has no answer to tell of.
    await letters.judged(tx, ctx, decision=decision, report=report, reversed_=reverse, reasons=reasons)
    if reverse:
        await decisions.reverse(tx, ctx, decision=decision)
        if report is not None:
            case = await cases.reopen(tx, case=await cases.require(tx, decision.case_id))
            await reports.reopen(tx, report_id=report.id, case_id=case.id)
    await cases.happened(
        tx, ctx, case_id=decision.case_id, kind="reversed" if reverse else "upheld", by=by, words=str(appeal.id)
    )


async def may_judge(reader: Reader, decision: Decision, by: Hand) -> bool:
    """Whether *by* is another person than who decided."""
    return by.person_id is not None and by.person_id != decision.decided_by_id and await _judges(reader, by.person_id)


async def others(reader: Reader, person_id: int | None) -> int:
    """How many other people of this node may judge."""
    return int(
        await reader.value(
            "SELECT COUNT(*) FROM people WHERE (keeper OR moderator) AND state = 'active' AND id <> $1", person_id or 0
        )
    )


async def _judges(reader: Reader, person_id: int) -> bool:
    return (
        await reader.value(
            "SELECT 1 FROM people WHERE id = $1 AND (keeper OR moderator) AND state = 'active'", person_id
        )
        is not None
    )


async def _refuse_same(tx: Tx, decision: Decision, by: Hand) -> None:
    if await may_judge(tx, decision, by):
        return
    if by.person_id is None:
        raise Forbidden(
            sentence("An appeal is judged by a person who keeps or moderates this server: say who, by her e-mail address (--by).")
        )  # fmt: skip
    if by.person_id != decision.decided_by_id:
        raise Forbidden(sentence("An appeal is judged by somebody who keeps or moderates this server."))
    if not await others(tx, by.person_id):
        raise Forbidden(
            sentence("You took this decision yourself, and nobody else moderates this server: name a second moderator first, under People in the console.")
        )  # fmt: skip
    raise Forbidden(sentence("You took this decision yourself: another keeper or moderator judges the appeal."))


async def of(reader: Reader, decision_id: int, report_id: int | None) -> Appeal | None:
    """The account's appeal against a decision, or that of a reporter."""
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM appeals WHERE decision_id = $1 AND COALESCE(report_id, 0) = $2",
        decision_id,
        report_id or 0,
    )
    return None if row is None else Appeal(*row)


async def require(reader: Reader, appeal_id: int) -> Appeal:
    """The appeal of that number.

    Raises:
        NotFound: there is none.
    """
    row = await reader.row(f"SELECT {_COLUMNS} FROM appeals WHERE id = $1", appeal_id)
    if row is None:
        raise NotFound(sentence("There is no such appeal."))
    return Appeal(*row)


async def of_decisions(reader: Reader, decision_ids: Sequence[int]) -> list[Appeal]:
    """The appeals against decisions, the oldest first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM appeals WHERE decision_id = ANY($1::bigint[]) ORDER BY id", list(decision_ids)
    )
    return [Appeal(*row) for row in rows]
