"""Every package stands on a floor: what the import contract does not name it does not hold."""

import tomllib
from pathlib import Path

PROJECT = Path(__file__).parents[2]


def _floors() -> str:
    settings = tomllib.loads((PROJECT / "pyproject.toml").read_text())
    contract = settings["tool"]["importlinter"]["contracts"][0]
    return " ".join(contract["layers"]).replace("|", " ").replace(":", " ")


def test_every_package_of_the_node_has_its_floor():
    """A new room under node/ is added to the layers in pyproject.toml, or imports there go unseen."""
    rooms = {
        entry.stem
        for entry in (PROJECT / "node").iterdir()
        if (entry.suffix == ".py" and entry.stem != "__init__") or any(entry.glob("**/*.py"))
    }
    floors = {floor.strip("()") for floor in _floors().split()}
    assert {f"node.{room}" for room in rooms} <= floors
