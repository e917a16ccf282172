"""People who log in: made, listed, given a new password, sent away."""

import secrets
from typing import cast, get_args

from node.actors import memberships, passwords, people
from node.oauth import tokens
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import translator


async def create(ctx: Context, *, email: str, password: str = "", name: str = "", keeper: bool = False) -> list[str]:
    """Make a person; without *password*, one is drawn and said once."""
    _ = translator(ctx.settings.language)
    secret = password or secrets.token_urlsafe(12)
    digest = await passwords.digest(secret)
    person = await ctx.db.write(
        lambda tx: people.create(
            tx, ctx, email=email, password=digest, name=name, keeper=keeper, language=ctx.settings.language
        )
    )
    lines = [_("%(email)s can now log in.", email=person.email)]
    if not password:
        lines.append(_("Password, shown this once: %(password)s", password=secret))
    return lines


async def list_all(ctx: Context) -> list[str]:
    """One line a person, with whom she speaks for."""
    _ = translator(ctx.settings.language)
    rows = await ctx.db.survey.fetch(
        "SELECT p.id, p.email, p.state, p.keeper, a.username, a.handle_host, m.role FROM people p "
        "LEFT JOIN memberships m ON m.person_id = p.id LEFT JOIN actors a ON a.id = m.actor_id ORDER BY p.email, a.id"
    )
    lines: dict[str, list[str]] = {}
    for row in rows:
        said = lines.setdefault(row["email"], [])
        if row["state"] != "active":
            said.append(_("may not log in"))
        if row["username"]:
            said.append(f"{row['role']} @{row['username']}@{row['handle_host']}")
    return [f"{email}  {', '.join(said)}".rstrip() for email, said in lines.items()] or [_("Nobody yet.")]


async def password(ctx: Context, *, email: str, password: str = "") -> list[str]:
    """Give a new password; every application and session of the person is logged out."""
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)
    secret = password or secrets.token_urlsafe(12)
    digest = await passwords.digest(secret)

    async def step(tx: Tx) -> None:
        await people.set_password(tx, person_id=person.id, password=digest)
        await tokens.revoke_of_person(tx, ctx, person_id=person.id)

    await ctx.db.write(step)
    lines = [_("%(email)s has a new password; applications must log in again.", email=person.email)]
    if not password:
        lines.append(_("Password, shown this once: %(password)s", password=secret))
    return lines


async def disable(ctx: Context, *, email: str) -> list[str]:
    """She can no longer log in, nor her applications speak."""
    return await _set_state(ctx, email, "suspended", "%(email)s can no longer log in.")


async def enable(ctx: Context, *, email: str) -> list[str]:
    """She can log in again."""
    return await _set_state(ctx, email, "active", "%(email)s can now log in.")


async def _set_state(ctx: Context, email: str, state: people.State, says: str) -> list[str]:
    _ = translator(ctx.settings.language)
    person = await _person(ctx, email)

    async def step(tx: Tx) -> None:
        await people.set_state(tx, person_id=person.id, state=state)
        if state == "suspended":
            await tokens.revoke_of_person(tx, ctx, person_id=person.id)

    await ctx.db.write(step)
    return [_(says, email=person.email)]


async def _person(ctx: Context, email: str) -> people.Person:
    found = await people.by_email(ctx.db.reader, email)
    if found is None:
        raise NotFound(f"nobody logs in with {email}; 'beffroi user list' shows who does")
    return found


async def to_speak_for(ctx: Context, tx: Tx, *, email: str, actor_id: int, role: str) -> None:
    """Within a step: let the person with *email* speak for an actor."""
    person = await people.by_email(tx, email)
    if person is None:
        raise NotFound(f"nobody logs in with {email}; make the person first: beffroi user create {email}")
    if role not in get_args(memberships.Role):
        raise Invalid(f"{role} is no role: {', '.join(get_args(memberships.Role))}")
    await memberships.add(tx, ctx, person_id=person.id, actor_id=actor_id, role=cast(memberships.Role, role))
