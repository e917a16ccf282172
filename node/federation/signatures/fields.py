"""Structured fields (RFC 9651), as far as signatures need them: a dictionary of inner lists, and one of byte sequences.

The general parsers let the last of two equal names win, as the standard says. Two readers that pick different ones
disagree on who signed what, so here a name that comes twice is refused; and everything is bounded.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from node.federation.signatures import digest
from node.runtime.errors import Malformed

MAX_CHARS = 8_000
_MAX_MEMBERS = 8
_MAX_ITEMS = 50
_MAX_PARAMETERS = 16

_KEY = re.compile(r"[a-z*][a-z0-9_.*-]{0,63}")
_STRING = re.compile(r'"((?:[ !#-\[\]-~]|\\["\\])*)"')
_BYTES = re.compile(r":([A-Za-z0-9+/=]*):")
_PLAIN = re.compile(r"-?[0-9]{1,15}|\?[01]|[A-Za-z*][!#$%&'*+.^_`|~:/0-9A-Za-z-]*")
_INTEGER = re.compile(r"-?[0-9]{1,15}")
_OWS = re.compile(r"[ \t]*")
_SPACES = re.compile(r" *")
_ESCAPE = re.compile(r"\\(.)")

Value = str | int | None
"""A string or an integer; None for every other kind, which no signature needs to understand."""


@dataclass(frozen=True, slots=True)
class Inner:
    """An inner list of strings, with its parameters."""

    items: tuple[tuple[str, Mapping[str, Value], str], ...]
    """Each string, its parameters, and both as written."""
    parameters: Mapping[str, Value]
    text: str
    """The canonical form of the whole."""


def inner_lists(text: str, where: str) -> dict[str, Inner]:
    """The members of a dictionary of inner lists of strings, in their order.

    Raises:
        Malformed: *text* is none, or names something twice; *where* says in which header it stood.
    """
    reader = _Reader(text, where)
    found: dict[str, Inner] = {}
    for label in reader.members(found):
        found[label] = reader.inner()
    return found


def byte_sequences(text: str, where: str) -> dict[str, bytes]:
    """The members of a dictionary of byte sequences; raises as `inner_lists`."""
    reader = _Reader(text, where)
    found: dict[str, bytes] = {}
    for label in reader.members(found):
        found[label] = digest.strict_base64(reader.take(_BYTES)[1], where)
        reader.parameters()
    return found


class _Reader:
    """A place in a text."""

    def __init__(self, text: str, where: str) -> None:
        self._text, self._where, self._at = text, where, 0
        if len(text) > MAX_CHARS:
            raise Malformed(f"the {where} is too long")

    def take(self, pattern: re.Pattern[str]) -> re.Match[str]:
        match = pattern.match(self._text, self._at)
        if match is None:
            raise Malformed(f"the {self._where} cannot be read at character {self._at} (RFC 9651)")
        self._at = match.end()
        return match

    def members(self, found: Mapping[str, object]) -> Iterator[str]:
        """The name of each member of a dictionary, whose value the caller takes and keeps in *found*."""
        while True:
            name = self.take(_KEY)[0]
            self._literal("=")
            if name in found or len(found) == _MAX_MEMBERS:
                raise Malformed(f"the {self._where} gives {name} twice, or too many names")
            yield name
            self.take(_OWS)
            if self._at == len(self._text):
                return
            self._literal(",")
            self.take(_OWS)

    def inner(self) -> Inner:
        self._literal("(")
        items: list[tuple[str, Mapping[str, Value], str]] = []
        while True:
            spaces = self.take(_SPACES)[0]
            if self._next(")"):
                break
            if (items and not spaces) or len(items) == _MAX_ITEMS:
                raise Malformed(f"the {self._where} lists too many items, or not apart")
            match = self.take(_STRING)
            parameters, written = self.parameters()
            items.append((_ESCAPE.sub(r"\1", match[1]), parameters, match[0] + written))
        parameters, written = self.parameters()
        return Inner(tuple(items), parameters, f"({' '.join(text for _, _, text in items)}){written}")

    def parameters(self) -> tuple[Mapping[str, Value], str]:
        """The parameters that follow, and their canonical form."""
        found: dict[str, Value] = {}
        written: list[str] = []
        while self._next(";"):
            self.take(_SPACES)
            name = self.take(_KEY)[0]
            if name in found or len(found) == _MAX_PARAMETERS:
                raise Malformed(f"the {self._where} gives {name} twice, or too many parameters")
            found[name], text = self._value() if self._next("=") else (None, "?1")
            written.append(f";{name}" if text == "?1" else f";{name}={text}")
        return found, "".join(written)

    def _value(self) -> tuple[Value, str]:
        for pattern in (_STRING, _BYTES):
            if match := pattern.match(self._text, self._at):
                self._at = match.end()
                return _ESCAPE.sub(r"\1", match[1]) if pattern is _STRING else None, match[0]
        text = self.take(_PLAIN)[0]
        if self._next("."):
            raise Malformed(f"the {self._where} holds a fraction")
        if not _INTEGER.fullmatch(text):
            return None, text
        return int(text), str(int(text))

    def _next(self, character: str) -> bool:
        there = self._text.startswith(character, self._at)
        self._at += there
        return there

    def _literal(self, character: str) -> None:
        if not self._next(character):
            raise Malformed(f"the {self._where} lacks {character!r} at character {self._at} (RFC 9651)")
