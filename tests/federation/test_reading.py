"""What is understood of other programs' documents: expectations written by reading them, and what becomes of the rest."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from node.federation import reading
from node.federation.reading import Facts, Reading

EXPECTATIONS = Path(__file__).with_name("expectations")
NONE = "—"
# These name whole paths; every other file is named after its program.
WHOLE_PATHS = frozenset({"small.toml", "w3c.toml"})


def _expected() -> Iterator[tuple[str, Facts]]:
    for file in sorted(EXPECTATIONS.glob("*.toml")):
        for name, facts in tomllib.loads(file.read_text()).items():
            yield (name if file.name in WHOLE_PATHS else f"{file.stem}/{name}"), facts


def _hostile() -> list[tuple[str, str, str]]:
    rows = [line.split("\t") for line in (EXPECTATIONS / "hostile.tsv").read_text().splitlines()[1:]]
    return [(row[0], row[1], row[2]) for row in rows]


@pytest.fixture(scope="session")
def corpus(shared_data: Path) -> Path:
    return shared_data / "data" / "federation" / "corpus"


@pytest.mark.parametrize(
    ("name", "facts"), list(_expected()), ids=lambda value: value if isinstance(value, str) else ""
)
def test_a_document_says_what_a_person_reads_in_it(corpus: Path, name: str, facts: Facts) -> None:
    """Kind, author, time, visibility, words, files, poll, dates and place, of each kind of document of each program."""
    found = reading.read(_bytes(corpus, name))
    said = {**found.facts, "verdict": found.verdict, **({"why": found.why} if found.why else {})}
    wrong = {path: (_at(said, path), wanted) for path, wanted in facts.items() if not _matches(_at(said, path), wanted)}
    assert not wrong, f"{name} reads (found, expected): {wrong}"


def test_every_program_has_expectations(corpus: Path) -> None:
    programs = {row.split("\t")[0] for row in (corpus / "manifest.tsv").read_text().splitlines()[1:]}
    assert {name.partition("/")[0] for name, _ in _expected()} >= programs
    assert len(programs) == 50


@pytest.mark.parametrize(("name", "outcome", "reason"), _hostile(), ids=lambda value: value)
def test_what_broke_others_is_refused_or_survived(corpus: Path, name: str, outcome: str, reason: str) -> None:
    """Each hostile document of the corpus: refused with this reason, or read with nothing of the harm in it."""
    found = reading.read(_bytes(corpus, name))
    if outcome == "survived":
        path, _, wanted = reason.partition("=")
        assert found.verdict != "refused", found.why
        assert _matches(_at(found.facts, path), int(wanted) if wanted.isdigit() else wanted), found.facts
    else:
        assert (found.verdict, found.why) == (outcome, reason)


def test_every_hostile_document_is_listed(corpus: Path) -> None:
    listed = {row.split("\t")[0] for row in (corpus / "hostile.tsv").read_text().splitlines()}
    present = {name for name in listed if (corpus / name).is_file()}
    assert present == {name for name, _, _ in _hostile()}


def test_every_document_of_the_corpus_is_understood_or_has_a_reason(corpus: Path) -> None:
    """1,338 documents of fifty programs: what is read has a kind and a type; of most of them nothing is refused."""
    rows = [row.split("\t") for row in (corpus / "manifest.tsv").read_text().splitlines()[1:]]
    hostile = {name for name, _, _ in _hostile()}
    refused: dict[str, str] = {}
    for row in rows:
        found = reading.read(_bytes(corpus, row[1]))
        assert found.verdict == "read" or found.why, row[1]
        if found.verdict == "read":
            assert found.facts["kind"] in ("post", "actor", "activity", "collection", "tombstone", "place"), row[1]
        elif found.verdict == "refused" and row[1] not in hostile:
            refused[row[1]] = found.why or ""
    assert len(rows) == 1_338
    # Placeholders of fixtures and of books (`https://{{domain}}/…`, `"id": "url"`), two actors, ids of other schemes,
    # doubled names, two files that are no JSON, and notes whose example puts them on another server than their author.
    assert len(refused) <= 60, "\n".join(f"{name}: {why}" for name, why in refused.items())


def test_a_refused_document_is_told_as_far_as_it_can_be_read() -> None:
    found = reading.read(b'{"type": "Note", "id": "nonsense", "content": "bonjour"}')
    assert found.verdict == "refused"
    assert found.facts["text"] == "bonjour"
    assert reading.read(b'{"type": "Note", "content": "a", "content": "b"}').facts["text"] == "b"
    assert reading.read(b"[") == Reading("refused", "the document is not JSON", {})


def test_plain_http_is_refused_where_the_inbox_would() -> None:
    note = b'{"type": "Note", "id": "http://a.test/1", "attributedTo": "http://a.test/u", "content": "x"}'
    assert reading.read(note).verdict == "read"
    assert reading.read(note, allow_http=False).why == "an id must be an https URL"


def _bytes(corpus: Path, name: str) -> bytes:
    data = (corpus / name).read_bytes()
    # Mbin's snapshots have their ids replaced
    return data.replace(b"SCRUBBED_ID", b"https://kbin.test/a/1") if name.startswith("mbin/") else data


def _at(facts: Any, path: str) -> Any:
    for step in path.split("."):
        if isinstance(facts, list) and step.isdigit():
            facts = facts[int(step)] if int(step) < len(facts) else None
        else:
            facts = facts.get(step) if isinstance(facts, dict) else None
    return facts


def _matches(found: Any, wanted: Any) -> bool:
    if wanted == NONE:
        return found in (None, "", [])
    if isinstance(wanted, int) and not isinstance(wanted, bool) and (found is None or isinstance(found, list)):
        return len(found or ()) == wanted
    if isinstance(wanted, list) and isinstance(found, dict):
        return all(_matches(one, other) for one, other in zip(found.values(), wanted, strict=False))
    if isinstance(wanted, list) and isinstance(found, list):
        return len(found) == len(wanted) and all(map(_matches, found, wanted))
    if isinstance(wanted, str) and isinstance(found, str):
        match wanted.startswith("…"), wanted.endswith("…"):
            case True, True:
                return wanted.strip("…") in found
            case True, False:
                return found.endswith(wanted[1:])
            case False, True:
                return found.startswith(wanted[:-1])
    return bool(found == wanted)
