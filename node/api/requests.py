"""A request's input, read once: query string, urlencoded, multipart or JSON, whatever the endpoint.

Clients send the same thing in many forms: `media_ids[]=1`, `media_ids[0]=1`, `{"media_ids": ["1"]}`;
`source[privacy]=private`, `{"source": {"privacy": "private"}}`; `true`, `1`, `on`. All of them become one tree of
text, and handlers ask it by name and kind. A null and an empty id are as if they were not there.
"""

import asyncio
import re
from collections.abc import AsyncGenerator, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import parse_qsl

import orjson
from python_multipart.multipart import parse_options_header
from starlette.datastructures import Headers, UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser
from starlette.types import Receive, Scope

from node.runtime.errors import Malformed, TooLarge
from node.runtime.text.cleaning import storable

MAX_BODY_BYTES = 1024 * 1024
_MAX_VALUES = 1000
_MAX_DEPTH = 8
_MAX_INDEX = 200
_SHORT_BYTES = 100
_PIECE_BYTES = 256 * 1024
_FALSE = frozenset({"0", "f", "F", "false", "FALSE", "off", "OFF"})
_ID = re.compile(r"[0-9]{1,19}")
_MAX_ID = 2**63 - 1
_NAME = re.compile(r"([^\[\]]*)((?:\[[^\[\]]*\])*)")
_KEY = re.compile(r"\[([^\[\]]*)\]")


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that came in a form."""

    data: bytes
    filename: str
    mime: str
    """As claimed: never believed."""


Value = str | Upload | list["Value"] | dict[str, "Value"]


@dataclass(frozen=True, slots=True)
class Input:
    """What was asked: names to values. Reading a value as another kind than it is raises Malformed."""

    values: Mapping[str, Any]

    def __contains__(self, name: str) -> bool:
        return name in self.values

    def text(self, name: str) -> str | None:
        """The text called *name*, free of what no database stores (NUL, lone surrogates)."""
        match self.values.get(name):
            case None:
                return None
            case str() as found:
                return found
            case [*_, str(last)]:  # ?limit=1&limit[]=2: the last one counts, as for a repeated name
                return last
        raise Malformed(f"{name} must be text")

    def required(self, name: str) -> str:
        """The text called *name*, which may not be missing or blank."""
        found = self.text(name)
        if found is None or not found.strip():
            raise Malformed(f"{name} is missing")
        return found

    def flag(self, name: str) -> bool | None:
        """True or false as Mastodon reads it: 0, f, F, false, FALSE, off, OFF are false, the rest is true."""
        found = self.text(name)
        return None if found is None or found == "" else found not in _FALSE

    def number(self, name: str, default: int, *, low: int, high: int) -> int:
        """A whole number, brought within *low* and *high*."""
        found = self.text(name)
        if found is None or found == "":
            return default
        try:
            return max(low, min(high, int(found[:20])))
        except ValueError:
            raise Malformed(f"{name} must be a whole number") from None

    def id(self, name: str) -> int | None:
        """An id, or None where it is missing or empty."""
        found = self.text(name)
        return None if found is None or found == "" else self._id(name, found)

    def texts(self, name: str) -> list[str]:
        """A list of texts; one text alone is a list of one."""
        match self.values.get(name):
            case None:
                return []
            case str() as only:
                return [only]
            case list() as many if all(isinstance(each, str) for each in many):
                return list(many)
            case dict() as numbered if all(isinstance(each, str) for each in numbered.values()):
                return list(numbered.values())
        raise Malformed(f"{name} must be a list of texts")

    def ids(self, name: str) -> list[int]:
        """A list of ids, each once, in their order; empty ones are left out."""
        return list(dict.fromkeys(self._id(name, each) for each in self.texts(name) if each != ""))

    def group(self, name: str) -> "Input":
        """What is nested under *name*; empty where nothing is."""
        match self.values.get(name):
            case None | "":
                return Input({})
            case dict() as found:
                return Input(found)
        raise Malformed(f"{name} must hold named values")

    def groups(self, name: str) -> list["Input"] | None:
        """The list of nested values under *name* (`x[0][a]`, `x[][a]`, JSON); None where there is none."""
        match self.values.get(name):
            case None:
                return None
            case "":
                return []
            case list() as many if all(isinstance(each, dict) for each in many):
                return [Input(each) for each in many]
            case dict() as numbered if all(isinstance(each, dict) for each in numbered.values()):
                return [Input(each) for each in numbered.values()]
        raise Malformed(f"{name} must be a list of named values")

    def file(self, name: str) -> Upload | None:
        """A file; an empty field where a file could be is none."""
        match self.values.get(name):
            case None | "":
                return None
            case Upload() as found:
                return found
        raise Malformed(f"{name} must be a file")

    @staticmethod
    def _id(name: str, text: str) -> int:
        return read_id(text, f"{name} is not an id")


def read_id(text: str, refusal: str) -> int:
    """The id that *text* writes.

    Raises:
        Malformed: it is none; *refusal* says so.
    """
    if not _ID.fullmatch(text) or int(text) > _MAX_ID:
        raise Malformed(refusal)
    return int(text)


async def read(scope: Scope, receive: Receive, *, max_body_bytes: int) -> Input:
    """The input of one request; the body wins over the query.

    Raises:
        Malformed: it cannot be read as its content type.
        TooLarge: the body is longer than *max_body_bytes*, or there are too many or too deep values.
    """
    query: bytes = scope["query_string"]
    if scope["method"] in ("GET", "HEAD", "OPTIONS") and not _brings_a_body(scope):
        return _remembered(query) if len(query) <= _SHORT_BYTES else _asked(query)
    tree: dict[str, Any] = {}
    _plant(tree, _pairs(query))
    headers = Headers(scope=scope)
    body = await _body(receive, headers, max_body_bytes)
    if not body:
        return Input(tree)
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "multipart/form-data":
        _plant(tree, await _parts(headers, body))
    elif kind == "application/json" or kind.endswith("+json") or (not kind and body.lstrip()[:1] == b"{"):
        tree.update(_json(body))
    elif kind in ("", "application/x-www-form-urlencoded"):
        _plant(tree, _pairs(body))
    else:
        raise Malformed("the body must be JSON, a form, or multipart")
    return Input(tree)


def _asked(query: bytes) -> Input:
    tree: dict[str, Any] = {}
    _plant(tree, _pairs(query))
    return Input(tree)


_remembered = lru_cache(maxsize=512)(_asked)  # clients ask with few different ones, and nobody writes into an input


def _brings_a_body(scope: Scope) -> bool:
    """Mastodon.py asks for familiar followers by a GET with a body of JSON, as Mastodon reads it."""
    return any(name == b"content-length" and length != b"0" for name, length in scope["headers"])


async def _body(receive: Receive, headers: Headers, max_bytes: int) -> bytes:
    claimed = headers.get("content-length", "")
    if claimed.isdigit() and int(claimed[:20]) > max_bytes:
        raise TooLarge(f"the body is larger than {max_bytes} bytes")
    pieces: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Malformed("the request ended too early")
        piece = message.get("body", b"")
        size += len(piece)
        if size > max_bytes:
            raise TooLarge(f"the body is larger than {max_bytes} bytes")
        pieces.append(piece)
        if not message.get("more_body", False):
            return b"".join(pieces)


def _pairs(encoded: bytes) -> list[tuple[str, Value]]:
    if not encoded:
        return []
    try:
        found = parse_qsl(
            encoded.decode("utf-8", "replace"), keep_blank_values=True, errors="replace", max_num_fields=_MAX_VALUES
        )
    except ValueError:
        raise TooLarge("too many values") from None
    return [(name, value) for name, value in found]


async def _parts(headers: Headers, body: bytes) -> list[tuple[str, Value]]:
    edge = parse_options_header(headers.get("content-type"))[1].get(b"boundary")
    if edge and b"--" + edge + b"--" not in body[-4096:]:  # a connection that broke: half a file is none
        raise Malformed("the form is cut off")

    async def whole() -> AsyncGenerator[bytes, None]:
        for at in range(0, len(body), _PIECE_BYTES):  # a film is read while others are answered
            yield body[at : at + _PIECE_BYTES]
            await asyncio.sleep(0)
        yield b""

    parser = MultiPartParser(headers, whole(), max_files=10, max_fields=_MAX_VALUES, max_part_size=MAX_BODY_BYTES)
    try:
        form = await parser.parse()
    except MultiPartException as error:
        raise Malformed(f"the form cannot be read: {error.message}") from None
    except (KeyError, ValueError):  # a part without a name; a header that is none
        raise Malformed("the form cannot be read") from None
    try:
        return [(name, await _part(value)) for name, value in form.multi_items()]
    finally:
        await form.close()


async def _part(value: UploadFile | str) -> Value:
    if isinstance(value, str):
        return value
    return Upload(await value.read(), storable(value.filename or ""), value.content_type or "")


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise Malformed("the body is not JSON") from None
    if not isinstance(found, dict):
        raise Malformed("the body must be a JSON object")
    return {storable(name): _plain(value, 1) for name, value in found.items() if value is not None}


def _plain(value: object, depth: int) -> Value:
    """JSON as the text that a form would have carried."""
    if depth > _MAX_DEPTH:
        raise TooLarge("the body is nested too deeply")
    match value:
        case str():
            return storable(value)
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return [_plain(each, depth + 1) for each in value if each is not None]
        case dict():
            return {storable(name): _plain(each, depth + 1) for name, each in value.items() if each is not None}
    raise Malformed("the body holds a value of no known kind")


def _plant(tree: dict[str, Any], pairs: Iterable[tuple[str, Value]]) -> None:
    """Put the pairs of a form into the tree: `a[b][]` is a list under b under a. A repeated name: the last wins."""
    for name, value in pairs:
        if isinstance(value, str):
            value = storable(value)
        shape = _NAME.fullmatch(storable(name))
        keys = [shape[1], *_KEY.findall(shape[2])] if shape else [name]
        if len(keys) > _MAX_DEPTH:
            raise TooLarge("the names are nested too deeply")
        _put(tree, keys, value)


def _put(at: dict[str, Any], keys: list[str], value: Value) -> None:
    *path, last = keys
    for depth, key in enumerate(path):
        following = keys[depth + 1]
        if following == "":  # a[] or a[][b]
            _append(at, key, keys[depth + 2 :], value)
            return
        held = at.get(key)
        if not isinstance(held, dict):
            held = at[key] = {}
        at = held
    at[last] = value


def _append(at: dict[str, Any], key: str, rest: list[str], value: Value) -> None:
    held = at.get(key)
    if not isinstance(held, list):
        held = at[key] = []
    if len(held) >= _MAX_INDEX:
        raise TooLarge(f"{key} has too many values")
    if not rest:
        held.append(value)
        return
    # x[][a]=1&x[][b]=2 is one item; a name that is there already begins the next (Rack reads it so).
    if not held or not isinstance(held[-1], dict) or rest[0] in held[-1]:
        held.append({})
    _put(held[-1], rest, value)
