"""What somebody says who asks for an account, read once into a value; what is wrong is said for each field at once.

The codes are those of Mastodon's `POST /api/v1/accounts`, which is the other way in.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from node.actors import names, passwords, people
from node.actors.domains import Domain
from node.actors.invitations import Invitation
from node.actors.local import MAX_NAME_CHARS, NameTaken
from node.actors.passwords import PasswordHash
from node.moderation import sign_up_rules
from node.runtime import windows
from node.runtime.context import Context
from node.runtime.database import Reader
from node.runtime.errors import Invalid, TooMany
from node.runtime.i18n import Language, Sentence, sentence
from node.runtime.net import mailboxes
from node.runtime.windows import Limit

MIN_AGE: Final = 15
"""Loi 78-17, article 45: from then on one agrees alone."""
MAX_REASON_CHARS: Final = 1_000
FROM: Final = Limit("sign-up from an address", 10, 60 * 60)  # a class behind one address signs up together
LETTERS: Final = Limit("sign-up letters to a mailbox", 3, 60 * 60)

_BLOCKED: Final = sentence("No account can be made here in this way. Write to the person who keeps this site.")


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with a field."""

    code: str
    says: Sentence


class Refused(Invalid):
    """Fields are wrong: field -> what is wrong with it."""

    def __init__(self, problems: Mapping[str, Problem]) -> None:
        super().__init__(next(iter(problems.values())).says)
        self.problems = problems


@dataclass(frozen=True, slots=True)
class Filled:
    """The form as it was filled in."""

    email: str
    username: str
    password: str
    name: str = ""
    language: Language = "fr"
    reason: str = ""
    agreed: bool = False
    fifteen: bool | None = None
    """None: she did not say."""
    parent_email: str = ""


@dataclass(frozen=True, slots=True)
class Asked:
    """What is asked for, checked, its password hashed."""

    email: str
    username: str
    password: PasswordHash
    name: str
    language: Language
    reason: str
    parent_email: str
    client: str
    """The address of the machine that asked."""
    held: bool
    """A rule wants a keeper to look at it."""


def count_attempt(ctx: Context, client: str) -> None:
    """Count one attempt from the address *client*.

    Raises:
        TooMany: there were too many.
    """
    _spend(ctx, FROM, windows.subscriber(client))


def count_letter(ctx: Context, email: str) -> None:
    """Count one letter to *email*, which somebody typed.

    Raises:
        TooMany: that mailbox had enough.
    """
    _spend(ctx, LETTERS, email)


async def other_address(ctx: Context, email: str, *, client: str) -> str:
    """Another address for a sign-up, checked like the first.

    Raises:
        Invalid: it is none, or the rules refuse it.
    """
    problems: dict[str, Problem] = {}
    wanted = _email(Filled(email, "", ""), problems)
    if problems:
        raise Refused(problems)
    if await sign_up_rules.judge(ctx.db.reader, email=wanted, client=client, words=()) == "refuse":
        raise Refused({"email": Problem("ERR_BLOCKED", _BLOCKED)})
    return wanted


async def other_name(
    reader: Reader, domain: Domain, username: str, *, email: str, client: str, words: Sequence[str]
) -> tuple[str, bool]:
    """Another name for a sign-up from *client* that said *words*, and whether a rule wants a keeper to look at it.

    Raises:
        Invalid: as `free_name`, or the rules refuse it.
    """
    name = await free_name(reader, domain, username)
    verdict = await sign_up_rules.judge(reader, email=email, client=client, words=(name, *words))
    if verdict == "refuse":
        raise Refused({"username": Problem("ERR_BLOCKED", _BLOCKED)})
    return name, verdict == "hold"


