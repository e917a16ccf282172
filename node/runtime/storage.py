"""Where media files are kept: a folder today.

A key is a short path such as `media/112/original.jpg`: lower-case ASCII words, at most `MAX_KEY_CHARS` long. It is made
by the node, never by a stranger, and is refused all the same if it could leave the folder.
"""

import asyncio
import hashlib
import os
import re
import tempfile
from pathlib import Path
from typing import Final, Protocol

from node.runtime.errors import Invalid

MAX_KEY_CHARS: Final = 200

# Each part begins with a letter or a digit: neither `..` nor a hidden file can be named.
_KEY = re.compile(r"[a-z0-9][a-z0-9._-]*+(?:/[a-z0-9][a-z0-9._-]*+)*+")


class Storage(Protocol):
    """Keeps bytes under a key."""

    async def put(self, key: str, data: bytes, mime: str) -> None:
        """Keep *data*; what was under *key* is replaced at once and as a whole. On return it is on the disk."""
        ...

    async def get(self, key: str) -> bytes | None:
        """What is under *key*, or None."""
        ...

    def path(self, key: str) -> Path | None:
        """The file that a web server may send for *key* (it may be absent), or None where there are no files."""
        ...

    async def delete(self, key: str) -> None:
        """Forget *key*; that it was never kept is no error."""
        ...


class FolderStorage:
    """Files in a folder, spread over 256 subfolders. The mime type is the key's business (its extension).

    A key is one file name (`media,112,original.jpg`) and not a path: folders are never removed, so that no deletion
    takes one away from under a writer in another thread or process.
    """

    def __init__(self, root: Path) -> None:
        self._root = root

    async def put(self, key: str, data: bytes, mime: str) -> None:
        """Write beside, flush, rename: a reader or a power cut sees the old file or the new one.

        Raises:
            Invalid: *key* is no key.
        """
        await asyncio.to_thread(_write, self.path(key), data)

    async def get(self, key: str) -> bytes | None:
        """The bytes of *key*, or None.

        Raises:
            Invalid: *key* is no key.
        """
        return await asyncio.to_thread(_read, self.path(key))

    def path(self, key: str) -> Path:
        """Where *key* is, or would be.

        Raises:
            Invalid: *key* is no key.
        """
        if len(key) > MAX_KEY_CHARS or _KEY.fullmatch(key) is None:
            raise Invalid("This is not the key of a file.")
        shard = hashlib.sha256(key.encode("ascii")).hexdigest()[:2]
        return self._root / shard / key.replace("/", ",")  # no comma is in a key

    async def delete(self, key: str) -> None:
        """Remove the file of *key*.

        Raises:
            Invalid: *key* is no key.
        """
        await asyncio.to_thread(self.path(key).unlink, missing_ok=True)


def _read(path: Path) -> bytes | None:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return None


def _write(path: Path, data: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=".new-")
    written = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        written.chmod(0o644)  # a web server of another user may send it
        written.replace(path)
    except BaseException:
        written.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
