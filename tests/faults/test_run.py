"""The fault run in its quick form, and its checker, which must notice what it is there for."""

import tempfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.faults import checker
from tests.faults.load import Ledger
from tests.faults.run import run
from tests.support.postgresql import find_programs
from tests.support.scaled import redis_program
from tests.support.services import POSTGRESQL_ABSENT, REDIS_ABSENT

pytestmark = pytest.mark.xdist_group("scaled")


def test_every_harm_once() -> None:
    """Thirty seconds: each process killed, PostgreSQL and Redis restarted, disk full, clock moved. All promises hold."""
    if find_programs() is None:
        pytest.skip(POSTGRESQL_ABSENT)
    if redis_program() is None:
        pytest.skip(REDIS_ABSENT)
    # Not below pytest's own folder, which is root's alone: PostgreSQL's own user passes here.
    with tempfile.TemporaryDirectory(prefix="beffroi-faults-", ignore_cleanup_errors=True) as folder:
        Path(folder).chmod(0o755)
        assert run(30, 20_261_122, Path(folder)) == []


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> list[SimpleNamespace]:
    """What stands in the home timeline."""
    made: list[SimpleNamespace] = []
    monkeypatch.setattr(checker, "home", lambda _client: iter(made))
    return made


def writer(*words: str, deleted: tuple[str, ...] = ()) -> SimpleNamespace:
    return SimpleNamespace(name="B0", ledger=Ledger(posts=dict.fromkeys(words), deleted=set(deleted)))


@pytest.mark.parametrize(
    ("there", "said"),
    [
        (("B0 1", "B0 2"), []),
        (("B0 1",), ["x: 1 lost: B0 2"]),
        (("B0 1", "B0 2", "B0 2"), ["x: 1 doubled: B0 2"]),
        (("B0 1", "B0 2", "B0 3"), ["x: 1 deleted and still there: B0 3"]),
        (("B0 1", "B0 2", "B0 9"), ["x: 1 never acknowledged: B0 9"]),
        (("B0 1", "B0 2", "somebody else's"), []),
    ],
)
def test_the_checker_sees(page: list[SimpleNamespace], there: tuple[str, ...], said: list[str]) -> None:
    """Lost, doubled, undead, invented: each by its words."""
    page += [SimpleNamespace(content=f"<p>{words}</p>") for words in there]
    ledgers = [writer("B0 1", "B0 2", "B0 3", deleted=("B0 3",))]
    assert checker.differences(None, ledgers, "x") == said  # type: ignore[arg-type]
