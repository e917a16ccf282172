"""`make faults`: two nodes under load, harmed at random points; a checker compares what was promised with what is there.

    python -m tests.faults.run --seconds 300 --seed 7

The scaled node has two web processes, two workers, PostgreSQL and Redis; the embedded one is one process with SQLite.
A harm is done, a supervisor starts again what is gone, the load goes on. At the end the nodes are left alone until
they have caught up, which they must do by themselves.
"""

import argparse
import contextlib
import random
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from node.cli.demo.agents import Unseen, until
from tests.faults import checker
from tests.faults.harm import HARMS, Laboratory, limiter, restarter
from tests.faults.load import Writer
from tests.scaled.conftest import lay_out
from tests.support.postgresql import PostgreSQL, find_programs
from tests.support.postgresql import start as start_postgresql
from tests.support.scaled import Redis, redis_program
from tests.tls.towns import Town, found

_WRITERS = 6
_PAUSE_S = (0.5, 2.5)
_SETTLE_S = 60.0
_SIGN_EVERY_S = 8.0
_WAITING = (
    "SELECT (SELECT COUNT(*) FROM inbox WHERE state IN ('ready', 'leased')) + "
    "(SELECT COUNT(*) FROM deliveries WHERE state IN ('ready', 'leased')) + "
    "(SELECT COUNT(*) FROM delivery_orders WHERE state = 'new') + (SELECT COUNT(*) FROM feed_tail)"
)


def run(seconds: float, seed: int, folder: Path) -> list[str]:
    """Harm for so many seconds; what was found wrong afterwards, in words."""
    programs, redis_server = find_programs(), redis_program()
    if programs is None or redis_server is None:
        raise SystemExit("the fault run needs PostgreSQL's and Redis' programs (Debian: postgresql, redis-server)")
    folder.chmod(0o755)  # PostgreSQL's own user looks into it
    known = start_postgresql(programs, folder, durable=True, log_segment_mb=1)
    stop: list[str] = known["stop"]  # type: ignore[assignment]
    server = PostgreSQL(programs, int(str(known["port"])))
    server.run('CREATE DATABASE "faults" TEMPLATE template0')
    redis = Redis(redis_server, folder / "redis")
    redis.start()
    clock = folder / "clock"
    clock.write_text("0")
    # Every process reads the file; the name is not a setting.
    scaled, embedded = lay_out(folder, server.url("faults"), redis, test_clock=str(clock))
    moved_s = 15 if seconds < 120 else 60
    try:
        towns = found(scaled, "25056"), found(embedded, "25434")
        scaled.start()
        embedded.start()
        restart, limit = restarter(stop, folder), limiter(stop, Path(str(known["data"])))
        lab = Laboratory(scaled, embedded, redis, restart, limit, clock, moved_s, random.Random(seed))
        return _harm_and_check(lab, towns, server, seconds)
    finally:
        scaled.stop()
        embedded.stop()
        redis.stop()
        subprocess.run(stop, check=False, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=60)


def _harm_and_check(lab: Laboratory, towns: tuple[Town, Town], server: PostgreSQL, seconds: float) -> list[str]:
    first, second = towns
    first.follow(second)
    second.follow(first)
    writers = {town: _writers(town, letter, lab) for town, letter in ((first, "B"), (second, "O"))}
    every = [each for some in writers.values() for each in some]
    for each in every:
        each.start()
    end, done = time.monotonic() + seconds, 0
    while time.monotonic() < end:
        harm = HARMS[done] if done < len(HARMS) else lab.chance.choice(HARMS)
        time.sleep(lab.chance.uniform(*_PAUSE_S))
        began_s = time.monotonic()
        print(f"{max(0, end - began_s):5.0f} s left  {harm.__name__.replace('_', ' ')}", flush=True)
        harm(lab)
        lab.supervise()
        done += 1
    for each in every:
        each.finish()
    for each in every:
        each.join(150)
    lab.supervise()
    wrong = [f"{each.name} gave up: {each.failure!r}" for each in every if each.failure or each.is_alive()]
    wrong += _settled(lab, towns, writers, server)
    acknowledged = sum(len(each.ledger.posts) for each in every)
    print(
        f"{done} harms; {acknowledged} posts, {sum(len(each.ledger.deleted) for each in every)} deletions and "
        f"{sum(len(each.ledger.favourites) for each in every)} favourites acknowledged; "
        f"{sum(each.ledger.refusals for each in every)} of {sum(each.ledger.attempts for each in every)} requests failed "
        "and were sent again"
    )
    return wrong


