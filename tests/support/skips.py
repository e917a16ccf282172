"""A skipped test is a promise nobody looked at: say which, why, and what would make it run.

On a machine without a service the tests that need it are skipped, and the run ends with a plain list.
With `CI` set nothing is skipped but what `tests/skips.txt` lists with its reason: any other skip or
expected failure fails the run.
"""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.support.browser import CHROMIUM_ABSENT
from tests.support.services import (
    CADDY_ABSENT,
    NGINX_ABSENT,
    POSTGRESQL_ABSENT,
    REDIS_ABSENT,
    RSYNC_ABSENT,
    SQLITE3_ABSENT,
    SYSTEMD_ABSENT,
)

CURES = {
    POSTGRESQL_ABSENT: "install the Debian package postgresql",
    REDIS_ABSENT: "install the Debian package redis-server",
    NGINX_ABSENT: "install the Debian package nginx",
    CADDY_ABSENT: "install the Debian package caddy",
    SYSTEMD_ABSENT: "install the Debian package systemd",
    RSYNC_ABSENT: "install the Debian package rsync",
    SQLITE3_ABSENT: "install the Debian package sqlite3",
    CHROMIUM_ABSENT: "install the Debian package chromium",
    "shared data absent": "put the folder of specifications beside the project, or name it in BEFFROI_SHARED",
}


@dataclass(frozen=True, slots=True)
class Allowance:
    """One line of `tests/skips.txt`; `*` stands for anything in both parts."""

    test: str
    reason: str

    def covers(self, test: str, reason: str) -> bool:
        """Is it this test, for this reason?"""
        return _fits(self.test, test) and _fits(self.reason, reason)


def _fits(pattern: str, text: str) -> bool:
    # Not fnmatch: the brackets of a parametrised test stand for themselves.
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def read_allowances(text: str) -> list[Allowance]:
    """The lines `test | reason` of *text*; empty lines and lines that begin with `#` are left out.

    Raises:
        ValueError: a line has no test or no reason.
    """
    found = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        test, _, reason = (part.strip() for part in line.partition("|"))
        if not test or not reason:
            raise ValueError(f"tests/skips.txt: {line!r} is not 'test | reason'")
        found.append(Allowance(test, reason))
    return found


def unlisted(skipped: Mapping[str, str], allowances: list[Allowance]) -> dict[str, str]:
    """Those of *skipped* (test -> reason) that no allowance covers."""
    return {
        test: reason
        for test, reason in skipped.items()
        if not any(allowance.covers(test, reason) for allowance in allowances)
    }


class Skips:
    """Collects what did not run; lives in the process that began the run, which hears every worker."""

    def __init__(self, allowances: list[Allowance], *, strict: bool) -> None:
        self._allowances = allowances
        self._strict = strict
        self._skipped: dict[str, str] = {}

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        if hasattr(report, "wasxfail"):
            if report.outcome == "skipped":
                self._skipped[report.nodeid] = "expected to fail: " + report.wasxfail.removeprefix("reason: ")
        elif report.skipped:
            self._skipped[report.nodeid] = _reason(report)

    def pytest_collectreport(self, report: pytest.CollectReport) -> None:
        if report.skipped:
            self._skipped[report.nodeid] = _reason(report)

    def _refused(self) -> dict[str, str]:
        return unlisted(self._skipped, self._allowances) if self._strict else {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_sessionfinish(self, session: pytest.Session, exitstatus: int) -> None:
        if self._refused() and exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        if not self._skipped:
            return
        by_reason: dict[str, list[str]] = {}
        for test, reason in sorted(self._skipped.items()):
            by_reason.setdefault(reason, []).append(test)
        terminalreporter.section("Not run here:")
        for reason, tests in by_reason.items():
            cure = CURES.get(reason)
            terminalreporter.line(f"{len(tests)} test(s): {reason}." + (f" To run them, {cure}." if cure else ""))
            files = sorted({test.partition("::")[0] for test in tests})
            terminalreporter.line("    " + ", ".join(files[:8]) + (" …" if len(files) > 8 else ""))
        refused = self._refused()
        if refused:
            terminalreporter.section("Skipped without being listed in tests/skips.txt: the run fails", red=True)
            for test, reason in sorted(refused.items()):
                terminalreporter.line(f"{test} | {reason}")


def _reason(report: pytest.TestReport | pytest.CollectReport) -> str:
    match report.longrepr:
        case (_, _, str(said)):
            return said.removeprefix("Skipped: ")
        case said:
            return str(said)


def pytest_configure(config: pytest.Config) -> None:
    """Listen, in the process that began the run."""
    if hasattr(config, "workerinput"):
        return
    listed = (Path(__file__).parents[1] / "skips.txt").read_text()
    strict = os.environ.get("CI", "").lower() in {"1", "true", "yes"}
    config.pluginmanager.register(Skips(read_allowances(listed), strict=strict), "beffroi-skips")
