"""A client that listens to a stream of the client API inside the test process."""

import asyncio
from types import TracebackType
from typing import Any, Self
from urllib.parse import urlencode

from tests.support.fediverse import Node


class Stream:
    """`async with Stream(node, "user", token) as stream`: what was told stands in `heard`."""

    def __init__(self, node: Node, name: str, token: str | None = None, **query: str) -> None:
        self.name, self.heard, self.read = name, bytearray(), 0
        self._gone = asyncio.Event()
        headers = [(b"host", node.host.encode()), (b"user-agent", b"a test")]
        if token is not None:
            headers.append((b"authorization", f"Bearer {token}".encode()))
        self._scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": "GET", "scheme": "https",
            "path": "/api/v1/streaming", "raw_path": b"/api/v1/streaming", "root_path": "", "headers": headers,
            "query_string": urlencode({"stream": name, **query}).encode(), "client": ("198.51.100.9", 5),
            "server": (node.host, 443), "state": {},
        }  # fmt: skip
        self._app = node.app
        self._task: asyncio.Task[None] | None = None
        self._open = asyncio.Event()
        self.status = 0

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run())
        await asyncio.wait_for(self._open.wait(), 10)
        return self

    async def __aexit__(
        self, _1: type[BaseException] | None, _2: BaseException | None, _3: TracebackType | None
    ) -> None:
        self._gone.set()
        assert self._task is not None
        await asyncio.wait_for(self._task, 10)

    @property
    def ended(self) -> bool:
        """Whether the node told it that there is no more."""
        return self._task is not None and self._task.done()

    def news(self) -> bytes:
        """What was told since the last time."""
        found = bytes(self.heard[self.read :])
        self.read = len(self.heard)
        return found

    async def _run(self) -> None:
        await self._app(self._scope, self._receive, self._send)

    async def _receive(self) -> dict[str, Any]:
        await self._gone.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: Any) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
        else:
            self.heard += message.get("body", b"")
            self._open.set()