def _writers(town: Town, letter: str, lab: Laboratory) -> list[Writer]:
    return [
        Writer(f"{letter}{number}", town.agent, town.agent.log_in(f"load {number}"), lab.chance.randrange(2**32))
        for number in range(_WRITERS)
    ]


def _settled(
    lab: Laboratory, towns: tuple[Town, Town], writers: dict[Town, list[Writer]], server: PostgreSQL
) -> list[str]:
    """What is still wrong when both nodes have done what they had to do, or had long enough for it."""
    end = time.monotonic() + _SETTLE_S + 2 * lab.moved_s
    while time.monotonic() < end:
        for town in towns:  # a sign of life opens ways that were closed meanwhile
            town.client.status_post("Signe de vie")
        try:
            until("both have nothing left to do", lambda: not _waiting(lab, server), _SIGN_EVERY_S)
        except Unseen:
            continue
        break
    wrong = _wrong(towns, writers)
    if wrong:  # what follows from the last row: a moment later it is there, or it never is
        time.sleep(5)
        wrong = _wrong(towns, writers)
    left = _waiting(lab, server)
    if left:
        wrong.append(f"{left} rows are still waiting")
    for table in ("jobs", "inbox", "deliveries"):
        dead = server.run(f"SELECT COUNT(*) FROM {table} WHERE state = 'dead'", "faults")
        if dead != "0":
            wrong.append(f"{dead} dead rows in {table}")
    return wrong + [f"{node.host} does not run" for node in (lab.scaled, lab.embedded) if not node.running]


def _wrong(towns: tuple[Town, Town], writers: dict[Town, list[Writer]]) -> list[str]:
    first, second = towns
    wrong: list[str] = []
    for author, reader in ((first, second), (second, first)):
        # Each look with an application of its own: a long run has more pages than one may ask for in five minutes.
        wrong += checker.differences(author.agent.log_in("look"), writers[author], f"{author.node.host} itself")
        where = f"{author.node.host} at {reader.node.host}"
        wrong += checker.differences(reader.agent.log_in("look"), writers[author], where)
        favourites = checker.favourites(author.agent.log_in("look"))
        wrong += checker.favourite_differences(favourites, writers[author], writers[reader])
    return wrong


def _waiting(lab: Laboratory, server: PostgreSQL) -> int:
    """How many rows either node has still to work."""
    found = int(server.run(_WAITING, "faults"))
    address = f"file:{lab.embedded.data / 'beffroi.db'}?mode=ro"
    with contextlib.closing(sqlite3.connect(address, uri=True, timeout=10)) as database:
        return found + int(database.execute(_WAITING).fetchone()[0])


def main() -> int:
    """Exit code 0: everything that was promised is there, once."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=300)
    parser.add_argument("--seed", type=int, default=random.SystemRandom().randrange(10_000))
    parser.add_argument("--keep", action="store_true", help="keep the folder with logs and data")
    chosen = parser.parse_args()
    print(f"seed {chosen.seed}")
    made = Path(tempfile.mkdtemp(prefix="beffroi-faults-"))
    try:
        wrong = run(chosen.seconds, chosen.seed, made)
        for line in wrong:
            print(f"WRONG  {line}")
        for log in made.glob("*/log") if wrong else ():
            if log.is_file():
                print(f"\n{log.parent.name} said at the end:\n" + "\n".join(log.read_text().splitlines()[-40:]))
    finally:
        if chosen.keep:
            print(f"kept: {made}")
        else:
            shutil.rmtree(made, ignore_errors=True)
    print("nothing lost, nothing doubled" if not wrong else f"{len(wrong)} promises broken (seed {chosen.seed})")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
