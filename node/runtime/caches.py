"""Small caches of one process, by name: least recently used go first.

The event loop and the thread that writes to SQLite may use one at the same time: each operation is whole, and a
value that another thread drops meanwhile is merely absent.
"""

from collections import OrderedDict
from collections.abc import Hashable, Iterable
from threading import Lock
from typing import Any


class Lru:
    """A bounded mapping; reading a key keeps it."""

    __slots__ = ("_alone", "_held", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, Any] = OrderedDict()
        self._alone = Lock()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        with self._alone:
            value = self._held.get(key)
            if value is not None:
                self._held.move_to_end(key)
            return value

    def get_all(self, keys: Iterable[Hashable]) -> list[Any]:
        """The value of each key in turn, or None: one step for a whole page.

        Who was used last matters once something has to go: while there is plenty of room nothing is moved.
        """
        with self._alone:
            held = self._held
            if 2 * len(held) < self._size:
                return list(map(held.get, keys))
            found = []
            for key in keys:
                value = held.get(key)
                if value is not None:
                    held.move_to_end(key)
                found.append(value)
            return found

    def put(self, key: Hashable, value: Any) -> None:
        with self._alone:
            held = self._held
            held[key] = value
            held.move_to_end(key)
            if len(held) > self._size:
                held.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        with self._alone:
            self._held.pop(key, None)

    def clear(self) -> None:
        with self._alone:
            self._held.clear()

    def items(self) -> list[tuple[Any, Any]]:
        """What is held now, the least recently used first; looking keeps nothing."""
        with self._alone:
            return list(self._held.items())

    def __len__(self) -> int:
        return len(self._held)


class Caches:
    """The caches of one node in one process."""

    def __init__(self) -> None:
        self._named: dict[str, Lru] = {}

    def clear(self, name: str) -> None:
        """Empty the cache of that name, if it was made."""
        found = self._named.get(name)
        if found is not None:
            found.clear()

    def of(self, name: str, size: int = 1024) -> Lru:
        """The cache of that name, made at the first call."""
        found = self._named.get(name)
        return self._named.setdefault(name, Lru(size)) if found is None else found
