"""Sign-ups: who asked for an account and has none yet.

    unconfirmed: her mailbox says yes -> (under fifteen) parent: says yes -> (where somebody looks) waiting: a keeper
    says yes -> the account

Until then there is neither a person nor an actor, and what was said is forgotten at `expires_ms`. An address that has
an account is answered like any other; its reader is told by letter.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

from node.actors import actors, domains, invitations, letters, mailed_links, memberships, names, people
from node.actors.domains import Domain
from node.actors.invitations import Invitation
from node.actors.keys import NewKeys
from node.actors.passwords import PasswordHash
from node.actors.people import Person
from node.moderation import sign_up_letters, traces
from node.moderation.asked import MAX_REASON_CHARS, Asked, free_name, other_name
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Reader, Row, Tx
from node.runtime.errors import Forbidden, Gone, Invalid, NotFound
from node.runtime.i18n.sentences import sentence

State = Literal["unconfirmed", "parent", "waiting"]
Outcome = Literal["parent", "waiting", "made"]

AT_ONCE: Final = 50
_DAY_MS: Final = 86_400_000
LIFETIME_MS: Final[dict[State, int]] = {"unconfirmed": 2 * _DAY_MS, "parent": 14 * _DAY_MS, "waiting": 30 * _DAY_MS}
_COLUMNS: Final = (
    "id, domain_id, state, email, username, password_hash, name, language, reason, parent_email, parent_ms, held, "
    "invitation_id, client, created_ms, confirmed_ms"
)


@dataclass(frozen=True, slots=True)
class SignUp:
    """One sign-up."""

    id: int
    domain_id: int
    state: State
    email: str
    username: str
    """Empty: she will only speak for accounts of others."""
    password_hash: PasswordHash
    name: str
    language: str
    reason: str
    parent_email: str
    """Not empty: she is under fifteen."""
    parent_ms: int | None
    held: bool
    """A rule wants a keeper to look at it."""
    invitation_id: int | None
    client: bytes
    created_ms: int
    confirmed_ms: int | None


def open_to(ctx: Context, domain: Domain, invitation: Invitation | None = None) -> bool:
    """Whether an account can be asked for at *domain*, with that invitation or with none."""
    if not mail.configured(ctx):
        return False
    if invitation is not None and invitation.actor_id is not None:
        return True
    return domain.registrations in ("open", "approval") or (
        domain.registrations == "invitation" and invitation is not None
    )


async def ask(tx: Tx, ctx: Context, *, domain: Domain, asked: Asked, invitation: Invitation | None = None) -> int:
    """Take a sign-up in and send the letter that confirms it; its id.

    For an address that has an account the same is stored and another letter sent: nothing here tells the two apart.
    """
    sign_up_id = await _store(tx, ctx, domain, asked, invitation)
    await send_confirmation(tx, ctx, sign_up_id=sign_up_id)
    return sign_up_id


async def join(tx: Tx, ctx: Context, *, domain: Domain, asked: Asked, invitation: Invitation, keys: NewKeys) -> Outcome:
    """Take in somebody whom a letter to that very address invited: the address needs no second one.

    Raises:
        Forbidden: the invitation is for another address.
        Gone: it was used or withdrawn meanwhile.
        Invalid: there is an account with this address.
        NameTaken: somebody has the name.
    """
    if invitation.email != asked.email:
        raise Forbidden(sentence("This invitation is for another address than yours. Ask for one of your own."))
    found = await by_id(tx, await _store(tx, ctx, domain, asked, invitation))
    assert found is not None
    return await _confirmed(tx, ctx, found, keys)


async def _store(tx: Tx, ctx: Context, domain: Domain, asked: Asked, invitation: Invitation | None) -> int:
    sign_up_id, now_ms = ctx.ids.next(), ctx.clock.now_ms()
    await tx.execute(
        "INSERT INTO sign_ups (id, domain_id, state, email, username, skeleton, password_hash, name, language, reason, "
        "parent_email, held, invitation_id, client, created_ms, expires_ms) "
        "VALUES ($1, $2, 'unconfirmed', $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
        sign_up_id, domain.id, asked.email, asked.username, names.skeleton(asked.username) if asked.username else None,
        asked.password, asked.name, asked.language, asked.reason, asked.parent_email, asked.held,
        None if invitation is None else invitation.id, traces.seal(ctx, sign_up_id, asked.client), now_ms,
        now_ms + LIFETIME_MS["unconfirmed"],
    )  # fmt: skip
    return sign_up_id


async def send_confirmation(tx: Tx, ctx: Context, *, sign_up_id: int, email: str | None = None) -> None:
    """Send the letter, or send it again, perhaps to another address; an earlier link no longer works.

    Raises:
        NotFound: nobody waits for that.
    """
    found = await by_id(tx, sign_up_id)
    if found is None or found.state != "unconfirmed":
        raise NotFound(sentence("Nobody waits for this letter."))
    domain = await _domain(tx, found)
    email = people.normal_email(email) if email else found.email
    token, until_ms = secrets.token_urlsafe(32), ctx.clock.now_ms() + LIFETIME_MS["unconfirmed"]
    known = await people.by_email(tx, email)
    await tx.execute(
        "UPDATE sign_ups SET token_hash = $2, email = $3, expires_ms = $4 WHERE id = $1",
        found.id, mailed_links.hashed(token), email, until_ms,
    )  # fmt: skip
    written = (
        sign_up_letters.confirm(ctx, domain, token=token, username=found.username, language=found.language)
        if known is None
        else sign_up_letters.there_already(ctx, domain, language=known.language)
    )
    await mail.post(tx, ctx, to=email, subject=written.subject, text=written.text, until_ms=until_ms)


async def by_token(reader: Reader, ctx: Context, *, state: State, token: str) -> SignUp:
    """The sign-up whose link *token* is.

    Raises:
        Gone: the link was used, or its time is over.
    """
    row = await reader.row(
        f"SELECT {_COLUMNS} FROM sign_ups WHERE token_hash = $1 AND state = $2 AND expires_ms > $3",
        mailed_links.hashed(token), state, ctx.clock.now_ms(),
    )  # fmt: skip
    if row is None:
        raise Gone(sentence("This link was used already, or its time is over. Ask for another one."))
    return _read(row)


async def confirm(tx: Tx, ctx: Context, *, token: str, keys: NewKeys, username: str = "") -> Outcome:
    """The mailbox said yes; *username* is another name than the one that was taken meanwhile.

    Raises:
        Gone: the link was used, its time is over, or the invitation was used by others.
        NameTaken: somebody has the name by now: another one is needed.
        Invalid: that is no name, the rules refuse it, or the address has an account by now.
    """
    found = await by_token(tx, ctx, state="unconfirmed", token=token)
    if username and found.username:
        domain = await _domain(tx, found)
        name, held = await other_name(
            tx, domain, username, email=found.email, client=traces.opened(ctx, found.id, found.client),
            words=(found.name, found.reason),
        )  # fmt: skip
        found = replace(found, username=name, held=found.held or held)
        await tx.execute(
            "UPDATE sign_ups SET username = $2, skeleton = $3, held = $4 WHERE id = $1",
            found.id, name, names.skeleton(name), found.held,
        )  # fmt: skip
    await tx.execute("UPDATE sign_ups SET confirmed_ms = $2 WHERE id = $1", found.id, ctx.clock.now_ms())
    return await _confirmed(tx, ctx, found, keys)


async def agree(tx: Tx, ctx: Context, *, token: str, keys: NewKeys) -> Outcome:
    """The parent said yes.

    Raises:
        Gone: the link was used, or its time is over.
        NameTaken: somebody has the name by now.
    """
    found = await by_token(tx, ctx, state="parent", token=token)
    now_ms = ctx.clock.now_ms()
    await tx.execute("UPDATE sign_ups SET parent_ms = $2 WHERE id = $1", found.id, now_ms)
    return await _agreed(tx, ctx, replace(found, parent_ms=now_ms), keys)


async def decline(tx: Tx, ctx: Context, *, token: str) -> None:
    """The parent said no: everything is forgotten, and the child is told.

    Raises:
        Gone: the link was used, or its time is over.
    """
    found = await by_token(tx, ctx, state="parent", token=token)
    await _refuse(tx, ctx, found, sentence("Your parent did not agree."))


async def approve(tx: Tx, ctx: Context, *, sign_up_id: int, keys: NewKeys) -> Person:
    """A keeper said yes: the account is made.

    Raises:
        NotFound: nobody waits under that id.
        NameTaken: somebody was given the name meanwhile.
    """
    return await _make(tx, ctx, await _waiting(tx, sign_up_id), keys)


async def refuse(tx: Tx, ctx: Context, *, sign_up_id: int, reason: str) -> SignUp:
    """A keeper said no; the reason is mailed, and all else forgotten.

    Raises:
        NotFound: nobody waits under that id.
        Invalid: no reason, or a very long one.
    """
    if not reason.strip() or len(reason) > MAX_REASON_CHARS:
        raise Invalid(sentence("Give a reason of at most %(count)s characters: it is mailed.", count=MAX_REASON_CHARS))
    found = await _waiting(tx, sign_up_id)
    await _refuse(tx, ctx, found, reason)
    return found


async def waiting(reader: Reader, *, below: int | None = None) -> Sequence[SignUp]:
    """Who waits for a keeper, the latest first, fifty at a time."""
    rows = await reader.fetch(
        f"SELECT {_COLUMNS} FROM sign_ups WHERE state = 'waiting' AND ($1::bigint IS NULL OR id < $1::bigint) "
        f"ORDER BY id DESC LIMIT {AT_ONCE}",
        below,
    )
    return [_read(row) for row in rows]


async def count_waiting(reader: Reader) -> int:
    """How many wait for a keeper."""
    return int(await reader.value("SELECT COUNT(*) FROM sign_ups WHERE state = 'waiting'"))


async def by_id(reader: Reader, sign_up_id: int) -> SignUp | None:
    """The sign-up of that id."""
    row = await reader.row(f"SELECT {_COLUMNS} FROM sign_ups WHERE id = $1", sign_up_id)
    return None if row is None else _read(row)


async def _confirmed(tx: Tx, ctx: Context, found: SignUp, keys: NewKeys) -> Outcome:
    if await people.by_email(tx, found.email) is not None:
        raise Invalid(sentence("There is an account with this address by now: log in."))
    domain = await _domain(tx, found)
    if found.username:
        await free_name(tx, domain, found.username)
    if not found.parent_email:
        return await _agreed(tx, ctx, found, keys)
    token, until_ms = secrets.token_urlsafe(32), ctx.clock.now_ms() + LIFETIME_MS["parent"]
    await tx.execute(
        "UPDATE sign_ups SET state = 'parent', token_hash = $2, expires_ms = $3 WHERE id = $1",
        found.id, mailed_links.hashed(token), until_ms,
    )  # fmt: skip
    written = sign_up_letters.to_parent(
        ctx, domain, token=token, name=found.name, handle=f"@{found.username}@{domain.handle_host}",
        language=found.language,
    )  # fmt: skip
    await mail.post(tx, ctx, to=found.parent_email, subject=written.subject, text=written.text, until_ms=until_ms)
    return "parent"


async def _agreed(tx: Tx, ctx: Context, found: SignUp, keys: NewKeys) -> Outcome:
    domain = await _domain(tx, found)
    if found.held or (domain.registrations == "approval" and found.invitation_id is None):
        if found.username:
            await free_name(tx, domain, found.username)
        await tx.execute(
            "UPDATE sign_ups SET state = 'waiting', token_hash = NULL, expires_ms = $2 WHERE id = $1",
            found.id, ctx.clock.now_ms() + LIFETIME_MS["waiting"],
        )  # fmt: skip
        tx.after_commit(lambda: ctx.forget("oauth_tokens"))
        return "waiting"
    await _make(tx, ctx, found, keys)
    return "made"


async def _make(tx: Tx, ctx: Context, found: SignUp, keys: NewKeys) -> Person:
    """The person, her actor, her membership; nothing of the sign-up stays."""
    domain = await _domain(tx, found)
    minor = bool(found.parent_email)
    person = await people.create(
        tx, ctx, email=found.email, password=found.password_hash, name=found.name, language=found.language
    )
    handle = ""
    if found.username:
        actor = await actors.create_local(
            tx, ctx, domain=domain, username=found.username, type="Person", kind="person", name=found.name, keys=keys,
            locked=minor, discoverable=not minor, language=found.language,
        )  # fmt: skip
        if minor:  # private until she decides otherwise
            await actors.update_profile(
                tx, ctx, actor=actor, changes={"post_visibility": "followers", "hides_network": True}
            )
        await memberships.add(tx, ctx, person_id=person.id, actor_id=actor.id, role="owner")
        await tx.execute(
            "UPDATE oauth_tokens SET person_id = $2, actor_id = $3, sign_up_id = NULL WHERE sign_up_id = $1",
            found.id, person.id, actor.id,
        )  # fmt: skip
        handle = f"@{actor.handle}"
    if found.invitation_id is not None:
        invitation = await invitations.by_id(tx, found.invitation_id)
        await invitations.accept(tx, ctx, invitation=invitation, person=person)
    if minor and found.parent_ms is not None:
        await tx.execute(
            "INSERT INTO parental_consents (person_id, parent_email, agreed_ms) VALUES ($1, $2, $3)",
            person.id, found.parent_email, found.parent_ms,
        )  # fmt: skip
    await traces.keep(tx, ctx, person_id=person.id, client=traces.opened(ctx, found.id, found.client), act="sign-up",
                      at_ms=found.created_ms)  # fmt: skip
    await tx.execute("DELETE FROM sign_ups WHERE email = $1", found.email)
    written = sign_up_letters.welcome(ctx, domain, handle=handle, language=found.language)
    await mail.post(tx, ctx, to=found.email, subject=written.subject, text=written.text)
    tx.after_commit(lambda: ctx.forget("oauth_tokens"))
    return person


async def _refuse(tx: Tx, ctx: Context, found: SignUp, reason: str) -> None:
    domain = await _domain(tx, found)
    await tx.execute("DELETE FROM sign_ups WHERE id = $1", found.id)
    said = letters.speaking(ctx, found.language)(reason)
    written = sign_up_letters.refused(ctx, domain, reason=said, language=found.language)
    await mail.post(tx, ctx, to=found.email, subject=written.subject, text=written.text)
    tx.after_commit(lambda: ctx.forget("oauth_tokens"))


async def _waiting(tx: Tx, sign_up_id: int) -> SignUp:
    await tx.lock(f"sign_up:{sign_up_id}")
    found = await by_id(tx, sign_up_id)
    if found is None or found.state != "waiting":
        raise NotFound(sentence("Nobody waits under this number."))
    return found


async def _domain(reader: Reader, found: SignUp) -> Domain:
    domain = await domains.by_id(reader, found.domain_id)
    assert domain is not None, "a sign-up goes with its domain"
    return domain


def _read(row: Row) -> SignUp:
    made = SignUp(*row)
    return replace(made, held=bool(made.held), client=bytes(made.client))
