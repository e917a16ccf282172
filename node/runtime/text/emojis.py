"""Emojis of Unicode."""

import re
from typing import Final

# One emoji (UTS 51): a flag, a keycap, or pictures joined by ZWJ, each with a variation, a skin tone or tags
_PICTURE: Final = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2194-\u21ff\u2300-\u23ff\u24c2\u25aa-\u27bf\u2934\u2935\u2b00-\u2bff\u3030"
    r"\u303d\u3297\u3299\U0001f000-\U0001f1e5\U0001f200-\U0001faff]"
)
_PART: Final = _PICTURE + r"\ufe0f?[\U0001f3fb-\U0001f3ff]?[\U000e0020-\U000e007f]{0,10}\ufe0e?"
_EMOJI: Final = re.compile(
    rf"[\U0001f1e6-\U0001f1ff]{{2}}|[0-9#*]\ufe0f?\u20e3|{_PART}(?:\u200d{_PART}){{0,9}}", re.UNICODE
)


def is_emoji(text: str) -> bool:
    """Whether *text* is one emoji and nothing else."""
    return _EMOJI.fullmatch(text) is not None
