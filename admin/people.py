"""People who log in: made, listed, given a new password, sent away."""

import secrets
from dataclasses import dataclass
from typing import cast

from admin.pointers import pointer
from node.actors import domains, factors, memberships, passwords, people, permissions, recovery, sessions
from node.actors.passwords import PasswordHash
from node.actors.people import Person
from node.moderation import departures
from node.oauth import tokens
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import NotFound
from node.runtime.i18n import sentence, translator


@dataclass(frozen=True, slots=True)
class Newcomer:
    """A person who is still to be made; `drawn` is her password where none was chosen, to be said once."""

    email: str
    digest: PasswordHash
    drawn: str


async def prepare(email: str, password: str = "") -> Newcomer:
    """Check and hash, before the transaction.

    Raises:
        Invalid: not an e-mail address, or no password.
    """
    drawn = "" if password else secrets.token_urlsafe(12)
    return Newcomer(people.normal_email(email), await passwords.digest(password or drawn), drawn)


async def make(
    tx: Tx, ctx: Context, newcomer: Newcomer, *, name: str = "", keeper: bool = False, moderator: bool = False
) -> Person:
    """Within a step: make the person."""
    return await people.create(
        tx, ctx, email=newcomer.email, password=newcomer.digest, name=name, keeper=keeper, moderator=moderator,
        language=ctx.settings.language,
    )  # fmt: skip


def said(ctx: Context, newcomer: Newcomer) -> list[str]:
    """What there is to say of a newcomer."""
    _ = translator(ctx.settings.language)
    return [_("%(email)s can now log in.", email=newcomer.email), *_shown_once(ctx, newcomer.drawn)]


def _shown_once(ctx: Context, drawn: str) -> list[str]:
    _ = translator(ctx.settings.language)
    return [_("Password, shown this once: %(password)s", password=drawn)] if drawn else []


async def create(
    ctx: Context, *, email: str, password: str = "", name: str = "", keeper: bool = False, moderator: bool = False
) -> list[str]:
    """Make a person; without *password*, one is drawn and said once."""
    newcomer = await prepare(email, password)
    await ctx.db.write(lambda tx: make(tx, ctx, newcomer, name=name, keeper=keeper, moderator=moderator))
    return said(ctx, newcomer)


async def list_all(ctx: Context) -> list[str]:
    """One line a person, with whom she speaks for."""
    _ = translator(ctx.settings.language)
    rows = await ctx.db.survey.fetch(
        "SELECT p.id, p.email, p.state, p.keeper, p.moderator, a.username, a.handle_host, m.role FROM people p "
        "LEFT JOIN memberships m ON m.person_id = p.id LEFT JOIN actors a ON a.id = m.actor_id "
        "WHERE p.state <> 'deleted' ORDER BY p.email, a.id"
    )
    lines: dict[str, list[str]] = {}
    for row in rows:
        said = lines.setdefault(row["email"], [])
        if row["state"] != "active" and not said:
            said.append(_("may not log in"))
        if row["keeper"] and _("keeps the server") not in said:
            said.append(_("keeps the server"))
        if row["moderator"] and _("moderates the server") not in said:
            said.append(_("moderates the server"))
        if row["username"]:
            said.append(f"{row['role']} @{row['username']}@{row['handle_host']}")
    return [f"{email}  {', '.join(said)}".rstrip() for email, said in lines.items()] or [_("Nobody yet.")]


