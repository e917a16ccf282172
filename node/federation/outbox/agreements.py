"""Offer, Accept, Reject, Undo and Update of a sharing agreement: what one of ours says, until it is known to be heard.

A word is sent when it is spoken, and confirmed by the other's Update; until then it is sent again, after ten minutes,
then twenty, up to once a week for as long as it takes. Delivery itself tries for three days; this outlives it.
"""

from node.actors import actors
from node.agreements import agreements, history, speaking
from node.agreements.agreements import Agreement, other
from node.agreements.facts import WordHeard, WordSpoken
from node.agreements.words import Party
from node.federation.delivery import Audience, order
from node.federation.objects import agreements as objects
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.jobs import Part

_AT_ONCE = 50


async def spoken(tx: Tx, ctx: Context, fact: WordSpoken) -> None:
    """Send what one of ours said."""
    await _send(tx, ctx, await agreements.require(tx, fact.agreement_id), fact.party, fact.act)


async def heard(tx: Tx, ctx: Context, fact: WordHeard) -> None:
    """Confirm a word of the other's, and repeat our own: with both, its node knows all that there is to know."""
    agreement = await agreements.require(tx, fact.agreement_id)
    await _send(tx, ctx, agreement, other(fact.party), "again")


class Reminders(Part):
    """Sends what was not confirmed once more."""

    bell = "agreements"

    async def turn(self, ctx: Context) -> int:
        now_ms = ctx.clock.now_ms()
        rows = await ctx.db.reader.fetch(
            "SELECT agreement_id, party FROM agreement_words WHERE remind_ms IS NOT NULL AND remind_ms <= $1 "
            f"ORDER BY remind_ms LIMIT {_AT_ONCE}",
            now_ms,
        )
        for row in rows:
            await ctx.db.write(lambda tx, row=row: _remind(tx, ctx, row["agreement_id"], row["party"]))  # type: ignore[misc]
        return len(rows)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(remind_ms) FROM agreement_words WHERE remind_ms IS NOT NULL")
        return None if found is None else int(found)


async def _remind(tx: Tx, ctx: Context, agreement_id: int, party: Party) -> None:
    agreement = await agreements.require(tx, agreement_id)
    await speaking.reminded(tx, ctx, agreement=agreement, party=party)
    word, theirs = agreement.word(party), agreement.word(other(party))
    same = word.terms is not None and word.terms == theirs.terms
    act = {"agree": "accept" if same else "offer", "reject": "reject", "end": "end"}[word.stance]
    await _send(tx, ctx, agreement, party, act)


async def _send(tx: Tx, ctx: Context, agreement: Agreement, party: Party, act: str) -> None:
    if agreement.medium != "protocol":
        return
    people = await actors.by_ids(tx, (agreement.territory_id, agreement.member_id))
    territory, member = people[agreement.territory_id], people[agreement.member_id]
    speaker, reader = (territory, member) if party == "territory" else (member, territory)
    if not speaker.local or reader.local:
        return
    earlier = await history.unheard(tx, agreement, party)
    said = objects.activity(agreement, party, territory, member, act=act, version=ctx.ids.next(), earlier=earlier)
    await order(tx, ctx, actor_id=speaker.id, activity=said, audience=Audience(actor_ids=(reader.id,)))
