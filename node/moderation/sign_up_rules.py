"""Who may not simply make an account: by the host of the mail address, by the network, by words. One place asks: `judge`.

A rule refuses, or holds: then a keeper looks at the sign-up, also at a domain that is open to all. A mail host stands
for what is below it too.
"""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Final, Literal, get_args

from node.actors import hosts, people
from node.runtime.context import Context
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n.sentences import sentence
from node.runtime.net import mailboxes
from node.runtime.text.folding import fold

Kind = Literal["mail", "network", "word", "address"]
"""address: one mail address, however it is written; only a digest of it is kept."""
Act = Literal["refuse", "hold"]
Verdict = Literal["pass", "hold", "refuse"]

MAX_RULES: Final = 5_000
_MIN_WORD_CHARS: Final = 3
_DIGEST: Final = re.compile(r"[0-9a-f]{64}")
_MAX_WORD_CHARS: Final = 100
_MIN_PREFIX: Final = {4: 8, 6: 16}  # a shorter one is a slip that shuts half of the world out


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    id: int
    kind: Kind
    value: str
    act: Act
    note: str
    created_ms: int


async def add(tx: Tx, ctx: Context, *, kind: str, value: str, act: str, note: str = "") -> Rule:
    """Make a rule, or say another act for the same value.

    Raises:
        Invalid: a kind, a value or an act that is none; or there are too many.
    """
    if kind not in get_args(Kind) or act not in get_args(Act):
        raise Invalid(sentence("A rule is about mail, an address, a network or a word, and refuses or holds."))
    if len(note) > 500:
        raise Invalid(sentence("A note has at most %(count)s characters.", count=500))
    kept = written(kind, value)
    if await tx.value("SELECT COUNT(*) FROM sign_up_rules") >= MAX_RULES:
        raise Invalid(sentence("There are %(count)s rules already: remove some first.", count=MAX_RULES))
    row = await tx.row(
        "INSERT INTO sign_up_rules (id, kind, value, act, note, created_ms) VALUES ($1, $2, $3, $4, $5, $6) "
        "ON CONFLICT (kind, value) DO UPDATE SET act = excluded.act, note = excluded.note "
        "RETURNING id, kind, value, act, note, created_ms",
        ctx.ids.next(), kind, kept, act, note.strip(), ctx.clock.now_ms(),
    )  # fmt: skip
    assert row is not None
    return Rule(*row)


async def remove(tx: Tx, *, kind: str, value: str) -> None:
    """Take a rule back.

    Raises:
        NotFound: there is none of that value.
    """
    if not await tx.execute(
        "DELETE FROM sign_up_rules WHERE kind = $1 AND (value = $2 OR value = $3)", kind, value, _guess(kind, value)
    ):
        raise NotFound(sentence("There is no such rule."))


async def all(reader: Reader) -> Sequence[Rule]:  # noqa: A001 - read as sign_up_rules.all
    """Every rule, by kind and value."""
    rows = await reader.fetch(
        f"SELECT id, kind, value, act, note, created_ms FROM sign_up_rules ORDER BY kind, value LIMIT {MAX_RULES}"
    )
    return [Rule(*row) for row in rows]


async def page(reader: Reader, kind: Kind, *, below: int, above: int, ascending: bool, limit: int) -> Sequence[Rule]:
    """The rules of one kind, by id, between two."""
    rows = await reader.fetch(
        "SELECT id, kind, value, act, note, created_ms FROM sign_up_rules WHERE kind = $1 AND id < $2 AND id > $3 "
        f"ORDER BY id {'ASC' if ascending else 'DESC'} LIMIT {int(limit)}",
        kind, below, above,
    )  # fmt: skip
    return [Rule(*row) for row in rows]


async def by_id(reader: Reader, rule_id: int) -> Rule | None:
    """The rule of that id."""
    row = await reader.row("SELECT id, kind, value, act, note, created_ms FROM sign_up_rules WHERE id = $1", rule_id)
    return None if row is None else Rule(*row)


def address_digest(email: str) -> str:
    """What stands for an address, however it is written: SHA-256 of it in lower case, without dots and what follows a +.

    As Mastodon's (app/helpers/email_helper.rb), so that lists of digests can be shared.
    """
    name, _, host = email.strip().lower().rpartition("@")
    return hashlib.sha256(f"{name.partition('+')[0].replace('.', '')}@{host}".encode()).hexdigest()


async def judge(reader: Reader, *, email: str, client: str, words: Sequence[str]) -> Verdict:
    """What the rules say of a sign-up with *email* from *client* (an address) that says *words*: the hardest of them."""
    found: set[str] = set()
    mail_host = mailboxes.checked(email).domain
    folded, digest = " ".join(fold(each) for each in words), address_digest(email)
    for rule in await all(reader):
        if rule.kind == "mail":
            hit = mail_host == rule.value or mail_host.endswith(f".{rule.value}")
        elif rule.kind == "network":
            hit = _within(client, ip_network(rule.value))
        elif rule.kind == "address":
            hit = rule.value == digest
        else:
            hit = rule.value in folded
        if hit:
            found.add(rule.act)
    return "refuse" if "refuse" in found else "hold" if "hold" in found else "pass"


def _within(client: str, network: IPv4Network | IPv6Network) -> bool:
    try:
        return ip_address(client) in network
    except ValueError:
        return False


def written(kind: str, value: str) -> str:
    """*value* as a rule of that kind keeps it.

    Raises:
        Invalid: it is none.
    """
    value = value.strip()
    if kind == "mail":
        return hosts.authority(value.removeprefix("@"))
    if kind == "address":
        return value if _DIGEST.fullmatch(value) else address_digest(people.normal_email(value))
    if kind == "network":
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            raise Invalid(sentence("This is neither an address nor a network: %(value)s", value=value[:100])) from None
        if network.prefixlen < _MIN_PREFIX[network.version]:
            raise Invalid(sentence("This network is too large: it would shut out whole countries."))
        return str(network)
    word = " ".join(fold(value).split())
    if not _MIN_WORD_CHARS <= len(word) <= _MAX_WORD_CHARS or not re.search(r"\w", word):
        raise Invalid(sentence("A word has %(low)s to %(high)s characters.", low=_MIN_WORD_CHARS, high=_MAX_WORD_CHARS))
    return word


def _guess(kind: str, value: str) -> str:
    try:
        return written(kind, value)
    except Invalid:
        return value
