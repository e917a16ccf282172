"""The verbs of an agreement. Each may be repeated: who says again what stands says nothing.

A word of one of ours is `WordSpoken`, a stranger's is `WordHeard`; what follows for both is `AgreementChanged`. All
words about one agreement are taken one after the other.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from node.actors import blocks
from node.actors.actor import Actor
from node.agreements import agreements, history
from node.agreements.agreements import Agreement, Medium, other, uri_of
from node.agreements.facts import AgreementChanged, WordHeard, WordSpoken, WordTaken
from node.agreements.terms import Terms, narrower
from node.agreements.words import Party, Standing, Word, agree, clamp, later, recall, refuse, standing
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Forbidden, Invalid, NotFound
from node.runtime.i18n.sentences import sentence

FIRST_REMINDER_MS: Final = 600_000
_LONGEST_PAUSE_MS: Final = 7 * 86_400_000


class NotAParty(Forbidden):
    """Neither the territory nor the member, or one of the two cannot be that."""


@dataclass(frozen=True, slots=True)
class Pair:
    """The two parties."""

    territory: Actor
    member: Actor

    def actor(self, party: Party) -> Actor:
        """Who *party* is."""
        return self.territory if party == "territory" else self.member

    def party_of(self, actor: Actor) -> Party:
        """As what *actor* is a party.

        Raises:
            NotAParty: it is none.
        """
        if actor.id == self.territory.id:
            return "territory"
        if actor.id == self.member.id:
            return "member"
        raise NotAParty(sentence("Only the two parties speak about an agreement."))

    @property
    def uri(self) -> str:
        """The id of their agreement."""
        return uri_of(self.territory.uri, self.member.uri)


async def propose(
    tx: Tx, ctx: Context, *, pair: Pair, by: Party, terms: Terms, medium: Medium = "protocol", source: str = ""
) -> Agreement:
    """*by* says yes to *terms*: an offer, or at once an agreement when the other offered as much.

    Raises:
        NotAParty: the one is no territory, or the two are one.
        Forbidden: one of the two is suspended or blocks the other.
    """
    await _refuse_impossible(tx, pair)
    agreement = await _open(tx, ctx, pair, medium)
    mine, theirs = agreement.word(by), agreement.word(other(by))
    said = agree(mine, theirs, terms, ctx.clock.now_ms())
    return await _speak(tx, ctx, pair, agreement, by, said, source)


async def accept(
    tx: Tx, ctx: Context, *, pair: Pair, by: Party, terms_hash: str | None = None, source: str = ""
) -> Agreement:
    """*by* says yes to what the other offers; with *terms_hash*, only if these are still the terms.

    Raises:
        Invalid: nothing is offered, or something else by now.
        NotAParty, Forbidden: as `propose`.
    """
    await _refuse_impossible(tx, pair)
    agreement = await _open(tx, ctx, pair, None)
    offered = agreement.terms_offered_to(by)
    if offered is None:
        if agreement.active:
            return agreement
        raise Invalid(sentence("Nothing is offered that could be accepted."))
    if terms_hash is not None and offered.hash != terms_hash:
        raise Invalid(sentence("The terms have changed since you read them: read them again."))
    said = agree(agreement.word(by), agreement.word(other(by)), offered, ctx.clock.now_ms())
    return await _speak(tx, ctx, pair, agreement, by, said, source)


async def limit(tx: Tx, ctx: Context, *, pair: Pair, by: Party, terms: Terms) -> Agreement:
    """*by* shares less than agreed from now on, which needs nobody's consent.

    Raises:
        Invalid: nothing is in force, or *terms* share something that is not shared now (that is a proposal).
    """
    agreement = await _open(tx, ctx, pair, None)
    if not agreement.active or agreement.terms is None:
        raise Invalid(sentence("This agreement is not in force."))
    if narrower(terms, agreement.terms) != terms:
        raise Invalid(sentence("These terms share more than is agreed: propose them instead."))
    said = agree(agreement.word(by), agreement.word(other(by)), terms, ctx.clock.now_ms())
    return await _speak(tx, ctx, pair, agreement, by, said, "")


async def end(tx: Tx, ctx: Context, *, pair: Pair, by: Party, source: str = "") -> Agreement:
    """*by* says no: to an offer, to its own, or to what held until now. Without any of these nothing happens."""
    agreement = await _open(tx, ctx, pair, None)
    said = refuse(agreement.word(by), agreement.word(other(by)), ctx.clock.now_ms())
    return await _speak(tx, ctx, pair, agreement, by, said, source)


async def hear(
    tx: Tx,
    ctx: Context,
    *,
    pair: Pair,
    party: Party,
    word: Word,
    heard: int,
    source: str,
    answer: bool,
    earlier: Sequence[Word] = (),
) -> Agreement:
    """Take what *party*, of another node, said last, and that it heard our words up to number *heard*.

    An older word than the known one, and one that came before, change nothing. *earlier* is what it said before and
    we perhaps missed, the oldest first. *answer*: it asks to be told that it was heard; a new word is always answered.

    Raises:
        NotAParty, Forbidden: as `propose`.
        Invalid: no word that a party can say, or another one under a number that was used.
    """
    ours = other(party)
    if not pair.actor(ours).local or pair.actor(party).local:
        raise NotAParty(sentence("Only the two parties speak about an agreement."))
    if word.sequence == 0 and word.stance == "silent":  # it only says that it heard us
        found = await agreements.by_uri(tx, pair.uri)
        if found is None:
            raise NotFound(sentence("There is no such agreement here."))
        await _note_heard(tx, found, ours, heard)
        return found
    if not word.possible:
        raise Invalid(sentence("This cannot be said about an agreement."))
    word = clamp(word, ctx.clock.now_ms())
    agreement = await agreements.by_uri(tx, pair.uri)
    if word.stance == "agree" and agreement is None:
        await _refuse_impossible(tx, pair)
    agreement = await _open(tx, ctx, pair, "protocol")
    known = agreement.word(party)
    if word.sequence == known.sequence and (word.stance, word.terms) != (known.stance, known.terms):
        raise Invalid(sentence("This was said in another way before."))
    await _note_heard(tx, agreement, ours, heard)
    if later(known, word) is word:
        missed = [said for said in earlier if said.sequence > known.sequence]
        agreement = await _catch_up(tx, ctx, agreement, party, missed, source)
        act = _act(agreement, party, word)
        agreement = await _write(tx, ctx, agreement, party, word, act, source)
        tx.state(WordHeard(agreement.id, party, act))
    elif answer:
        tx.state(WordHeard(agreement.id, party, "again"))
    mine = agreement.word(ours)
    remembered = recall(mine, max(heard, word.heard), ctx.clock.now_ms())
    return await _speak(tx, ctx, pair, agreement, ours, remembered, "")


async def reminded(tx: Tx, ctx: Context, *, agreement: Agreement, party: Party) -> None:
    """Note that the word of *party* was told once more; the next time is twice as far."""
    count = int(
        await tx.value(
            "SELECT reminders FROM agreement_words WHERE agreement_id = $1 AND party = $2", agreement.id, party
        )
    )
    pause_ms = min(_LONGEST_PAUSE_MS, FIRST_REMINDER_MS * 2 ** min(count + 1, 20))
    await tx.execute(
        "UPDATE agreement_words SET remind_ms = $3, reminders = $4 WHERE agreement_id = $1 AND party = $2",
        agreement.id, party, ctx.clock.now_ms() + pause_ms, count + 1,
    )  # fmt: skip


async def _speak(
    tx: Tx, ctx: Context, pair: Pair, agreement: Agreement, party: Party, word: Word, source: str
) -> Agreement:
    """Write a word that is new, of one of ours or (by posts) of a member who speaks through us."""
    if word is agreement.word(party):
        return agreement
    act = _act(agreement, party, word)
    written = await _write(tx, ctx, agreement, party, word, act, source)
    if pair.actor(party).local:
        if not pair.actor(other(party)).local and written.medium == "protocol":
            await tx.execute(
                "UPDATE agreement_words SET remind_ms = $3, reminders = 0 WHERE agreement_id = $1 AND party = $2",
                written.id, party, ctx.clock.now_ms() + FIRST_REMINDER_MS,
            )  # fmt: skip
        tx.state(WordSpoken(written.id, party, act))
    else:
        tx.state(WordHeard(written.id, party, act))
    return written


async def _catch_up(
    tx: Tx, ctx: Context, agreement: Agreement, party: Party, missed: Sequence[Word], source: str
) -> Agreement:
    """Take words that were overtaken by a later one of the same party, for what they meant while they stood.

    A refusal ends what holds, as it would have in time. A consent only enters the history.
    """
    words = [clamp(word, ctx.clock.now_ms()) for word in missed]
    for word in words:
        if word.stance != "agree":
            agreement = await _write(tx, ctx, agreement, party, word, word.stance, source)
            continue
        await history.append(
            tx, ctx, agreement=agreement, party=party, act="offer", word=word, state=agreement.state, source=source
        )
    if words:  # once: whoever says fifty words has what was announced looked at once
        tx.state(WordTaken(agreement.id, min(word.at_ms for word in words)))
    return agreement


async def _write(
    tx: Tx, ctx: Context, agreement: Agreement, party: Party, word: Word, act: str, source: str
) -> Agreement:
    now_ms = ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO agreement_words (agreement_id, party, sequence, stance, terms, heard, refused, at_ms) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8) ON CONFLICT (agreement_id, party) DO UPDATE SET "
        "sequence = excluded.sequence, stance = excluded.stance, terms = excluded.terms, heard = excluded.heard, "
        "refused = excluded.refused, at_ms = excluded.at_ms",
        agreement.id, party, word.sequence, word.stance, word.terms.text if word.terms else "", word.heard,
        word.refused, word.at_ms,
    )  # fmt: skip
    territory, member = (word, agreement.member) if party == "territory" else (agreement.territory, word)
    now = standing(territory, member)
    since_ms = agreement.active_since_ms if agreement.active else min(now_ms, max(territory.at_ms, member.at_ms))
    after = replace(
        agreement, state=now.state, proposed_by=now.proposed_by, terms=now.terms, territory=territory, member=member,
        active_since_ms=since_ms if now.state == "active" else None, changed_ms=now_ms,
    )  # fmt: skip
    await tx.execute(
        "UPDATE agreements SET state = $2, proposed_by = $3, terms = $4, terms_hash = $5, active_since_ms = $6, "
        "changed_ms = $7 WHERE id = $1",
        after.id, after.state, after.proposed_by, after.terms.text if after.terms else "",
        after.terms.hash if after.terms else "", after.active_since_ms, now_ms,
    )  # fmt: skip
    await history.append(tx, ctx, agreement=after, party=party, act=act, word=word, state=after.state, source=source)
    tx.state(WordTaken(after.id, word.at_ms))
    if (after.state, after.terms) != (agreement.state, agreement.terms):
        tx.state(AgreementChanged(after.id, agreement.state, after.state, word.at_ms))
    return after


def _act(agreement: Agreement, party: Party, word: Word) -> str:
    if word.stance != "agree":
        return word.stance
    ours, theirs = (word, agreement.member) if party == "territory" else (agreement.territory, word)
    now = standing(ours, theirs)
    if now.state != "active":
        return "offer"
    if not agreement.active:
        return "accept"
    if now.terms == agreement.terms:
        return "offer"
    return "limit" if _is_less(now, agreement) else "accept"


def _is_less(now: Standing, before: Agreement) -> bool:
    return now.terms is not None and before.terms is not None and narrower(now.terms, before.terms) == now.terms


async def _open(tx: Tx, ctx: Context, pair: Pair, medium: Medium | None) -> Agreement:
    """The agreement of the pair, alone until the commit; with *medium*, made when there is none yet.

    Raises:
        NotFound: there is none, and none is to be made.
    """
    await tx.lock(f"agreement:{pair.uri}")
    found = await agreements.by_uri(tx, pair.uri)
    if found is None and medium is None:
        raise NotFound(sentence("There is no such agreement here."))
    if found is not None:
        if medium is not None and medium != found.medium:  # its server is another program now
            await tx.execute("UPDATE agreements SET medium = $2 WHERE id = $1", found.id, medium)
            return replace(found, medium=medium)
        return found
    now_ms = ctx.clock.now_ms()
    made = Agreement(
        ctx.ids.next(), pair.uri, pair.territory.id, pair.member.id, medium or "protocol", "none", "", None, None,
        now_ms, now_ms,
    )  # fmt: skip
    await tx.execute(
        "INSERT INTO agreements (id, uri, territory_id, member_id, medium, state, created_ms, changed_ms) "
        "VALUES ($1, $2, $3, $4, $5, 'none', $6, $6)",
        made.id, made.uri, made.territory_id, made.member_id, made.medium, now_ms,
    )  # fmt: skip
    return made


async def _note_heard(tx: Tx, agreement: Agreement, ours: Party, heard: int) -> None:
    await tx.execute(
        "UPDATE agreement_words SET acked = CASE WHEN acked < $3 THEN $3 ELSE acked END, "
        "remind_ms = CASE WHEN sequence <= $3 THEN NULL ELSE remind_ms END WHERE agreement_id = $1 AND party = $2",
        agreement.id, ours, heard,
    )  # fmt: skip


async def _refuse_impossible(tx: Tx, pair: Pair) -> None:
    territory, member = pair.territory, pair.member
    if territory.id == member.id or territory.type != "Group" or (territory.local and territory.kind != "territory"):
        raise NotAParty(sentence("%(handle)s is not a territory.", handle=f"@{territory.handle}"))
    if member.kind == "instance" or not (territory.local or member.local):
        raise NotAParty(sentence("Only the two parties speak about an agreement."))
    if not territory.active or not member.active:
        raise Forbidden(sentence("This account is suspended or was deleted."))
    if any(await blocks.between(tx, territory.id, member.id)):
        raise Forbidden(sentence("One of the two blocks the other."))
