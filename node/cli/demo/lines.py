"""The lines that the demo prints."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


class Lines:
    """Prints each step with the time it took."""

    def __init__(self) -> None:
        self.count = 0

    @contextmanager
    def step(self, sentence: str) -> Iterator[list[str]]:
        """Say *sentence* when the block was seen, with what the block adds to it; a cross if it was not."""
        began = time.monotonic()
        more: list[str] = []
        try:
            yield more
        except BaseException:
            print(f"✗ {sentence}", flush=True)
            raise
        self.count += 1
        print(f"✓ {' '.join([sentence, *more])}  ({time.monotonic() - began:.2f} s)", flush=True)
