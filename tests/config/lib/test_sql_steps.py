"""A statement as a chain of named steps."""

import pytest
from django.db import connection

from config.lib.rows import select_value
from config.lib.sql_steps import Once, with_steps

pytestmark = pytest.mark.django_db

STEPS = {
    "number": "SELECT n FROM generate_series(1, 10) n",
    "even": "SELECT n FROM number WHERE n % 2 = 0",
    "square": "SELECT n, n * n AS squared FROM even",
}


def test_a_step_reads_those_before_it():
    assert select_value(with_steps(STEPS, "SELECT sum(squared) FROM square")) == 220


def test_a_step_that_takes_the_place_of_another_keeps_it():
    instead = STEPS | {"number": "SELECT n FROM generate_series(1, 4) n"}

    assert select_value(with_steps(instead, "SELECT sum(squared) FROM square")) == 20


def test_a_chain_may_stand_where_a_table_does():
    chain = with_steps(STEPS, "SELECT * FROM square")

    assert select_value(f"SELECT count(*) FROM ({chain}) one WHERE squared > 16") == 3


def plan_of(statement: str) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {statement}")
        return "\n".join(line for (line,) in cursor.fetchall())


def test_a_condition_reaches_through_the_steps_to_an_index():
    steps = {"account": "SELECT * FROM accounts_user", "named": "SELECT id FROM account"}
    statement = "SELECT * FROM named WHERE id = 7"

    assert "Index" in plan_of(with_steps(steps, statement))
    assert "CTE Scan" not in plan_of(with_steps(steps, statement))


def test_a_step_that_is_made_once_is_fenced():
    steps = {"account": Once("SELECT * FROM accounts_user")}

    assert "CTE Scan" in plan_of(with_steps(steps, "SELECT id FROM account WHERE id = 7"))


def test_what_nobody_reads_is_not_carried_out():
    steps = {"impossible": "SELECT 1 / 0 AS n", "fenced": Once("SELECT 1 / 0 AS n")}

    assert select_value(with_steps(steps, "SELECT 'well'")) == "well"
