"""What keepers do with letters, sign-ups, rules and invitations: the commands' code, as the console does it too."""

import pytest

from admin import operations
from node.actors import people
from node.moderation import audit
from node.runtime import mail
from node.runtime.errors import BeffroiError
from node.runtime.mail import letters
from tests.people.test_sign_up import ask, count, press
from tests.support.legal_notice import opened


async def perform(town, name, **arguments):
    return await operations.perform(town.node.ctx, name, arguments)


async def test_the_mail_is_tried(town, mailbox):
    said = await perform(town, "mail.test", address="odile@poste.example")
    assert "odile@poste.example" in said[0]
    assert len(mailbox.of("odile@poste.example")) == 1


async def test_a_trial_says_what_the_server_said(town, mailbox):
    mailbox.answers["odile@poste.example"] = "550 5.1.1 boîte inconnue".encode("ascii", "replace").decode()
    with pytest.raises(BeffroiError, match="550"):
        await perform(town, "mail.test", address="odile@poste.example")


@pytest.mark.parametrize("address", ["", "x", "a@b.example\nBcc: c@d.example"])
async def test_a_trial_to_no_address_is_refused(town, mailbox, address):
    with pytest.raises(BeffroiError):
        await perform(town, "mail.test", address=address)
    assert mailbox.taken == []


async def test_letters_that_were_given_up_are_seen_tried_and_dropped(town, fediverse, mailbox):
    ctx = town.node.ctx
    mailbox.answers["nobody@poste.example"] = "550 5.1.1 no such mailbox"
    await ctx.db.write(lambda tx: mail.post(tx, ctx, to="nobody@poste.example", subject="Bonjour", text="jeton-secret"))
    await fediverse.settle()
    said = "\n".join(await perform(town, "mail.list"))
    assert "nobody@poste.example" in said
    assert "no such mailbox" in said
    assert "jeton-secret" not in said
    mailbox.answers.clear()
    await perform(town, "mail.retry")
    await fediverse.settle()
    assert len(mailbox.of("nobody@poste.example")) == 1
    with pytest.raises(BeffroiError):
        await perform(town, "mail.drop", id=12)
    assert await letters.count(ctx.db.reader) == (0, 0)


async def test_a_sign_up_from_the_command_to_the_welcome(town, fediverse, mailbox):
    await opened(town.node.ctx, "approval")
    await ask(town, reason="Bonjour")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    (line,) = await perform(town, "signup.list")
    number = int(line.split()[0])
    assert "Bonjour" in line
    await perform(town, "signup.approve", id=number)
    assert await people.by_email(town.node.ctx.db.reader, "bruno@poste.example") is not None
    with pytest.raises(BeffroiError):
        await perform(town, "signup.approve", id=number)
    acts = [each.act for each in await audit.listed(town.node.ctx.db.reader, audit.Search())]
    assert "signup.approve" in acts


@pytest.mark.parametrize("reason", ["", "  ", "x" * 2_000])
async def test_nobody_is_refused_without_a_reason(town, fediverse, mailbox, reason):
    await opened(town.node.ctx, "approval")
    await ask(town, reason="Bonjour")
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    (line,) = await perform(town, "signup.list")
    with pytest.raises(BeffroiError):
        await perform(town, "signup.refuse", id=int(line.split()[0]), reason=reason)
    assert await count(town, "sign_ups") == 1


@pytest.mark.parametrize("who", ["everyone", "OPEN", "open "])
async def test_only_what_there_is_can_be_chosen(town, who):
    with pytest.raises(BeffroiError):
        await perform(town, "domain.describe", registrations=who)


async def test_a_node_that_sends_no_mail_says_so_when_it_is_opened(fediverse):
    node = await fediverse.node("muet.example")
    said = await opened(node.ctx, "open")
    assert "smtp" in said[-1]


async def test_rules_are_made_and_taken_back(town):
    await perform(town, "signup_rule.add", kind="mail", value="@Jetable.example", note="boîtes d’une heure")
    await perform(town, "signup_rule.add", kind="network", value="203.0.113.9/24", act="hold")
    await perform(town, "signup_rule.add", kind="word", value="Casino")
    assert await perform(town, "signup_rule.list") == [
        "mail  jetable.example  refuse  boîtes d’une heure", "network  203.0.113.0/24  hold", "word  casino  refuse",
    ]  # fmt: skip
    await perform(town, "signup_rule.remove", kind="mail", value="jetable.EXAMPLE")
    with pytest.raises(BeffroiError):
        await perform(town, "signup_rule.remove", kind="mail", value="jetable.example")
    assert len(await perform(town, "signup_rule.list")) == 2


@pytest.mark.parametrize(
    ("kind", "value", "act"),
    [
        ("mail", "", "refuse"), ("mail", "a b", "refuse"), ("network", "0.0.0.0/0", "refuse"), ("network", "x", "hold"),
        ("network", "::/0", "refuse"), ("word", "a", "refuse"), ("word", "...", "refuse"), ("word", "x" * 200, "hold"),
        ("face", "x", "refuse"), ("word", "casino", "delete"),
    ],
)  # fmt: skip
async def test_a_rule_that_makes_no_sense_is_refused(town, kind, value, act):
    """A slip must not shut the whole town out."""
    with pytest.raises(BeffroiError):
        await perform(town, "signup_rule.add", kind=kind, value=value, act=act)
    assert await count(town, "sign_up_rules") == 0


async def test_invitations_are_made_listed_and_withdrawn(town, fediverse, mailbox):
    handle = f"@{town.hall.actor.handle}"
    said = await perform(town, "invite.create", email="bruno@poste.example", handle=handle, role="editor")
    assert "/invitations/" in said[-1]
    await fediverse.settle()
    assert said[-1].endswith(mailbox.link("bruno@poste.example"))
    (line,) = await perform(town, "invite.list")
    assert "bruno@poste.example" in line
    await perform(town, "invite.withdraw", id=int(line.split()[0]))
    assert await perform(town, "invite.list") == ["Aucune."] or "bruno" not in (await perform(town, "invite.list"))[0]


@pytest.mark.parametrize(
    "wrong",
    [{"handle": "@nobody@montreuil.example", "role": "editor"}, {"role": "editor"}, {"email": "x"}, {"uses": 0},
     {"handle": "@mairie@montreuil.example", "role": "maire"}, {"handle": "@mairie@montreuil.example"}, {}],
)  # fmt: skip
async def test_an_invitation_that_makes_no_sense_is_refused(town, wrong):
    """The last one: to make an account at a domain that is closed."""
    with pytest.raises(BeffroiError):
        await perform(town, "invite.create", **wrong)
    assert await count(town, "invitations") == 0


async def test_who_reads_a_trace_is_written_down(town, fediverse, mailbox):
    await opened(town.node.ctx, "open")
    await ask(town)
    await fediverse.settle()
    await press(town, mailbox.link("bruno@poste.example"))
    (line,) = await perform(town, "user.traces", email="bruno@poste.example")
    assert line.endswith("sign-up  203.0.113.7")
    assert "user.traces" in [each.act for each in await audit.listed(town.node.ctx.db.reader, audit.Search())]


async def test_a_password_that_a_keeper_gives_is_told(town, fediverse, mailbox):
    await perform(town, "user.password", email="odile@mairie.example")
    await fediverse.settle()
    assert "changé" in mailbox.last("odile@mairie.example")["Subject"]
    assert "Mot de passe" not in mailbox.text("odile@mairie.example"), "the password itself travels by mail"
