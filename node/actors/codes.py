"""The official codes of a commune or an organisation as lines of its profile, and how they were proved.

In French, as such a profile is, and not in the words of whoever reads it: the lines stand in documents and in memory.
"""

import re
from collections.abc import Callable
from typing import Final

from node.actors.actor import Actor
from node.runtime.i18n import sentence, translator

_CODES: Final = (("Code INSEE", "insee"), ("SIREN", "siren"))
_PROOF: Final = "Preuve des codes"
# As admin/actors.py writes it.
_FROM_THE_CODE: Final = re.compile(r"declared by the node's keeper; official geographic code ([0-9]{4})")


def lines(actor: Actor) -> list[tuple[str, str]]:
    """(Name, value) of what its own lines do not say already, as plain text; nothing for who has no code."""
    if not actor.local or not (actor.insee or actor.siren):
        return []
    said = {field.name.casefold() for field in actor.fields}
    found = [(name, getattr(actor, column)) for name, column in _CODES]
    found.append((_PROOF, proof(translator("fr"), actor)))
    return [(name, value) for name, value in found if value and name.casefold() not in said]


def proof(say: Callable[..., str], actor: Actor) -> str:
    """How its codes were proved; a proof of another kind stands as it was written."""
    if not actor.codes_proof:
        return say(sentence("Declared by the account, not verified"))
    if found := _FROM_THE_CODE.fullmatch(actor.codes_proof):
        return say(
            sentence(
                "Declared by the keeper of this site, from the official geographic code of %(year)s", year=found[1]
            )
        )
    return actor.codes_proof
