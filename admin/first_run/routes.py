"""ONE table: the pages by which a node without a domain is set up."""

from starlette.routing import Route

from admin.first_run import door, steps
from admin.first_run.door import PATH, behind

routes: list[Route] = [
    Route(PATH, behind(steps.show_communes), methods=["GET"]),
    Route(f"{PATH}/addresses", behind(steps.show_addresses), methods=["GET"]),
    Route(f"{PATH}/keeper", behind(steps.show_keeper), methods=["GET"]),
    Route(f"{PATH}/keeper", behind(steps.make), methods=["POST"]),
    # After the steps, whose names are shorter than any token
    Route(f"{PATH}/{{token}}", door.enter, methods=["GET"]),
]
