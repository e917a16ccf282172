"""What the guides, docs/production.md, the Containerfile and compose.yaml name exists: settings, commands, pages, values."""

import re
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

from admin.console.routes import routes as console
from node import cli
from node.runtime.settings import Settings, read_settings
from node.web.routes import routes as pages
from tests.production.conftest import PAGE, block

ROOT = PAGE.parents[1]
GUIDES = [ROOT / "docs" / "guide-administrateur.md", ROOT / "docs" / "guide-ouvrir-au-public.md"]
FILES = [PAGE, ROOT / "Containerfile", ROOT / "compose.yaml", *GUIDES]


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)
def test_every_setting_that_is_named_exists(file: Path) -> None:
    named = set(re.findall(r"BEFFROI_([A-Z_]+)", file.read_text("utf-8")))
    assert named
    assert {name.lower() for name in named} <= set(Settings.model_fields), "a keeper sets what nobody reads"


def test_the_settings_of_the_page_are_taken() -> None:
    """Together, as they stand there: a value that is refused would keep the node from starting."""
    said = dict(line.split("=", 1) for line in block("sh", "BEFFROI_JOBS=apart").splitlines() if "=" in line)
    settings = read_settings(**{name.removeprefix("BEFFROI_").lower(): value for name, value in said.items()})
    assert settings.several_processes
    assert settings.processes == 2


@pytest.mark.parametrize("file", [PAGE, *GUIDES], ids=lambda file: file.name)
def test_every_command_that_is_named_exists(file: Path) -> None:
    """As code within a sentence (`beffroi migrate`), or at the beginning of a line."""
    known: Any = get_command(cli.app())
    named = re.findall(r"(?:`|^)beffroi ([a-z][a-z-]*)(?: ([a-z][a-z-]*))?", file.read_text("utf-8"), re.MULTILINE)
    assert named
    for first, second in named:
        group = known.commands.get(first)
        assert group is not None, f"{file.name} speaks of `beffroi {first}`"
        if second and hasattr(group, "commands"):
            assert second in group.commands, f"{file.name} speaks of `beffroi {first} {second}`"


@pytest.mark.parametrize("guide", GUIDES, ids=lambda file: file.name)
def test_every_page_that_is_named_exists(guide: Path) -> None:
    """As code within a sentence: `/admin/reports`, `/desk/{actor}/team`."""
    shown = {route.path for route in (*pages, *console) if route.methods and "GET" in route.methods}
    named = set(
        re.findall(
            r"`(/(?:admin|desk|account|about|report|privacy|accessibility|sign-up|login)[^`]*)`",
            guide.read_text("utf-8"),
        )
    )
    assert named
    assert named <= shown, f"{guide.name} sends people to pages that are not there"
