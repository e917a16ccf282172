"""What just happened, told to whoever listens in this process: streams, waiting workers. Nothing is kept."""

import asyncio
import contextlib
from collections.abc import Iterable
from dataclasses import dataclass, field

_WAITING_AT_MOST = 512


@dataclass(eq=False, slots=True)
class Listener:
    """One subscription; read `queue`. `overrun` says that it was too slow and missed something."""

    queue: asyncio.Queue[tuple[str, object]] = field(default_factory=lambda: asyncio.Queue(_WAITING_AT_MOST))
    channels: set[str] = field(default_factory=set)
    overrun: bool = False


class Live:
    """Publish and subscribe by channel name, within one process."""

    def __init__(self) -> None:
        self._listeners: dict[str, set[Listener]] = {}
        self._bells: dict[str, asyncio.Event] = {}

    def publish(self, channel: str, event: object) -> None:
        """Tell those who listen to *channel*; a listener that does not read is marked, never waited for."""
        for listener in self._listeners.get(channel, ()):
            try:
                listener.queue.put_nowait((channel, event))
            except asyncio.QueueFull:
                listener.overrun = True

    def heard(self, channel: str) -> bool:
        """Whether anybody listens."""
        return bool(self._listeners.get(channel))

    def subscribe(self, channels: Iterable[str]) -> Listener:
        listener = Listener()
        self.join(listener, channels)
        return listener

    def join(self, listener: Listener, channels: Iterable[str]) -> None:
        """Listen to more channels."""
        for channel in channels:
            listener.channels.add(channel)
            self._listeners.setdefault(channel, set()).add(listener)

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
        """Wake who waits at that bell."""
        self.bell(name).set()
