"""Names into addresses, in threads of their own.

aiohttp's default resolver borrows the event loop's pool, and uvloop's has four threads: a stranger whose name
servers never answer would stop every other look-up and every file read with it.
"""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from aiohttp.abc import AbstractResolver, ResolveResult

_MAX_ADDRESSES: Final = 8  # each address that does not answer costs the connection time-out
_LOOK_UP_S: Final = 5.0
_THREADS: Final = 16


class ThreadResolver(AbstractResolver):
    """`getaddrinfo` in a pool. The cache is the connector's: bounded, 60 s, one look-up for all who wait."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="dns")

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """The addresses of *host*, at most 8.

        Raises:
            OSError: it has none, or its name servers did not answer within 5 s.
        """
        if host == "localhost" or host.endswith(".localhost"):
            # RFC 6761 §6.3. A bare Debian looks such names up in vain; the guard lets them through in a laboratory.
            return [_result(host, port, socket.AF_INET, "127.0.0.1")]
        loop = asyncio.get_running_loop()
        try:
            async with asyncio.timeout(_LOOK_UP_S):
                found = await loop.run_in_executor(self._threads, _look_up, host, port, family)
        except TimeoutError:
            raise OSError(socket.EAI_AGAIN, "the name servers did not answer") from None
        results: list[ResolveResult] = []
        for kind, _type, _proto, _name, address in found[:_MAX_ADDRESSES]:
            if kind in (socket.AF_INET, socket.AF_INET6):
                results.append(_result(host, port, kind, str(address[0])))
        if not results:
            raise OSError(socket.EAI_NONAME, "the name has no address")
        return results

    async def close(self) -> None:
        """Forget the look-ups that have not begun; those under way end by themselves."""
        self._threads.shutdown(wait=False, cancel_futures=True)


def _look_up(
    host: str, port: int, family: socket.AddressFamily
) -> list[tuple[socket.AddressFamily, socket.SocketKind, int, str, tuple[str, int] | tuple[str, int, int, int]]]:
    return socket.getaddrinfo(host, port, family=family, type=socket.SOCK_STREAM)  # type: ignore[return-value]


def _result(host: str, port: int, family: socket.AddressFamily, address: str) -> ResolveResult:
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=socket.AI_NUMERICHOST)
