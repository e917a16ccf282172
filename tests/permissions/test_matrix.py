"""Role x act x door: the table of `expected.py` against the code's own, the client API, the desk, the console, commands."""

import re
import stat
from typing import get_args

import pytest

import admin.console.routes
import node.api.routes
import node.web.routes
from admin import control, duties, operations
from admin.console.door import Keeping
from node.actors import permissions
from node.actors.permissions import Act, Duty
from node.api.dispatch import Endpoint
from node.runtime.errors import Forbidden
from tests.permissions import expected
from tests.permissions.conftest import Hall
from tests.permissions.expected import OUTSIDE, ROLES
from tests.web.reader import Reader

NUMBER = "1234567890"
ROLE_REFUSED = "Your role in this account does not allow this"


def test_the_code_says_what_the_table_says():
    """Every role and act, every duty; and nothing that only one of the two knows."""
    assert set(get_args(Act)) == set(expected.ACTS)
    assert set(get_args(Duty)) == set(expected.DUTIES)
    assert set(permissions.ACTS) == set(ROLES)
    for act, may in expected.ACTS.items():
        for role in (*ROLES, None):
            assert permissions.may(role, act) == (role in may), f"{role}: {act}"  # type: ignore[arg-type]
    for duty, whose in expected.DUTIES.items():
        found = {who for who, held in permissions.DUTIES.items() if duty in held}
        assert found == whose, duty


def wanted(endpoint: Endpoint) -> str:
    """The act that the table names for an endpoint."""
    named = expected.API.get(f"{endpoint.method} {endpoint.path}")
    reads = endpoint.method == "GET" or endpoint.path == "/oauth/userinfo"
    assert named is not None or reads, f"{endpoint.method} {endpoint.path}: say in expected.py who may"
    return named or "look"


async def test_every_endpoint_of_the_client_api_asks_for_the_role(hall: Hall):
    """With an id that nothing has: who may gets past the door, who may not is told of her role, and outsiders are none."""
    applications = {who: hall.application(who) for who in (*ROLES, *OUTSIDE)}
    wrong = []
    for endpoint in node.api.routes.ENDPOINTS:
        if endpoint.access != "person":
            continue
        act, path = wanted(endpoint), re.sub(r":\w+", NUMBER, endpoint.path)
        hall.town.node.ctx.forget("window of requests")  # who has no token shares one address
        for who, application in applications.items():
            if who == "elsewhere":
                continue  # her token is for her own account: test_objects.py
            answer = await application.request(endpoint.method, path)
            refused = answer.status == 403 and ROLE_REFUSED in answer.text
            if who in OUTSIDE:
                if answer.status != 401:
                    wrong.append(f"{who}: {endpoint.method} {endpoint.path} answers {answer.status}")
            elif refused == (who in expected.ACTS[act]):
                wrong.append(
                    f"{who}: {endpoint.method} {endpoint.path} ({act}) answers {answer.status} {answer.text[:80]}"
                )
    assert wrong == [], "\n".join(wrong)


def desk_routes() -> list[tuple[str, str]]:
    return [
        (method, route.path)
        for route in node.web.routes.routes
        if route.path.startswith("/desk/{")
        for method in sorted((route.methods or set()) - {"HEAD"})
    ]


async def test_every_page_of_the_desk_asks_for_the_role(hall: Hall):
    """Shown or sent: 403 to whom the table does not name, and to all outside."""
    wrong = []
    browsers = {who: await hall.browser(who) for who in (*ROLES, *OUTSIDE)}
    form_tokens = {who: await hall.form_token(browser) for who, browser in browsers.items()}
    for method, route in desk_routes():
        act = expected.DESK.get(f"{method} {route}")
        assert act is not None, f"{method} {route}: say in expected.py who may"
        if route.endswith("/leave"):
            continue  # it would end a role of the table; test_objects.py of teams plays it
        path = route.replace("{actor}", hall.actor.username).replace("{id}", NUMBER)
        for who, browser in browsers.items():
            answer = await _ask(browser, method, path, form_tokens[who])
            if (answer != 403) != (who in expected.ACTS[act]):
                wrong.append(f"{who}: {method} {route} ({act}) answers {answer}")
    assert wrong == [], "\n".join(wrong)


async def _ask(browser: Reader, method: str, path: str, form_token: str) -> int:
    if method == "GET":
        return (await browser.client.request("GET", path, headers={"accept": "text/html"})).status
    answer = await browser.client.request(
        "POST", path, data={"form_token": form_token}, headers={"origin": browser.home, "accept": "text/html"}
    )
    return answer.status


