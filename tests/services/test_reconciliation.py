"""The final reconciliation on real workers: whatever is killed, its results are those of a clean
run, each member has one, and each school one statement.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from celery import Celery
from django.db import DEFAULT_DB_ALIAS, connection, connections
from django.db.models import QuerySet
from django.urls import reverse

from accounts.enums import Role
from backstage import broker
from backstage.enums import JobState
from quotas.actions.reconciliations import start_reconciliation
from quotas.models import MemberResult, Reconciliation, ReconciliationPart, YearStatement
from quotas.queries.results import COLUMNS
from quotas.queries.statements import find_closed
from tests.admin_pages import make_officer
from tests.browsers import browser_of
from tests.quotas.actions.test_reconciliations import AFTER, YEAR
from tests.quotas.actions.test_statements import Signing
from tests.quotas.views.test_statements import confirm
from tests.services.conftest import (
    PATIENCE,
    RedisServer,
    Worker,
    end_connections_at_work,
    sending,
    wait_for,
)

FIELDS = [name.strip().removesuffix("_id") for name in COLUMNS.split(",")]
# Connections that wait for a row of these tables, after all that they wrote before it.
_WAITING = """
SELECT count(*) FROM pg_stat_activity
WHERE datname = current_database() AND wait_event_type = 'Lock' AND query LIKE %s
"""


class Final(Signing):
    """The network, whose final reconciliation the workers compute."""

    def order(self) -> Reconciliation:
        return start_reconciliation(year=YEAR, is_rehearsal=False, by=self.office, at=AFTER)

    def assert_is_clean(self, run: Reconciliation) -> None:
        """One result for each member, as a run without any fault finds them; then the close."""
        run = Reconciliation.objects.select_related("job").get(pk=run.pk)
        assert (run.state, run.job.state, run.job.problem) == ("computed", JobState.DONE, "")
        clean = self.run()
        assert _rows(run) == _rows(clean)
        assert run.results.count() == len(self.lines)
        assert Reconciliation.objects.final().count() == 1

        self.close(run)
        assert find_closed(YEAR) == run
        assert YearStatement.objects.count() == 2


def _rows(run: Reconciliation) -> list[tuple]:
    rows = MemberResult.objects.filter(reconciliation=run)
    return list(rows.order_by("member").values_list(*FIELDS))


@pytest.fixture
def world(sender, two_workers) -> Final:
    return Final()


@contextmanager
def held(rows: QuerySet) -> Iterator[Callable[[int], object]]:
    """Workers wait for these rows until the block ends; it can wait until so many do."""
    table = rows.model._meta.db_table
    here = connections.create_connection(DEFAULT_DB_ALIAS)
    try:
        here.set_autocommit(False)
        with here.cursor() as cursor:
            keys = list(rows.values_list("pk", flat=True))
            cursor.execute(f"SELECT FROM {table} WHERE id = ANY(%s) FOR NO KEY UPDATE", [keys])
        yield lambda number: wait_for(lambda: _count_waiting(table) == number, PATIENCE)
    finally:
        here.rollback()
        here.close()


def _count_waiting(table: str) -> int:
    with connection.cursor() as cursor:
        cursor.execute(_WAITING, [f'%"{table}"%'])
        return int(cursor.fetchone()[0])


def parts_of(run: Reconciliation) -> QuerySet:
    return ReconciliationPart.objects.filter(reconciliation=run)


def wait_for_end(run: Reconciliation) -> None:
    wait_for(lambda: Reconciliation.objects.get(pk=run.pk).job.is_over, PATIENCE)


def test_messages_that_come_twice_and_two_beats_give_one_result(world, sender: Celery):
    run = world.order()
    with held(parts_of(run)) as wait_for_workers:
        wait_for_workers(2)
        assert not run.results.exists()  # none is committed before its part is
        for key in [*run.job.parts.values_list("pk", flat=True)] * 2:
            sender.send_task("backstage.run_part", args=[key])
        sender.send_task("backstage.run_job", args=[run.job.pk])
    wait_for_end(run)

    world.assert_is_clean(run)
    assert set(run.job.parts.values_list("attempts", flat=True)) == {1}


def test_a_worker_killed_in_mid_part_and_in_the_last_step_costs_nothing(world, two_workers: Worker):
    run = world.order()
    with held(Reconciliation.objects.filter(pk=run.pk)) as wait_for_workers:
        with held(parts_of(run)) as wait_in_parts:
            wait_in_parts(2)
            two_workers.kill()
            assert not run.results.exists()
        wait_for_workers(1)
        two_workers.kill()
        two_workers.start()
    wait_for_end(run)

    world.assert_is_clean(run)


def test_a_redis_that_loses_everything_in_mid_run_costs_nothing(world, redis_server: RedisServer):
    run = world.order()
    with held(parts_of(run)) as wait_for_workers:
        wait_for_workers(2)
        redis_server.kill()
    wait_for(lambda: parts_of(run).filter(done_at=None).count() == 1, PATIENCE)
    redis_server.start()
    wait_for_end(run)

    world.assert_is_clean(run)


def test_a_page_orders_it_while_redis_is_away_and_it_runs_once_redis_is_back(
    redis_server: RedisServer, two_workers: Worker, monkeypatch: pytest.MonkeyPatch
):
    world, office = Final(), browser_of(make_officer(Role.ORGANISATION_DEPARTMENT))
    redis_server.kill()
    with sending(redis_server.url) as app:
        monkeypatch.setattr(broker, "current_app", app)

        _check, answer = confirm(office, f"{reverse('quotas:begin_reconciliation')}?year={YEAR}")

    run = Reconciliation.objects.select_related("job").get()
    assert answer.url == reverse("quotas:reconciliation", args=[run.pk])
    assert (run.state, run.job.state, run.job.sent_at) == ("running", JobState.QUEUED, None)
    assert office.get(answer.url).status_code == 200

    redis_server.start()
    wait_for_end(run)

    world.assert_is_clean(run)


def test_connections_that_the_database_ends_in_mid_run_cost_nothing(world):
    run = world.order()
    with held(Reconciliation.objects.filter(pk=run.pk)) as wait_for_last_step:
        with held(parts_of(run)) as wait_for_workers:
            wait_for_workers(2)
            assert end_connections_at_work() == 2
        wait_for_last_step(1)
        assert end_connections_at_work() == 1
    wait_for_end(run)

    world.assert_is_clean(run)
