"""The legal notice of a site: who publishes it, who answers for it, who hosts it (LCEN of 21 June 2004, article 1-1),
and whom to ask about personal data (GDPR, article 13)."""  # noqa: D205, D209

from collections.abc import Mapping
from dataclasses import astuple, dataclass, fields
from typing import Final

from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid
from node.runtime.i18n.sentences import Sentence, sentence

MAX_CHARS: Final = 500
_SIREN_DIGITS: Final = 9
_WANTED: Final = ("publisher", "director", "host", "dpo")


@dataclass(frozen=True, slots=True)
class Notice:
    """What is said; an empty text is not said yet."""

    publisher: str = ""
    """The commune, the EPCI, the association: name, address, telephone number."""
    siren: str = ""
    director: str = ""
    """Of a commune: the mayor."""
    host: str = ""
    """Name, address and telephone number of who hosts the server."""
    dpo: str = ""
    """Whom to ask about personal data: the data protection officer."""

    @property
    def missing(self) -> list[Sentence]:
        """What the law wants, and is not said yet."""
        return [NAMES[name] for name in _WANTED if not getattr(self, name)]


NAMES: Final[Mapping[str, Sentence]] = {
    "publisher": sentence("Publisher"),
    "siren": sentence("SIREN number"),
    "director": sentence("Director of publication"),
    "host": sentence("Host of the server"),
    "dpo": sentence("Data protection officer"),
}
assert list(NAMES) == [each.name for each in fields(Notice)]


async def of_domain(reader: Reader, domain_id: int) -> Notice:
    """What a site says of itself; nothing, at first."""
    row = await reader.row(f"SELECT {', '.join(NAMES)} FROM legal_notices WHERE domain_id = $1", domain_id)
    return Notice() if row is None else Notice(*row)


async def incomplete(reader: Reader) -> list[int]:
    """The domains whose notice does not say all that the law wants."""
    said = " AND ".join(f"n.{name} <> ''" for name in _WANTED)
    rows = await reader.fetch(
        f"SELECT d.id FROM domains d WHERE NOT EXISTS "
        f"(SELECT 1 FROM legal_notices n WHERE n.domain_id = d.id AND {said}) ORDER BY d.id"
    )
    return [row[0] for row in rows]


async def say(tx: Tx, *, domain_id: int, said: Mapping[str, str]) -> Notice:
    """Say anew what *said* names; the rest stays.

    Raises:
        Invalid: a text is too long, or the number is no SIREN.
    """
    standing = await of_domain(tx, domain_id)
    notice = Notice(**{name: _checked(name, said.get(name, getattr(standing, name))) for name in NAMES})
    await tx.execute("DELETE FROM legal_notices WHERE domain_id = $1", domain_id)
    await tx.execute(
        f"INSERT INTO legal_notices (domain_id, {', '.join(NAMES)}) VALUES ($1, $2, $3, $4, $5, $6)",
        domain_id, *astuple(notice),
    )  # fmt: skip
    return notice


def _checked(name: str, text: str) -> str:
    text = text.strip()
    if len(text) > MAX_CHARS:
        raise Invalid(sentence("%(field)s: at most %(count)s characters.", field=NAMES[name], count=MAX_CHARS))
    if name == "siren" and text:
        text = "".join(text.split())
        if len(text) != _SIREN_DIGITS or not (text.isascii() and text.isdecimal()) or not _luhn(text):
            raise Invalid(
                sentence("A SIREN number has nine digits, the last of which checks the others: look it up again.")
            )
    return text


def _luhn(digits: str) -> bool:
    doubled = [int(digit) * (1 + place % 2) for place, digit in enumerate(reversed(digits))]
    return sum(each // 10 + each % 10 for each in doubled) % 10 == 0
