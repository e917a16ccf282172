"""Private keys at rest: sealed with a key that is kept apart from the database.

The ring is a file: JSON `{"current": id, "keys": {id: 32 bytes in base64}}`, readable by its owner only. What is
sealed says which key sealed it, so that the ring can turn: a new key seals from now on, the old ones still open. A
backup of the database without the ring reveals no private key; a ring that is lost loses them all.

    sealed: b"BK1", length of the key's id (1 byte), the id, nonce (12 bytes), AES-256-GCM ciphertext with its tag
"""

import base64
import binascii
import contextlib
import fcntl
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Self

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from node.runtime.errors import BeffroiError
from node.runtime.i18n.sentences import sentence

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_MAGIC: Final = b"BK1"


class KeyringError(BeffroiError):
    """The ring cannot be used as it is."""


class BadKeyring(KeyringError):
    """The file is absent, unreadable or not a keyring; or there is one already."""


class UnknownKey(KeyringError):
    """Sealed with a key that is not on this ring: it is another ring, or an older copy of it."""


class BrokenSeal(KeyringError):
    """What was sealed, or what it was sealed for, is not what is opened."""


class Keyring:
    """Seals and opens. Its file may be turned by another process while this one runs: the new key is then read."""

    def __init__(self, keys: Mapping[str, bytes], current: str, path: Path | None = None) -> None:
        if current not in keys:
            raise BadKeyring(sentence("The keyring names a current key that it does not hold."))
        if any(len(key) != KEY_BYTES or not 0 < len(name.encode()) <= 255 for name, key in keys.items()):
            raise BadKeyring(sentence("The keyring holds a key that is not 32 bytes long."))
        self._ciphers = {name: AESGCM(key) for name, key in keys.items()}
        self._current = current
        self._path = path

    def __repr__(self) -> str:
        return f"<Keyring of {len(self._ciphers)} keys>"  # never the keys: this may reach a log

    @classmethod
    def create(cls, path: Path) -> Self:
        """A new ring with one key, written to *path* as a whole and for its owner only.

        Raises:
            BadKeyring: there is a file already (it is never replaced), or it cannot be written.
        """
        name, key = _new_key({})
        try:
            with _written_beside(path, {name: key}, name) as written:
                os.link(written, path)  # unlike a rename, it refuses to replace
        except FileExistsError:
            raise BadKeyring(sentence("There is a keyring already: %(path)s", path=str(path))) from None
        except OSError as error:
            raise BadKeyring(_unwritable(path, error)) from error
        return cls({name: key}, name, path)

    @classmethod
    def load(cls, path: Path) -> Self:
        """The ring in *path*. `beffroi check` says whether others could read it.

        Raises:
            BadKeyring: the file is absent, unreadable or not a keyring.
        """
        keys, current = _read(path)
        return cls(keys, current, path)

    def seal(self, plaintext: bytes, context: bytes) -> bytes:
        """*plaintext* sealed for *context*: what it belongs to (`actor 12 rsa`), without which it does not open."""
        name = self._current.encode()
        header = _MAGIC + bytes([len(name)]) + name
        nonce = os.urandom(_NONCE_BYTES)
        return header + nonce + self._ciphers[self._current].encrypt(nonce, plaintext, header + context)

    def open(self, sealed: bytes, context: bytes) -> bytes:
        """The plaintext that was sealed for *context*.

        Raises:
            UnknownKey: sealed with a key that is not on this ring, as its file is now.
            BrokenSeal: altered, cut, or sealed for another context.
        """
        name, header, rest = _parts(sealed)
        cipher = self._ciphers.get(name)
        if cipher is None:
            self._reload()
            cipher = self._ciphers.get(name)
        if cipher is None:
            raise UnknownKey(sentence("This was sealed with a key that is not on the keyring. Is it the right file?"))
        try:
            return cipher.decrypt(rest[:_NONCE_BYTES], rest[_NONCE_BYTES:], header + context)
        except (InvalidTag, ValueError):
            raise BrokenSeal(sentence("What was sealed has been altered, or belongs to something else.")) from None

    def needs_resealing(self, sealed: bytes) -> bool:
        """Whether *sealed* was sealed with an older key than the current one.

        Raises:
            BrokenSeal: it was never sealed.
        """
        return _parts(sealed)[0] != self._current

    def rotate(self) -> None:
        """Add a key, which seals from now on; the old keys stay. Running processes read it when they meet it.

        Raises:
            BadKeyring: the ring has no file, or the file cannot be written.
        """
        path = self._path
        if path is None:
            raise BadKeyring(sentence("This keyring is not kept in a file: it cannot be turned."))
        try:
            with _alone(path.parent):
                keys, _ = _read(path)
                name, key = _new_key(keys)
                with _written_beside(path, {**keys, name: key}, name) as written:
                    written.replace(path)
        except OSError as error:
            raise BadKeyring(_unwritable(path, error)) from error
        self._reload()

    def _reload(self) -> None:
        if self._path is not None:
            keys, self._current = _read(self._path)
            self._ciphers = {name: AESGCM(key) for name, key in keys.items()}


def _parts(sealed: bytes) -> tuple[str, bytes, bytes]:
    """The key's id, the header, and what follows it."""
    start = len(_MAGIC) + 1
    if len(sealed) > start and sealed.startswith(_MAGIC):
        end = start + sealed[start - 1]
        with contextlib.suppress(UnicodeDecodeError):
            return sealed[start:end].decode(), sealed[:end], sealed[end:]
    raise BrokenSeal(sentence("What was sealed has been altered, or belongs to something else."))


def _new_key(keys: Mapping[str, bytes]) -> tuple[str, bytes]:
    """A key and its id: a number in sequence, which tells a keeper their order, and a few random letters."""
    return f"{len(keys) + 1}-{secrets.token_hex(4)}", secrets.token_bytes(KEY_BYTES)


def _read(path: Path) -> tuple[dict[str, bytes], str]:
    try:
        content = json.loads(path.read_bytes())
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadKeyring(
            sentence("The keyring %(path)s cannot be read: %(reason)s", path=str(path), reason=reason)
        ) from error
    except ValueError:
        content = None
    match content:
        case {"current": str(current), "keys": dict(written)} if all(isinstance(key, str) for key in written.values()):
            with contextlib.suppress(binascii.Error, ValueError):
                keys = {str(name): base64.b64decode(key, validate=True) for name, key in written.items()}
                Keyring(keys, current)  # its own checks
                return keys, current
    raise BadKeyring(sentence("The file %(path)s is not a keyring, or is damaged.", path=str(path)))


def _unwritable(path: Path, error: OSError) -> str:
    reason = error.strerror or type(error).__name__
    return sentence("The keyring %(path)s cannot be written: %(reason)s", path=str(path), reason=reason)


@contextlib.contextmanager
def _written_beside(path: Path, keys: Mapping[str, bytes], current: str) -> Iterator[Path]:
    """A complete file beside *path*, on the disk, for its owner only; gone at the end unless it was moved."""
    written = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    encoded = {name: base64.b64encode(key).decode() for name, key in keys.items()}
    descriptor = os.open(written, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(json.dumps({"current": current, "keys": encoded}, indent=2) + "\n")
            file.flush()
            os.fsync(file.fileno())
        yield written
        _flush_folder(path.parent)
    finally:
        written.unlink(missing_ok=True)


def _flush_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """No two processes turn the ring at once: the key of one would be lost, and with it what it sealed."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)
