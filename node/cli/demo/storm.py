"""Many posts at once, a node killed among them, and a count afterwards: nothing lost, nothing doubled.

A post is promised once the API has answered. One that got no answer may or may not exist: its author's application
sends it again with the same Idempotency-Key, as applications do, and it must not exist twice.
"""

import queue
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import Any, Final

from mastodon import Mastodon
from mastodon.errors import MastodonNetworkError, MastodonServiceUnavailableError

from node.cli.demo.agents import Agent, Unseen, home, text, until

_WRITERS: Final = 8
_ARRIVAL_S: Final = 45.0
_LOOK_AGAIN_S: Final = 1.0


class Storm:
    """*count* posts of one agent, numbered."""

    def __init__(self, agent: Agent, name: str, count: int) -> None:
        self.agent, self.name, self.count = agent, name, count
        self._client = agent.log_in(f"Beffroi demo, {name}")
        self.acknowledged: set[int] = set()
        self.unanswered: set[int] = set(range(count))
        self._failures: list[BaseException] = []

    def words(self, number: int) -> str:
        """What post *number* says."""
        return f"{self.name} {number + 1:03d}/{self.count}"

    def blow(self, *, after: int, then: Callable[[], None]) -> None:
        """Write all that is unanswered with several connections; once *after* are acknowledged, do *then*.

        A writer whose connection fails stops: what it was writing stays unanswered.
        """
        waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
        for number in sorted(self.unanswered):
            waiting.put(number)
        writers = [threading.Thread(target=self._write, args=(waiting,), daemon=True) for _ in range(_WRITERS)]
        for each in writers:
            each.start()
        while len(self.acknowledged) < after and any(each.is_alive() for each in writers):
            time.sleep(0.002)
        then()
        for each in writers:
            each.join()
        if self._failures:
            raise self._failures[0]

    def finish(self) -> None:
        """Write again what got no answer, each with its own key."""
        self.blow(after=self.count, then=lambda: None)
        if self.unanswered:
            raise Unseen(f"{len(self.unanswered)} posts got no answer from a node that runs")

    def seen_by(self, reader: Mastodon, patience_s: float = _ARRIVAL_S) -> Counter[str]:
        """Wait until *reader* has all of them at home, look again a second later, and count.

        Raises:
            Unseen: some are missing or doubled; it names them.
        """
        wanted = {self.words(number) for number in range(self.count)}

        def missing() -> set[str]:
            return wanted - set(self.counted(home(reader)))

        try:
            until("all posts", lambda: not missing(), patience_s)
        except Unseen:
            promised = {self.words(number) for number in self.acknowledged}
            raise Unseen(f"lost: {_some(missing() & promised)}; {len(missing())} missing in all") from None
        time.sleep(_LOOK_AGAIN_S)
        found = self.counted(home(reader))
        doubled = {words for words, times in found.items() if times > 1}
        if doubled or set(found) != wanted:
            raise Unseen(f"doubled: {_some(doubled)}; gone again: {_some(wanted - set(found))}")
        return found

    def counted(self, page: Iterable[Any]) -> Counter[str]:
        """How often each of them is among the posts of *page*."""
        return Counter(words for words in map(text, page) if words.startswith(f"{self.name} "))

    def _write(self, waiting: "queue.SimpleQueue[int]") -> None:
        client = self.agent.again(self._client)
        while True:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                client.status_post(self.words(number), idempotency_key=f"{self.name}-{number}")
            except (MastodonNetworkError, MastodonServiceUnavailableError):
                return  # its node is down
            except Exception as error:  # noqa: BLE001 (told by `blow`, in the thread that asked)
                self._failures.append(error)
                return
            self.acknowledged.add(number)
            self.unanswered.discard(number)


def _some(words: Iterable[str]) -> str:
    listed = sorted(words)
    return ", ".join(listed[:5]) + (f" and {len(listed) - 5} more" if len(listed) > 5 else "") or "none"
