"""What each party last said, and what follows from both. Pure; the whole protocol is in this file.

There is one agreement for a pair of a territory and a member. Each party only ever speaks for itself, and numbers what
it says; of the other it keeps the last word that it heard. The state is a function of the two last words, so two nodes
that have heard the same words agree, in whatever order, how often and how late the words came.

    both agree, and heard each other's last refusal    active, under the narrower of the two terms
    both agree to terms of which neither is narrower   proposed (by both); nothing is shared
    one agrees                                         proposed (by that one)
    nobody agrees, somebody ended or withdrew          ended
    nobody agrees, somebody refused                    rejected
"""

from dataclasses import dataclass, replace
from typing import Final, Literal

from node.agreements.terms import Terms, narrower

Party = Literal["territory", "member"]
Stance = Literal["silent", "agree", "reject", "end"]
State = Literal["none", "proposed", "active", "rejected", "ended"]

MAX_SEQUENCE: Final = 2**53 - 1
"""JSON numbers are exact up to here (RFC 8259 §6)."""


@dataclass(frozen=True, slots=True)
class Word:
    """What a party last said."""

    sequence: int = 0
    """The number of this word among all of this party's about this agreement; 0: it has said nothing."""
    stance: Stance = "silent"
    terms: Terms | None = None
    """What it agrees to."""
    heard: int = 0
    """The number of the other's last word when this one was said."""
    refused: int = 0
    """The number of its own last `reject` or `end`: an agreement of the other that had not heard it is void."""
    at_ms: int = 0

    @property
    def possible(self) -> bool:
        """Whether a party that keeps to the protocol can say this."""
        if not 0 < self.sequence <= MAX_SEQUENCE or not 0 <= self.heard <= MAX_SEQUENCE or self.at_ms < 0:
            return False
        if self.stance == "agree":
            return self.terms is not None and 0 <= self.refused < self.sequence
        return self.stance in ("reject", "end") and self.terms is None and self.refused == self.sequence


SILENCE: Final = Word()


@dataclass(frozen=True, slots=True)
class Standing:
    """How the two stand."""

    state: State
    terms: Terms | None = None
    """In force when active; on offer when proposed."""
    proposed_by: Party | Literal["both", ""] = ""


def standing(territory: Word, member: Word) -> Standing:
    """What follows from both last words."""
    offers = {
        party: word.terms
        for party, word, other in (("territory", territory, member), ("member", member, territory))
        if word.stance == "agree" and word.terms is not None and word.heard >= other.refused
    }
    match offers:
        case {"territory": ours, "member": theirs}:
            agreed = narrower(ours, theirs)
            return Standing("proposed", ours, "both") if agreed is None else Standing("active", agreed)
        case {"territory": terms}:
            return Standing("proposed", terms, "territory")
        case {"member": terms}:
            return Standing("proposed", terms, "member")
    stances = {territory.stance, member.stance}
    return Standing("ended" if "end" in stances else "rejected" if "reject" in stances else "none")


def agree(mine: Word, theirs: Word, terms: Terms, at_ms: int) -> Word:
    """*mine* after saying yes to *terms*: an offer, the answer to one, or a limit. *mine* itself if it stands already."""
    if mine.stance == "agree" and mine.terms == terms and mine.heard >= theirs.refused:
        return mine
    return Word(mine.sequence + 1, "agree", terms, theirs.sequence, mine.refused, at_ms)


def refuse(mine: Word, theirs: Word, at_ms: int) -> Word:
    """*mine* after saying no: to an offer, or to what held until now. *mine* itself when nobody agrees to anything."""
    now = standing(mine, theirs)  # symmetrical in its state
    if now.state not in ("proposed", "active"):
        return mine
    number = mine.sequence + 1
    return Word(number, "end" if mine.stance == "agree" else "reject", None, theirs.sequence, number, at_ms)


def recall(mine: Word, claimed: int, at_ms: int) -> Word:
    """*mine* after learning that the other heard a word of ours with the number *claimed*, which we do not remember.

    That is a node that came back from an old backup. What it said since is lost: it must not renew a consent that it
    may have taken back, so it ends the agreement under a higher number.
    """
    if claimed <= mine.sequence:
        return mine
    number = min(claimed, MAX_SEQUENCE - 1) + 1
    return Word(number, "end", None, mine.heard, number, at_ms)


def later(known: Word, told: Word) -> Word:
    """The later of two words of one party. The same number is the same word: the first that came counts."""
    return told if told.sequence > known.sequence else known


def clamp(word: Word, now_ms: int) -> Word:
    """*word*, said at the latest now: nobody speaks from the future."""
    return word if word.at_ms <= now_ms else replace(word, at_ms=now_ms)
