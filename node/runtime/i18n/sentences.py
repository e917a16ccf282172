"""Sentences that are written in one place and translated in another.

The room that refuses something does not know who reads it. It writes an English sentence; whoever shows it to a
person translates it: `translate(error.args[0])` gives the French one. Where nobody translates, it is a plain string.
"""

from collections.abc import Mapping


class Sentence(str):
    """English text that remembers what it was made of."""

    __slots__ = ("message", "values")

    message: str
    """The entry in the catalogue, with its `%(name)s`."""
    values: Mapping[str, object]


def sentence(message: str, /, **values: object) -> Sentence:
    """*message* with *values* in it; a value may be a `Sentence` too.

    The message is found by the check of the translations because it is written inside `sentence("…")`.
    """
    made = Sentence(message % values if values else message)
    made.message, made.values = message, values
    return made
