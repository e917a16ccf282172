"""A forgotten password, another e-mail address: what only the reader of a mailbox may do.

Who asks is told nothing: the letter is written by a job, so that the answer for an address that nobody has is the same
and takes as long.
"""

from contextlib import suppress
from typing import Any, Final

from node.actors import domains, letters, mailed_links, people
from node.actors.domains import Domain
from node.actors.letters import Written
from node.actors.passwords import PasswordHash
from node.actors.people import Person
from node.runtime import mail
from node.runtime.context import Context
from node.runtime.database import Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import sentence
from node.runtime.jobs import enqueue

FORGOTTEN_JOB: Final = "recovery.forgotten"


async def ask(tx: Tx, ctx: Context, *, email: str, domain: Domain) -> None:
    """Somebody at *domain* says that she has *email* and forgot her password."""
    await enqueue(tx, ctx, FORGOTTEN_JOB, {"email": email, "domain_id": domain.id})


async def forgotten_job(ctx: Context, args: dict[str, Any]) -> None:
    """Send the link, if there is such a person."""

    async def step(tx: Tx) -> None:
        person = await people.by_email(tx, args["email"])
        domain = await domains.by_id(tx, args["domain_id"])
        if person is None or domain is None or person.state != "active":
            return
        token = await mailed_links.issue(tx, ctx, purpose="password", person_id=person.id)
        written = letters.forgotten(ctx, domain, token=token, language=person.language)
        until_ms = ctx.clock.now_ms() + mailed_links.LIFETIME_MS["password"]
        await mail.post(tx, ctx, to=person.email, subject=written.subject, text=written.text, until_ms=until_ms)

    await ctx.db.write(step)


async def reset(tx: Tx, ctx: Context, *, token: str, password: PasswordHash, domain: Domain) -> Person:
    """Give the person of a mailed link another password; whoever was logged in as her is logged out, and she is told.

    The tokens of her applications are the caller's to revoke (node.oauth).

    Raises:
        Gone: the link opens nothing.
    """
    found = await mailed_links.use(tx, ctx, purpose="password", token=token)
    await people.set_password(tx, person_id=found.person.id, password=password)
    await tell_changed(tx, ctx, person=found.person, domain=domain)
    return found.person


async def tell_changed(tx: Tx, ctx: Context, *, person: Person, domain: Domain) -> None:
    """Say to a person that her password is another one now, in case it was not she who changed it."""
    if mail.configured(ctx):
        written = letters.password_changed(ctx, domain, language=person.language)
        await _tell(tx, ctx, person, written)


async def ask_address(tx: Tx, ctx: Context, *, person: Person, email: str, domain: Domain) -> None:
    """A person wants another address: a link goes there, a notice to the old one.

    Whether somebody has the new one already is not said: then it gets no letter.

    Raises:
        Invalid: not an address, or hers already.
    """
    wanted = people.normal_email(email)
    if wanted == person.email:
        raise Invalid(sentence("This is your address already."))
    if await people.by_email(tx, wanted) is None:
        token = await mailed_links.issue(tx, ctx, purpose="address", person_id=person.id, email=wanted)
        written = letters.confirm_address(ctx, domain, token=token, language=person.language)
        until_ms = ctx.clock.now_ms() + mailed_links.LIFETIME_MS["address"]
        await mail.post(tx, ctx, to=wanted, subject=written.subject, text=written.text, until_ms=until_ms)
    await _tell(tx, ctx, person, letters.address_asked(ctx, domain, to=wanted, language=person.language))


async def change_address(tx: Tx, ctx: Context, *, token: str) -> Person:
    """The new address is confirmed: it is hers.

    Raises:
        Gone: the link opens nothing.
        Invalid: somebody else has taken the address meanwhile.
    """
    found = await mailed_links.use(tx, ctx, purpose="address", token=token)
    await people.set_email(tx, person_id=found.person.id, email=found.email)
    return found.person


async def _tell(tx: Tx, ctx: Context, person: Person, written: Written) -> None:
    with suppress(
        Invalid
    ):  # an address that takes no mail keeps nobody from another password, or from a better address
        await mail.post(tx, ctx, to=person.email, subject=written.subject, text=written.text)
