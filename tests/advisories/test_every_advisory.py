"""No advisory that is known to us is without its test: each is named in one of these files."""

import csv
import re
from pathlib import Path

HERE = Path(__file__).parent


def test_each_is_played(shared_data: Path) -> None:
    """A row gives one attack, often under several numbers and in several programs; one of them names the test."""
    played = _plain("".join(path.read_text() for path in HERE.glob("test_*.py") if path.name != Path(__file__).name))
    rows = list(
        csv.DictReader(
            (shared_data / "data" / "federation" / "advisories.tsv").read_text().splitlines(), delimiter="\t"
        )
    )
    assert len(rows) >= 45
    missing = [row["id"] for row in rows if not any(name in played for name in _names(row["id"]))]
    assert missing == [], "nobody plays these attacks"


def _names(text: str) -> list[str]:
    numbers = re.findall(r"CVE-\d+-\d+|GHSA(?:-\w{4}){3}", text)
    return [_plain(each) for each in numbers or re.findall(r"[A-Za-z][\w/]*(?: PR)? [\d.]+", text)]


def _plain(text: str) -> str:
    return re.sub(r"[\s./-]+", "_", text.lower())
