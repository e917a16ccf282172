"""What was ever said about an agreement, in the order in which this node heard it: a chain that nobody can edit.

Each line holds the hash of the one before; triggers of both databases refuse to change or delete a line.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, cast

import jcs

from node.agreements import terms as terms_of
from node.agreements.agreements import Agreement
from node.agreements.terms import Terms
from node.agreements.words import Party, State, Word
from node.runtime.clock import iso
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx

MAX_EARLIER: Final = 50
"""So many words that were not confirmed are told again with the last one."""
_COLUMNS: Final = "number, party, act, sequence, terms, state, source, said_ms, at_ms, previous, digest"


@dataclass(frozen=True, slots=True)
class Event:
    """One line."""

    number: int
    party: Party
    act: str
    """offer, accept, limit, reject or end."""
    sequence: int
    terms: Terms | None
    state: State
    """What followed from it here."""
    source: str
    """The activity or the post it came by; empty: it was said here."""
    said_ms: int
    at_ms: int
    """When this node heard it."""
    previous: str
    digest: str


async def append(
    tx: Tx, ctx: Context, *, agreement: Agreement, party: Party, act: str, word: Word, state: State, source: str
) -> None:
    """Add a line (within the lock on the agreement)."""
    last = await tx.row(
        "SELECT number, digest FROM agreement_events WHERE agreement_id = $1 ORDER BY number DESC LIMIT 1", agreement.id
    )
    number, previous = (1, "") if last is None else (last["number"] + 1, last["digest"])
    event = Event(
        number, party, act, word.sequence, word.terms, state, source, word.at_ms, ctx.clock.now_ms(), previous, ""
    )
    await tx.execute(
        f"INSERT INTO agreement_events (id, agreement_id, {_COLUMNS}) "
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
        ctx.ids.next(), agreement.id, number, party, act, word.sequence, word.terms.text if word.terms else "", state,
        source, word.at_ms, event.at_ms, previous, digest_of(agreement.uri, event),
    )  # fmt: skip


async def of(reader: Reader, agreement_id: int) -> list[Event]:
    """All lines, the oldest first."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM agreement_events WHERE agreement_id = $1 ORDER BY number", agreement_id
    )
    return [_read(row) for row in rows]


async def unheard(reader: Reader, agreement: Agreement, party: Party) -> list[Event]:
    """What *party* said before its last word and the other has not confirmed: the last `MAX_EARLIER`, oldest first."""
    rows = await reader.fetch(
        f"SELECT {', '.join(f'e.{name}' for name in _COLUMNS.split(', '))} FROM agreement_events e "
        "JOIN agreement_words w ON w.agreement_id = e.agreement_id AND w.party = e.party "
        "WHERE e.agreement_id = $1 AND e.party = $2 AND e.sequence > w.acked AND e.sequence < w.sequence "
        f"ORDER BY e.sequence DESC LIMIT {MAX_EARLIER}",
        agreement.id, party,
    )  # fmt: skip
    return [_read(row) for row in rows[::-1]]


async def consented(reader: Reader, agreement: Agreement, party: Party, at_ms: int) -> Terms | None:
    """What *party* agreed to at that moment; None: to nothing. Its last word needs no query: it is nearly always that."""
    word = agreement.word(party)
    if word.at_ms <= at_ms:
        return word.terms
    row = await reader.row(
        "SELECT terms FROM agreement_events WHERE agreement_id = $1 AND party = $2 AND said_ms <= $3 "
        "ORDER BY sequence DESC LIMIT 1",
        agreement.id, party, at_ms,
    )  # fmt: skip
    return None if row is None else terms_of.stored(row["terms"])


def _read(row: Row) -> Event:
    return Event(row[0], row[1], row[2], row[3], terms_of.stored(row[4]), *(row[index] for index in range(5, 11)))


def digest_of(uri: str, event: Event) -> str:
    """SHA-256 of the line in canonical JSON (RFC 8785)."""
    line: dict[str, Any] = {
        "agreement": uri, "number": event.number, "party": event.party, "act": event.act, "sequence": event.sequence,
        "terms": event.terms.as_json() if event.terms else None, "state": event.state, "source": event.source,
        "said": iso(event.said_ms), "at": iso(event.at_ms), "previous": event.previous,
    }  # fmt: skip
    return hashlib.sha256(cast(bytes, jcs.canonicalize(line))).hexdigest()


def broken_at(uri: str, events: Sequence[Event]) -> int | None:
    """The number of the first line that was tampered with; None: the chain holds."""
    previous = ""
    for number, event in enumerate(events, start=1):
        if event.number != number or event.previous != previous or digest_of(uri, event) != event.digest:
            return number
        previous = event.digest
    return None
