"""Delivery: one order per activity, one row per distinct inbox, and patience.

`orders.py` takes an order in the transaction of the post; `expansion.py` turns it into rows; `sender.py` signs and
sends them, a slow host delaying nobody; `verdicts.py` says what an answer means, `results.py` writes it down;
`breaker.py` remembers which hosts do not answer.
"""

from node.federation.delivery.orders import Audience, order

__all__ = ["Audience", "order"]
