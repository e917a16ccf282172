"""The way to a running node: a Unix socket in its data folder that only its owner can open.

On SQLite a second process must not write, so a command given while the node runs is done by the node. One request a
connection, one JSON line each way: {"operation", "arguments"} -> {"lines"} or {"refused"}.
"""

import asyncio
import contextlib
import os
import pwd
import socket
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import orjson

from admin import operations
from node.moderation.audit import Hand
from node.runtime import log
from node.runtime.context import Context
from node.runtime.errors import BeffroiError, Invalid

_LINE_MAX_BYTES = 1_000_000
# A Unix socket's path holds 107 bytes; a longer data folder is reached through its descriptor.
_PATH_MAX_BYTES = 100


class NotRunning(RuntimeError):
    """No node answers in this data folder."""


def path(data: Path) -> Path:
    """Where the socket of the node of that data folder is."""
    return data / "control.sock"


async def listen(ctx: Context) -> asyncio.Server:
    """Answer commands for as long as the server stands."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            line = await reader.readline()
            said = await _perform(ctx, line, owner_of(writer.get_extra_info("socket")))
        except Exception as error:  # noqa: BLE001 (told to who asked, and to the log)
            log.fail("control.failed", error)
            said = {"refused": f"the node failed: {error}"}
        writer.write(orjson.dumps(said) + b"\n")
        with contextlib.suppress(ConnectionError):  # who only asked whether somebody is here is gone
            await writer.drain()
        writer.close()

    where = path(ctx.settings.data)
    where.unlink(missing_ok=True)
    listening = socket.socket(socket.AF_UNIX)
    before = os.umask(0o177)
    try:
        _bind(listening, where)
    finally:
        os.umask(before)
    return await asyncio.start_unix_server(answer, sock=listening, limit=_LINE_MAX_BYTES)


async def ask(data: Path, operation: str, arguments: Mapping[str, Any]) -> list[str]:
    """Have the running node do *operation*.

    Raises:
        NotRunning: there is none.
        Invalid: it refused, with its reason.
    """
    asking = socket.socket(socket.AF_UNIX)
    try:
        _connect(asking, path(data))
    except OSError:
        asking.close()
        raise NotRunning(f"no node answers in {data}") from None
    reader, writer = await asyncio.open_unix_connection(sock=asking, limit=_LINE_MAX_BYTES)
    writer.write(orjson.dumps({"operation": operation, "arguments": dict(arguments)}) + b"\n")
    await writer.drain()
    said = orjson.loads(await reader.readline())
    writer.close()
    if "refused" in said:
        raise Invalid(said["refused"])
    return [str(line) for line in said["lines"]]


async def _perform(ctx: Context, line: bytes, by: Hand) -> dict[str, Any]:
    try:
        asked = orjson.loads(line)
        name, arguments = str(asked["operation"]), dict(asked["arguments"])
    except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
        return {"refused": "this is not a command"}
    try:
        lines = await operations.perform(ctx, name, arguments, by)
    except BeffroiError as error:
        return {"refused": str(error)}
    log.log("control.done", operation=name)
    return {"lines": lines}


def owner_of(asking: Any = None) -> Hand:
    """The account of the machine that gives a command: who holds the other end of the socket, or this process."""
    user_id = os.getuid()
    with contextlib.suppress(AttributeError, OSError, struct.error):  # no such question on other systems
        if asking is not None:
            said = asking.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
            _, user_id, _ = struct.unpack("3i", said)
    try:
        name = pwd.getpwuid(user_id).pw_name
    except KeyError:
        name = str(user_id)
    return Hand(None, name, "command")


def is_answered(data: Path) -> bool:
    """Whether a process of the node takes commands in that data folder."""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            _connect(asking, path(data))
        except OSError:
            return False
    return True


def _bind(sock: socket.socket, where: Path) -> None:
    _in_folder(where, sock.bind)


def _connect(sock: socket.socket, where: Path) -> None:
    _in_folder(where, sock.connect)


def _in_folder(where: Path, call: Any) -> None:
    if len(os.fsencode(where.absolute())) <= _PATH_MAX_BYTES:
        call(str(where.absolute()))
        return
    folder = os.open(where.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        call(f"/proc/self/fd/{folder}/{where.name}")
    finally:
        os.close(folder)
