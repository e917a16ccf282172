"""An agent of a town hall with an application: Mastodon.py, unmodified, logged in as any person logs in."""

import html
import re
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final, TypeVar

from mastodon import Mastodon

from node.cli.demo.browser import Browser
from node.cli.demo.nodes import NodeProcess

T = TypeVar("T")

SCOPES: Final = ["read", "write", "follow", "push"]
_PATIENCE_S: Final = 20.0
_PAGE: Final = 40
_TIMEOUT_S: Final = 20


class Unseen(RuntimeError):
    """What should have been seen was not; the message says what was looked for, and what was there."""


class Agent:
    """One person at one node, and the account she writes for."""

    def __init__(self, node: NodeProcess, email: str, password: str) -> None:
        self.node, self.email, self.password = node, email, password

    def log_in(self, application: str = "Beffroi demo", *, actor: str = "", scopes: Sequence[str] = SCOPES) -> Mastodon:
        """A new application with a token of its own, by the code flow: registration, log-in page, consent, code."""
        client_id, client_secret = Mastodon.create_app(
            application, scopes=list(scopes), api_base_url=self.node.url, session=self.node.session()
        )
        client = Mastodon(
            client_id=client_id, client_secret=client_secret, api_base_url=self.node.url,
            session=self.node.session(), ratelimit_method="throw", request_timeout=_TIMEOUT_S,
            version_check_mode="created",
        )  # fmt: skip
        url = client.auth_request_url(scopes=list(scopes), allow_http=True)
        code = Browser(self.node.session()).authorize(url, email=self.email, password=self.password, actor=actor)
        client.log_in(code=code, scopes=list(scopes), allow_http=True)
        return client

    def again(self, client: Mastodon) -> Mastodon:
        """The same application with a connection of its own, for another thread."""
        return Mastodon(
            access_token=client.access_token, api_base_url=self.node.url, session=self.node.session(),
            ratelimit_method="throw", request_timeout=_TIMEOUT_S,
        )  # fmt: skip


def until(what: str, look: Callable[[], T | None], patience_s: float = _PATIENCE_S) -> T:
    """The first thing that *look* finds.

    Raises:
        Unseen: nothing within *patience_s*.
    """
    end, pause_s = time.monotonic() + patience_s, 0.05
    while True:
        found = look()
        if found:
            return found
        if time.monotonic() > end:
            raise Unseen(f"not seen within {patience_s:.0f} s: {what}")
        time.sleep(pause_s)
        pause_s = min(pause_s * 1.5, 0.5)


def text(status: Any) -> str:
    """The words of a post, without its marks."""
    return html.unescape(re.sub(r"<[^>]+>", "", status.content))


def home(client: Mastodon) -> Iterator[Any]:
    """Every post of the home timeline, page after page."""
    page = client.timeline_home(limit=_PAGE)
    while page:
        yield from page
        page = client.fetch_next(page)


def notified(client: Mastodon, kind: str, by: str) -> Any:
    """The latest notification of that *kind* from the account *by* (its name), if there is one."""
    return next(
        (each for each in client.notifications(types=[kind]) if each.type == kind and each.account.username == by), None
    )
