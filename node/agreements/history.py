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
from node.runtime.database import Reader, Tx

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
    return [
        Event(row[0], row[1], row[2], row[3], terms_of.stored(row[4]), row[5], row[6], row[7], row[8], row[9], row[10])
        for row in rows
    ]


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
