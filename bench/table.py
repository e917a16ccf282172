"""What was measured, beside what the machine can do and what was aimed at; as text and as Markdown."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

Reached = Literal["yes", "no", ""]


@dataclass(frozen=True, slots=True)
class Aim:
    """A bound on one figure of a line: `per_s` at least, every other at most."""

    figure: Literal["per_s", "cpu_ms", "p99_ms", "seconds", "mib"]
    bound: float

    @property
    def words(self) -> str:
        unit = {"per_s": "/s", "cpu_ms": " CPU ms", "p99_ms": " ms p99", "seconds": " s", "mib": " MiB"}[self.figure]
        return f"{'≥' if self.figure == 'per_s' else '≤'} {self.bound:,g}{unit}"


@dataclass(frozen=True, slots=True)
class Line:
    """One measure."""

    name: str
    per_s: float | None = None
    cpu_ms: float | None = None
    """Of the node's processes, for each."""
    database_cpu_ms: float | None = None
    """Of PostgreSQL's, for each."""
    p50_ms: float | None = None
    p99_ms: float | None = None
    seconds: float | None = None
    mib: float | None = None
    baseline: str = ""
    """The name of the line that `ratio` compares the rate with."""
    ratio: float | None = None
    aims: Sequence[Aim] = ()
    note: str = ""
    queries: int | None = None
    """Statements that one request asks of the database, when all is in memory that can be."""

    @property
    def reached(self) -> Reached:
        """Whether every aim is."""
        if not self.aims:
            return ""
        for aim in self.aims:
            found = getattr(self, aim.figure)
            if found is None or (found < aim.bound if aim.figure == "per_s" else found > aim.bound):
                return "no"
        return "yes"

    @property
    def found(self) -> str:
        """The figure that the line is about."""
        if self.mib is not None:
            return f"{self.mib:.0f} MiB"
        if self.seconds is not None:
            return f"{self.seconds:.2f} s"
        return "" if self.per_s is None else f"{self.per_s:,.0f}/s"

    @property
    def cells(self) -> list[str]:
        """As the columns of `HEAD` show it."""
        cpu = "" if self.cpu_ms is None else f"{self.cpu_ms:.2f}"
        if self.database_cpu_ms:
            cpu += f" + {self.database_cpu_ms:.2f}"
        ratio = "" if self.ratio is None else f"{self.ratio:.2f} × {self.baseline}"
        return [
            self.name, self.found, "" if self.queries is None else str(self.queries), cpu, _ms(self.p50_ms), _ms(self.p99_ms), ratio,
            ", ".join(aim.words for aim in self.aims), self.reached,
        ]  # fmt: skip


HEAD = ("measure", "found", "queries", "CPU ms each", "p50 ms", "p99 ms", "beside the machine", "aim", "reached")


def _ms(value: float | None) -> str:
    return "" if value is None else f"{value:.1f}"


@dataclass(slots=True)
class Table:
    """The lines of one layout: a database and a number of posts."""

    title: str
    lines: list[Line] = field(default_factory=list)
    queries: Mapping[str, int] = field(default_factory=dict)
    """Statements of a page of twenty, by the name of its list, when all is in memory."""
    post_bytes: float | None = None
    """What a post that came in takes in the database, its indexes and its places in feeds included."""

    def find(self, name: str) -> Line | None:
        """The line of that name, else the first one whose name goes on after a comma."""
        begun = [line for line in self.lines if line.name == name or line.name.startswith(f"{name},")]
        return min(begun, key=lambda line: line.name != name, default=None)

    def add(self, line: Line) -> Line:
        """Keep *line*, and print it at once."""
        self.lines.append(line)
        print(_padded(line.cells) + (f"  ({line.note})" if line.note else ""), flush=True)
        return line

    def begin(self) -> None:
        """Print the head."""
        print(f"\n{self.title}\n{_padded(HEAD)}", flush=True)

    def markdown(self) -> str:
        """The table, notes below."""
        rows = [f"## {self.title}", "", "| " + " | ".join(HEAD) + " |", "|---" * len(HEAD) + "|"]
        rows += ["| " + " | ".join(line.cells) + " |" for line in self.lines]
        notes = [f"- {line.name}: {line.note}." for line in self.lines if line.note]
        return "\n".join([*rows, *([""] if notes else []), *notes]) + "\n"


_WIDTHS = (46, 12, 7, 13, 8, 8, 26, 32, 4)


def _padded(cells: Sequence[str]) -> str:
    return " ".join(cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)).rstrip()
