"""Case files: read, given to somebody, decided; appeals judged. What is done here is written to those concerned."""

from collections.abc import Sequence
from typing import get_args

from admin.actors import any_actor
from admin.pointers import pointer
from admin.reports import people_of, said_by
from node.actors import people as persons
from node.actors import permissions
from node.actors.people import Person
from node.moderation import appeals, cases, decided, decisions, grounds, reports, statements
from node.moderation.appeals import Appeal
from node.moderation.audit import Hand
from node.moderation.cases import Case, Queue
from node.moderation.effects import LASTING
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import Translator, sentence, translator
from node.timeline import posts
from node.timeline.posts import Post

_MAX_ID_CHARS = 18


async def list_all(ctx: Context, *, which: str = "open") -> list[str]:
    """One line a file, the oldest first: those that wait for a decision, for the judgement of an appeal, or the closed ones."""
    _ = translator(ctx.settings.language)
    queues = [name for name in get_args(Queue) if name != "mine"]
    if which not in queues:
        raise Invalid(
            sentence("%(word)s is no list of files; these are: %(words)s.", word=ascii(which), words=", ".join(queues))
        )
    found = await cases.queue(
        ctx.db.survey, "open" if which == "open" else "appeals" if which == "appeals" else "closed"
    )
    about = await people_of(ctx, [line.case.target_id for line in found])
    return [
        f"{line.case.number}  {iso(line.case.created_ms)[:16]}  {about.get(line.case.target_id, '?')}  "
        + _("reports: %(count)s", count=line.told)
        + ("  " + _("appeals: %(count)s", count=line.appeals) if line.appeals else "")
        for line in found
    ] or [_("No case file waits.")]


async def show(ctx: Context, *, number: str) -> list[str]:
    """All that is in a file: what was told, what was decided, who appealed, what happened."""
    _, reader = translator(ctx.settings.language), ctx.db.reader
    case = await cases.by_number(reader, number)
    target = await cases.target_of(reader, case.target_id)
    told = await reports.of_case(reader, case.id)
    taken = await decided.about(reader, [case.target_id])
    counts = await decided.counts_of(reader, [each.id for each in taken])
    asked = {each.decision_id: each for each in await appeals.of_decisions(reader, [each.id for each in taken])}
    names = await people_of(ctx, [each.reporter_id for each in told if each.reporter_id is not None])
    lines = [f"{case.number}  @{target.handle}  [{case.state}]"]
    for report in told:
        lines.append(
            f"{report.id}  {iso(report.created_ms)[:16]}  {said_by(report, names)}  {report.category}  {report.ground}".rstrip()
        )
        lines += [f"    {line}" for line in (*report.comment.splitlines(), *report.posts)]
    for decision in reversed(taken):
        lines.append(
            _("Decision")
            + f" {decision.id}  "
            + statements.what(
                _,
                decision,
                handle=f"@{target.handle}",
                posts=counts.get(decision.id, 0),
            )
        )
        lines.append(f"    {statements.period(_, decision)} {decision.ground_words}")
        if decision.id in asked:
            lines += _appeal(_, asked[decision.id])
    for event in await cases.history(reader, case.id):
        if event.kind == "note":
            lines.append(f"{iso(event.created_ms)[:16]}  {event.name}: {event.words}")
    return lines


async def open_file(ctx: Context, *, handle: str) -> list[str]:
    """Open a file about an account that nobody told of."""
    _ = translator(ctx.settings.language)
    target = await any_actor(ctx, handle)
    case = await ctx.db.write(lambda tx: cases.opened(tx, ctx, target=target))
    return [_("File %(number)s is open about %(handle)s.", number=case.number, handle=f"@{target.handle}")]


async def assign(ctx: Context, *, number: str, by: Hand, email: str = "") -> list[str]:
    """Give a file to somebody who judges; without an address, to nobody."""
    _ = translator(ctx.settings.language)
    case = await cases.by_number(ctx.db.reader, number)
    person = await _judge(ctx, email) if email else None

    async def step(tx: Tx) -> None:
        await cases.assign(
            tx,
            ctx,
            case=case,
            by=by,
            person_id=None if person is None else person.id,
            name=person.email if person else "",
        )

    await ctx.db.write(step)
    if person is None:
        return [_("File %(number)s is nobody's.", number=case.number)]
    return [_("File %(number)s is looked after by %(email)s.", number=case.number, email=person.email)]


async def note(ctx: Context, *, number: str, words: str, by: Hand) -> list[str]:
    """Write something down in a file, for those who judge only."""
    _ = translator(ctx.settings.language)
    case = await cases.by_number(ctx.db.reader, number)
    await ctx.db.write(lambda tx: cases.note(tx, ctx, case=case, by=by, words=words))
    return [_("Noted in the file %(number)s.", number=case.number)]


