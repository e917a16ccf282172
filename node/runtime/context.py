"""What a node is made of, built once (node/app.py) and passed down; there are no globals."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from node.runtime.caches import Caches
from node.runtime.clock import Clock
from node.runtime.database import Database
from node.runtime.ids import Ids
from node.runtime.keyring import Keyring
from node.runtime.live import Live
from node.runtime.metrics import Metrics
from node.runtime.net import Network
from node.runtime.seats import OnlySeat, Seat
from node.runtime.settings import Settings
from node.runtime.storage import Storage


@dataclass(frozen=True, slots=True)
class Context:
    """One node in one process."""

    settings: Settings
    db: Database
    network: Network
    clock: Clock
    ids: Ids
    keyring: Keyring
    storage: Storage
    live: Live = field(default_factory=Live)
    metrics: Metrics = field(default_factory=Metrics)
    cache: Caches = field(default_factory=Caches)
    seat: Seat = field(default_factory=OnlySeat)
    fragment: Callable[[Any, Sequence[Any], Sequence[Any]], bytes] | None = None
    """What the API shows of a new post, its hashtags and whom it names: written with its row. None: rendered later."""

    def forget(self, cache: str) -> None:
        """Empty the cache of that name here, and at once in the other processes where a hint reaches them."""
        self.cache.clear(cache)
        self.live.forget(cache)
