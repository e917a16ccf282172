"""`beffroi demo` itself: it notices what is lost or doubled, says what it lacks, and leaves nothing behind.

That the whole story is seen is shown by `make demo`.
"""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from node.cli.demo.agents import Unseen
from node.cli.demo.lines import Lines
from node.cli.demo.storm import Storm
from tests.tls.towns import Towns

pytestmark = pytest.mark.xdist_group("tls")


def test_a_lost_post_is_noticed(towns: Towns) -> None:
    """One of three posts is gone from the reader's home: the count names it."""
    writer = towns.besancon
    storm = Storm(writer.agent, "Perte", 3)
    storm.finish()
    lost = next(each for each in writer.client.timeline_home() if "Perte 002" in each.content)
    writer.client.status_delete(lost.id)
    with pytest.raises(Unseen, match="lost: Perte 002/3; 1 missing"):
        storm.seen_by(writer.client, patience_s=1)


def test_a_doubled_post_is_noticed(towns: Towns) -> None:
    """The same words twice, as if a resend had made a second post."""
    writer = towns.besancon
    storm = Storm(writer.agent, "Double", 3)
    storm.finish()
    writer.client.status_post(storm.words(0))
    with pytest.raises(Unseen, match="doubled: Double 001/3"):
        storm.seen_by(writer.client)


def test_a_step_that_was_not_seen_is_crossed_out(capsys: pytest.CaptureFixture[str]) -> None:
    """Only what was seen gets its tick."""
    lines = Lines()
    with pytest.raises(Unseen), lines.step("The moon is seen"):
        raise Unseen("clouds")
    assert capsys.readouterr().out == "✗ The moon is seen\n"
    assert lines.count == 0


def test_without_mastodon_py_it_says_how_to_get_it() -> None:
    """The environment of a node alone does not hold it."""
    program = (
        "import sys; sys.modules['mastodon'] = None; sys.argv = ['beffroi', 'demo']; import node.cli as c; c.main()"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True, timeout=60,
        cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert done.returncode == 2
    assert "make demo" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("by", [signal.SIGINT, signal.SIGTERM])
def test_an_interrupted_demo_leaves_nothing_behind(by: signal.Signals, tmp_path: Path) -> None:
    """Ctrl-C, or a supervisor's SIGTERM, in the middle: both nodes end, their folder is gone, the exit code tells."""
    demo = subprocess.Popen(
        [str(Path(sys.executable).with_name("beffroi")), "demo"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        text=True, env={"PATH": "/usr/bin:/bin", "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1", "LC_ALL": "C.UTF-8"},
    )  # fmt: skip
    assert demo.stdout is not None
    with demo.stdout:
        said = ""
        for line in demo.stdout:
            said += line
            if "beffroi serve" in line:
                demo.send_signal(by)
                break
        said += demo.stdout.read()
    assert demo.wait(60) == 130, said
    nodes = [Path("/proc") / number for number in re.findall(r"process (\d+)", said)]
    assert nodes, f"no node was started: {said}"
    assert not [each for each in nodes if each.exists()], "a node still runs"
    assert not list(tmp_path.glob("beffroi-demo-*")), "its folder is still there"
    assert "Traceback" not in said
