"""Cut a rule out of the code, and see the tests that guard it turn red: `make sabotage`.

Each cut of `cuts.toml` is made alone, in a temporary copy of the tree (the environment is shared), and
the tests it names are run there; as many cuts at once as there are processors, each in a copy of its own.
Usually those that matter most are made; `ARGS=--all` makes all of them. The run fails if a cut no longer
applies, if a test that must turn red stays green, or if a named test was red before anything was cut.
"""

import os
import shutil
import subprocess
import sys
import tempfile
import time
import tomllib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from queue import SimpleQueue

# A cut often makes a story wait for what will never come.
CUT_TIMEOUT_S = 120
ALL_TIMEOUT_S = 1800


class Verdict(StrEnum):
    """What became of one cut."""

    RED = "red, as it must"
    GREEN = "STAYS GREEN"
    STALE = "NO LONGER APPLIES"
    BROKEN = "RED BEFORE THE CUT"
    NOT_RUN = "not run here"


@dataclass(frozen=True, slots=True)
class Cut:
    """One rule taken out: *old*, which stands exactly once in *file*, becomes *new*."""

    name: str
    file: str
    old: str
    new: str
    tests: tuple[str, ...]
    always: bool = False
    """One of those that matter most."""


@dataclass(frozen=True, slots=True)
class Finding:
    """The verdict on a cut, and what explains it (the tests at fault)."""

    cut: Cut
    verdict: Verdict
    because: str = ""


def read_cuts(text: str) -> list[Cut]:
    """The `[[cut]]` tables of *text*.

    Raises:
        ValueError: a cut lacks a part, changes nothing, or shares its name.
    """
    cuts: list[Cut] = []
    for table in tomllib.loads(text).get("cut", []):
        try:
            cut = Cut(
                table["name"],
                table["file"],
                table["old"],
                table["new"],
                tuple(table["tests"]),
                table.get("always", False),
            )
        except KeyError as missing:
            raise ValueError(f"the cut {table.get('name', table)!r} has no {missing}") from None
        if not cut.tests or cut.old == cut.new:
            raise ValueError(f"the cut {cut.name!r} names no test or changes nothing")
        if any(other.name == cut.name for other in cuts):
            raise ValueError(f"two cuts are named {cut.name!r}")
        cuts.append(cut)
    return cuts


