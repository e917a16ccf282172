"""The postman: takes letters that are due to the mail server, a few at a time over one connection.

A letter goes at least once. If the process dies between the server's yes and the row's end, it goes a second time with
the same Message-ID, by which mailboxes know it for the same.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime
from typing import Final

from node import __version__
from node.runtime import log
from node.runtime.context import Context
from node.runtime.database import Row, Tx
from node.runtime.errors import Unavailable
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import leases
from node.runtime.jobs.part import Part
from node.runtime.keyring import KeyringError
from node.runtime.mail import letters
from node.runtime.mail.letters import Letter
from node.runtime.net import mailboxes, smtp

AT_ONCE: Final = 20
"""Letters of one turn: what a mail server takes from one sender without thinking ill of it."""
_LEASE_MS: Final = 15 * 60_000  # longer than AT_ONCE letters can take
_NOT_CONFIGURED_MS: Final = 3_600_000
_GIVEN_UP_MS: Final = 7 * 24 * 3_600_000
# The server goes away, or wants to know who we are: no letter's own fault (RFC 5321 §4.2.3, RFC 4954 §6).
_ABOUT_US: Final = frozenset({421, 454, 530, 534, 535, 538})


class Postman(Part):
    """Sends letters."""

    bell = "letters"

    def __init__(self) -> None:
        self._doubt = False

    async def turn(self, ctx: Context) -> int:
        rows = await self._claim(ctx)
        if not rows:
            return 0
        self._doubt = True
        if not letters.configured(ctx):
            await _keep(ctx, rows)
        else:
            await _carry(ctx, rows)
        self._doubt = False
        return len(rows)

    async def next_due_ms(self, ctx: Context) -> int | None:
        found = await ctx.db.reader.value("SELECT MIN(run_at_ms) FROM letters WHERE state = 'ready'")
        return None if found is None else int(found)

    async def _claim(self, ctx: Context) -> Sequence[Row]:
        now_ms, doubt = ctx.clock.now_ms(), self._doubt
        if not doubt and not await leases.due(ctx.db.reader, "letters", now_ms=now_ms):
            return ()

        async def step(tx: Tx) -> Sequence[Row]:
            await leases.reap(tx, "letters", now_ms=now_ms)
            if doubt:  # the turn before broke off: what it held is ours again
                await leases.release_forgotten(tx, "letters", holder=ctx.seat.number, known=(), now_ms=now_ms)
            return await leases.claim(
                tx, "letters", now_ms=now_ms, lease_ms=_LEASE_MS, limit=AT_ONCE, holder=ctx.seat.number
            )

        return await ctx.db.write(step)


async def send_now(ctx: Context, letter: Letter) -> None:
    """Hand one letter over at once, outside the queue: how a keeper tries her settings.

    Raises:
        Unavailable: what the mail server, or the way to it, said.
    """
    from aiosmtplib import SMTPException

    server = smtp.read(ctx.settings.smtp)
    sender = mailboxes.sender(ctx.settings.mail_from)
    message = composed(ctx, letter, letter_id=ctx.ids.next(), created_ms=ctx.clock.now_ms())
    try:
        async with smtp.connected(
            server, name=sender.domain, timeout_s=ctx.settings.mail_timeout_s, extra_ca=ctx.settings.extra_ca
        ) as client:
            await client.send_message(message)
    except (SMTPException, OSError) as error:
        raise Unavailable(
            sentence("The mail server did not take it: %(reason)s", reason=reason_of(error)[:300])
        ) from error


def composed(ctx: Context, letter: Letter, *, letter_id: int, created_ms: int) -> EmailMessage:
    """The letter as it travels. The library refuses a line break in any header (policy SMTP)."""
    sender = mailboxes.sender(ctx.settings.mail_from)
    message = EmailMessage(policy=SMTP_POLICY)
    message["From"] = sender
    message["To"] = mailboxes.checked(letter.to)
    message["Subject"] = letter.subject
    message["Date"] = format_datetime(datetime.fromtimestamp(created_ms // 1000, UTC))
    message["Message-ID"] = f"<letter.{letter_id}@{sender.domain}>"
    message["Auto-Submitted"] = "auto-generated"  # RFC 3834: nobody's absence answers it
    message["X-Mailer"] = f"Beffroi {__version__}"
    message.set_content(letter.text, cte="quoted-printable")
    return message


def reason_of(error: BaseException) -> str:
    """What a server said, in one line."""
    from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

    if isinstance(error, SMTPRecipientsRefused) and error.recipients:
        error = error.recipients[0]
    if isinstance(error, SMTPResponseException):
        said = f"{error.code} {error.message}"
    else:
        said = str(error) or type(error).__name__
    return " ".join("".join(char if char.isprintable() else " " for char in said).split())


async def _carry(ctx: Context, rows: Sequence[Row]) -> None:
    from aiosmtplib import SMTPException

    server = smtp.read(ctx.settings.smtp)
    name = mailboxes.sender(ctx.settings.mail_from).domain
    left = list(rows)
    try:
        async with smtp.connected(
            server, name=name, timeout_s=ctx.settings.mail_timeout_s, extra_ca=ctx.settings.extra_ca
        ) as client:
            while left:
                row = left[0]
                if await _is_over(ctx, row):
                    left.pop(0)
                    continue
                try:
                    letter = letters.opened(ctx, row)
                except KeyringError as error:
                    left.pop(0)
                    await _bury(ctx, row, str(error))
                    continue
                message = composed(ctx, letter, letter_id=row["id"], created_ms=row["created_ms"])
                try:
                    await client.send_message(message)
                except SMTPException as error:
                    code = _code(error)
                    if code is None or code in _ABOUT_US or _is_about_sender(error):
                        raise
                    left.pop(0)
                    await (_bury if code >= 500 else _again)(ctx, row, reason_of(error))
                    continue
                left.pop(0)
                await _done(ctx, row)
    except (SMTPException, OSError) as error:
        log.warn("mail.server_failed", error=type(error).__name__, code_name=str(_code(error)))
        for row in left:
            await _again(ctx, row, reason_of(error))


async def _keep(ctx: Context, rows: Sequence[Row]) -> None:
    """There is no mail server: the letters wait, and it counts as no attempt."""
    now_ms = ctx.clock.now_ms()
    for row in rows:
        if await _is_over(ctx, row):
            continue
        if now_ms - row["created_ms"] > _GIVEN_UP_MS:
            await _bury(ctx, row, "this node has no mail server")
            continue
        await ctx.db.write(
            lambda tx, row=row: tx.execute(  # type: ignore[misc]
                "UPDATE letters SET state = 'ready', lease_until_ms = NULL, run_at_ms = $2, attempts = attempts - 1, "
                "error = 'this node has no mail server' WHERE id = $1 AND state = 'leased'",
                row["id"], now_ms + _NOT_CONFIGURED_MS,
            )
        )  # fmt: skip


async def _is_over(ctx: Context, row: Row) -> bool:
    """Whether the letter came too late to be of use; it is then set aside."""
    if row["until_ms"] is None or row["until_ms"] > ctx.clock.now_ms():
        return False
    await _bury(ctx, row, row["error"] or "its time was over before it could be sent")
    return True


async def _done(ctx: Context, row: Row) -> None:
    sql = "DELETE FROM letters WHERE id = $1 AND attempts = $2"
    await ctx.db.write(lambda tx: tx.execute(sql, row["id"], row["attempts"]))
    ctx.metrics.count("letters", outcome="sent")


async def _again(ctx: Context, row: Row, reason: str) -> None:
    attempts = row["attempts"]
    if attempts >= leases.MAX_ATTEMPTS:
        await _bury(ctx, row, reason)
        return
    at_ms = ctx.clock.now_ms() + leases.backoff_ms(attempts)
    await ctx.db.write(
        lambda tx: leases.again(tx, "letters", row_id=row["id"], at_ms=at_ms, error=reason, attempts=attempts)
    )
    ctx.metrics.count("letters", outcome="again")


async def _bury(ctx: Context, row: Row, reason: str) -> None:
    await ctx.db.write(lambda tx: leases.bury(tx, "letters", row_id=row["id"], error=reason, attempts=row["attempts"]))
    ctx.metrics.count("letters", outcome="dead")
    log.warn("mail.given_up", letter=row["id"])  # its reason is in the row: it may name the reader


def _code(error: BaseException) -> int | None:
    from aiosmtplib import SMTPRecipientsRefused, SMTPResponseException

    if isinstance(error, SMTPRecipientsRefused):
        return max((each.code for each in error.recipients), default=None)
    return error.code if isinstance(error, SMTPResponseException) else None


def _is_about_sender(error: BaseException) -> bool:
    from aiosmtplib import SMTPAuthenticationError, SMTPHeloError, SMTPSenderRefused

    return isinstance(error, SMTPAuthenticationError | SMTPHeloError | SMTPSenderRefused)
