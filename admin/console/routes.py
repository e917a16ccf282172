"""ONE table: the pages of the console, each with the duty that opens it. What is linked from them: `navigation.py`."""

from starlette.routing import Route

from admin.console import attention
from admin.console.door import Work, behind
from node.actors.permissions import Duty
from node.web.visits import page


def _get(path: str, duty: Duty, show: Work) -> Route:
    return Route(path, page(behind(duty, show)), methods=["GET"], name=duty)


def _post(path: str, duty: Duty, do: Work) -> Route:
    return Route(path, page(behind(duty, do)), methods=["POST"], name=duty)


routes: list[Route] = [
    _get("/admin", "open the console", attention.show),
]
