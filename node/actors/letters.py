"""What the node writes to people about their accounts: subjects and texts, in the reader's language."""

from dataclasses import dataclass
from typing import get_args

from node.actors.actor import Actor
from node.actors.domains import Domain
from node.actors.memberships import Role
from node.runtime.context import Context
from node.runtime.i18n import Language, Sentence, Translator, sentence, translator

ROLES: dict[str, Sentence] = {
    "owner": sentence("Owner: all rights, members too"),
    "editor": sentence("Editor: publishes, approves, edits the profile"),
    "contributor": sentence("Contributor: writes posts that wait for approval"),
    "moderator": sentence("Moderator: answers reports and lets replies through"),
    "reader": sentence("Reader: looks, changes nothing"),
}


@dataclass(frozen=True, slots=True)
class Written:
    """A letter without its address."""

    subject: str
    text: str


def invitation(
    ctx: Context, domain: Domain, *, token: str, actor: Actor | None, role: Role | None, by: str, days: int,
    language: str | None,
) -> Written:  # fmt: skip
    """Somebody is invited, to an account of her own or to an actor's team."""
    _ = speaking(ctx, language)
    link = address(ctx, domain, f"/invitations/{token}")
    if actor is None or role is None:
        subject = _("Invitation to %(site)s", site=one_line(domain.name))
        what = _("%(by)s invites you to make an account at %(site)s.", by=one_line(by), site=one_line(domain.name))
    else:
        subject = _("Invitation to speak for %(name)s", name=one_line(actor.name or actor.username))
        what = _(
            "%(by)s invites you to speak for %(name)s (@%(handle)s) at %(site)s.", by=one_line(by),
            name=one_line(actor.name or actor.username), handle=actor.handle, site=one_line(domain.name),
        ) + "\n" + _("Your role: %(role)s", role=_(ROLES[role]))  # fmt: skip
    return Written(
        subject,
        paragraphs(
            what,
            _("Open this link, which works for %(count)s days and is yours alone:", count=days) + f"\n{link}",
            _("If you do not know why you receive this, leave it: nothing happens then."),
            signed=domain.name,
        ),
    )


def forgotten(ctx: Context, domain: Domain, *, token: str, language: str) -> Written:
    """Somebody asked for a new password."""
    _ = speaking(ctx, language)
    return Written(
        _("A new password for %(site)s", site=one_line(domain.name)),
        paragraphs(
            _("Somebody, probably you, asked for a new password for your account at %(site)s.", site=domain.name),
            _("Choose it here within an hour; the link works once:")
            + f"\n{address(ctx, domain, f'/login/reset/{token}')}",
            _("If it was not you, leave this letter: your password stays as it is."),
            signed=domain.name,
        ),
    )


def password_changed(ctx: Context, domain: Domain, *, language: str) -> Written:
    """Her password is another one now."""
    _ = speaking(ctx, language)
    return Written(
        _("Your password was changed"),
        paragraphs(
            _("The password of your account at %(site)s was just changed.", site=domain.name),
            _("If it was not you, ask for a new one at once, and write to who keeps this site:")
            + f"\n{address(ctx, domain, '/login/forgotten')}"
            + (f"\n{domain.contact_email}" if domain.contact_email else ""),
            signed=domain.name,
        ),
    )


def confirm_address(ctx: Context, domain: Domain, *, token: str, language: str) -> Written:
    """To the new address: is it hers?"""
    _ = speaking(ctx, language)
    return Written(
        _("Confirm your new address"),
        paragraphs(
            _("You asked to use this address for your account at %(site)s.", site=domain.name),
            _("Confirm it here within a day:") + f"\n{address(ctx, domain, f'/account/email/{token}')}",
            _("If it was not you, leave this letter: nothing changes."),
            signed=domain.name,
        ),
    )


def address_asked(ctx: Context, domain: Domain, *, to: str, language: str) -> Written:
    """To the old address: another one is asked for."""
    _ = speaking(ctx, language)
    return Written(
        _("Another address for your account"),
        paragraphs(
            _("The address of your account at %(site)s is to become %(email)s, once it is confirmed there.",
                site=domain.name, email=to),
            _("If it was not you, change your password at once, and write to who keeps this site:")
            + f"\n{address(ctx, domain, '/login/forgotten')}"
            + (f"\n{domain.contact_email}" if domain.contact_email else ""),
            signed=domain.name,
        ),
    )  # fmt: skip


def speaking(ctx: Context, language: str | None) -> Translator:
    """Who speaks a person's language, or the node's."""
    known: tuple[Language, ...] = get_args(Language)
    return translator(next((each for each in known if each == language), ctx.settings.language))


def address(ctx: Context, domain: Domain, path: str) -> str:
    """*path* of that domain. The host is the domain's own, never one that a request named."""
    return f"{ctx.settings.scheme}://{domain.service_host}{path}"


def paragraphs(*said: str, signed: str) -> str:
    """The text of a letter, signed as mail programs know it (RFC 3676 §4.3)."""
    return "\n\n".join(said) + f"\n\n-- \n{one_line(signed)}\n"


def one_line(text: str) -> str:
    """What people typed, for a subject or a sentence: without line breaks and what else cannot be seen."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())[:100]
