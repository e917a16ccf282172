"""The rules of a site: what its keepers ask of everybody who writes there, in an order, each with a number that stays.

A site that wrote none has the usual ones, in the reader's language; with the first change they become its own.
"""

from dataclasses import dataclass
from typing import Final

from node.actors.domains import Domain
from node.runtime.database import Reader, Tx
from node.runtime.errors import Invalid, NotFound
from node.runtime.i18n import Translator
from node.runtime.i18n.sentences import Sentence, sentence

MAX_RULES: Final = 30
MAX_WORDS_CHARS: Final = 300
MAX_HINT_CHARS: Final = 1_000

USUAL: Final[tuple[tuple[Sentence, Sentence], ...]] = (
    (
        sentence("Respect the law"),
        sentence("French law applies: no incitement to hatred, no insult, no defamation, no illegal content."),
    ),
    (
        sentence("No hatred and no harassment"),
        sentence("Criticise ideas, decisions and acts, also those of the commune; do not attack persons."),
    ),
    (
        sentence("No private data of others"),
        sentence("No address, telephone number, picture or private matter of somebody who did not agree."),
    ),
    (
        sentence("No advertising and no unsolicited messages"),
        sentence("Say it once, where it belongs; local life is welcome, advertising for sale is not."),
    ),
)
"""Words and hint of the rules of a site that has none of its own; numbered from 1."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule."""

    number: int
    words: str
    hint: str


async def of_domain(reader: Reader, domain_id: int, say: Translator) -> list[Rule]:
    """The rules in their order; *say* translates the usual ones."""
    return await _written(reader, domain_id) or _usual(say)


async def own(reader: Reader, domain_id: int) -> bool:
    """Whether the site wrote its own."""
    return await reader.value("SELECT 1 FROM rules WHERE domain_id = $1 LIMIT 1", domain_id) is not None


async def add(tx: Tx, *, domain: Domain, words: str, hint: str, say: Translator) -> Rule:
    """One more, at the end.

    Raises:
        Invalid: no words, too many, or too many rules.
    """
    words, hint = _checked(words, hint)
    standing = await _owned(tx, domain, say)
    if len(standing) >= MAX_RULES:
        raise Invalid(sentence("A site has at most %(count)s rules.", count=MAX_RULES))
    made = Rule(max(rule.number for rule in standing) + 1, words, hint)
    await _insert(tx, domain.id, made, len(standing) + 1)
    return made


async def change(tx: Tx, *, domain: Domain, number: int, words: str, hint: str, say: Translator) -> Rule:
    """Other words for a rule; its number and place stay.

    Raises:
        Invalid: no words, or too many.
        NotFound: there is no such rule.
    """
    words, hint = _checked(words, hint)
    _find(await _owned(tx, domain, say), number)
    await tx.execute(
        "UPDATE rules SET words = $3, hint = $4 WHERE domain_id = $1 AND number = $2", domain.id, number, words, hint
    )
    return Rule(number, words, hint)


async def move(tx: Tx, *, domain: Domain, number: int, place: int, say: Translator) -> None:
    """Give a rule another place, counted from 1; the others make room.

    Raises:
        Invalid: there is no such place.
        NotFound: there is no such rule.
    """
    standing = await _owned(tx, domain, say)
    moved = _find(standing, number)
    if not 1 <= place <= len(standing):
        raise Invalid(sentence("A place is a number from 1 to %(count)s.", count=len(standing)))
    standing.remove(moved)
    standing.insert(place - 1, moved)
    await _order(tx, domain.id, standing)


async def remove(tx: Tx, *, domain: Domain, number: int, say: Translator) -> Rule:
    """Take a rule away. What was decided on it keeps its words.

    Raises:
        Invalid: it is the last one.
        NotFound: there is no such rule.
    """
    standing = await _owned(tx, domain, say)
    gone = _find(standing, number)
    if len(standing) == 1:
        raise Invalid(sentence("A site keeps at least one rule: give it other words instead."))
    await tx.execute("DELETE FROM rules WHERE domain_id = $1 AND number = $2", domain.id, number)
    standing.remove(gone)
    await _order(tx, domain.id, standing)
    return gone


async def _owned(tx: Tx, domain: Domain, say: Translator) -> list[Rule]:
    """The site's own rules, made of the usual ones if it has none yet."""
    await tx.lock(f"rules {domain.id}")
    if found := await _written(tx, domain.id):
        return found
    for place, rule in enumerate(usual := _usual(say), start=1):
        await _insert(tx, domain.id, rule, place)
    return usual


async def _written(reader: Reader, domain_id: int) -> list[Rule]:
    rows = await reader.fetch(
        "SELECT number, words, hint FROM rules WHERE domain_id = $1 ORDER BY place, number", domain_id
    )
    return [Rule(*row) for row in rows]


def _usual(say: Translator) -> list[Rule]:
    return [Rule(number, say(words), say(hint)) for number, (words, hint) in enumerate(USUAL, start=1)]


async def _insert(tx: Tx, domain_id: int, rule: Rule, place: int) -> None:
    await tx.execute(
        "INSERT INTO rules (domain_id, number, place, words, hint) VALUES ($1, $2, $3, $4, $5)",
        domain_id, rule.number, place, rule.words, rule.hint,
    )  # fmt: skip


async def _order(tx: Tx, domain_id: int, standing: list[Rule]) -> None:
    await tx.executemany(
        "UPDATE rules SET place = $3 WHERE domain_id = $1 AND number = $2",
        [(domain_id, rule.number, place) for place, rule in enumerate(standing, start=1)],
    )


def _find(standing: list[Rule], number: int) -> Rule:
    for rule in standing:
        if rule.number == number:
            return rule
    raise NotFound(sentence("This site has no rule with the number %(number)s.", number=number))


def _checked(words: str, hint: str) -> tuple[str, str]:
    words, hint = " ".join(words.split()), hint.strip()
    if not words:
        raise Invalid(sentence("Write the rule in a few words."))
    if len(words) > MAX_WORDS_CHARS:
        raise Invalid(sentence("A rule has at most %(count)s characters; the rest belongs into its explanation.", count=MAX_WORDS_CHARS))  # fmt: skip
    if len(hint) > MAX_HINT_CHARS:
        raise Invalid(sentence("The explanation has at most %(count)s characters.", count=MAX_HINT_CHARS))
    return words, hint
