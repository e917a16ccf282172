"""What happens to agreements, as frozen facts; node.reactions says who reacts."""

from dataclasses import dataclass

from node.agreements.words import Party, State


@dataclass(frozen=True, slots=True)
class WordSpoken:
    """A local party said something: it is to be told to the other."""

    agreement_id: int
    party: Party
    act: str
    """offer, accept, limit, reject or end."""


@dataclass(frozen=True, slots=True)
class WordHeard:
    """A party of another server said something: it is to be told that it was heard."""

    agreement_id: int
    party: Party
    act: str


@dataclass(frozen=True, slots=True)
class WordTaken:
    """What a party agreed to from a moment on is known: what was announced since then is judged by it."""

    agreement_id: int
    said_ms: int
    """When it was said: perhaps long before it came here."""


@dataclass(frozen=True, slots=True)
class AgreementChanged:
    """The state or the terms in force are others than before."""

    agreement_id: int
    before: State
    after: State
    said_ms: int
    """When the word was said from which this follows."""


@dataclass(frozen=True, slots=True)
class WithdrawalAsked:
    """A local party wants the other one's announcement of a post taken back."""

    agreement_id: int
    party: Party
    post_id: int
    announce_uri: str
