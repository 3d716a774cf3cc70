"""Imports on real workers: one after the other, and whole even if a worker is killed."""

from __future__ import annotations

import csv
import io
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from stdnum.cn import ric

from accounts.enums import Role
from accounts.models import AuditEntry
from backstage import jobs
from backstage.enums import JobState
from backstage.models import Job
from tests import factories
from tests.factories import DAY, acting
from tests.services.conftest import Worker, sending, wait_for
from trainees.actions.register import order_merge, start_import
from trainees.enums import ImportState
from trainees.models import Member, RegisterImport

ROWS = 12_000


def resident_id(serial: int) -> str:
    day = f"{1950 + serial // 336 % 50}{1 + serial // 28 % 12:02}{1 + serial % 28:02}"
    body = f"120000{day}{serial // 16_800:02}1"
    return body + ric.calc_check_digit(f"{body}0")


@pytest.fixture
def bell(redis_url, monkeypatch):
    """Jobs go to the broker of this test, where the tests otherwise run them at once."""
    with sending(redis_url) as sender:

        def enqueue(job_id: int, at) -> None:
            sender.send_task("backstage.run_job", args=[job_id])
            Job.objects.filter(pk=job_id).update(sent_at=at)

        monkeypatch.setattr(jobs, "enqueue", enqueue)
        yield


@pytest.fixture
def office(bell):
    user = factories.make_user()
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    branch = factories.make_organisation(factories.make_school())

    def upload(first: int, rows: int) -> RegisterImport:
        text = io.StringIO()
        lines = csv.writer(text)
        lines.writerow(["党支部", "姓名", "身份证号"])
        lines.writerows([branch.code, "张伟", resident_id(n)] for n in range(first, first + rows))
        return start_import(
            data=text.getvalue().encode(),
            file_name="a.csv",
            media_type="text/csv",
            as_of=DAY,
            by=acting(user),
            at=timezone.now(),
        )

    upload.by = acting(user)
    return upload


def state_of(register: RegisterImport) -> str:
    return RegisterImport.objects.get(pk=register.pk).state


def job_of(register: RegisterImport) -> Job:
    job = RegisterImport.objects.select_related("job").get(pk=register.pk).job
    assert job is not None
    return job


def apply(register: RegisterImport, office) -> None:
    order_merge(register_id=register.pk, leave_out_refused=False, by=office.by, at=timezone.now())


def test_two_imports_are_worked_on_one_after_the_other(worker: Worker, office):
    first_import, second_import = office(0, 2_000), office(1_000, 2_000)
    for register in (first_import, second_import):
        wait_for(lambda register=register: state_of(register) == ImportState.READY)
    first, second = job_of(first_import), job_of(second_import)
    assert first.ended_at <= second.started_at

    apply(first_import, office)
    apply(second_import, office)
    wait_for(lambda: state_of(first_import) == ImportState.APPLIED)
    wait_for(lambda: job_of(second_import).is_over and state_of(second_import) == ImportState.READY)
    assert Member.objects.count() == 2_000
    apply(second_import, office)
    wait_for(lambda: state_of(second_import) == ImportState.APPLIED)
    assert Member.objects.count() == 3_000


def test_a_worker_killed_while_it_reads_and_while_it_applies_costs_nothing(worker: Worker, office):
    register = office(0, ROWS)
    wait_for(lambda: job_of(register).done > 0)
    worker.kill()
    assert not register.rows.exists()
    worker.start()
    # The server lets go of the dead worker's lock as soon as it notices.
    wait_for(lambda: jobs.requeue_stale(at=timezone.now() + timedelta(minutes=2)) > 0)
    wait_for(lambda: state_of(register) == ImportState.READY)
    assert register.rows.count() == ROWS

    apply(register, office)
    wait_for(lambda: job_of(register).state == JobState.RUNNING)
    time.sleep(0.4)
    worker.kill()
    assert Member.objects.count() == 0
    worker.start()
    wait_for(lambda: jobs.requeue_stale(at=timezone.now() + timedelta(minutes=2)) > 0)
    wait_for(lambda: state_of(register) == ImportState.APPLIED)

    assert Member.objects.count() == ROWS
    assert job_of(register).attempts == 2
    assert AuditEntry.objects.filter(act="import_member").count() == ROWS
    assert AuditEntry.objects.filter(act="apply_register").count() == 1