async def password(ctx: Context, *, email: str, password: str = "") -> list[str]:
    """Give a new password; every application and session of the person is logged out."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)
    newcomer = await prepare(person.email, password)

    async def step(tx: Tx) -> None:
        await people.set_password(tx, person_id=person.id, password=newcomer.digest)
        await tokens.revoke_of_person(tx, ctx, person_id=person.id)
        for domain in (await domains.all(tx))[:1]:
            await recovery.tell_changed(tx, ctx, person=person, domain=domain)

    await ctx.db.write(step)
    return [
        _("%(email)s has a new password; applications must log in again.", email=person.email),
        *_shown_once(ctx, newcomer.drawn),
    ]


async def disable(ctx: Context, *, email: str) -> list[str]:
    """She can no longer log in, nor her applications speak."""
    _ = translator(ctx.settings.language)
    person = await _set_state(ctx, email, "suspended")
    return [_("%(email)s can no longer log in.", email=person.email)]


async def enable(ctx: Context, *, email: str) -> list[str]:
    """She can log in again."""
    _ = translator(ctx.settings.language)
    person = await _set_state(ctx, email, "active")
    return [_("%(email)s can now log in.", email=person.email)]


async def delete(ctx: Context, *, email: str) -> list[str]:
    """Delete her for good, with her own accounts; what she wrote for organisations is theirs."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)

    async def step(tx: Tx) -> None:
        for domain in (await domains.all(tx))[:1]:
            await departures.leave(tx, ctx, person=person, domain=domain)

    await ctx.db.write(step)
    return [_("%(email)s is deleted, with the accounts that were hers alone.", email=person.email)]


async def duty(ctx: Context, *, email: str, keeper: bool = False, moderator: bool = False) -> list[str]:
    """Let her keep the node, or moderate it; with neither, she does not any more."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)
    await ctx.db.write(
        lambda tx: permissions.set_duties(tx, person=person, keeper=keeper, moderator=moderator and not keeper)
    )
    if not keeper and not moderator:
        return [_("%(email)s has no duty for this server any more.", email=person.email)]
    said = (
        _("%(email)s now keeps this server.", email=person.email)
        if keeper
        else _("%(email)s now moderates this server.", email=person.email)
    )
    if await factors.enrolled(ctx.db.reader, person.id):
        return [said]
    return [said, _("The administration opens for her once she has a second factor: /account/security")]


async def reset_factor(ctx: Context, *, email: str) -> list[str]:
    """She lost what she shows beside her password: take it away, and log her out everywhere."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)
    gone = await ctx.db.write(lambda tx: factors.reset(tx, person_id=person.id))
    return [_("%(email)s has no second factor any more (there were %(count)s), and is logged out.",
              email=person.email, count=gone)]  # fmt: skip


async def log_out(ctx: Context, *, email: str, applications: bool = False) -> list[str]:
    """End her sessions in all browsers, and with *applications* those of her applications too."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)

    async def step(tx: Tx) -> int:
        if applications:
            await tokens.revoke_of_person(tx, ctx, person_id=person.id)
        return await sessions.close_all(tx, person_id=person.id)

    count = await ctx.db.write(step)
    return [_("%(email)s is logged out of %(count)s browsers.", email=person.email, count=count)]


async def _set_state(ctx: Context, email: str, state: people.State) -> Person:
    person = await _person(ctx, email)

    async def step(tx: Tx) -> None:
        if state != "active":
            await tx.lock("keepers")
            await permissions.keep_a_keeper(tx, person.id)
        await people.set_state(tx, person_id=person.id, state=state)
        if state == "suspended":
            await tokens.revoke_of_person(tx, ctx, person_id=person.id)

    await ctx.db.write(step)
    return person


async def _person(ctx: Context, email: str) -> Person:
    found = await people.by_email(ctx.db.reader, email)
    if found is None:
        there = pointer("beffroi user list", sentence("People"))
        raise NotFound(sentence("Nobody logs in with %(email)s; %(there)s shows who does.", email=email, there=there))
    return found


async def to_speak_for(ctx: Context, tx: Tx, *, email: str, actor_id: int, role: str) -> None:
    """Within a step: let the person with *email* speak for an actor."""
    person = await people.by_email(tx, email)
    if person is None:
        raise NotFound(
            sentence(
                "Nobody logs in with %(email)s; make her first: %(there)s",
                email=email, there=pointer(f"beffroi user create {email}", sentence("People")),
            )
        )  # fmt: skip
    await memberships.add(tx, ctx, person_id=person.id, actor_id=actor_id, role=cast(memberships.Role, role))
