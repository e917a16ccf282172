"""A program in JavaScript, run as its user runs it: it asks for a code once, and tells each thing that it did."""

import json
import subprocess
import threading
from dataclasses import dataclass, field
from pathlib import Path

from mastodon import Mastodon

from node.cli.demo.browser import Browser
from tests.clients.village import PASSWORD, Village, picture

FOLDER = Path(__file__).parent / "javascript"
_DAY_S = 180


@dataclass(slots=True)
class Day:
    """What a program did, and what it could not, with its words."""

    done: list[str] = field(default_factory=list)
    failed: dict[str, str] = field(default_factory=dict)
    over: bool = False


def spend(program: str, village: Village, mairie: Mastodon, folder: Path) -> Day:
    """Run the program of that name as Camille; the town hall is there too."""
    node = FOLDER / "node_modules" / ".bin" / "node"
    assert node.exists(), f"{node} is absent: make clients"
    (folder / "puits.jpg").write_bytes(picture())
    with (folder / "complaints").open("w+") as complaints:
        running = subprocess.Popen(
            [
                node, program, f"--url={village.node.url}", f"--other={mairie.access_token}",
                f"--picture={folder / 'puits.jpg'}",
            ],
            cwd=FOLDER, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=complaints, text=True,
        )  # fmt: skip
        day, sunset = Day(), threading.Timer(_DAY_S, running.kill)
        sunset.start()
        try:
            _listen(running, village, day)
            running.wait()
        finally:
            sunset.cancel()
            running.kill()
            running.wait()
            for end in (running.stdin, running.stdout):
                assert end is not None
                end.close()
        complaints.seek(0)
        assert day.over, f"{program} ended early, after {day.done}: {day.failed} {complaints.read()[-3000:]}"
    return day


def _listen(running: subprocess.Popen[str], village: Village, day: Day) -> None:
    assert running.stdin is not None
    assert running.stdout is not None
    for line in running.stdout:
        if not line.startswith("{"):
            continue
        said = json.loads(line)
        if "authorize" in said:
            browser = Browser(village.node.session())
            code = browser.authorize(said["authorize"], email=village.citizen.email, password=PASSWORD)
            running.stdin.write(f"{code}\n")
            running.stdin.flush()
        elif "error" in said:
            day.failed[said["step"]] = said["error"]
        elif "step" in said:
            day.done.append(said["step"])
        day.over = day.over or "over" in said
