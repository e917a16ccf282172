"""Small caches of one process, by name: least recently used go first."""

from collections import OrderedDict
from collections.abc import Hashable
from typing import Any


class Lru:
    """A bounded mapping; reading a key keeps it."""

    __slots__ = ("_held", "_size")

    def __init__(self, size: int) -> None:
        self._size = size
        self._held: OrderedDict[Hashable, Any] = OrderedDict()

    def get(self, key: Hashable) -> Any:
        """The value, or None."""
        held = self._held
        value = held.get(key)
        if value is not None:
            held.move_to_end(key)
        return value

    def put(self, key: Hashable, value: Any) -> None:
        held = self._held
        held[key] = value
        held.move_to_end(key)
        if len(held) > self._size:
            held.popitem(last=False)

    def drop(self, key: Hashable) -> None:
        self._held.pop(key, None)

    def clear(self) -> None:
        self._held.clear()

    def __len__(self) -> int:
        return len(self._held)


class Caches:
    """The caches of one node in one process."""

    def __init__(self) -> None:
        self._named: dict[str, Lru] = {}

    def of(self, name: str, size: int = 1024) -> Lru:
        """The cache of that name, made at the first call."""
        found = self._named.get(name)
        if found is None:
            found = self._named[name] = Lru(size)
        return found
