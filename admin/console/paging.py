"""Pages of the console's lists by keyset: the address of the next one keeps what was searched."""

from collections.abc import Sequence
from typing import Final
from urllib.parse import urlencode

from admin.console.door import Keeping
from node.moderation import audit
from node.web import cursors

ROWS: Final = 50


def below(keeping: Keeping) -> int:
    """The id below which the page begins."""
    asked = cursors.asked(keeping.visit)
    return 2**63 - 1 if asked is None else asked


def older(keeping: Keeping, ids: Sequence[int]) -> str | None:
    """The address of the next page; None when this one was not full."""
    if len(ids) < ROWS:
        return None
    kept = [(name, value) for name, value in keeping.visit.request.query_params.multi_items() if name != "max_id"]
    return f"{keeping.visit.path}?{urlencode([*kept, ('max_id', ids[-1])])}"


def pattern(text: str) -> str:
    """*text* anywhere, for `LIKE … ESCAPE '!'` on what SQL made lower case."""
    return f"%{audit.literal(text)}%"
