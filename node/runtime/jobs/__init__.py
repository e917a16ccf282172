"""Jobs: rows are the truth, a bell only wakes. A job that was enqueued runs at least once, also after a crash.

`leases.py` claims rows of any table with the columns state, attempts, run_at_ms, lease_until_ms, error;
`queue.py` is the table `jobs`; `part.py` is what a worker is made of.
"""

from node.runtime.jobs.leases import MAX_ATTEMPTS, backoff_ms
from node.runtime.jobs.part import Part
from node.runtime.jobs.queue import Job, enqueue

__all__ = ["MAX_ATTEMPTS", "Job", "Part", "backoff_ms", "enqueue"]
