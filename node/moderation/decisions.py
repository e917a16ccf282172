"""Decisions of the moderation: graduated, on a ground, with facts, perhaps for a time, and never silent (DSA art. 17).

`decide` keeps it, changes what it changes (`effects.py`), answers the reports of the file, and writes to the author. A
decision stands until its time comes (`ended`), who judges takes it back (`lifted`), or an appeal reverses it (`reversed`).
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, get_args

from node.actors.actor import Actor
from node.actors.facts import Judged
from node.moderation import cases, effects, letters, reports
from node.moderation.audit import Hand
from node.moderation.cases import Case
from node.moderation.decided import (
    COLUMNS,
    DAY_MS,
    DecidedPost,
    Decision,
    Found,
    State,
    about,
    by_id,
    by_ids,
    of_case,
    posts_of,
    require,
)
from node.moderation.effects import LASTING, OF_POSTS, Kind
from node.moderation.grounds import Ground
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue
from node.timeline import deletion
from node.timeline.posts import Post

__all__ = [
    "DecidedPost", "Decision", "Found", "State", "about", "by_id", "by_ids", "decide", "end_job", "lift", "of_case", "posts_of",
    "read_kind", "require", "reverse",
]  # fmt: skip

KINDS: Final[tuple[Kind, ...]] = get_args(Kind)
END_JOB: Final = "decisions.end"
MAX_DAYS: Final = 3_650
MAX_FACTS_CHARS: Final = 5_000
MAX_POSTS: Final = 64
_OURS_ONLY: Final[frozenset[Kind]] = frozenset({"warn", "freeze"})


async def decide(
    tx: Tx,
    ctx: Context,
    *,
    by: Hand,
    case: Case,
    kind: Kind,
    ground: Ground,
    facts: str,
    posts: Sequence[Post] = (),
    days: int | None = None,
    found: Found | None = None,
    automated: bool = False,
) -> Decision:
    """Take a decision in a file: it answers all reports that wait there.

    *found* None: somebody told if the file holds a report, else the moderators saw it themselves.

    Raises:
        Invalid: not for such an account, or something is missing, in a sentence that says what; nothing changed.
    """
    target = await cases.target_of(tx, case.target_id)
    _check(target, kind, facts, posts, days)
    await tx.lock(f"case:{target.id}")
    now_ms = ctx.clock.now_ms()
    if found is None:
        told = await tx.value("SELECT 1 FROM reports WHERE case_id = $1 LIMIT 1", case.id)
        found = "own" if told is None else "report"
    decision = Decision(
        ctx.ids.next(), case.id, target.id, kind, ground.sort, ground.words, facts.strip(), found, automated,
        by.person_id, by.name, "standing", None if days is None else now_ms + days * DAY_MS, None, now_ms,
    )  # fmt: skip
    await tx.execute(
        f"INSERT INTO decisions ({COLUMNS.replace('d.', '')}) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        decision.id, decision.case_id, decision.target_id, decision.kind, decision.ground, decision.ground_words,
        decision.facts, decision.found, decision.automated, decision.decided_by_id, decision.decided_by_name,
        decision.state, decision.ends_ms, decision.ended_ms, decision.created_ms,
    )  # fmt: skip
    await effects.keep_posts(tx, kind=kind, decision_id=decision.id, posts=posts)
    if kind == "delete":
        for post in posts:
            await deletion.delete(tx, ctx, post=post)
    await effects.settle(tx, ctx, kind=kind, target_id=target.id, decision_id=decision.id)
    if decision.ends_ms is not None:
        await enqueue(tx, ctx, END_JOB, {"decision_id": decision.id}, at_ms=decision.ends_ms)
    await cases.happened(tx, ctx, case_id=case.id, kind="decision", by=by, words=str(decision.id))
    answered = await reports.close_all(tx, ctx, case_id=case.id, decision_id=decision.id)
    await cases.close(tx, ctx, case_id=case.id)
    if kind != "none" and target.local:
        tx.state(Judged(target.id, decision.id))
        await letters.to_author(tx, ctx, decision=decision, case=case, target=target)
    await letters.to_reporters(tx, ctx, decision=decision, case=case, answered=answered)
    return decision


def _check(target: Actor, kind: Kind, facts: str, posts: Sequence[Post], days: int | None) -> None:
    if kind not in KINDS:
        raise Invalid(sentence("The decision is one of: %(kinds)s.", kinds=", ".join(KINDS)))
    if target.deleted:
        raise Invalid(sentence("This account was deleted: nothing can be decided about it any more."))
    if kind in _OURS_ONLY and not target.local:
        raise Invalid(
            sentence("An account of another server can be limited or suspended here; warning and freezing are for accounts of this one.")
        )  # fmt: skip
    if not facts.strip():
        raise Invalid(sentence("Say why: the facts, in words that the author and who reported can understand."))
    if len(facts.strip()) > MAX_FACTS_CHARS:
        raise Invalid(sentence("The reasons have at most %(count)s characters.", count=MAX_FACTS_CHARS))
    if days is not None and (kind not in LASTING or not 1 <= days <= MAX_DAYS):
        raise Invalid(
            sentence("A duration is from 1 to %(count)s days, for a decision that lasts: %(kinds)s.", count=MAX_DAYS,
                     kinds=", ".join(each for each in KINDS if each in LASTING))
        )  # fmt: skip
    if kind in OF_POSTS and not posts:
        raise Invalid(sentence("Choose the posts that it is about."))
    if len(posts) > MAX_POSTS:
        raise Invalid(sentence("One decision is about at most %(count)s posts.", count=MAX_POSTS))
    if any(post.author_id != target.id for post in posts):
        raise Invalid(sentence("These posts are not all of this account."))


async def lift(tx: Tx, ctx: Context, *, decision: Decision, by: Hand) -> bool:
    """Who judges takes it back; whether it stood. The author is told."""
    if decision.kind not in LASTING:
        raise Invalid(sentence("What happened once cannot be taken back: only what lasts can."))
    if not await _end(tx, ctx, decision, "lifted"):
        return False
    await cases.happened(tx, ctx, case_id=decision.case_id, kind="lifted", by=by, words=str(decision.id))
    await letters.over(tx, ctx, decision=await require(tx, decision.id))
    return True


async def reverse(tx: Tx, ctx: Context, *, decision: Decision) -> None:
    """An appeal says that it was wrong, even if its time has come: nothing of it remains but the record."""
    await _end(tx, ctx, decision, "reversed")


async def end_job(ctx: Context, args: Mapping[str, Any]) -> None:
    """The job: the time of a decision has come."""

    async def step(tx: Tx) -> None:
        decision = await by_id(tx, int(args["decision_id"]))
        if decision is None or decision.ends_ms is None or decision.ends_ms > ctx.clock.now_ms():
            return
        if await _end(tx, ctx, decision, "ended"):
            await cases.happened(tx, ctx, case_id=decision.case_id, kind="ended", words=str(decision.id))
            await letters.over(tx, ctx, decision=await require(tx, decision.id))

    await ctx.db.write(step)


async def _end(tx: Tx, ctx: Context, decision: Decision, state: State) -> bool:
    await tx.lock(f"case:{decision.target_id}")
    ended = await tx.execute(
        # What has ended can still be found wrong; what was found wrong stays so.
        "UPDATE decisions SET state = $2, ended_ms = COALESCE(ended_ms, $3) WHERE id = $1 AND (state = 'standing' "
        "OR ($2 = 'reversed' AND state IN ('ended', 'lifted')))",
        decision.id, state, ctx.clock.now_ms(),
    )  # fmt: skip
    if ended:
        await effects.settle(tx, ctx, kind=decision.kind, target_id=decision.target_id, decision_id=decision.id)
    return bool(ended)


def read_kind(text: str) -> Kind:
    """The kind that is called so.

    Raises:
        Invalid: none is.
    """
    if text not in KINDS:
        raise Invalid(sentence("The decision is one of: %(kinds)s.", kinds=", ".join(KINDS)))
    return text
