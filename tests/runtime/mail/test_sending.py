"""Letters reach a real mail server, once, as they were written, or say why they did not."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime import mail
from node.runtime.context import Context
from node.runtime.errors import Invalid
from node.runtime.mail import Postman, letters, postman
from node.runtime.net import mailboxes
from tests.support.context import make_context
from tests.support.mailbox import Mailbox

HOUR_S = 3_600


@pytest.fixture
async def ctx(mailbox: Mailbox, database_url: Callable[..., str], tmp_path: Path) -> AsyncIterator[Context]:
    """A node that sends mail."""
    made = await make_context(
        database_url(migrated=True), tmp_path / "node", smtp=mailbox.url, mail_from="Mairie <mairie@commune.example>"
    )
    yield made
    await made.db.close()


async def post(
    ctx: Context, to: str = "odile@poste.example", subject: str = "Bonjour", text: str = "Un mot.\n"
) -> None:
    await ctx.db.write(lambda tx: mail.post(tx, ctx, to=to, subject=subject, text=text))


async def turn(ctx: Context) -> int:
    return await Postman().turn(ctx)


async def test_a_letter_arrives_as_it_was_written(ctx, mailbox):
    await post(ctx, subject="Votre compte à Besançon", text="Bonjour Odile,\n\nà bientôt.\n.\nLa mairie\n")
    assert await turn(ctx) == 1
    letter = mailbox.last("odile@poste.example")
    assert letter["Subject"] == "Votre compte à Besançon"
    assert letter["From"] == "Mairie <mairie@commune.example>"
    assert letter.get_content() == "Bonjour Odile,\n\nà bientôt.\n.\nLa mairie\n".replace("\n", "\r\n")
    assert letter["Auto-Submitted"] == "auto-generated", "an absence notice would answer the machine"
    assert letter["Message-ID"].endswith("@commune.example>")
    assert letter["Date"], "a letter without a date is taken for spam"
    assert await letters.count(ctx.db.reader) == (0, 0), "a letter that was sent is still kept"


async def test_a_letter_of_a_step_that_failed_is_not_sent(ctx, mailbox):
    async def step(tx):
        await mail.post(tx, ctx, to="odile@poste.example", subject="Bonjour", text="x")
        raise Invalid("no")

    with pytest.raises(Invalid):
        await ctx.db.write(step)
    assert await turn(ctx) == 0
    assert mailbox.taken == []


async def test_many_letters_go_a_few_at_a_time(ctx, mailbox):
    for number in range(postman.AT_ONCE + 3):
        await post(ctx, to=f"p{number}@poste.example")
    assert await turn(ctx) == postman.AT_ONCE
    assert await turn(ctx) == 3
    assert await turn(ctx) == 0
    assert len(mailbox.taken) == postman.AT_ONCE + 3


async def test_what_waits_can_be_read_by_nobody(ctx):
    """The database, its backup or a log would else open an account."""
    await post(ctx, subject="Mot de passe", text="https://commune.example/login/reset/jeton-secret")
    row = await ctx.db.reader.row("SELECT * FROM letters")
    held = b" ".join(bytes(value) if isinstance(value, bytes) else str(value).encode() for value in tuple(row))
    for word in (b"jeton-secret", b"odile", b"Mot de passe"):
        assert word not in held, f"{word!r} stands in the database"


async def test_an_address_that_does_not_exist_is_said_at_once(ctx, mailbox):
    mailbox.answers["nobody@poste.example"] = "550 5.1.1 no such mailbox"
    await post(ctx, to="nobody@poste.example")
    await post(ctx, to="odile@poste.example")
    await turn(ctx)
    assert len(mailbox.of("odile@poste.example")) == 1, "one bad address held up the next letter"
    (dead,) = await letters.page(ctx.db.reader, ctx, dead=True)
    assert (dead.to, dead.attempts) == ("nobody@poste.example", 1)
    assert "no such mailbox" in dead.error


async def test_a_server_that_asks_for_patience_is_asked_again(ctx, mailbox):
    """Greylisting: the first attempt of a stranger is always refused (RFC 6647)."""
    mailbox.answers["odile@poste.example"] = "451 4.7.1 greylisted"
    await post(ctx)
    await turn(ctx)
    mailbox.answers.clear()
    assert await turn(ctx) == 0, "it does not wait"
    ctx.clock.forward(60)
    await turn(ctx)
    assert len(mailbox.taken) == 1


async def test_after_days_it_is_given_up_and_a_keeper_may_try_again(ctx, mailbox):
    mailbox.after_data = "452 4.3.1 disk full"
    await post(ctx)
    hours = 0
    while not await letters.page(ctx.db.reader, ctx, dead=True):
        await turn(ctx)
        ctx.clock.forward(HOUR_S)
        hours += 1
        assert hours < 24 * 10, "it is tried for ever"
    assert hours > 24 * 2, "a mail server that is down for a weekend loses letters"
    mailbox.after_data = ""
    assert await turn(ctx) == 0
    assert await ctx.db.write(lambda tx: letters.retry(tx, ctx)) == 1
    await turn(ctx)
    assert len(mailbox.taken) == 1


async def test_a_dead_letter_can_be_dropped(ctx, mailbox):
    mailbox.after_data = "554 5.7.1 spam"
    await post(ctx)
    await turn(ctx)
    (dead,) = await letters.page(ctx.db.reader, ctx, dead=True)
    assert await ctx.db.write(lambda tx: letters.drop(tx, letter_id=dead.id)) == 1
    assert await letters.count(ctx.db.reader) == (0, 0)


async def test_a_server_that_refuses_us_loses_no_letter(ctx, mailbox):
    """A wrong sender or password is the keeper's to mend: the letters wait."""
    mailbox.sender_answer = "553 5.7.1 not your address"
    await post(ctx)
    await turn(ctx)
    assert await letters.count(ctx.db.reader) == (1, 0)
    mailbox.sender_answer = ""
    ctx.clock.forward(60)
    await turn(ctx)
    assert len(mailbox.taken) == 1


