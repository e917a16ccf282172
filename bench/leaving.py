"""What the node's own people send: posts with a thousand followers here, and deliveries to a thousand servers."""

import time
from typing import Final

from bench import baselines, sinks
from bench.driver import Driver, run
from bench.seeding import Account
from bench.stand import Stand
from bench.table import Aim, Line

POSTS: Final = "posts, 1,000 local followers, processed"
COLD: Final = "delivery over cold TLS"
WARM: Final = "delivery over open connections"
_WARM_ROUNDS: Final = 3


def posts(stand: Stand) -> None:
    """Posts through the API by the town, until the feeds of all its followers have them."""
    count = stand.count(1_500)
    driver = Driver(stand.posts(stand.seeded.town, count, connections=8))
    watch = stand.watch()
    driver.go()
    found = driver.result().require(200)
    stand.until(
        "the end of the merging",
        lambda: (
            not stand.peek.value(
                "SELECT (SELECT COUNT(*) FROM feed_tail) + (SELECT COUNT(*) FROM delivery_orders WHERE state = 'new')"
            )
        ),
    )
    wall_s = watch.node.wall_s
    cpu_ms, database_cpu_ms = watch.each_ms(count)
    base = stand.baselines[baselines.COMMIT]
    stand.table.add(
        Line(
            POSTS, count / wall_s, cpu_ms, database_cpu_ms, found.p50_ms,
            found.p99_ms, baseline=baselines.COMMIT, ratio=count / wall_s / base,
            aims=(Aim("per_s", 200), Aim("p99_ms", 100)),
        )
    )  # fmt: skip
    stand.table.add(
        Line(
            "posts, accepted, c=8", found.per_s, baseline=baselines.COMMIT, ratio=found.per_s / base,
            aims=(Aim("per_s", 400),),
        )
    )  # fmt: skip


def deliveries(stand: Stand, far: int) -> None:
    """A post to a thousand servers over TLS: first with no connection open, then with all of them."""
    _fan_out(stand, f"{COLD}, {far:,} hosts", far, 1, (Aim("per_s", 600), Aim("cpu_ms", 1.6)))
    rounds = 1 if stand.quick else _WARM_ROUNDS
    _fan_out(stand, f"{WARM}, {far:,} hosts", far, rounds, (Aim("per_s", 1_000), Aim("cpu_ms", 1.0)))


def slow_inboxes(stand: Stand, slow: int) -> None:
    """A post to servers that take a second to answer: none waits for another."""
    took_s, _watch_ms = _round(stand, stand.seeded.patient, slow)
    stand.table.add(Line(f"delivery to {slow} inboxes of 1 s each", seconds=took_s, aims=(Aim("seconds", 1.5),)))


def dead_among(stand: Stand, hosts: int, dead: int) -> None:
    """Posts to servers of which some never answer, and to the same without those: the living notice no difference."""
    alive, rounds = hosts - dead, 1 if stand.quick else _WARM_ROUNDS
    without_s = sorted(_round(stand, stand.seeded.lucky, alive)[0] for _ in range(rounds))[rounds // 2]
    # The first post finds out who is silent, the next ones meet them in doubt.
    first_s = _round(stand, stand.seeded.unlucky, alive, left=dead)[0]
    later_s = sorted(
        _round(stand, stand.seeded.unlucky, alive, left=dead * (number + 2))[0] for number in range(rounds)
    )[rounds // 2]
    stand.table.add(
        Line(
            f"delivery to {alive:,} hosts, {dead:,} silent among them", alive / later_s,
            baseline="the same without the silent", ratio=without_s / later_s,
            note=f"the last arrival after {later_s:.2f} s, at the first such post {first_s:.2f} s, without them {without_s:.2f} s",
        )
    )  # fmt: skip


def _fan_out(stand: Stand, name: str, far: int, rounds: int, aims: tuple[Aim, ...]) -> None:
    found = sorted(_round(stand, stand.seeded.herald, far) for _ in range(rounds))
    took_s, (cpu_ms, database_cpu_ms) = found[len(found) // 2]
    rate = far / took_s
    stand.table.add(
        Line(
            name, rate, cpu_ms, database_cpu_ms, baseline=baselines.SIGNING,
            ratio=rate / stand.baselines[baselines.SIGNING], aims=aims,
            note=f"from the click to the last arrival: {took_s:.2f} s",
        )
    )  # fmt: skip


def _round(stand: Stand, author: Account, expected: int, *, left: int = 0) -> tuple[float, tuple[float, float]]:
    """One post; the seconds until the last server took it, and the processor milliseconds for each.

    *left*: how many deliveries to the silent are still to be made afterwards.
    """
    sinks.ask(stand.control, "/reset")
    driver = Driver(stand.posts(author, 1, connections=1))
    watch, began_s = stand.watch(), time.time()
    driver.go()
    driver.result().require(200)
    stand.until("every delivery", lambda: int(sinks.ask(stand.control)["taken"].get("Create", 0)) >= expected)
    took_s = float(sinks.ask(stand.control)["last_s"]) - began_s
    stand.until("the end of the orders", lambda: stand.peek.value("SELECT COUNT(*) FROM deliveries") <= left)
    return took_s, watch.each_ms(expected)


def warm_up(stand: Stand) -> None:
    """What a node does once: the first post of an author opens her key."""
    for account in (stand.seeded.town, stand.seeded.neighbour):
        run(stand.posts(account, 2, connections=1)).require(200)
