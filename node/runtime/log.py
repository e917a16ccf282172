"""One line an event, with the request's id, without secrets.

`log("inbox.refused", reason=…, actor=…)`: the event is a name, the rest are values. Keys that could hold a secret
are blanked wherever they come from; bodies and headers are not logged at all.
"""

import logging
import sys
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any, Final

import structlog
from structlog.typing import EventDict, Processor, WrappedLogger

_SECRET = ("password", "secret", "token", "authorization", "cookie", "signature", "private", "code", "session")
_PLAIN = ("status_code", "code_name")
_OWN = frozenset({"event", "level", "timestamp", "exc_info", "exception", "stack_info"})


_BLANK = "[blank]"
_DEPTH = 4
_BREAKS = {code: f"\\x{code:02x}" for code in (*range(0x20), *range(0x7F, 0xA0))} | {
    0x2028: "\\u2028",
    0x2029: "\\u2029",
}
_BREAKS[0x0A] = "\\n"


REQUEST: Final[ContextVar[str]] = ContextVar("request", default="")
"""The id of the request that is answered, said on each line. Set by every request: structlog's own way costs 5 µs."""


_TASK: Final[ContextVar[Mapping[str, object] | None]] = ContextVar("task", default=None)


def _with_request(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    if request_id := REQUEST.get():
        event.setdefault("request", request_id)
    for name, value in (_TASK.get() or {}).items():
        event.setdefault(name, value)
    return event


def _blank_secrets(_logger: WrappedLogger, _name: str, event: EventDict) -> EventDict:
    return {key: value if key in _OWN else _shown(key, value) for key, value in event.items()}


def _shown(key: object, value: object, depth: int = 0) -> object:
    """*value* without secrets at any depth, and without the line breaks and colours that a stranger put in it."""
    if isinstance(key, str) and _is_secret(key):
        return _BLANK
    match value:
        case Mapping() if depth < _DEPTH:
            return {_plain(name): _shown(name, held, depth + 1) for name, held in value.items()}
        case list() | tuple() | set() | frozenset() if depth < _DEPTH:
            return [_shown(None, held, depth + 1) for held in value]
        case str() | bytes():
            return _plain(value)
        case None | bool() | int() | float():
            return value
    return _plain(str(value))


def _is_secret(key: str) -> bool:
    low = key.lower()
    return low not in _PLAIN and any(word in low for word in _SECRET)


def _plain(text: object) -> object:
    return text.translate(_BREAKS) if isinstance(text, str) else str(text).translate(_BREAKS)


def configure(level: str, form: str) -> None:
    """Set the process's log up: to standard error, as text for people or JSON for machines."""
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        _with_request,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _blank_secrets,
    ]
    last: Processor
    if form == "json":
        # Without the local variables: a request's headers are among them, and its token.
        shared.append(
            structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))
        )
        last = structlog.processors.JSONRenderer(sort_keys=False)
    else:
        last = structlog.dev.ConsoleRenderer(
            colors=sys.stderr.isatty(), pad_event_to=28, exception_formatter=structlog.dev.plain_traceback
        )
    number = logging.getLevelNamesMapping()[level.upper()]
    structlog.configure(
        processors=[*shared, last],
        wrapper_class=structlog.make_filtering_bound_logger(number),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=False,
    )
    logging.basicConfig(level=max(number, logging.WARNING), stream=sys.stderr, force=True)


def bind(**values: Any) -> None:
    """Say these values on each line of this request or job."""
    structlog.contextvars.bind_contextvars(**values)


def begin(**values: Any) -> None:
    """Say these values on each line of this task, until it begins something else: it is nobody's request any more."""
    REQUEST.set("")
    _TASK.set(values)


def log(event: str, **values: Any) -> None:
    """Something worth reading the next day."""
    structlog.get_logger().info(event, **values)


def warn(event: str, **values: Any) -> None:
    """Something a keeper should look at."""
    structlog.get_logger().warning(event, **values)


def fail(event: str, error: BaseException, **values: Any) -> None:
    """Something broke in the node itself; with its traceback."""
    structlog.get_logger().error(event, exc_info=error, **values)
