"""The page of a job with parts: what became of each, on any screen, also without script."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.enums import Role
from backstage import jobs
from backstage.enums import JobState
from backstage.jobs import JobKind, register_kind
from backstage.models import Job, JobPart
from tests import factories
from tests.browser.conftest import DESK, PHONE

NAMES = ["杨柳青镇党校", "西营门街道党校", "张家窝镇党校", "精武镇党校", "李七庄街道党校"]
TITLE = "试算 2026 年度的学时"


@pytest.fixture
def job():
    """One that is at work: one part is done, one is at work, and the others wait."""
    user = factories.make_user(display_name="刘洋")
    factories.grant(user, Role.ORGANISATION_DEPARTMENT)
    register_kind(
        JobKind("test.parts", lambda job: TITLE, lambda run: None, run_part=lambda run: None)
    )
    at = timezone.now()
    job = Job.objects.create(
        kind="test.parts",
        state=JobState.RUNNING,
        done=1,
        total=len(NAMES),
        asked_by=user,
        asked_at=at,
        sent_at=at,
    )
    JobPart.objects.bulk_create(
        JobPart(job=job, key=str(number), label=name) for number, name in enumerate(NAMES)
    )
    job.parts.filter(key="0").update(state=JobState.DONE, ended_at=at)
    job.parts.filter(key="1").update(state=JobState.RUNNING, sent_at=at)
    yield job
    del jobs._kinds["test.parts"]


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_page_of_a_job_with_parts_fits_every_screen(visit, job, size, language):
    officer = visit(size, language)
    officer.sign_in(job.asked_by)
    officer.open(f"/jobs/{job.pk}/")
    officer.look()

    assert officer.page.locator("main tbody tr").count() == len(NAMES)
    assert officer.page.locator("main progress").get_attribute("value") == "20"

    at = timezone.now() + timedelta(minutes=1)
    job.parts.filter(key="1").update(state=JobState.FAILED, ended_at=at, problem="第 3 行有误")
    job.parts.waiting().update(state=JobState.STOPPED, ended_at=at)
    Job.objects.filter(pk=job.pk).update(
        state=JobState.FAILED, ended_at=at, problem="西营门街道党校：第 3 行有误"
    )
    officer.page.locator("main .notice-error").wait_for()  # the page asks again by itself
    officer.look()


def test_a_job_with_parts_is_left_found_again_and_stopped_without_script(visit, live_server, job):
    page = visit(java_script_enabled=False).page
    page.goto(f"{live_server.url}/sign-in/")
    page.fill("input[name=username]", job.asked_by.username)
    page.fill("input[name=password]", factories.PASSWORD)
    page.press("input[name=password]", "Enter")
    page.wait_for_url(f"{live_server.url}/")
    page.goto(f"{live_server.url}/jobs/{job.pk}/")
    page.goto(f"{live_server.url}/")
    page.locator(".masthead-jobs a", has_text=TITLE).click()
    page.locator("form[action$='/stop/'] button").click()
    page.locator("main .state-due").first.wait_for()
    page.locator("form[action$='/stop/']").wait_for(state="detached")

    states = list(job.parts.order_by("pk").values_list("state", flat=True))
    assert states == [JobState.DONE, JobState.RUNNING, *[JobState.STOPPED] * 3]
