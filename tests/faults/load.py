"""Load with a ledger: what a node acknowledged, and nothing else, is what the checker will ask for."""

import random
import threading
import time
from dataclasses import dataclass, field
from typing import Any

from mastodon import Mastodon
from mastodon.errors import MastodonAPIError, MastodonNetworkError, MastodonRatelimitError

from node.cli.demo.agents import Agent

# An application may ask 300 times in five minutes, and one round asks almost twice.
_PAUSE_S = (1.2, 2.8)
_AGAIN_S = 0.3
_GIVEN_UP_S = 120.0
_DELETED_SHARE = 0.12
_FAVOURED_SHARE = 0.25


@dataclass
class Ledger:
    """What was promised to one writer's application."""

    posts: dict[str, Any] = field(default_factory=dict)
    """Words -> the status that was answered."""
    deleted: set[str] = field(default_factory=set)
    favourites: set[str] = field(default_factory=set)
    """Ids (URIs) of the neighbour's posts that the answer says are favourites."""
    uncertain: set[str] = field(default_factory=set)
    """Words whose deletion got no clear answer: both are right."""
    attempts: int = 0
    refusals: int = 0


class Writer(threading.Thread):
    """One application that writes until it is told to stop, and sends again what got no answer, with the same key."""

    def __init__(self, name: str, agent: Agent, client: Mastodon, seed: int) -> None:
        super().__init__(name=name, daemon=True)
        self._client = agent.again(client)
        self._random = random.Random(seed)
        self._enough = threading.Event()
        self.ledger = Ledger()
        self.failure: BaseException | None = None

    def finish(self) -> None:
        """Write no more; what is under way is brought to an end."""
        self._enough.set()

    def run(self) -> None:
        number = 0
        try:
            while not self._enough.is_set():
                number += 1
                self._one(f"{self.name} {number:04d}")
                time.sleep(self._random.uniform(*_PAUSE_S))
        except BaseException as error:  # noqa: BLE001 (told by the checker)
            self.failure = error

    def _one(self, words: str) -> None:
        status = self._insist(lambda: self._client.status_post(words, idempotency_key=words))
        self.ledger.posts[words] = status
        if self._random.random() < _DELETED_SHARE:
            self.ledger.uncertain.add(words)
            if self._insist(lambda: self._take_down(status.id)):
                self.ledger.uncertain.discard(words)
                self.ledger.deleted.add(words)
        if self._random.random() < _FAVOURED_SHARE:
            page = self._insist(lambda: self._client.timeline_home(limit=20))
            others = [
                each for each in page if not each.content.startswith(f"<p>{self.name[0]}") and not each.favourited
            ]
            if others:
                chosen = self._random.choice(others)
                answer = self._insist(lambda: self._try_favourite(chosen.id))
                if answer is not None and answer.favourited:
                    self.ledger.favourites.add(chosen.uri)

    def _take_down(self, status_id: Any) -> bool:
        try:
            self._client.status_delete(status_id)
        except MastodonAPIError as error:
            if error.args[1] != 404:  # an attempt without an answer had done it
                raise
        return True

    def _try_favourite(self, status_id: Any) -> Any:
        try:
            return self._client.status_favourite(status_id)
        except MastodonAPIError as error:
            if error.args[1] == 404:  # its author deleted it meanwhile
                return None
            raise

    def _insist(self, ask: Any) -> Any:
        """Until there is an answer that is not a failure of the node."""
        end = time.monotonic() + _GIVEN_UP_S
        while True:
            self.ledger.attempts += 1
            try:
                return ask()
            except (MastodonNetworkError, MastodonRatelimitError) as error:
                trouble: Exception = error
            except MastodonAPIError as error:
                if not isinstance(error.args[1], int) or (error.args[1] < 500 and error.args[1] != 429):
                    raise
                trouble = error
            self.ledger.refusals += 1
            if time.monotonic() > end:
                raise trouble
            time.sleep(_AGAIN_S)
