"""The log of a node, as a test reads it."""

import contextlib
import io
from collections.abc import Callable, Iterator

import structlog

from node.runtime import log


@contextlib.contextmanager
def written(form: str = "json", level: str = "debug") -> Iterator[Callable[[], list[str]]]:
    """Set the log up as a node does; what is given says which lines were written since it was last called."""
    kept, out = structlog.get_config(), io.StringIO()
    with contextlib.redirect_stderr(out):
        log.configure(level, form)

    def read() -> list[str]:
        lines = out.getvalue().splitlines()
        out.seek(0)
        out.truncate()
        return lines

    try:
        yield read
    finally:
        structlog.configure(**kept)
