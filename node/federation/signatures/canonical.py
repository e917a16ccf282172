"""The canonical form of JSON (RFC 8785), which proofs are made of."""

from typing import Any, Final

import jcs
import orjson

from node.runtime.errors import Malformed

_EXACT: Final = 2**53 - 1


def form(document: object) -> bytes:
    """The one way to write *document*.

    What orjson sorts and writes is that form, 50 times as fast, unless there are fractions, numbers beyond 53 bits
    or names beyond ASCII (RFC 8785 sorts by UTF-16): those are left to the library of the standard.

    Raises:
        Malformed: it has none.
    """
    try:
        if _plain(document):
            return orjson.dumps(document, option=orjson.OPT_SORT_KEYS)
        return bytes(jcs.canonicalize(document))
    except (ValueError, TypeError, OverflowError):
        raise Malformed("the document has no canonical form (RFC 8785)") from None


def _plain(document: object) -> bool:
    """Whether both ways of writing agree. Not recursive: depth is what a stranger chooses."""
    plain = True
    waiting: list[Any] = [document]
    while waiting:
        value = waiting.pop()
        kind = type(value)
        if kind is dict:
            for name in value:
                if type(name) is not str:
                    raise TypeError
                plain = plain and name.isascii()
            waiting.extend(value.values())
        elif kind is list:
            waiting.extend(value)
        elif kind is int:
            plain = plain and -_EXACT <= value <= _EXACT
        elif kind is float:
            plain = False
        elif kind is not str and kind is not bool and value is not None:
            raise TypeError
    return plain
