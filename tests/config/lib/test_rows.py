"""Rows of SQL, read by the names of their columns."""

from dataclasses import dataclass
from typing import NamedTuple

import pytest
from django.db import connection

from config.lib.prepared import PreparedStatement
from config.lib.rows import (
    ColumnsError,
    select_column,
    select_map,
    select_named,
    select_row,
    select_rows,
    select_value,
    stream_rows,
)

pytestmark = pytest.mark.django_db

TWO = "SELECT n AS number, n || ' h' AS label FROM generate_series(1, 2) n"
NONE = f"{TWO} WHERE false"


class Pair(NamedTuple):
    number: int
    label: str


@dataclass(frozen=True)
class Noted:
    number: int
    label: str
    note: str = ""


def test_a_row_is_an_object_with_the_names_of_the_columns():
    assert select_rows(Pair, TWO) == [Pair(1, "1 h"), Pair(2, "2 h")]
    assert select_row(Pair, TWO) == Pair(1, "1 h")


def test_what_no_column_says_is_given_beside_or_has_a_default():
    assert select_rows(Noted, TWO)[0] == Noted(1, "1 h")
    assert select_rows(Noted, TWO, note="late")[0] == Noted(1, "1 h", "late")


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT 'one' AS label, 1 AS number",
        "SELECT 1 AS number, 'one' AS text",
        "SELECT 1 AS number, 'one' AS label, true AS more",
    ],
)
def test_other_columns_are_refused_before_a_row_is_read(statement):
    for read in (select_rows, select_row):
        with pytest.raises(ColumnsError, match="Pair has the fields number, label, not"):
            read(Pair, statement)


def test_a_missing_column_is_refused():
    with pytest.raises(TypeError, match="label"):
        select_rows(Pair, "SELECT 1 AS number")


def test_no_row_is_none_or_an_empty_list():
    assert select_rows(Pair, NONE) == []
    assert select_row(Pair, NONE) is None
    assert select_named(NONE) is None
    assert select_column("SELECT 1 WHERE false") == []
    assert select_value("SELECT 1 WHERE false") is None


def test_values_columns_and_pairs():
    assert select_value("SELECT %s + 1", [1]) == 2
    assert select_column("SELECT n FROM generate_series(1, 3) n") == [1, 2, 3]
    assert select_map(TWO) == {1: "1 h", 2: "2 h"}
    assert select_named(TWO) == {"number": 1, "label": "1 h"}


@pytest.mark.parametrize(
    ("read", "statement"), [(select_value, TWO), (select_column, TWO), (select_map, "SELECT 1")]
)
def test_another_number_of_columns_is_refused(read, statement):
    with pytest.raises(ColumnsError, match="columns, not"):
        read(statement)


def test_a_prepared_statement_is_read_alike():
    prepared = PreparedStatement(f"{TWO} WHERE n = %(n)s", n="integer")

    assert select_row(Pair, prepared, {"n": 2}) == Pair(2, "2 h")


def test_rows_of_a_stream_come_in_chunks():
    with connection.chunked_cursor() as cursor:
        cursor.execute(TWO)
        assert list(stream_rows(cursor, Pair, 1)) == [Pair(1, "1 h"), Pair(2, "2 h")]
