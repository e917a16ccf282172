"""Bytes from a stranger: one reading or a refusal, never a crash and never two readings."""

import json as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.federation.vocab import json, limits
from node.runtime.errors import BeffroiError, Malformed, TooLarge

VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**53), 2**53)
    | st.floats(-1e18, 1e18)
    | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), inner, max_size=4
        )
    ),
    max_leaves=20,
)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b"[]", id="a list"),
        pytest.param(b'"a"', id="a string"),
        pytest.param(b'{"a":1}{"a":2}', id="two documents"),
        pytest.param(b'{"a":NaN}', id="NaN"),
        pytest.param(b'{"a":Infinity}', id="Infinity"),
        pytest.param(b'{"a":1e999}', id="infinite"),
        pytest.param(b'{"a":"\xff"}', id="not UTF-8"),
        pytest.param(b'{"a":"\\ud800"}', id="lone surrogate"),
        pytest.param('{"a":1}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"a":"x\\u0000y"}', id="NUL in a string"),
        pytest.param(b'{"a\\u0000":1}', id="NUL in a name"),
        pytest.param(b'{"a":"\x00"}', id="raw NUL"),
        pytest.param(b'{"id":"a","id":"b"}', id="a name twice"),
        pytest.param(b'{"x":{"id" :"a","id":"b"}}', id="a name twice, colon apart"),
        pytest.param(b'{"x":"\\":","i\\u0064":"a","id":"b"}', id="a name twice, escaped"),
        pytest.param(b'{"a":18446744073709551616}', id="beyond 64 bits"),
        pytest.param(b'{"a":' + b"9" * 5_000 + b"}", id="5,000 digits"),
        pytest.param(b'{"a":' * 33 + b"1" + b"}" * 33, id="33 levels"),
        pytest.param(b'{"a":' + b"[" * 500_000 + b"]" * 499_000, id="half a million levels, open"),
        pytest.param(b'{"a":' + b"[" * 400_000 + b"]" * 400_000 + b"}", id="400,000 levels"),
    ],
)
def test_what_could_be_read_in_two_ways_is_refused(data: bytes) -> None:
    with pytest.raises(Malformed):
        json.read(data)


def test_a_document_of_more_than_a_megabyte_is_too_large() -> None:
    with pytest.raises(TooLarge):
        json.read(b'{"a":"' + b"x" * limits.MAX_DOCUMENT_BYTES + b'"}')


def test_depth_within_the_limit_is_read() -> None:
    assert json.read(b'{"a":' * 31 + b"[1]" + b"}" * 31)


def test_text_that_only_looks_odd_is_read() -> None:
    """An escaped backslash before u0000, a colon after a quotation mark, the digits of an id."""
    assert json.read(rb'{"a":"\\u0000","b":"say \":\" twice","c":"x, 12345678901234567890"}') == {
        "a": "\\u0000",
        "b": 'say ":" twice',
        "c": "x, 12345678901234567890",
    }


@given(st.dictionaries(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8), VALUES))
def test_plain_documents_are_read_as_they_were_written(document: dict[str, object]) -> None:
    for spaced in (False, True):
        data = standard.dumps(document, separators=None if spaced else (",", ":"), ensure_ascii=spaced).encode()
        assert json.read(data) == document


@given(st.binary(max_size=200) | st.text(alphabet='{}[]":,\\u0 a1-.e\n', max_size=60).map(str.encode))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        document = json.read(data)
    except BeffroiError:
        return
    assert isinstance(document, dict)


@given(st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4))
def test_a_doubled_name_never_passes(names: list[str]) -> None:
    """Two parsers that keep different ones would disagree on who did what."""
    for colon in (":", " :", ": "):
        data = ("{" + ",".join(f'"{name}"{colon}"\\":"' for name in names) + "}").encode()
        if len(set(names)) == len(names):
            assert len(json.read(data)) == len(names)
        else:
            with pytest.raises(Malformed):
                json.read(data)