async def test_every_page_of_the_console_asks_for_the_duty(hall: Hall):
    """Nobody gets in without; a moderator gets what is hers; every route says its duty."""
    ctx = hall.town.node.ctx
    await ctx.db.write(
        lambda tx: tx.execute("UPDATE people SET moderator = TRUE WHERE id = $1", hall.people["nobody"].id)
    )
    keeper, moderator, agent = [await hall.browser(who) for who in ("keeper", "nobody", "owner")]
    tokens = {each: await hall.form_token(each) for each in (keeper, moderator, agent)}
    stranger = hall.town.reader()
    wrong = []
    for route in admin.console.routes.routes:
        duty = route.name
        assert duty in expected.DUTIES, f"{route.path} does not say whose duty it is"
        path = re.sub(r"\{\w+\}", NUMBER, route.path)
        for method in sorted((route.methods or set()) - {"HEAD"}):
            found = {
                "keeper": await _ask(keeper, method, path, tokens[keeper]),
                "moderator": await _ask(moderator, method, path, tokens[moderator]),
            }
            for who, status in found.items():
                if (status in (401, 403)) == (who in expected.DUTIES[duty]):
                    wrong.append(f"{who}: {method} {route.path} ({duty}) answers {status}")
            if (status := await _ask(agent, method, path, tokens[agent])) != 403:
                wrong.append(f"an agent without a duty: {method} {route.path} answers {status}")
            answer = await stranger.client.request(method, path, headers={"accept": "text/html"})
            if answer.status != 303 or not answer.headers["location"].startswith("/login"):
                wrong.append(f"a stranger: {method} {route.path} answers {answer.status}")
    assert wrong == [], "\n".join(wrong)


async def test_no_form_of_the_console_is_sent_from_elsewhere(hall: Hall):
    """Neither without the token of her pages nor from another site's."""
    keeper = await hall.browser("keeper")
    token = await hall.form_token(keeper)
    for route in admin.console.routes.routes:
        if "POST" not in (route.methods or set()):
            continue
        path = re.sub(r"\{\w+\}", NUMBER, route.path)
        for data, origin in (
            ({}, keeper.home),
            ({"form_token": "x"}, keeper.home),
            ({"form_token": token}, "https://evil.example"),
        ):
            answer = await keeper.client.request("POST", path, data=data, headers={"origin": origin})
            assert answer.status == 403, f"{route.path} takes a form of {origin} with {data}"


@pytest.mark.parametrize("name", sorted(operations.OPERATIONS))
async def test_every_operation_is_somebodys_duty(name: str):
    """At the console, moderators do what the table names, and nothing else."""
    whose = expected.DUTIES[duties.needed(name)]
    assert "keeper" in whose
    assert ("moderator" in whose) == name.startswith(expected.MODERATORS_OPERATIONS), name


async def test_what_is_not_of_her_duties_is_not_performed(hall: Hall):
    """Where a page asks for less than the operation behind it, the operation still asks."""
    from node.web.visitors import Visitor

    ctx = hall.town.node.ctx
    browser = await hall.browser("nobody")
    await ctx.db.write(
        lambda tx: tx.execute("UPDATE people SET moderator = TRUE WHERE id = $1", hall.people["nobody"].id)
    )
    token = await hall.form_token(browser)
    path = f"/admin/accounts/{hall.actor.id}/delete"
    answer = await browser.client.request(
        "POST", path, data={"form_token": token, "handle": f"@{hall.actor.handle}"}, headers={"origin": browser.home}
    )
    assert answer.status == 403, answer.text
    assert await ctx.db.reader.value("SELECT state FROM actors WHERE id = $1", hall.actor.id) == "active"
    person = await _reread(hall, "nobody")
    keeping = Keeping(None, Visitor(person, "", None))  # type: ignore[arg-type]
    for name in operations.OPERATIONS:
        if not name.startswith(expected.MODERATORS_OPERATIONS):
            with pytest.raises(Forbidden):
                await keeping.perform(name)


async def _reread(hall: Hall, who: str):
    from node.actors import people

    found = await people.by_id(hall.town.node.ctx.db.reader, hall.people[who].id)
    assert found is not None
    return found


async def test_commands_are_the_owners_of_the_machine(hall: Hall):
    """The socket through which a command reaches the node opens for its owner alone, and the log names her."""
    ctx = hall.town.node.ctx
    server = await control.listen(ctx)
    try:
        where = control.path(ctx.settings.data)
        assert stat.S_IMODE(where.stat().st_mode) == 0o600, "others of the machine can give commands"
        await control.ask(ctx.settings.data, "user.disable", {"email": hall.people["reader"].email})
    finally:
        server.close()
    row = await ctx.db.reader.row("SELECT name, via, act FROM audit ORDER BY id DESC LIMIT 1")
    assert tuple(row) == (control.owner_of().name, "command", "user.disable")  # type: ignore[arg-type]
