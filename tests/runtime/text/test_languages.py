"""A post says its language, and it is understood however it was written."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.text.languages import primary, read, read_or_default


@pytest.mark.parametrize(
    ("written", "understood"),
    [
        ("fr", "fr"), ("FR", "fr"), ("fr_FR", "fr-FR"), ("fr-ca", "fr-CA"), ("zh-hant-tw", "zh-Hant-TW"),
        ("es-419", "es-419"), ("oc", "oc"), ("gsw-FR", "gsw-FR"), ("ca-valencia", "ca-valencia"), (" br ", "br"),
        ("und", None), ("", None), ("français", None), ("x-private", None), ("fr-", None), (None, None), (["fr"], None),
    ],
)  # fmt: skip
def test_a_language_is_understood(written, understood):
    assert read(written) == understood
    assert read_or_default(written) == (understood or "fr")


def test_a_region_is_no_other_language():
    assert primary("fr-CA") == "fr"


@given(st.text(max_size=40))
def test_what_was_read_reads_the_same(tag):
    found = read(tag)
    assert found is None or read(found) == found
