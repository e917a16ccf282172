"""What who searches feels: posts by their words, in a node that holds many."""

from typing import Final
from urllib.parse import quote

from bench import baselines
from bench.driver import Driver, run
from bench.stand import Stand
from bench.table import Aim, Line

_SECONDS: Final = 4
QUERIES: Final = {
    "one common word": "marché",
    "three common words": "marchés budgets écoles",
    "a beginning": "biblio",
    "a phrase": '"conseil budget"',
    "nothing fits": "marché has:poll",
}
"""The seeded texts have thirty words, so each is in most posts: the hardest there is for an index."""


def words(stand: Stand) -> None:
    """Each kind of search, one after the other."""
    for name, text in QUERIES.items():
        path = f"/api/v2/search?type=statuses&limit=20&q={quote(text)}"
        stand.get(stand.seeded.reader, path)
        run(stand.reads(stand.seeded.reader, path, seconds=0.3, connections=1))
        seconds = stand.seconds(_SECONDS)
        driver = Driver(stand.reads(stand.seeded.reader, path, seconds=seconds, connections=1, at_most=1_500))
        watch = stand.watch()
        driver.go()
        found = driver.result().require(200)
        cpu_ms, database_cpu_ms = watch.each_ms(found.count)
        base = baselines.bare(1)
        stand.table.add(
            Line(
                f"search, {name}, c=1", found.per_s, cpu_ms, database_cpu_ms, found.p50_ms, found.p99_ms, baseline=base,
                ratio=found.per_s / stand.baselines[base], aims=(Aim("p99_ms", 50),),
            )
        )  # fmt: skip