async def decide(
    ctx: Context,
    *,
    number: str,
    kind: str,
    why: str,
    by: Hand,
    ground: str = "",
    words: str = "",
    about: str = "",
    days: str = "",
) -> list[str]:
    """Decide: *ground* is one of the known ones or *words* say it; *about* names posts, or `reported` for all that were."""
    _ = translator(ctx.settings.language)
    case = await cases.by_number(ctx.db.reader, number)
    target = await cases.target_of(ctx.db.reader, case.target_id)
    known = await grounds.about(ctx.db.reader, target, _)
    read, on, length = decisions.read_kind(kind), grounds.chosen(ground, words, _, known), read_days(days)
    chosen = await _posts(ctx, case, about)
    taken = await ctx.db.write(
        lambda tx: decisions.decide(
            tx, ctx, by=by, case=case, kind=read, ground=on, facts=why, posts=chosen, days=length
        )
    )
    target = await cases.target_of(ctx.db.reader, case.target_id)
    return [
        statements.what(_, taken, handle=f"@{target.handle}", posts=len(chosen)),
        statements.period(_, taken),
        _("Decision %(decision)s; those concerned are told why.", decision=taken.id),
    ]


async def lift(ctx: Context, *, decision: str, by: Hand) -> list[str]:
    """Take a decision back before its time."""
    _ = translator(ctx.settings.language)
    found = await decided.require(ctx.db.reader, _id(decision))
    # Nothing is written of an act that changes nothing: the log would say that it was taken back now.
    over = found.state != "standing" and found.kind in LASTING
    if over or not await ctx.db.write(lambda tx: decisions.lift(tx, ctx, decision=found, by=by)):
        return [_("This decision was over already.")]
    return [_("The decision is taken back, and what it changed is undone.")]


async def judge(ctx: Context, *, appeal: str, verdict: str, why: str, by: Hand, judge_email: str = "") -> list[str]:
    """Judge an appeal: `uphold` the decision, or `reverse` it. By command, *judge_email* says who judges."""
    _ = translator(ctx.settings.language)
    if verdict not in ("uphold", "reverse"):
        raise Invalid(sentence("The judgement is 'uphold' (the decision stands) or 'reverse'."))
    found = await appeals.require(ctx.db.reader, _id(appeal))
    if judge_email and by.via == "command":
        person = await _judge(ctx, judge_email)
        by = Hand(person.id, person.email, "command")
    await ctx.db.write(
        lambda tx: appeals.judge(tx, ctx, appeal=found, by=by, reverse=verdict == "reverse", reasons=why)
    )
    if verdict == "reverse":
        return [_("The decision is reversed; both sides are told why.")]
    return [_("The decision stands; both sides are told why.")]


async def judges(reader: Reader) -> list[Person]:
    """Who may decide."""
    rows = await reader.fetch(
        f"SELECT {persons.columns('p')} FROM people p WHERE (p.keeper OR p.moderator) AND p.state = 'active' ORDER BY p.id"
    )
    return [persons.read(row) for row in rows]


async def _judge(ctx: Context, email: str) -> Person:
    person = await persons.by_email(ctx.db.reader, email)
    if person is None or not permissions.duty(person, "judge reports"):
        raise NotFound(
            sentence("%(email)s does not judge here: only who keeps or moderates this server does.", email=email[:200])
        )
    return person


async def _posts(ctx: Context, case: Case, text: str) -> Sequence[Post]:
    """The posts that are named by id, by address, or as those that were reported."""
    named = text.replace(",", " ").split()
    if "reported" in named:
        named = [uri for report in await reports.of_case(ctx.db.reader, case.id) for uri in report.posts]
        if not named:
            raise Invalid(sentence("Nobody reported a post in this file: name the posts."))
        return list((await posts.by_uris(ctx.db.reader, named)).values())
    ids = [int(each) for each in named if each.isascii() and each.isdecimal() and len(each) <= _MAX_ID_CHARS]
    by_id = await posts.by_ids(ctx.db.reader, ids)
    by_uri = await posts.by_uris(ctx.db.reader, [each for each in named if "://" in each])
    found = {post.id: post for post in (*by_id.values(), *by_uri.values())}
    if len(found) < len(set(named)):
        raise NotFound(sentence("Not all of these posts are here: name them by their number or their address (URI)."))
    return list(found.values())


def read_days(text: str) -> int | None:
    """A duration as it is typed; nothing: without an end.

    Raises:
        Invalid: no number of days.
    """
    text = text.strip()
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 6:
        raise Invalid(sentence("The duration is a number of days; leave it empty for a decision without an end."))
    return int(text)


def _id(text: str) -> int:
    if not text.isascii() or not text.isdecimal() or len(text) > _MAX_ID_CHARS:
        raise Invalid(
            sentence(
                "%(number)s is no number of a decision or an appeal; %(there)s shows them.",
                number=text[:40], there=pointer("beffroi case show", sentence("Reports")),
            )
        )  # fmt: skip
    return int(text)


def _appeal(_: Translator, appeal: Appeal) -> list[str]:
    who = _("the author") if appeal.report_id is None else _("who reported")
    return ["    " + _("Appeal") + f" {appeal.id}  {who}  [{appeal.state}]", f"        {appeal.words}"]
