"""One SQL for two databases: what SQLite reads means what PostgreSQL reads."""

import sqlite3

import pytest
from hypothesis import given
from hypothesis import strategies as st

from node.runtime.database.dialect import bound, for_sqlite


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("SELECT $1", "SELECT ?1"),
        ("SELECT $2, $1, $2, $10", "SELECT ?2, ?1, ?2, ?10"),
        ("a = ANY($1::bigint[])", "a IN (SELECT value FROM json_each(?1))"),
        ("a=any( $12 :: text[] )", "a IN (SELECT value FROM json_each(?12))"),
        ("a = ANY($1)", "a IN (SELECT value FROM json_each(?1))"),
        ("a <> ALL($3::text[])", "a NOT IN (SELECT value FROM json_each(?3))"),
        ("COALESCE($1::bigint, 0)::text", "COALESCE(?1, 0)"),
        ("SELECT '$1 = ANY($2::text[])::x', $1", "SELECT '$1 = ANY($2::text[])::x', ?1"),
        ("SELECT 'l''été $1::text', \"a$1\"", "SELECT 'l''été $1::text', \"a$1\""),
        ("SELECT 1 -- costs $5::text\n, $1", "SELECT 1 -- costs $5::text\n, ?1"),
        ("SELECT /* $1\n::x */ $2", "SELECT /* $1\n::x */ ?2"),
    ],
)
def test_a_statement_is_read(written, read):
    assert for_sqlite(written) == read


LITERALS = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=30)


@given(LITERALS)
def test_a_literal_is_never_touched(text):
    """Whatever stands in quotes is a value: a price of '$1', a '::', a question mark."""
    literal = "'" + text.replace("'", "''") + "'"
    with sqlite3.connect(":memory:") as connection:
        row = connection.execute(for_sqlite(f"SELECT {literal}::text, $1, {literal}"), (7,)).fetchone()
    connection.close()
    assert row == (text, 7, text)


@given(
    st.lists(st.integers(-(2**63), 2**63 - 1), max_size=20),
    st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10), max_size=20),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=10),
)
def test_a_list_holds_exactly_its_items(numbers, texts, number, text):
    """64-bit ids keep their last digit, texts their accents and quotes, on the way through JSON."""
    sql = for_sqlite(
        "SELECT $1 = ANY($2::bigint[]), $1 <> ALL($2::bigint[]), $3 = ANY($4::text[]), $3 <> ALL($4::text[])"
    )
    with sqlite3.connect(":memory:") as connection:
        for asked, words in ((number, text), *((n, t) for n in numbers for t in texts[:3])):
            row = connection.execute(sql, bound((asked, numbers, words, texts))).fetchone()
            assert row == (asked in numbers, asked not in numbers, words in texts, words not in texts)
    connection.close()


@given(st.permutations([1, 2, 3, 11]), st.lists(st.sampled_from([1, 2, 3, 11]), max_size=6))
def test_places_keep_their_numbers(order, repeated):
    places = [*order, *repeated]
    sql = for_sqlite("SELECT " + ", ".join(f"${place}::bigint" for place in places))
    values = tuple(range(100, 111))
    with sqlite3.connect(":memory:") as connection:
        assert connection.execute(sql, values).fetchone() == tuple(99 + place for place in places)
    connection.close()


def test_arguments_without_lists_are_not_copied():
    args = (1, "a", b"b", None)
    assert bound(args) is args
    assert bound((1, [2**63 - 1, "é"])) == (1, '[9223372036854775807,"é"]')
