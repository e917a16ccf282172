"""Python's cycle collector, set for a process that serves for weeks and has thousands of tasks in the air.

Objects die here by their reference counts; the collector is there for the few that point at each other. As Python
comes, it looks after every 700 new ones, and every hundredth time at everything, the code of the whole node included:
with a thousand deliveries under way that was a seventh of their processor time, and pauses of milliseconds.
"""

import gc
from typing import Final

_NEW_OBJECTS: Final = 50_000
"""More than Python's 700; of cycles that wait to be found these are some megabytes."""
_ROUNDS: Final = 10


def settle() -> None:
    """Leave out of every later round what is there now: call it when all is imported and made. About 50 ms."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS, _ROUNDS, _ROUNDS)
