"""Letters that wait, and those that could not be sent. What a letter says is sealed for as long as it is here.

It may hold a token that opens an account: neither the database, nor its backup, nor the log shows it. States: see
`node/runtime/jobs/leases.py`. A letter that was sent is deleted.
"""

from dataclasses import dataclass
from typing import Final

import orjson

from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.keyring import KeyringError
from node.runtime.net import mailboxes

MAX_SUBJECT_CHARS: Final = 200
MAX_TEXT_CHARS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Letter:
    """What is sent to whom."""

    to: str
    subject: str
    text: str


@dataclass(frozen=True, slots=True)
class Waiting:
    """One row, opened; never its text."""

    id: int
    state: str
    to: str
    subject: str
    attempts: int
    error: str
    created_ms: int
    run_at_ms: int


def configured(ctx: Context) -> bool:
    """Whether this node can send mail."""
    return bool(ctx.settings.smtp)


async def post(tx: Tx, ctx: Context, *, to: str, subject: str, text: str, until_ms: int | None = None) -> None:
    """Have a letter sent after this transaction; past *until_ms* it is worth nothing, and is no longer tried.

    On a node that sends no mail the letter waits until it does, for some days.

    Raises:
        Invalid: no address, or a subject that is none; nothing is queued.
    """
    letter = Letter(mailboxes.checked(to).addr_spec, _subject(subject), _text(text))
    letter_id, now_ms = ctx.ids.next(), ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO letters (id, sealed, until_ms, state, run_at_ms, created_ms) VALUES ($1, $2, $3, 'ready', $4, $4)",
        letter_id, _seal(ctx, letter_id, letter), until_ms, now_ms,
    )  # fmt: skip
    tx.after_commit(lambda: ctx.live.ring("letters"))


def opened(ctx: Context, row: Row) -> Letter:
    """What a row says.

    Raises:
        KeyringError: it was sealed with a key that is no longer on the ring.
    """
    return Letter(**orjson.loads(ctx.keyring.open(row["sealed"], _context(row["id"]))))


async def page(reader: Reader, ctx: Context, *, dead: bool, below: int | None = None) -> list[Waiting]:
    """The letters that were given up, or those that wait, the latest first, fifty at a time."""
    rows = await reader.fetch(
        "SELECT id, sealed, state, attempts, error, created_ms, run_at_ms FROM letters "
        "WHERE (state = 'dead') = $1 AND ($2::bigint IS NULL OR id < $2::bigint) ORDER BY id DESC LIMIT 50",
        dead, below,
    )  # fmt: skip
    found = []
    for row in rows:
        try:
            letter = opened(ctx, row)
        except KeyringError:
            letter = Letter("?", "?", "")
        found.append(
            Waiting(
                row["id"], row["state"], letter.to, letter.subject, row["attempts"], row["error"], row["created_ms"],
                row["run_at_ms"],
            )
        )  # fmt: skip
    return found


async def count(reader: Reader) -> tuple[int, int]:
    """How many wait, how many were given up."""
    rows = await reader.fetch("SELECT state = 'dead' AS dead, COUNT(*) FROM letters GROUP BY 1")
    found = {bool(row[0]): int(row[1]) for row in rows}
    return found.get(False, 0), found.get(True, 0)


async def retry(tx: Tx, ctx: Context, *, letter_id: int | None = None) -> int:
    """Try what was given up again, all or one, as if for the first time; how many.

    Raises:
        NotFound: that one was not given up, or its time is over.
    """
    done = await tx.execute(
        "UPDATE letters SET state = 'ready', attempts = 0, run_at_ms = $1 WHERE state = 'dead' "
        "AND ($2::bigint IS NULL OR id = $2::bigint) AND (until_ms IS NULL OR until_ms > $1)",
        ctx.clock.now_ms(), letter_id,
    )  # fmt: skip
    if letter_id is not None and not done:
        raise NotFound(sentence("There is no such letter among those given up, or its time is over."))
    tx.after_commit(lambda: ctx.live.ring("letters"))
    return done


async def drop(tx: Tx, *, letter_id: int | None = None) -> int:
    """Forget what was given up, all or one; how many.

    Raises:
        NotFound: that one was not given up.
    """
    done = await tx.execute(
        "DELETE FROM letters WHERE state = 'dead' AND ($1::bigint IS NULL OR id = $1::bigint)", letter_id
    )
    if letter_id is not None and not done:
        raise NotFound(sentence("There is no such letter among those given up, or its time is over."))
    return done


def _subject(text: str) -> str:
    # A line break would begin another header (CWE-93).
    if not text.strip() or not text.isprintable() or len(text) > MAX_SUBJECT_CHARS:
        raise Invalid(sentence("The subject of a letter is one line of at most %(count)s characters.",
                               count=MAX_SUBJECT_CHARS))  # fmt: skip
    return text


def _text(text: str) -> str:
    if len(text) > MAX_TEXT_CHARS or "\0" in text:
        raise Invalid(sentence("A letter has at most %(count)s characters.", count=MAX_TEXT_CHARS))
    return text


def _seal(ctx: Context, letter_id: int, letter: Letter) -> bytes:
    said = orjson.dumps({"to": letter.to, "subject": letter.subject, "text": letter.text})
    return ctx.keyring.seal(said, _context(letter_id))


def _context(letter_id: int) -> bytes:
    return f"letter {letter_id}".encode()
