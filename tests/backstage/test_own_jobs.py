"""A person finds their own jobs again: in the head while they run, on home until fetched."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import RequestFactory
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from backstage import exports
from backstage.context_processors import portal
from backstage.jobs import run_job
from backstage.models import Job
from backstage.tasklist import list_tasks
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    officer = factories.make_user()
    factories.grant(officer, Role.ORGANISATION_DEPARTMENT)
    factories.make_member(factories.make_organisation(factories.make_school()))
    return officer


@pytest.fixture
def browser(officer):
    return browser_of(officer)


@pytest.fixture
def job(browser, monkeypatch):
    """An export that goes on while its person looks at other pages."""
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    browser.post(reverse("backstage:export", args=["members"]), follow=True)
    return Job.objects.get()


def labels(user):
    return [task.label for task in list_tasks(user, timezone.now())]


def test_a_running_job_stands_in_the_head_of_every_page(browser, job):
    Job.objects.update(state="running", done=30, total=60)
    page = browser.get(reverse("schools:schools")).text

    assert reverse("backstage:job", args=[job.pk]) in page
    assert "50%" in page


def test_once_it_is_over_the_head_is_empty_and_home_offers_the_file(officer, browser, job):
    run_job(job_id=job.pk, clock=timezone.now)
    page = browser.get(reverse("home")).text

    assert "masthead-jobs" not in page
    assert any(label.startswith("Download: ") for label in labels(officer))
    assert f'href="{reverse("backstage:job", args=[job.pk])}"' in page


def test_home_forgets_it_when_it_is_fetched_or_gone(officer, browser, job):
    run_job(job_id=job.pk, clock=timezone.now)
    job.refresh_from_db()
    later = timezone.now() + timedelta(days=400)
    assert not [t for t in list_tasks(officer, later) if t.label.startswith("Download: ")]
    assert browser.get(reverse("backstage:file", args=[job.file.key])).status_code == 200

    assert not [label for label in labels(officer) if label.startswith("Download: ")]


def test_it_is_nobody_elses(browser, job):
    other = factories.make_user()
    factories.grant(other, Role.ORGANISATION_DEPARTMENT)
    Job.objects.update(state="running")

    assert "masthead-jobs" not in browser_of(other).get(reverse("home")).text


def test_a_person_without_jobs_pays_nothing_for_it(officer, django_assert_num_queries):

    request = RequestFactory().get("/")
    request.user, request.session = officer, {}
    with django_assert_num_queries(0):
        assert portal(request)["own_jobs"]() == []
