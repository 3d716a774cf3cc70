"""A statement that is planned once per connection."""

import pytest
from django.db import DataError, connection, transaction
from django.test.utils import CaptureQueriesContext

from config.lib.prepared import PreparedStatement

pytestmark = pytest.mark.django_db


@pytest.fixture
def quotient():
    return PreparedStatement(
        "SELECT %(left)s / %(right)s, %(left)s %% 2", left="integer", right="integer"
    )


def run(statement, **values):
    """The row that comes back, and what was sent for it."""
    with CaptureQueriesContext(connection) as caught, connection.cursor() as cursor:
        statement.execute(cursor, values)
        row = cursor.fetchone()
    return row, [query["sql"] for query in caught.captured_queries]


def test_is_sent_with_its_text_once_and_by_its_name_after(quotient):
    first, sent_first = run(quotient, left=7, right=2)
    second, sent_second = run(quotient, left=9, right=3)

    assert (first, second) == ((3, 1), (3, 1))
    assert (len(sent_first), len(sent_second)) == (1, 1)
    assert sent_first[0].startswith("PREPARE ")
    assert sent_second[0].startswith("EXECUTE ")


def test_values_are_values_whatever_they_hold():
    echo = PreparedStatement("SELECT %(text)s", text="text")

    for text in ("", "'; DROP TABLE trainees_member; --", "100 %", "$1", "中文"):
        assert run(echo, text=text)[0] == (text,)


def test_two_statements_do_not_meet(quotient):
    product = PreparedStatement("SELECT %(a)s * %(b)s", a="integer", b="integer")

    assert [run(quotient, left=8, right=4)[0], run(product, a=8, b=4)[0]] == [(2, 0), (32,)]
    assert run(quotient, left=8, right=4)[0] == (2, 0)


def test_a_failed_first_attempt_does_not_spoil_the_next(quotient):
    with pytest.raises(DataError), transaction.atomic():
        run(quotient, left=1, right=0)

    assert run(quotient, left=6, right=3)[0] == (2, 0)


@pytest.mark.django_db(transaction=True)
def test_a_new_connection_is_told_anew(quotient):
    run(quotient, left=6, right=3)
    connection.close()

    row, sent = run(quotient, left=6, right=2)

    assert row == (3, 0)
    assert sent[0].startswith("PREPARE ")
