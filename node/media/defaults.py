"""The avatar and the header of an actor that has brought none: clients crash on an empty one.

Drawn by `scripts/draw_default_pictures.py`. PNG, since several clients show no SVG here.
"""

from pathlib import Path
from typing import Final

_PICTURES = Path(__file__).parent / "pictures"

AVATAR: Final = _PICTURES / "avatar.png"
HEADER: Final = _PICTURES / "header.png"
MIME: Final = "image/png"
