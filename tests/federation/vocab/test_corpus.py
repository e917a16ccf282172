"""Documents of 50 programs: read into typed values or refused, and never anything else."""

import contextlib
import importlib.util
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pytest

from node.federation.vocab import documents, json, posts
from node.federation.vocab.activities import Activity
from node.runtime.errors import Malformed


def _expectations() -> list[tuple[str, str, dict[str, Any]]]:
    spec = importlib.util.spec_from_file_location("expectations", Path(__file__).with_name("expectations.py"))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: list[tuple[str, str, dict[str, Any]]] = module.EXPECTATIONS
    return found


@pytest.fixture(scope="session")
def corpus(shared_data: Path) -> Path:
    return shared_data / "data" / "federation" / "corpus"


@pytest.mark.parametrize(("name", "kind", "facts"), _expectations(), ids=lambda value: str(value)[:70])
def test_a_document_of_another_program_says_what_a_person_reads_in_it(
    corpus: Path, name: str, kind: str, facts: dict[str, Any]
) -> None:
    """Id, author, words, audience and media of some sixty documents, checked by hand."""
    data = (corpus / name).read_bytes()
    if kind == "Malformed":
        with pytest.raises(Malformed):
            documents.read(json.read(data), allow_http=True)
        return
    value = documents.read(json.read(data), allow_http=True)
    assert type(value).__name__ == kind
    assert {path: _fact(value, path, expected) for path, expected in facts.items()} == facts


# Specifications show fragments without ids; Mbin's snapshots replace every id (read in a test of their own).
_FRAGMENTS = ("fep/", "w3c-activitystreams/", "w3c-activitypub/", "mbin/")


def test_every_document_is_read_or_refused(corpus: Path) -> None:
    """No document of the corpus, hostile ones included, raises anything but a refusal with a reason."""
    refused: list[str] = []
    names = [row.split("\t")[1] for row in (corpus / "manifest.tsv").read_text().splitlines()[1:]]
    for name in names:
        try:
            _read_deeply((corpus / name).read_bytes(), name)
        except Malformed as refusal:
            refused.append(f"{name}: {refusal}")
    assert len(names) == 1_338
    # What is left are placeholders of fixtures (`https://{{domain}}/…`, `"id": "url"`), two that give a name twice,
    # client-to-server drafts without an id, and two actors in one activity.
    of_programs = [line for line in refused if not line.startswith(_FRAGMENTS)]
    assert len(of_programs) <= 32, "readers would miss:\n" + "\n".join(of_programs)


def test_scrubbed_snapshots_are_read_once_they_have_an_id_again(corpus: Path) -> None:
    """Mbin's announced activities: the ids of its snapshots were replaced, so they are put back first."""
    paths = sorted((corpus / "mbin").glob("*.json"))
    assert paths
    for path in paths:
        _read_deeply(path.read_bytes().replace(b"SCRUBBED_ID", b"https://kbin.test/a/1"), path.name)


def test_hostile_documents_do_no_harm(corpus: Path) -> None:
    """What others were broken by is refused, or read into plain values like any other."""
    names = [row.split("\t")[0] for row in (corpus / "hostile.tsv").read_text().splitlines()]
    present = [name for name in names if (corpus / name).is_file()]
    assert len(present) >= 30
    for name in present:
        with contextlib.suppress(Malformed):
            _read_deeply((corpus / name).read_bytes(), name)


def test_ids_of_a_laboratory_are_refused_by_default(corpus: Path) -> None:
    """Plain http is for loopback only, and only when asked for."""
    raw = json.read((corpus / "gotosocial/Note-internaltoas_test.go-L635.json").read_bytes())
    with pytest.raises(Malformed, match="https"):
        documents.read(raw)


def _fact(value: object, path: str, expected: object) -> object:
    if path.startswith("len("):
        found = _walk(value, path[4:-1])
        return len(found)
    if path.startswith("starts("):
        found = _walk(value, path[7:-1])
        return expected if str(found).startswith(str(expected)) else found
    return _walk(value, path)


def _walk(value: Any, path: str) -> Any:
    steps = path.split(".")
    if steps[0] == "post":
        assert isinstance(value, Activity)
        assert value.object is not None
        assert value.object.raw is not None
        value = posts.read(value.object.raw, inherited=value.audience, allow_http=True)
        steps = steps[1:]
    for step in steps:
        value = value[int(step)] if step.isdigit() else getattr(value, step)
    return value


def _read_deeply(data: bytes, name: str) -> None:
    """Read a document, and what it embeds if it is an activity, as the inbox will."""
    value = documents.read(json.read(data), allow_http=True)
    _only_frozen(value, name)
    if isinstance(value, Activity):
        for reference in value.objects:
            if reference.raw is not None:
                try:
                    _only_frozen(documents.read(reference.raw, allow_http=True), name)
                except Malformed:
                    continue


def _only_frozen(value: object, name: str) -> None:
    if is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            _only_frozen(getattr(value, field.name), name)
    elif isinstance(value, tuple):
        for item in value:
            _only_frozen(item, name)
    else:
        plain = value is None or isinstance(value, str | int | float | bool | Mapping)
        assert plain or type(value).__module__.startswith("node."), f"{name} left {type(value)} in a value"