async def test_a_server_that_is_down_loses_no_letter(ctx, mailbox, database_url, tmp_path):
    away = await make_context(
        database_url(migrated=True), tmp_path / "away", smtp="smtp://127.0.0.1:1", mail_from="a@commune.example"
    )
    try:
        await post(away)
        await turn(away)
        assert await letters.count(away.db.reader) == (1, 0)
    finally:
        await away.db.close()


async def test_a_letter_that_was_taken_without_an_answer_goes_twice_with_one_name(ctx, mailbox):
    """The process died, or the line, between the server's yes and our row: a mailbox knows the second for the first."""
    mailbox.lose_answer = True
    await post(ctx)
    await turn(ctx)
    mailbox.lose_answer = False
    ctx.clock.forward(60)
    await turn(ctx)
    assert len(mailbox.taken) == 2
    assert len({letter["Message-ID"] for letter in mailbox.taken}) == 1
    assert len({letter["Date"] for letter in mailbox.taken}) == 1
    assert await letters.count(ctx.db.reader) == (0, 0)


async def test_a_letter_whose_time_is_over_is_not_sent(ctx, mailbox):
    until_ms = ctx.clock.now_ms() + HOUR_S * 1000
    await ctx.db.write(
        lambda tx: mail.post(tx, ctx, to="odile@poste.example", subject="Lien", text="x", until_ms=until_ms)
    )
    ctx.clock.forward(HOUR_S + 1)
    await turn(ctx)
    assert mailbox.taken == []
    assert await letters.count(ctx.db.reader) == (0, 1)


