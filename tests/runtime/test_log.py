"""The log: one line an event, nothing secret on it, nothing that a stranger could forge."""

import contextvars
import json

import pytest
import structlog
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from node.runtime import log
from tests.support.written import written

SECRET = "hunter22-s3cret"


@pytest.fixture(params=["text", "json"])
def form(request):
    return request.param


@pytest.fixture
def lines(form):
    """What was written since the last look, as lines."""
    with written(form) as read:
        yield read


@pytest.mark.parametrize(
    "name",
    ["password", "new_password", "PASSWORD", "token", "access_token", "Authorization", "authorization", "client_secret",
     "cookie", "Set-Cookie", "signature", "private_key", "code", "session_id"],
)  # fmt: skip
def test_what_is_called_a_secret_is_blank(lines, name):
    log.log("login.failed", **{name: SECRET}, nested={"deep": [{name: SECRET}]}, email="a@b.example")
    [line] = lines()
    assert SECRET not in line
    assert "[blank]" in line
    assert "a@b.example" in line


SECRET_NAMES = st.sampled_from(["password", "token", "authorization", "cookie", "secret", "signature", "private"])


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_secret_is_blank_wherever_it_stands(lines, data):
    """In a dict, a list of dicts, under a longer name, in any case."""
    before = data.draw(st.text("abc_-XY", max_size=5))
    name = data.draw(st.sampled_from([str.upper, str.lower, str.title]))(before + data.draw(SECRET_NAMES) + before)
    value: object = {name: SECRET}
    for _ in range(data.draw(st.integers(0, 3))):
        value = data.draw(st.sampled_from([{"x": value}, [value], (value, 1)]))
    log.log("event", value=value)
    assert SECRET not in "\n".join(lines())


def test_plain_words_stay_readable(lines):
    log.log("request.done", status_code=200, path="/@mairie", count=3, nothing=None, error=ValueError("é"))
    [line] = lines()
    assert "[blank]" not in line
    for word in ("200", "/@mairie", "3"):
        assert word in line


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=60) | st.binary(max_size=30))
def test_a_stranger_cannot_write_a_line_of_his_own(lines, value):
    """A line break, a colour or a bell in a URL must not forge an entry or confuse a terminal."""
    lines()
    log.log("inbox.refused", reason=value, nested=[value])
    said = lines()
    assert len(said) == 1
    assert not any(ord(char) < 32 or 0x7F <= ord(char) < 0xA0 for char in said[0].replace("\t", ""))


def test_a_failure_shows_its_traceback_but_no_variable(lines, form):
    def handler():
        password = SECRET  # noqa: F841
        raise ZeroDivisionError("broken")

    try:
        handler()
    except ZeroDivisionError as error:
        log.fail("request.failed", error, path="/login")
    said = "\n".join(lines())
    assert "ZeroDivisionError" in said
    assert "handler" in said
    assert SECRET not in said, "the local variables of the traceback hold a password"


def test_machines_read_one_object_a_line(lines, form):
    if form == "text":
        return
    with structlog.contextvars.bound_contextvars(request="abc"):
        log.warn("x.y", a=1, b={"c": [1.5, True, None]}, d=b"\xff")
    entry = json.loads(lines()[0])
    assert (entry["event"], entry["level"], entry["request"], entry["a"]) == ("x.y", "warning", "abc", 1)
    assert entry["b"] == {"c": [1.5, True, None]}
    assert entry["timestamp"].endswith("Z")


def test_what_is_too_quiet_is_not_written(form):
    with written(form, "warning") as read:
        log.log("quiet")
        log.warn("loud")
        [line] = read()
    assert "loud" in line


def test_work_that_a_request_began_speaks_for_itself(lines):
    """What is worked after the answer says what it works on, and no longer whose request brought it."""

    def work() -> None:
        log.begin(inbox_id=1, actor="https://a.example/anne")
        log.begin(inbox_id=2, actor="https://a.example/anne")
        log.log("inbox.refused_later")

    def request() -> None:
        log.REQUEST.set("f00d")
        log.log("inbox.received")
        contextvars.copy_context().run(work)
        log.log("request.done")

    contextvars.copy_context().run(request)
    first, second, third = lines()
    assert "f00d" in first
    assert "f00d" in third
    assert "f00d" not in second
    assert "anne" in second
    assert "anne" not in third
