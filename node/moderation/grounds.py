"""On which ground something is reported or decided: a rule of the site, or a law in force (DSA art. 16 §2, art. 17 §3 d–e).

A ground is kept in words, so that a decision says for ever what it was taken on. Criticism of a public body, of its
elected members and of their acts, even sharp or unjust, is no ground: it is protected (ECHR art. 10; law of 29 July 1881).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

from node.actors import domains
from node.actors.actor import Actor
from node.moderation import rules
from node.moderation.reports import Category
from node.runtime.database import Reader
from node.runtime.errors import Invalid
from node.runtime.i18n import Translator
from node.runtime.i18n.sentences import Sentence, sentence

Sort = Literal["rule", "law"]

MAX_CHARS: Final = 1_000


@dataclass(frozen=True, slots=True)
class Ground:
    """A rule or a law, in the words in which it is told."""

    sort: Sort
    words: str


@dataclass(frozen=True, slots=True)
class Known:
    """One that can be chosen."""

    sort: Sort
    category: Category
    words: Sentence


KNOWN: Final[Mapping[str, Known]] = {
    "hatred": Known("law", "legal", sentence("Incitement to hatred, violence or discrimination (law of 29 July 1881, article 24)")),
    "insult": Known("law", "legal", sentence("Public insult of a person or a group (law of 29 July 1881, articles 29 and 33)")),
    "defamation": Known("law", "legal", sentence("Defamation of a person (law of 29 July 1881, articles 29 and 32)")),
    "harassment": Known("law", "legal", sentence("Harassment (Criminal Code, article 222-33-2-2)")),
    "threat": Known("law", "legal", sentence("Threat of a crime or an offence (Criminal Code, articles 222-17 and 222-18)")),
    "privacy": Known("law", "legal", sentence("Breach of privacy: picture, words or private data of somebody (Civil Code, article 9; Criminal Code, articles 226-1 and 226-2-1)")),
    "personal data": Known("law", "legal", sentence("Personal data published without a right to do so (General Data Protection Regulation, article 6)")),
    "impersonation": Known("law", "legal", sentence("Use of somebody's identity (Criminal Code, article 226-4-1)")),
    "terrorism": Known("law", "legal", sentence("Incitement to terrorism, or its glorification (Criminal Code, article 421-2-5)")),
    "crimes against humanity": Known("law", "legal", sentence("Denial or glorification of crimes against humanity (law of 29 July 1881, articles 24 and 24 bis)")),
    "child abuse": Known("law", "legal", sentence("Sexual abuse of children (Criminal Code, articles 227-23 and 227-24)")),
    "fraud": Known("law", "legal", sentence("Fraud (Criminal Code, article 313-1)")),
    "copyright": Known("law", "legal", sentence("Copyright or trade mark (Intellectual Property Code, articles L335-2 and L716-9)")),
    "other law": Known("law", "legal", sentence("Another law")),
    "rule: attacks": Known("rule", "violation", sentence("Rules of the site: no hatred and no harassment")),
    "rule: private data": Known("rule", "violation", sentence("Rules of the site: no private data of others")),
    "rule: advertising": Known("rule", "spam", sentence("Rules of the site: no advertising and no unsolicited messages")),
    "rule: other": Known("rule", "violation", sentence("Rules of the site: another rule")),
}  # fmt: skip
"""Name in forms and commands -> what it says, where a site wrote no rules of its own. The articles are those of French law
in 2026."""

OTHER_RULE: Final = sentence("The rules of this site")


async def of_site(reader: Reader, domain_id: int, say: Translator) -> Mapping[str, Known]:
    """What can be chosen on a site: its rules, each by `rule: NUMBER`, and the laws."""
    if not await rules.own(reader, domain_id):
        return KNOWN
    written = {
        f"rule: {rule.number}": Known("rule", "violation", sentence("Rules of the site: %(rule)s", rule=rule.words))
        for rule in await rules.of_domain(reader, domain_id, say)
    }
    return {**written, **{name: each for name, each in KNOWN.items() if each.sort == "law" or "other" in name}}


async def about(reader: Reader, target: Actor, say: Translator) -> Mapping[str, Known]:
    """What can be chosen about an account: by the rules of its site; a stranger is judged by those of the oldest."""
    where = target.domain_id if target.domain_id is not None else (await domains.all(reader))[0].id
    return await of_site(reader, where, say)


def chosen(name: str, words: str, say: Translator, known: Mapping[str, Known] = KNOWN) -> Ground:
    """What a moderator names: one of *known*, more words beside it, or only words.

    Raises:
        Invalid: nothing, too much, or 'another' without saying which.
    """
    words = " ".join(words.split())
    if len(words) > MAX_CHARS:
        raise Invalid(sentence("The ground has at most %(count)s characters.", count=MAX_CHARS))
    found = known.get(name)
    if found is None and name:
        raise Invalid(sentence("There is no ground called %(name)s; known are: %(names)s.", name=name[:60],
                               names=", ".join(known)))  # fmt: skip
    if found is None or "other" in name:
        if not words:
            raise Invalid(sentence("Say on which ground: a rule of this site, or a law with its article."))
        return Ground("rule" if found is None else found.sort, words)
    return Ground(found.sort, f"{say(found.words)}. {words}" if words else say(found.words))