async def test_without_a_mail_server_letters_wait_some_days(ctx, database_url, tmp_path):
    silent = await make_context(database_url(migrated=True), tmp_path / "silent")
    try:
        assert not mail.configured(silent)
        await post(silent)
        for _ in range(24 * 6):
            await turn(silent)
            silent.clock.forward(HOUR_S)  # type: ignore[attr-defined]
        assert await letters.count(silent.db.reader) == (1, 0)
        silent.clock.forward(3 * 24 * HOUR_S)  # type: ignore[attr-defined]
        await turn(silent)
        assert await letters.count(silent.db.reader) == (0, 1)
    finally:
        await silent.db.close()


async def test_a_name_and_a_password_are_said_to_the_server(mailbox, database_url, tmp_path):
    mailbox.users["mairie@commune.example"] = "p@ss/mot:"
    url = mailbox.url.replace("//", "//mairie%40commune.example:p%40ss%2Fmot%3A@")
    known = await make_context(database_url(migrated=True), tmp_path / "known", smtp=url, mail_from="a@commune.example")
    try:
        await post(known)
        await turn(known)
        assert len(mailbox.taken) == 1
    finally:
        await known.db.close()


async def test_a_wrong_password_loses_no_letter(mailbox, database_url, tmp_path):
    url = mailbox.url.replace("//", "//mairie:faux@")
    wrong = await make_context(database_url(migrated=True), tmp_path / "wrong", smtp=url, mail_from="a@commune.example")
    try:
        await post(wrong)
        await turn(wrong)
        (waiting,) = await letters.page(wrong.db.reader, wrong, dead=False)
        assert "535" in waiting.error
        assert mailbox.taken == []
    finally:
        await wrong.db.close()


EVIL = ["a\nBcc: x@y.example", "a\r\nX: y", "a\rb", "a\0b", "a\x0bb", "a\u2028b", "", " "]


@pytest.mark.parametrize("subject", EVIL)
async def test_a_subject_is_one_line(ctx, subject):
    with pytest.raises(Invalid):
        await post(ctx, subject=subject)
    assert await letters.count(ctx.db.reader) == (0, 0)


@pytest.mark.parametrize(
    "to",
    [
        "a@b.example\nBcc: c@d.example", "a@b.example\r\n\r\nhello", "a@b.example, c@d.example", "<a@b.example>",
        "Odile <a@b.example>", "a b@c.example", "a@b.example (c)", "a@@b.example", "@b.example", "a@", "a", "",
        'a"b@c.example', "a;b@c.example", "é@b.example", "a@b..example", "a" * 300 + "@b.example", "a@b.example\0",
        "a@[127.0.0.1]", "a@b example",
    ],
)  # fmt: skip
async def test_an_address_is_one_address(ctx, to):
    with pytest.raises(Invalid):
        await post(ctx, to=to)
    assert await letters.count(ctx.db.reader) == (0, 0)


@pytest.mark.parametrize("written", ["Mairie\nBcc: x@y.example <a@b.example>", "a@b.example\r\nX: y", "Mairie", ""])
def test_a_sender_is_one_sender(written):
    with pytest.raises(Invalid):
        mailboxes.sender(written)


def test_an_address_with_accents_in_its_host_travels_in_ascii():
    assert mailboxes.checked("mairie@besançon.example").addr_spec == "mairie@xn--besanon-yxa.example"


@given(st.text(max_size=60), st.text(max_size=60))
def test_no_text_makes_a_second_header(subject, name):
    """Whatever is typed, either it is refused or the letter has the headers that we wrote."""
    try:
        address = mailboxes.checked("a@b.example", name)
        line = letters._subject(subject)
    except Invalid:
        return
    from email import message_from_bytes, policy
    from email.message import EmailMessage

    message = EmailMessage(policy=policy.SMTP)
    message["From"], message["Subject"] = address, line
    message.set_content("x")
    read = message_from_bytes(message.as_bytes(), policy=policy.SMTP)
    assert set(read.keys()) <= {"From", "Subject", "Content-Type", "Content-Transfer-Encoding", "MIME-Version"}
    assert read["From"].addresses[0].addr_spec == "a@b.example"
