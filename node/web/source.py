"""The source code that is running, offered to whoever uses the node (GNU AGPL, section 13), changes included."""

import asyncio
import io
import tarfile
from pathlib import Path
from typing import Final

from starlette.responses import Response

from node import __version__
from node.web.visits import Visit

_ROOT: Final = Path(__file__).parents[2]
_PACKAGES: Final = ("node", "admin")
_BESIDE: Final = ("LICENSE", "README.md", "pyproject.toml", "Makefile", "requirements", "scripts", "tests", "docs")
_NOT: Final = frozenset({"__pycache__", "screens"})


async def show(visit: Visit) -> Response:
    """GET /source.tar.gz. Made at the first call and kept: some megabytes, mostly the territory data."""
    kept = visit.ctx.cache.of("source", 1)
    data: bytes | None = kept.get("archive")
    if data is None:
        data = await asyncio.to_thread(_archive)
        kept.put("archive", data)
    return Response(
        data,
        media_type="application/gzip",
        headers={
            "Content-Disposition": f'attachment; filename="beffroi-{__version__}.tar.gz"',
            "Cache-Control": "public, max-age=3600",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _archive() -> bytes:
    # Beside the packages lie the project's files in a checkout; in an installed one, other people's packages.
    names = (*_PACKAGES, *_BESIDE) if (_ROOT / "pyproject.toml").is_file() else _PACKAGES
    held = io.BytesIO()
    with tarfile.open(fileobj=held, mode="w:gz", compresslevel=6) as archive:
        for name in names:
            if (_ROOT / name).exists():
                archive.add(_ROOT / name, f"beffroi-{__version__}/{name}", filter=_wanted)
    return held.getvalue()


def _wanted(item: tarfile.TarInfo) -> tarfile.TarInfo | None:
    if not item.isfile() and not item.isdir():
        return None
    if _NOT.intersection(Path(item.name).parts):
        return None
    item.uid = item.gid = 0
    item.uname = item.gname = ""
    return item
