"""Sentences that are written in one place and translated in another.

The room that refuses something does not know who reads it. It writes an English sentence; whoever shows it to a
person translates it: `_(error.args[0])` is the French one. Where nobody translates, it is a plain string.
"""

import re
from collections.abc import Mapping
from typing import Final

PLACE: Final = re.compile(r"%\(([a-z_]+)\)s")
"""Where a value stands in a sentence: `%(name)s`. A lone % is a percent sign."""


class Sentence(str):
    """English text that remembers what it was made of."""

    __slots__ = ("message", "values")

    message: str
    """The entry in the catalogue, with its `%(name)s`."""
    values: Mapping[str, object]


def sentence(message: str, /, **values: object) -> Sentence:
    """*message* with *values* in it; a value may be a `Sentence` too.

    `scripts/translations.py` finds the message because it is written inside `sentence("…")`.
    """
    made = Sentence(fill(message, values))
    made.message, made.values = message, values
    return made


def fill(message: str, values: Mapping[str, object]) -> str:
    """*message* with its `%(name)s` replaced; what has no value stays as it is. Values are never read as messages."""
    if not values:
        return message
    return PLACE.sub(lambda place: str(values[place[1]]) if place[1] in values else place[0], message)
