"""An actor that has brought no pictures still has some: clients crash on an empty avatar."""

import pytest
from PIL import Image

from node.media import defaults
from node.media.images import AVATAR_PX, HEADER_PX


@pytest.mark.parametrize(("path", "size"), [(defaults.AVATAR, AVATAR_PX), (defaults.HEADER, HEADER_PX)])
def test_the_default_pictures_are_small_png_files(path, size):
    with Image.open(path) as image:
        assert image.format == "PNG"
        assert image.size == size
        assert not image.info.keys() & {"exif", "icc_profile", "comment"}
    assert path.stat().st_size < 20_000
