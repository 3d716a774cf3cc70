"""The system administrator sees how the site stands, on any screen."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from backstage.enums import JobState, RunOutcome
from backstage.models import Job
from backstage.operations import BACKUP, BEAT, WORKER, record_run
from tests.admin_pages import make_officer
from tests.browser.conftest import DESK, PHONE

TABLET = {"width": 768, "height": 1024}


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK], ids=["phone", "tablet", "desk"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_status_page_fits_every_screen(visit, size, language):
    now = timezone.now()
    record_run(BEAT, started_at=now, outcome=RunOutcome.OK)
    record_run(BACKUP, started_at=now, outcome=RunOutcome.FAILED, detail="disk full")
    for number in range(2):
        name = f"celery@worker-{number}.office.example.cn (41{number})"
        record_run(WORKER, started_at=now, outcome=RunOutcome.OK, detail=name)
    Job.objects.create(kind="x", asked_at=now - timedelta(hours=3))
    Job.objects.create(kind="x", asked_at=now, ended_at=now, state=JobState.FAILED)

    system = visit(size, language)
    system.sign_in(make_officer(Role.SYSTEM_ADMINISTRATOR))
    system.open("/status/")

    assert system.page.locator("main tbody tr").count() == 15
    assert system.page.locator("main .state-warn").count() >= 2  # the backup, and the waiting job