def copy_tree(root: Path, copy: Path) -> None:
    """Copy what git would keep of *root* (tracked or new, not ignored); all of it where there is no git."""
    listed = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        check=False,
        capture_output=True,
    )
    if listed.returncode:
        shutil.copytree(root, copy, ignore=shutil.ignore_patterns(".git", ".venv", "data"), dirs_exist_ok=True)
        return
    for name in listed.stdout.decode().split("\0"):
        if name and (root / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy / name)


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a run of pytest ended: ids that failed, ids that were skipped, and what it printed."""

    failed: frozenset[str]
    passed: frozenset[str]
    skipped: bool
    said: str


def run_tests(copy: Path, tests: Sequence[str], *, timeout_s: int) -> Outcome:
    """Run *tests* in *copy*, whose code is imported before the installed one, also by child processes."""
    environment = {**os.environ, "PYTHONPATH": str(copy)}
    # A test skipped here is this file's affair.
    environment.pop("CI", None)
    # What is compiled stays in the copy (a third of each run); a cut file has another time and size, and is compiled anew.
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "pytest", "--quiet", "-rA", "--tb=no", "--color=no", "-p", "no:cacheprovider"]
    try:
        done = subprocess.run(
            [*command, *tests],
            check=False,
            cwd=copy,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        # The rule's absence is seen: the story never ends.
        return Outcome(frozenset(tests), frozenset(), skipped=False, said=f"no end after {timeout_s} s")
    ids: dict[str, set[str]] = {"FAILED": set(), "PASSED": set()}
    skipped = False
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in ids:
            ids[word].add(rest.partition(" - ")[0])
        skipped = skipped or word == "SKIPPED"
    return Outcome(frozenset(ids["FAILED"]), frozenset(ids["PASSED"]), skipped, done.stdout)


def named(test: str, ids: frozenset[str]) -> bool:
    """Is *test*, or a part of it (a case, a test of the file), among *ids*?"""
    return any(found == test or found.startswith((f"{test}[", f"{test}::")) for found in ids)


def try_cut(cut: Cut, root: Path, copy: Path, sound: Outcome) -> Finding:
    """Make *cut* in *copy*, look, and put the file of *root* back; *sound* is the run before any cut."""
    broken = [test for test in cut.tests if named(test, sound.failed)]
    unknown = [test for test in cut.tests if not named(test, sound.passed) and test not in broken]
    if broken:
        return Finding(cut, Verdict.BROKEN, ", ".join(broken))
    if unknown:
        # Skipped for want of a service, or a test that is no longer there.
        verdict = Verdict.NOT_RUN if sound.skipped else Verdict.STALE
        return Finding(cut, verdict, "did not run: " + ", ".join(unknown))
    target = copy / cut.file
    before = target.read_text() if target.is_file() else ""
    if before.count(cut.old) != 1:
        return Finding(cut, Verdict.STALE, f"the old text stands {before.count(cut.old)} times in {cut.file}")
    target.write_text(before.replace(cut.old, cut.new))
    try:
        after = run_tests(copy, cut.tests, timeout_s=CUT_TIMEOUT_S)
    finally:
        shutil.copy2(root / cut.file, target)
    green = [test for test in cut.tests if not named(test, after.failed)]
    if green:
        return Finding(cut, Verdict.GREEN, ", ".join(green) + "\n" + after.said[-1500:])
    return Finding(cut, Verdict.RED)


def sabotage(root: Path, cuts: Sequence[Cut]) -> list[Finding]:
    """Try *cuts* in copies of *root*, printing each verdict as it falls."""
    width = max(len(cut.name) for cut in cuts)
    places = min(len(cuts), os.cpu_count() or 1)
    with tempfile.TemporaryDirectory(prefix="beffroi-sabotage-") as folder, ThreadPoolExecutor(places) as hands:
        copies: SimpleQueue[Path] = SimpleQueue()
        for number in range(places):
            copy_tree(root, copy := Path(folder) / f"tree-{number}")
            copies.put(copy)
        tests = sorted({test for cut in cuts for test in cut.tests})
        sound = run_tests(copy, tests, timeout_s=ALL_TIMEOUT_S)

        def found(cut: Cut) -> Finding:
            copy, began = copies.get(), time.monotonic()
            try:
                finding = try_cut(cut, root, copy, sound)
            finally:
                copies.put(copy)
            line = f"  {cut.name:<{width}}  {time.monotonic() - began:5.1f} s  {finding.verdict}"
            print("\n      ".join([line, *finding.because.splitlines()]), flush=True)
            return finding

        findings = list(hands.map(found, cuts))
        if not sound.passed:
            print(sound.said[-3000:], file=sys.stderr)
        return findings


def main(arguments: Sequence[str]) -> int:
    """Try the cuts that matter most, all of them (`--all`), or those whose name contains one of *arguments*.

    0 if each turned its tests red.
    """
    root = Path(__file__).parents[2]
    # The copy does not lie beside the shared data.
    os.environ.setdefault("BEFFROI_SHARED", str(root.parent / "shared"))
    cuts = read_cuts((root / "tests/sabotage/cuts.toml").read_text())
    if list(arguments) == ["--all"]:
        chosen = cuts
    else:
        chosen = [cut for cut in cuts if (any(part in cut.name for part in arguments) if arguments else cut.always)]
    if not chosen:
        print("No cut has such a name.", file=sys.stderr)
        return 2
    findings = sabotage(root, chosen)
    accepted = {Verdict.RED} if os.environ.get("CI") else {Verdict.RED, Verdict.NOT_RUN}
    bad = [finding for finding in findings if finding.verdict not in accepted]
    print(f"{len(findings) - len(bad)} of {len(findings)} cuts are noticed.")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
