"""What is done to the nodes: each harm, and what a supervisor (systemd) would do about it."""

import random
import resource
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from node.cli.demo.nodes import NodeFailed, NodeProcess
from tests.support.scaled import Redis, ScaledNode

_RESTART_S = 60.0
_FULL_BYTES = 65_536
_FULL_BUT_FOR_THE_LOG_BYTES = 2**20
"""The size of a segment of PostgreSQL's log in `tests.faults.run`: tables cannot grow beyond it, the log goes on."""


@dataclass(frozen=True, slots=True)
class Laboratory:
    """Everything that can be harmed."""

    scaled: ScaledNode
    embedded: NodeProcess
    redis: Redis
    restart_postgresql: Callable[[], None]
    limit_postgresql: Callable[[str], None]
    """By how many bytes its files end; `unlimited`."""
    clock: Path
    """The file that says by how many milliseconds both nodes' clocks are wrong."""
    moved_s: int
    chance: random.Random

    def supervise(self) -> None:
        """Start again what is gone."""
        for place in range(2):
            worker = self.scaled.workers.get(place)
            if worker is None or worker.poll() is not None:
                self.scaled.start_worker(place)
        for node in (self.scaled, self.embedded):
            end = time.monotonic() + _RESTART_S
            while not node.running:
                try:
                    NodeProcess.start(node)
                except NodeFailed:
                    if time.monotonic() > end:
                        raise
                    time.sleep(0.5)


def kill_a_web_process(lab: Laboratory) -> None:
    """Kill -9 of a child; its parent replaces it."""
    found = lab.scaled.web_processes()
    if found:
        lab.scaled.kill_web(lab.chance.randrange(len(found)))


def kill_the_web_parent(lab: Laboratory) -> None:
    """Kill -9 of `beffroi serve`: its children end by themselves, the supervisor starts another."""
    NodeProcess.kill(lab.scaled)


def kill_a_worker(lab: Laboratory) -> None:
    """Kill -9 of a worker."""
    lab.scaled.kill_worker(lab.chance.randrange(2))


def kill_the_embedded_node(lab: Laboratory) -> None:
    """Kill -9 of the process that is everything: server, worker, SQLite's writer."""
    lab.embedded.kill()


def stop_a_worker_for_a_while(lab: Laboratory) -> None:
    """It stands still (a paused machine), and goes on as if no time had passed."""
    worker = lab.scaled.workers[lab.chance.randrange(2)]
    worker.send_signal(signal.SIGSTOP)
    time.sleep(lab.chance.uniform(0.5, 3))
    worker.send_signal(signal.SIGCONT)


def flush_redis(lab: Laboratory) -> None:
    """All that Redis holds is gone."""
    lab.redis.say(b"FLUSHALL")


def stop_redis(lab: Laboratory) -> None:
    """Redis is away for a few seconds, and comes back empty."""
    lab.redis.stop()
    time.sleep(lab.chance.uniform(0.5, 4))
    lab.redis.start()


def restart_postgresql(lab: Laboratory) -> None:
    """Every session breaks in the middle of what it does; the server recovers from its log."""
    lab.restart_postgresql()


def fill_the_disk(lab: Laboratory) -> None:
    """The embedded node cannot make its files longer, as on a full disk; then somebody makes room."""
    if not lab.embedded.running:
        return
    pid = lab.embedded.pid
    _soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (_FULL_BYTES, hard))
    time.sleep(lab.chance.uniform(1, 3))
    resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))


def fill_postgresqls_disk(lab: Laboratory) -> None:
    """PostgreSQL cannot make its files longer. Either its log goes on and statements fail, or it stops at once
    ("PANIC: could not write"); then somebody makes room, and a supervisor starts it again.
    """  # noqa: D205
    most_bytes = lab.chance.choice((_FULL_BUT_FOR_THE_LOG_BYTES, _FULL_BYTES))
    lab.limit_postgresql(str(most_bytes))
    time.sleep(lab.chance.uniform(1, 3))
    lab.limit_postgresql("unlimited")
    if most_bytes == _FULL_BYTES:
        lab.restart_postgresql()


def move_the_clock(lab: Laboratory) -> None:
    """Both clocks jump, forward or back, and are right again seconds later."""
    lab.clock.write_text(str(lab.chance.choice((-1, 1)) * lab.moved_s * 1000))
    time.sleep(lab.chance.uniform(1, 3))
    lab.clock.write_text("0")


HARMS: Sequence[Callable[[Laboratory], None]] = (
    kill_a_web_process,
    kill_a_worker,
    kill_the_embedded_node,
    restart_postgresql,
    stop_redis,
    kill_the_web_parent,
    fill_the_disk,
    fill_postgresqls_disk,
    flush_redis,
    move_the_clock,
    stop_a_worker_for_a_while,
)
"""All of them, the first round in this order; later rounds in any."""


def limiter(stop: Sequence[str], data: Path) -> Callable[[str], None]:
    """From the command that stops PostgreSQL, one that limits the files of its processes.

    They ignore SIGXFSZ, so that a write beyond the limit fails, as on a full disk. Only their own user may limit them.
    """
    as_user = stop[: stop.index("--pgdata") - 1]

    def limit(most: str) -> None:
        try:
            pid = int((data / "postmaster.pid").read_text().split("\n", 1)[0])
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except (OSError, ValueError):  # it stopped meanwhile; who starts it again sets no limit
            return
        for each in (str(pid), *children):
            command = [*as_user, "prlimit", f"--fsize={most}:", "--pid", each]
            subprocess.run(command, check=False, cwd="/", stdin=subprocess.DEVNULL, capture_output=True, timeout=20)

    return limit


def restarter(stop: Sequence[str], folder: Path) -> Callable[[], None]:
    """From the command that stops PostgreSQL, one that restarts it as if it had crashed."""
    control = [*stop[: stop.index("--mode")]]
    command = [*control, "--wait", "--timeout", "60", "--log", str(folder / "postgresql" / "log"), "--mode", "immediate",
               "restart"]  # fmt: skip

    def restart() -> None:
        with (folder / "postgresql-restart.log").open("ab") as said:
            subprocess.run(
                command, check=True, stdin=subprocess.DEVNULL, stdout=said, stderr=said, timeout=120,
                cwd=folder / "postgresql",
            )  # fmt: skip

    return restart
