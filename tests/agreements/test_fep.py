"""docs/fep-territories.md shows what really travels: its examples are those of this run."""

import json
import re
from pathlib import Path
from typing import Any

from node.federation.vocab import agreements as vocab
from tests.agreements.conftest import Scene

PAGE = Path(__file__).parents[2] / "docs/fep-territories.md"


async def the_run(scene: Scene) -> list[dict[str, Any]]:
    """What the two nodes say about one agreement, in order, and the document of it; as the page shows it."""
    await scene.there.propose("territory", categories="culture agenda", until_ms=1_798_758_000_000)
    await scene.settle()
    scene.fediverse.clock.forward(60)
    await scene.here.accept("member")
    await scene.settle()
    scene.fediverse.clock.forward(60)
    await scene.here.limit("member", categories="culture", until_ms=1_798_758_000_000)
    await scene.settle()
    agreement = await scene.there.agreement()
    assert agreement is not None
    path = agreement.uri.removeprefix("https://doubs.example")
    shown = (await scene.there.node.visitor().get(path, accept="application/activity+json")).ok()
    scene.fediverse.clock.forward(60)
    await scene.there.end("territory")
    await scene.settle()
    said = [json.loads(sent.body) for sent in scene.fediverse.network.sent if b'"ter:Agreement"' in sent.body]
    return [plain(each) for each in [*said, shown]]


def plain(document: dict[str, Any]) -> dict[str, Any]:
    """Without the context, which stands once on the page, and with short numbers at the end of ids."""
    document.pop("@context")
    if document["type"] != "Agreement":
        document["id"] = re.sub(r"/\d+$", "/1", document["id"])
    return document


async def test_the_examples_are_those_of_a_run(scene: Scene) -> None:
    page = PAGE.read_text("utf-8")
    run = await the_run(scene)
    examples = [json.loads(block) for block in re.findall(r"```json\n(.*?)```", page, re.DOTALL)]
    shown = [each for each in examples if isinstance(each, dict)]
    assert len(shown) >= 5
    for example in shown:
        assert example in run, f"nothing like this {example['type']} was sent"
    assert vocab.context() in examples, "the page shows another context than is sent"
