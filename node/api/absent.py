"""What this node does not have, said in the form that clients need to start: empty lists, each with its reason.

A client takes an empty list for the truth, so only what there truly is none of stands here; what cannot be done
is not in the table at all and answers 404. docs/clients.md lists every line.
"""

from node.api.answers import Answer
from node.api.call import Call
from node.api.errors import RecordNotFound


async def nothing(call: Call) -> Answer:
    """An empty list."""
    return call.answer([])


async def no_push(call: Call) -> Answer:
    """GET /api/v1/push/subscription: nobody has one."""
    raise RecordNotFound