def _spend(ctx: Context, limit: Limit, who: str) -> None:
    standing = windows.hit(ctx, limit, who)
    if standing.exceeded:
        retry_s = standing.retry_s(ctx.clock.now_ms())
        raise TooMany(sentence("Too many attempts. Try again in %(count)s min.", count=-(-retry_s // 60)), retry_s)


async def checked(
    ctx: Context, domain: Domain, filled: Filled, *, client: str, invitation: Invitation | None = None
) -> Asked:
    """*filled* for *domain*, by somebody at the address *client*.

    One invited to speak for an organisation's account gets none of her own, and is of age to work.

    Raises:
        Refused: with what is wrong, field by field.
    """
    problems: dict[str, Problem] = {}
    username = parent_email = ""
    email = _email(filled, problems)
    if invitation is None or invitation.actor_id is None:
        username = await _username(ctx.db.reader, domain, filled, problems)
        parent_email = _parent(filled, email, problems)
    needs_reason = domain.registrations == "approval" and invitation is None
    name, reason = _words(filled, problems, needs_reason=needs_reason)
    if not filled.agreed:
        problems["agreement"] = Problem("ERR_ACCEPTED", sentence("Agree to the rules of this site, or do not join it."))
    try:
        passwords.check(filled.password)
    except Invalid as error:
        short = len(filled.password) < passwords.MIN_CHARS
        problems["password"] = _problem(
            error, "ERR_BLANK" if not filled.password else "ERR_TOO_SHORT" if short else "ERR_INVALID"
        )
    if problems:
        raise Refused(problems)
    verdict = await sign_up_rules.judge(ctx.db.reader, email=email, client=client, words=(username, name, reason))
    if verdict == "refuse":
        raise Refused({"email": Problem("ERR_BLOCKED", _BLOCKED)})
    password = await passwords.digest(filled.password)
    return Asked(email, username, password, name, filled.language, reason, parent_email, client, verdict == "hold")


async def free_name(reader: Reader, domain: Domain, username: str) -> str:
    """*username* in its normal form, if a person may have it at *domain*.

    Raises:
        Invalid: it is no name, or reserved.
        NameTaken: it, or one that looks like it, is somebody's, or of somebody who waits.
    """
    name = names.check(username, kind="Person")
    taken = await reader.value(
        "SELECT 1 FROM actors WHERE skeleton = $1 AND service_host = $2 UNION ALL "
        "SELECT 1 FROM sign_ups WHERE skeleton = $1 AND domain_id = $3 AND state = 'waiting' LIMIT 1",
        names.skeleton(name), domain.service_host, domain.id,
    )  # fmt: skip
    if taken is not None:
        raise NameTaken(
            sentence("This name is taken, or looks like one that is: %(handle)s", handle=f"{name}@{domain.handle_host}")
        )
    return name


def _email(filled: Filled, problems: dict[str, Problem]) -> str:
    try:
        email = people.normal_email(filled.email)
        mailboxes.checked(email)
    except Invalid as error:
        problems["email"] = _problem(error, "ERR_INVALID" if filled.email.strip() else "ERR_BLANK")
        return ""
    return email


async def _username(reader: Reader, domain: Domain, filled: Filled, problems: dict[str, Problem]) -> str:
    try:
        return await free_name(reader, domain, filled.username)
    except NameTaken as error:
        problems["username"] = _problem(error, "ERR_TAKEN")
    except names.Reserved as error:
        problems["username"] = _problem(error, "ERR_RESERVED")
    except Invalid as error:
        problems["username"] = _problem(error, "ERR_INVALID" if filled.username.strip() else "ERR_BLANK")
    return ""


def _words(filled: Filled, problems: dict[str, Problem], *, needs_reason: bool) -> tuple[str, str]:
    name, reason = " ".join(filled.name.split()), filled.reason.strip()
    if len(name) > MAX_NAME_CHARS or not name.isprintable():
        problems["name"] = Problem(
            "ERR_TOO_LONG", sentence("A name has at most %(count)s characters.", count=MAX_NAME_CHARS)
        )
    if len(reason) > MAX_REASON_CHARS:
        problems["reason"] = Problem(
            "ERR_TOO_LONG", sentence("At most %(count)s characters, please.", count=MAX_REASON_CHARS)
        )
    elif needs_reason and not reason:
        problems["reason"] = Problem("ERR_BLANK", sentence("Say in a sentence why you would like an account here."))
    return name, reason


def _parent(filled: Filled, email: str, problems: dict[str, Problem]) -> str:
    if filled.fifteen is None:
        problems["age"] = Problem("ERR_BLANK", sentence("Say whether you are fifteen or older."))
    if filled.fifteen is not False:
        return ""
    try:
        parent = people.normal_email(filled.parent_email)
        mailboxes.checked(parent)
    except Invalid:
        problems["parent_email"] = Problem("ERR_BLANK", sentence("Give the e-mail address of one of your parents."))
        return ""
    if parent == email:
        problems["parent_email"] = Problem("ERR_INVALID", sentence("Your parent's address is another one than yours."))
    return parent


def _problem(error: Invalid, code: str) -> Problem:
    said = error.args[0]
    return Problem(code, said if isinstance(said, Sentence) else sentence("This cannot be done"))
