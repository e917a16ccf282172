"""The story that `beffroi demo` tells: each line is printed once it was seen, on the other node where there is one."""

import importlib.util
import signal
import sys
import tempfile
import time
from pathlib import Path
from types import FrameType

from node import __version__

_FAILED, _NO_CLIENT, _INTERRUPTED = 1, 2, 130


def tell(*, keep: bool = False) -> int:
    """Tell the story; 0 if all of it was seen. With *keep*, the nodes then run until Ctrl-C."""
    if importlib.util.find_spec("mastodon") is None:
        print(
            "beffroi demo drives the nodes with Mastodon.py, which is not installed here.\n"
            "Run 'make demo' in the source folder, which installs it, or: pip install Mastodon.py",
            file=sys.stderr,
        )
        return _NO_CLIENT
    from node.cli.demo import nodes, scenes, sharing
    from node.cli.demo.lines import Lines

    before = signal.signal(signal.SIGTERM, _interrupt)
    began = time.monotonic()
    print(f"Beffroi {__version__}: two sample towns and their territory on three nodes, over TLS on this machine")
    try:
        with tempfile.TemporaryDirectory(prefix="beffroi-demo-") as folder:
            hosts = ("besancon.localhost", "ornans.localhost", "grand-besancon.localhost")
            first, second, third = everyone = nodes.neighbours(hosts, Path(folder), log_level="warning")
            lines = Lines()
            try:
                agents = scenes.play((first, second), lines)
                sharing.play(agents, third, lines)
                print(f"All {lines.count} steps were seen, in {time.monotonic() - began:.1f} s.")
                if keep:
                    _keep(scenes.how_to_log_in(agents))
            except Exception as error:  # noqa: BLE001 (whatever it is, the story was not seen)
                print(f"Not seen. {type(error).__name__}: {error}", file=sys.stderr)
                for each in everyone:
                    print(f"\n{each.host} said at the end:\n{each.tail()}", file=sys.stderr)
                return _FAILED
            finally:
                for each in everyone:
                    each.stop()
    except KeyboardInterrupt:
        if not keep:
            print("\nInterrupted; all nodes are stopped.", file=sys.stderr)
            return _INTERRUPTED
        print("\nAll nodes are stopped, and their data are gone.")
    finally:
        signal.signal(signal.SIGTERM, before)
    return 0


def _keep(lines: list[str]) -> None:
    for line in lines:
        print(line, flush=True)
    signal.pause()  # Ctrl-C and SIGTERM raise


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt
