"""The cycle collector of a serving process: what was there at its start is not looked at again, cycles still are."""

import subprocess
import sys

_PROCESS = """
import gc, weakref
import node.app
from node.runtime import collector

class Ring:
    pass

before = len(gc.get_objects())
collector.settle()
assert gc.get_freeze_count() > 0.9 * before, (gc.get_freeze_count(), before)
assert len(gc.get_objects()) < 0.1 * before, "it still looks at the code of the node"

ring = Ring()
ring.itself, seen = ring, weakref.ref(ring)
del ring
for _ in range(20):
    kept = [[] for _ in range(60_000)]
    del kept
    if seen() is None:
        break
assert seen() is None, "a cycle is never found: memory grows for ever"
"""


def test_a_serving_process_collects_its_cycles_and_leaves_its_code_alone() -> None:
    done = subprocess.run([sys.executable, "-c", _PROCESS], check=False, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
