"""Our own stylesheet, fonts and icon, at addresses that change with their content and are therefore kept for ever."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import Response

from node.runtime.errors import NotFound

_FOLDER: Final = Path(__file__).with_name("static")
_TYPES: Final = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
}
_URL = re.compile(r'url\("([^":/]+)"\)')
HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",  # an SVG opened by itself
}


@dataclass(frozen=True, slots=True)
class File:
    """One file as it is served."""

    data: bytes
    type: str


@dataclass(frozen=True, slots=True)
class Files:
    """All of them."""

    by_address: Mapping[str, File]
    """Name with its hash -> file."""
    addresses: Mapping[str, str]
    """Name in the folder -> its path on a host."""


@cache
def files() -> Files:
    """The files of the package, read at the first call (some 50 kB)."""
    by_address: dict[str, File] = {}
    addresses: dict[str, str] = {}
    # Stylesheets last: they name the others by their addresses.
    for path in sorted(_FOLDER.iterdir(), key=lambda path: (path.suffix == ".css", path.name)):
        if path.suffix not in _TYPES:
            continue
        data = path.read_bytes()
        if path.suffix == ".css":
            data = _URL.sub(lambda found: f'url("{addresses[found[1]]}")', data.decode()).encode()
        name = f"{path.stem}.{hashlib.sha256(data).hexdigest()[:12]}{path.suffix}"
        by_address[name] = File(data, _TYPES[path.suffix])
        addresses[path.name] = f"/static/{name}"
    return Files(by_address, addresses)


def address(name: str) -> str:
    """The path under which *name* is served."""
    return files().addresses[name]


async def show(request: Request) -> Response:
    """GET /static/{name}."""
    found = files().by_address.get(request.path_params["name"])
    if found is None:
        raise NotFound("there is no such file")
    return Response(found.data, media_type=found.type, headers=HEADERS)


async def show_icon(_request: Request) -> Response:
    """GET /favicon.ico, which browsers ask for when a page of another program named no icon."""
    found = files().by_address[address("icon.svg").removeprefix("/static/")]
    return Response(found.data, media_type=found.type, headers={**HEADERS, "Cache-Control": "public, max-age=86400"})
