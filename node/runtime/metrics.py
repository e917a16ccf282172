"""Figures for Prometheus: counted always (it costs nothing), shown only on the private address."""

from collections.abc import Iterable
from threading import Lock

from prometheus_client import CollectorRegistry, Counter, generate_latest, start_http_server


class Metrics:
    """Counters of one node, made when first counted."""

    def __init__(self) -> None:
        self._registry = CollectorRegistry(auto_describe=True)
        self._counters: dict[str, Counter] = {}
        self._counted: dict[tuple[object, ...], Counter] = {}
        self._alone = Lock()

    def count(self, name: str, amount: float = 1, **labels: str) -> None:
        """Count one more `beffroi_{name}`; a counter always has the same labels, of few values."""
        key = (name, *labels.items())
        counter = self._counted.get(key)
        if counter is None:
            made = self._counters.get(name) or self._made(name, labels)
            self._counted[key] = counter = made.labels(**labels) if labels else made
        counter.inc(amount)

    def _made(self, name: str, labels: Iterable[str]) -> Counter:
        with self._alone:  # the event loop and the thread that writes to SQLite both count
            if name not in self._counters:
                made = Counter(f"beffroi_{name}", name.replace("_", " "), sorted(labels), registry=self._registry)
                self._counters[name] = made
            return self._counters[name]

    def counted(self, name: str, **labels: str) -> float:
        """What was counted so far."""
        return self._registry.get_sample_value(f"beffroi_{name}_total", labels) or 0.0

    def text(self) -> bytes:
        """The exposition format."""
        return generate_latest(self._registry)

    def show(self, host: str, port: int) -> None:
        """Answer `/metrics` on a private address, from a thread of its own, until the process ends."""
        start_http_server(port, host, registry=self._registry)
