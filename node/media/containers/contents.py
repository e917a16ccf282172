"""What was found in a container, and why one is refused."""

from dataclasses import dataclass
from typing import Literal

# Why a file is refused; `recordings` says it in a sentence.
DAMAGED = "damaged"
UNKNOWN = "unknown"
OTHER_TRACKS = "other tracks"


class Refused(Exception):
    """Not a film or a sound that is accepted, for one of the reasons above."""


@dataclass(frozen=True, slots=True)
class Contents:
    """A file that holds picture and sound, and nothing else."""

    kind: Literal["video", "audio"]
    mime: str
    data: bytes
    width: int | None = None
    """As it is shown, upright."""
    height: int | None = None
    duration_ms: int | None = None
    frame_rate: float | None = None
    """Pictures a second."""


def number(data: bytes | bytearray, at: int, size: int) -> int:
    """The big-endian number of *size* bytes at *at*.

    Raises:
        Refused: the file ends before it.
    """
    if at < 0 or at + size > len(data):
        raise Refused(DAMAGED)
    return int.from_bytes(data[at : at + size], "big")


def lasting_ms(units: int, units_a_second: int) -> int | None:
    """A duration; None where the file says nothing, or what cannot be true."""
    if units <= 0 or units_a_second <= 0:
        return None
    found = units * 1000 // units_a_second
    return found if 0 < found < 7 * 24 * 3_600_000 else None
