"""An import on which two act at the same time."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
from django.db import transaction

from backstage.jobs import JobError, Progress, stop_job
from backstage.models import StoredFile
from tests.connections import overlapping
from tests.factories import DAY, NOON
from tests.trainees.actions.test_register import Office
from trainees.actions import register as actions
from trainees.enums import ImportState


@pytest.mark.django_db(transaction=True)
def test_a_lost_file_read_while_the_import_is_discarded_leaves_it_discarded():
    office = Office()
    with transaction.atomic():  # the job begins after the commit, and is stopped by then
        register = actions.start_import(
            data=b"a", file_name="a.csv", media_type="x", as_of=DAY, by=office.by, at=NOON
        )
        stop_job(job=register.job, by=office.by, at=NOON)
    register.refresh_from_db()
    assert register.state == ImportState.READING
    StoredFile.objects.all().delete()

    def read() -> None:
        with suppress(JobError):
            actions.read_register(Progress(register.job, lambda: NOON))

    overlapping(
        partial(actions.discard_import, register_id=register.pk, by=office.by, at=NOON), read
    )

    register.refresh_from_db()
    assert register.state == ImportState.DISCARDED
