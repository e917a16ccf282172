"""The baseline of every read: a Starlette application that answers one path with bytes at hand, and does nothing else.

`python -m bench.bare PORT FILE` serves the bytes of FILE with the settings that a node serves with (node.cli.start).
"""

import asyncio
import sys
from pathlib import Path

import uvicorn
import uvloop
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route


def app(body: bytes) -> Starlette:
    """The application."""

    async def answer(_request: Request) -> Response:
        return Response(body, media_type="application/json")

    return Starlette(routes=[Route("/", answer)])


def main() -> None:
    """Serve until the signal to end."""
    port, file = sys.argv[1:]
    config = uvicorn.Config(
        app(Path(file).read_bytes()), host="127.0.0.1", port=int(port), http="httptools", lifespan="on",
        log_config=None, access_log=False, server_header=False, proxy_headers=False, timeout_keep_alive=75,
        backlog=2048,
    )  # fmt: skip
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(uvicorn.Server(config).serve())


if __name__ == "__main__":
    main()
