"""What a handler answers: bytes of JSON, mostly. Written to the wire by `dispatch`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import orjson

JSON = b"application/json; charset=utf-8"

Header = tuple[bytes, bytes]


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, body and the headers of its own; those that every answer has are added later."""

    body: bytes
    status: int = 200
    headers: Sequence[Header] = ()
    type: bytes = JSON
    spliced: bool = False
    """It stands already what depends on the host that was asked (see `splicing`)."""


EMPTY = Answer(b"{}")
"""What DELETE and the like answer: 200 and an object, never 204."""


def of(value: Any, *, status: int = 200, headers: Sequence[Header] = ()) -> Answer:
    """*value* as JSON. `orjson.Fragment` stands for bytes that are JSON already."""
    return Answer(orjson.dumps(value), status, headers)
