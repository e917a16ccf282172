"""What just happened, told to whoever listens: streams, waiting workers. Nothing is kept.

Within the process it is told at once and for certain; to the other processes of the node by hints, where there is
something that carries them (`hints/`), which may be late or lost.
"""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Protocol

_WAITING_AT_MOST = 512


@dataclass(eq=False, slots=True)
class Listener:
    """One subscription; read `queue`. `overrun` says that it was too slow and missed something."""

    queue: asyncio.Queue[tuple[str, object]] = field(default_factory=lambda: asyncio.Queue(_WAITING_AT_MOST))
    channels: set[str] = field(default_factory=set)
    overrun: bool = False


class Elsewhere(Protocol):
    """The way to the other processes. It never waits and never fails; what it cannot carry is lost."""

    @property
    def heard(self) -> bool:
        """Whether somebody there may listen to a stream."""
        ...

    def publish(self, channel: str, event: object) -> None: ...
    def ring(self, bell: str) -> None: ...
    def forget(self, cache: str) -> None: ...
    def listening(self) -> None: ...


class Live:
    """Publish and subscribe by channel name."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._bells: dict[str, asyncio.Event] = {}
        self.elsewhere: Elsewhere | None = None

    def publish(self, channel: str, event: object) -> None:
        """Tell those who listen to *channel*; a listener that does not read is marked, never waited for."""
        self.publish_here(channel, event)
        if self.elsewhere is not None:
            self.elsewhere.publish(channel, event)

    def publish_here(self, channel: str, event: object) -> None:
        """Tell those of this process."""
        for listener in self._listeners.get(channel, ()):
            try:
                listener.queue.put_nowait((channel, event))
            except asyncio.QueueFull:
                listener.overrun = True

    def heard(self, channel: str) -> bool:
        """Whether anybody listens, as far as it is known here."""
        return bool(self._listeners.get(channel)) or (self.elsewhere is not None and self.elsewhere.heard)

    @property
    def listening(self) -> bool:
        """Whether anybody listens to anything in this process."""
        return bool(self._listeners)

    def subscribe(self, channels: Iterable[str]) -> Listener:
        listener = Listener()
        self.join(listener, channels)
        return listener

    def join(self, listener: Listener, channels: Iterable[str]) -> None:
        """Listen to more channels."""
        first = not self._listeners
        for channel in channels:
            listener.channels.add(channel)
            self._listeners.setdefault(channel, set()).add(listener)
        if first and self.elsewhere is not None:
            self.elsewhere.listening()

    def leave(self, listener: Listener, channels: Iterable[str] | None = None) -> None:
        """Listen to fewer channels; to none by default."""
        for channel in list(listener.channels if channels is None else channels):
            listener.channels.discard(channel)
            others = self._listeners.get(channel)
            if others is not None:
                others.discard(listener)
                if not others:
                    del self._listeners[channel]

    def end(self) -> None:
        """Send every listener away, as if it had missed something: the process is about to end."""
        for listener in {each for listeners in self._listeners.values() for each in listeners}:
            listener.overrun = True
            with contextlib.suppress(asyncio.QueueFull):  # a full queue wakes its reader anyway
                listener.queue.put_nowait(("", None))

    def bell(self, name: str) -> asyncio.Event:
        """The bell that wakes a worker: `jobs`, `inbox`, `deliveries`, `feeds`."""
        return self._bells.setdefault(name, asyncio.Event())

    def ring(self, name: str) -> None:
        """Wake who waits at that bell, in whatever process."""
        self.ring_here(name)
        if self.elsewhere is not None:
            self.elsewhere.ring(name)

    def ring_here(self, name: str) -> None:
        """Wake who waits at that bell in this process."""
        self.bell(name).set()

    def forget(self, cache: str) -> None:
        """Have the other processes empty their cache of that name."""
        if self.elsewhere is not None:
            self.elsewhere.forget(cache)
