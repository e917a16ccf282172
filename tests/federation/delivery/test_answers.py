"""What an answer means: done, again, or given up; and a hostile one changes nothing more than its own delivery."""

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict, CIMultiDictProxy

from node.federation.delivery.verdicts import retry_after_s
from node.runtime.jobs import MAX_ATTEMPTS
from node.runtime.net import AddressRefused, ConnectionFailed, NotResolved, Response, TlsFailed, TooSlow

INBOX = "https://a.example/inbox"
DAY_S = 86_400


@pytest.fixture
def dialect():
    """What an answer means does not depend on the database."""
    return "sqlite"


@pytest.mark.parametrize("status", [200, 201, 202, 204, 299])
async def test_taken(post, status):
    server = post.server("a.example", status)
    made = await post.to(INBOX)
    await post.send()
    assert len(server.received) == 1
    assert await post.figures(made) == ("done", 1, 1, 0)
    assert not await post.rows()
    assert post.counted("done") == 1


@pytest.mark.parametrize("status", [401, 408, 429, 500, 502, 503, 504, 302, 308])
async def test_not_now(post, status):
    knocks = 2 if status == 401 else 1  # a refused signature is tried in the other form at once
    server = post.server("a.example", answers=[status] * knocks)
    made = await post.to(INBOX)
    await post.send()
    [row] = await post.rows()
    assert (row["state"], row["attempts"], row["error"]) == ("ready", 1, f"the server answered {status}")
    assert await post.figures(made) == ("sending", 1, 0, 0)
    assert 15 <= await post.wait() <= 31
    assert await post.figures(made) == ("done", 1, 1, 0)
    assert len(server.received) == knocks + 1


@pytest.mark.parametrize("status", [400, 403, 404, 405, 406, 410, 413, 422, 501])
async def test_never(post, status):
    server = post.server("a.example", status)
    made = await post.to(INBOX)
    await post.send()
    [row] = await post.rows()
    assert (row["state"], row["error"]) == ("dead", f"the server answered {status}")
    assert await post.figures(made) == ("done", 1, 0, 1), "an order whose last delivery is dead is never 'done'"
    post.town.later(10 * DAY_S)
    assert await post.send() == 0
    assert len(server.received) == (2 if status == 400 else 1)
    assert post.counted("dead") == 1
    assert await post.host("a.example") is None, "a refusal was counted against the server"


@pytest.mark.parametrize(
    "failure", [ConnectionFailed("cut"), NotResolved("no address"), TlsFailed("not trusted"), TooSlow("too slow")]
)
async def test_no_answer(post, failure):
    post.server("a.example")
    post.network.faults["a.example"] = failure
    made = await post.to(INBOX)
    await post.send()
    [row] = await post.rows()
    assert (row["state"], row["error"]) == ("ready", str(failure))
    del post.network.faults["a.example"]
    await post.wait()
    assert await post.figures(made) == ("done", 1, 1, 0)


async def test_what_cannot_be_asked_is_given_up(post):
    post.server("a.example")
    post.network.faults["a.example"] = AddressRefused("no public address")
    made = await post.to(INBOX, "https://127.0.0.1/inbox")
    await post.send()
    assert [row["state"] for row in await post.rows()] == ["dead", "dead"]
    assert await post.figures(made) == ("done", 2, 0, 2)


@pytest.mark.parametrize(("status", "state"), [(202, None), (410, "dead"), (503, "ready")])
async def test_a_long_page_is_judged_by_its_status(post, status, state):
    """A 410 with a megabyte of HTML is a 410; a 202 with one is taken."""
    post.server("a.example", (status, {"Content-Type": "text/html"}, b"x" * 100_000))
    await post.to(INBOX)
    await post.send()
    assert [row["state"] for row in await post.rows()] == ([state] if state else [])


async def test_sixteen_attempts_over_about_three_days(post):
    post.server("a.example", 500)
    made = await post.to(INBOX)
    start_ms = post.ctx.clock.now_ms()
    await post.send()
    attempts = 1
    while await post.sender.next_due_ms(post.ctx) is not None:
        await post.wait()
        attempts += 1
    days = (post.ctx.clock.now_ms() - start_ms) / 86_400_000
    assert attempts == MAX_ATTEMPTS
    assert 2 < days < 3.5
    assert await post.figures(made) == ("done", 1, 0, 1)
    [row] = await post.rows()
    assert (row["state"], row["attempts"]) == ("dead", MAX_ATTEMPTS)


# -- Retry-After


def answered(value):
    headers = CIMultiDict({"Retry-After": value}) if value is not None else CIMultiDict()
    return Response(503, CIMultiDictProxy(headers), b"", INBOX)


NOW_MS = 1_790_000_000_000
NOW = datetime.fromtimestamp(NOW_MS / 1000, UTC)


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("120", 120), (" 7 ", 7), ("0", 0), ("999999999", DAY_S), ("86401", DAY_S),
        (format_datetime(NOW + timedelta(seconds=90), usegmt=True), 90),
        (format_datetime(NOW - timedelta(days=3), usegmt=True), 0),
        (format_datetime(NOW + timedelta(days=900), usegmt=True), DAY_S),
        (None, None), ("", None), ("soon", None), ("-5", None), ("1.5", None), ("9" * 400, None), ("²", None),
        ("٣", None), ("1e9", None), ("0x10", None), ("\x00", None), ("Mon, 99 Jan 9999 99:99:99 GMT", None),
    ],
)  # fmt: skip
def test_both_forms_are_read_and_bounded(value, seconds):
    assert retry_after_s(answered(value), NOW_MS) == seconds


@given(st.text(max_size=60) | st.from_regex(r"[A-Z][a-z]{2}, \d+ [A-Z][a-z]{2} \d+ \d+:\d+:\d+ ([A-Z]{3}|[+-]\d+)"))
def test_no_value_is_a_failure(value):
    found = retry_after_s(answered(value), NOW_MS)
    assert found is None or 0 <= found <= DAY_S


async def test_a_server_that_asks_for_an_hour_gets_it_for_all_that_waits(post):
    """Everything for that server waits, not only the delivery that was answered; and nobody else's."""
    server = post.server("a.example", (429, {"Retry-After": "1800"}))
    other = post.server("b.example")
    await post.to(INBOX, "https://a.example/users/zoe/inbox", "https://b.example/inbox")
    await post.send()
    seen = len(server.received)
    await post.to(INBOX, "https://b.example/inbox")
    await post.send()
    assert len(server.received) == seen, "it was asked again before its time"
    assert len(other.received) == 2
    server.answer = 202
    assert 1790 <= await post.wait() <= 1800
    post.town.later(60)
    await post.send()
    assert not await post.rows()
    assert (await post.host("a.example"))["failing_days"] == 0, "who asks for patience was counted as failing"


async def test_retry_after_is_never_shorter_than_our_own_patience(post):
    """`Retry-After: 0` would spend all sixteen attempts in a second."""
    post.server("a.example", (503, {"Retry-After": "0"}))
    await post.to(INBOX)
    await post.send()
    assert await post.wait() >= 15


async def test_a_hostile_retry_after_costs_a_day_at_most(post):
    post.server("a.example", (401, {"Retry-After": "999999999"}))
    await post.to(INBOX)
    await post.send()
    assert await post.wait() <= DAY_S


async def test_a_header_of_odd_bytes_is_no_header(post):
    post.server("a.example", (503, {"Retry-After": "\udcb2\udcb3"}))
    await post.to(INBOX)
    await post.send()
    [row] = await post.rows()
    assert row["error"] == "the server answered 503"
