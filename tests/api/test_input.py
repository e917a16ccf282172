"""Clients send the same thing in many forms, and strangers send anything."""

import contextlib
from urllib.parse import urlencode

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.api import requests
from node.api.requests import Input
from node.runtime.errors import Malformed, TooLarge


async def read(
    query: str = "", body: bytes = b"", kind: str = "", method: str = "POST", max_body_bytes: int = 10_000
) -> Input:
    headers = [(b"content-type", kind.encode())] if kind else []
    scope = {"type": "http", "method": method, "query_string": query.encode(), "headers": headers}

    async def receive():
        return {"type": "http.request", "body": body, "more_body": False}

    return await requests.read(scope, receive, max_body_bytes=max_body_bytes)


FORM = "application/x-www-form-urlencoded"
EDGE = (
    b'--x\r\nContent-Disposition: form-data; name="media_ids[]"\r\n\r\n1\r\n'
    b'--x\r\nContent-Disposition: form-data; name="media_ids[]"\r\n\r\n2\r\n--x--\r\n'
)


@pytest.mark.parametrize(
    ("query", "body", "kind"),
    [
        ("media_ids[]=1&media_ids[]=2", b"", ""),
        ("media_ids%5B0%5D=1&media_ids%5B1%5D=2", b"", ""),
        ("", b"media_ids[]=1&media_ids[]=2", FORM),
        ("", b"media_ids[0]=1&media_ids[1]=2", FORM + "; charset=utf-8"),
        ("", b'{"media_ids": ["1", "2"]}', "application/json"),
        ("", b'{"media_ids": [1, 2, 1, null]}', "application/json;charset=utf-8"),
        ("", b'{"media_ids": ["1", "2"]}', ""),
        ("", EDGE, "multipart/form-data; boundary=x"),
    ],
)
async def test_a_list_of_ids_is_the_same_in_every_form(query, body, kind):
    assert (await read(query, body, kind)).ids("media_ids") == [1, 2]


@pytest.mark.parametrize(
    ("query", "body", "kind"),
    [
        ("source[privacy]=private", b"", ""),
        ("", b"source[privacy]=private", FORM),
        ("", b'{"source": {"privacy": "private"}}', "application/json"),
    ],
)
async def test_what_is_nested_is_the_same_in_every_form(query, body, kind):
    assert (await read(query, body, kind)).group("source").text("privacy") == "private"


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"fields_attributes[0][name]=a&fields_attributes[0][value]=b&fields_attributes[1][name]=c", FORM),
        (b"fields_attributes[][name]=a&fields_attributes[][value]=b&fields_attributes[][name]=c", FORM),
        (b'{"fields_attributes": [{"name": "a", "value": "b"}, {"name": "c"}]}', "application/json"),
        (b'{"fields_attributes": {"0": {"name": "a", "value": "b"}, "1": {"name": "c"}}}', "application/json"),
    ],
)
async def test_a_list_of_nested_values_is_the_same_in_every_form(body, kind):
    lines = (await read("", body, kind)).groups("fields_attributes") or []
    assert [(line.text("name"), line.text("value")) for line in lines] == [("a", "b"), ("c", None)]


@pytest.mark.parametrize("word", ["0", "f", "F", "false", "FALSE", "off", "OFF"])
async def test_seven_words_are_false(word):
    assert (await read(f"local={word}")).flag("local") is False


@pytest.mark.parametrize("word", ["1", "t", "true", "True", "on", "yes", "no", "False"])
async def test_every_other_word_is_true(word):
    assert (await read(f"local={word}")).flag("local") is True


async def test_nothing_is_neither():
    asked = await read("a=", b'{"b": null, "c": false, "d": true}', "application/json")
    assert [asked.flag(name) for name in "abcd"] == [None, None, False, True]
    assert asked.id("a") is None
    assert "b" not in asked


async def test_a_post_without_body_or_type_is_fine():
    assert (await read()).values == {}


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{", "application/json"),
        (b"[1]", "application/json"),
        (b'"x"', "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"[" * 5000, "application/json"),
        (b"x", "multipart/form-data"),
        (b"x", "multipart/form-data; boundary=y"),
        (b"--y\r\nContent-Disposition: form-data\r\n\r\n1\r\n--y--\r\n", "multipart/form-data; boundary=y"),
        (b"x", "text/plain"),
    ],
)
async def test_what_cannot_be_read_is_refused(body, kind):
    with pytest.raises(Malformed):
        await read("", body, kind)


@pytest.mark.parametrize(
    ("query", "body", "kind"),
    [
        ("", b"x" * 10_001, FORM),
        ("&".join("a=1" for _ in range(1001)), b"", ""),
        ("a" + "[b]" * 9 + "=1", b"", ""),
        ("&".join("a[]=1" for _ in range(500)), b"", ""),
        ("", b'{"a":' * 9 + b"1" + b"}" * 9, "application/json"),
    ],
)
async def test_what_is_too_much_is_refused(query, body, kind):
    with pytest.raises(TooLarge):
        await read(query, body, kind)


@pytest.mark.parametrize("name", ["text", "flag", "id", "number", "ids", "group", "groups", "file"])
@pytest.mark.parametrize("value", [{"a": {"b": "c"}}, [["x"]], [{"a": "b"}], "x", "1", "", "\0", "9" * 40])
async def test_a_value_of_another_kind_is_refused_and_never_a_crash(name, value):
    asked = await read("", orjson.dumps({"x": value}), "application/json")
    try:
        getattr(asked, name)(
            "x", *((0,) if name == "number" else ()), **({"low": 0, "high": 9} if name == "number" else {})
        )
    except Malformed:
        pass


async def test_text_has_no_character_that_a_database_refuses():
    asked = await read("a=x%00y&b=%ED%A0%80", b"")
    assert asked.text("a") == "xy"
    assert "\ud800" not in (asked.text("b") or "")


@given(st.binary(max_size=300), st.sampled_from([FORM, "application/json", "multipart/form-data; boundary=x", ""]))
async def test_any_body_is_read_or_refused(body, kind):
    with contextlib.suppress(Malformed, TooLarge):
        assert isinstance((await read("", body, kind)).values, dict)


@given(st.lists(st.tuples(st.text(alphabet="ab[]01", max_size=12), st.text(max_size=3)), max_size=8))
async def test_any_names_are_read_or_refused(pairs):
    with contextlib.suppress(Malformed, TooLarge):
        await read(urlencode(pairs))
