"""Whatever a program sends that has read our description, or does the contrary of it, the node never breaks.

Schemathesis makes up the requests, half of them against the description; ids of what is there stand in half of them, so
that they lead further than to 'not found'.
"""

import contextlib
import itertools
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from schemathesis import Case, GenerationMode

from node.api.dispatch import Endpoint
from node.api.openapi import inputs
from node.api.routes import ENDPOINTS
from node.oauth.scopes import SUPPORTED
from node.runtime.database import Tx
from tests.api.conftest import Place, Someone, picture
from tests.support.client import Answer
from tests.support.described import described

_EXAMPLES = 5  # for each endpoint, of each kind
_WINDOW_S = 31 * 60


@pytest.fixture
async def agent(place: Place) -> Someone:
    """A keeper, whose application may do everything that there is a scope for."""
    made = await place.person("camille", scopes=SUPPORTED)

    async def keep(tx: Tx) -> None:
        await tx.execute("UPDATE people SET keeper = TRUE WHERE id = $1", made.person_id)

    await place.ctx.db.write(keep)
    return made


async def _ids(place: Place, agent: Someone) -> Iterator[str]:
    """The ids of one of everything that can be made, over and over."""
    other = await place.person("bruno")
    stranger = await place.stranger("zoe")
    theirs = await place.receive(stranger)
    status = await agent.post("Qui vient ? #fête", **{"poll[options]": ["moi", "toi"], "poll[expires_in]": 3600})
    answered = await other.post("@camille moi !", in_reply_to_id=status["id"])
    media = (await agent.client.upload("/api/v2/media", {"file": ("a.png", "image/png", picture())})).ok()
    made = [
        await agent.do("/api/v1/lists", {"title": "Voisins"}),
        await agent.do("/api/v2/filters", {"title": "f", "context": ["home"]}),
        await agent.do("/api/v1/featured_tags", {"name": "fete"}),
    ]
    notified = await agent.get("/api/v1/notifications")
    known = [status, answered, media, *made, *notified]
    return itertools.cycle([*(str(each["id"]) for each in known), other.id, str(stranger.id), str(theirs.id), agent.id])


def _cases(endpoint: Endpoint, mode: GenerationMode) -> list[Case]:
    schema = schemathesis.openapi.from_dict(described())
    path = "/".join(f"{{{part[1:]}}}" if part.startswith(":") else part for part in endpoint.path.split("/"))
    found: list[Case] = []

    @settings(
        max_examples=_EXAMPLES, database=None, deadline=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(schema[path][endpoint.method].as_strategy(generation_mode=mode))
    def collect(case: Case) -> None:
        found.append(case)

    with contextlib.suppress(Unsatisfiable):  # a body that may be anything cannot be wrong
        collect()
    return found


def _with_ids(value: Any, name: str, ids: Iterator[str]) -> Any:
    """*value*, with an id of something that is there wherever an id is asked for."""
    match value:
        case dict():
            return {key: _with_ids(each, str(key), ids) for key, each in value.items()}
        case list():
            return [_with_ids(each, name, ids) for each in value]
        case str() if name.removesuffix("[]") in ("id", "ids") or name.removesuffix("[]").endswith(("_id", "_ids")):
            return next(ids)
    return value


async def _send(agent: Someone, endpoint: Endpoint, case: Case, ids: Iterator[str] | None) -> tuple[Answer, str]:
    if ids is not None:
        case.path_parameters = _with_ids(case.path_parameters, "", ids)
        case.query = _with_ids(case.query, "", ids)
        case.body = _with_ids(case.body, "", ids)
    sent = requests.Request(**case.as_transport_kwargs(base_url="https://ville.example")).prepare()
    body = sent.body.encode() if isinstance(sent.body, str) else sent.body or b""
    assert isinstance(body, bytes)
    assert sent.url is not None
    headers = {str(name): str(value) for name, value in sent.headers.items() if name.lower() == "content-type"}
    answer = await agent.client.request(endpoint.method, sent.url, body=body, headers=headers)
    return answer, f"{endpoint.method} {sent.url} {body[:500]!r}"


@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["as described", "against it"])
async def test_nothing_breaks_the_node(
    place: Place, agent: Someone, mode: GenerationMode, caplog: pytest.LogCaptureFixture
) -> None:
    """Every endpoint, some requests of each kind: any answer but a fault of the node."""
    ids = await _ids(place, agent)
    broken: list[str] = []
    answers: Counter[int] = Counter()
    for endpoint in ENDPOINTS:
        if mode is GenerationMode.NEGATIVE and not inputs.of(endpoint.handler).named:
            continue  # nothing is asked for there that one could send wrongly
        for number, case in enumerate(_cases(endpoint, mode)):
            place.later(_WINDOW_S)
            answer, said = await _send(agent, endpoint, case, ids if number % 2 else None)
            answers[answer.status] += 1
            if answer.status >= 500 and answer.status != 503:
                broken.append(f"{said}: {answer.status}\n{caplog.text[-3000:]}")
            caplog.clear()
    assert not broken, "the node broke:\n" + "\n".join(broken[:5])
    assert answers[200] > len(ENDPOINTS) / 4, f"hardly anything got through, so hardly anything was tried: {answers}"
