"""The picture that stands for a film, drawn by ffmpeg where there is one.

ffmpeg reads a stranger's bytes: it runs as a program of its own that knows no secret, has limits of memory, time and output,
opens that one file as the kind that we found it to be, and no address. What it draws is decoded as any image that comes from outside.
"""

import asyncio
import os
import shutil
import signal
from asyncio.subprocess import DEVNULL, PIPE
from contextlib import suppress
from typing import Final

from node.media import workers
from node.media.images import MAX_BYTES, PREVIEW_PX, Picture
from node.runtime.context import Context
from node.runtime.errors import BeffroiError

_TIMEOUT_S: Final = 20.0
_MEMORY_BYTES: Final = 1_024 * 1_024 * 1_024
_AT_ONCE: Final = 1
_FORMATS: Final = {"video/mp4": "mov", "video/quicktime": "mov", "video/webm": "matroska"}


def program(ctx: Context) -> str | None:
    """Where ffmpeg is, if it is there and wanted."""
    kept = ctx.cache.of("ffmpeg", 1)
    found: tuple[str | None] | None = kept.get("one")
    if found is None:
        found = (shutil.which(ctx.settings.ffmpeg) if ctx.settings.ffmpeg else None,)
        kept.put("one", found)
    return found[0]


async def draw(ctx: Context, *, key: str, mime: str) -> Picture | None:
    """The picture of the film under *key*; None where none can be drawn, for whatever reason."""
    path, ffmpeg = ctx.storage.path(key), program(ctx)
    if ffmpeg is None or path is None or mime not in _FORMATS:
        return None
    words = (
        ffmpeg, "-nostdin", "-hide_banner", "-loglevel", "quiet", "-protocol_whitelist", "file,pipe", "-threads", "1",
        "-f", _FORMATS[mime], "-i", f"file:{path}", "-map", "0:v:0", "-frames:v", "1", "-map_metadata", "-1",
        "-vf", f"thumbnail=n=12,scale='min({PREVIEW_PX},iw)':-2", "-f", "image2pipe", "-c:v", "mjpeg", "-q:v", "3", "pipe:1",
    )  # fmt: skip
    async with _turn(ctx):
        drawn = await _run(words)
    if not drawn:
        return None
    try:
        return await workers.of(ctx).decode(drawn, max_side_px=PREVIEW_PX)
    except BeffroiError:
        return None


async def _run(words: tuple[str, ...]) -> bytes:
    """What the program writes; nothing if it fails, takes too long or writes too much."""
    # The shell only sets the limits: a function between fork and exec is not safe in a process with threads.
    limits = f'ulimit -v {_MEMORY_BYTES // 1024}; ulimit -c 0; ulimit -t {int(_TIMEOUT_S)}; exec "$@"'
    process = await asyncio.create_subprocess_exec(
        "/bin/sh",
        "-c",
        limits,
        "sh",
        *words,
        stdin=DEVNULL,
        stdout=PIPE,
        stderr=DEVNULL,
        env={},
        start_new_session=True,
    )
    assert process.stdout is not None
    pieces: list[bytes] = []
    try:
        async with asyncio.timeout(_TIMEOUT_S):
            while piece := await process.stdout.read(65_536):
                pieces.append(piece)
                if sum(map(len, pieces)) > MAX_BYTES:
                    return b""
            return b"".join(pieces) if await process.wait() == 0 else b""
    except (TimeoutError, OSError):
        return b""
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            while await process.stdout.read(65_536):
                pass  # asyncio sees the end of a process only at the end of its pipe
            await process.wait()


def _turn(ctx: Context) -> asyncio.Semaphore:
    """One film at a time: the node has other things to do."""
    kept = ctx.cache.of("ffmpeg_turn", 1)
    turn: asyncio.Semaphore | None = kept.get("one")
    if turn is None:
        kept.put("one", turn := asyncio.Semaphore(_AT_ONCE))
    return turn
