"""Pages of jobs and files: one's own, and nobody else's."""

from __future__ import annotations

import pytest
from django.conf import settings
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from backstage.enums import JobState
from backstage.files import store_file
from backstage.jobs import JobKind, _kinds, order_job, register_kind, run_job
from backstage.models import Job
from config.lib.periods import at_local, today
from tests import factories
from tests.factories import acting

pytestmark = pytest.mark.django_db


@pytest.fixture
def job(client):
    register_kind(JobKind("test.page", lambda job: "名册", lambda progress: None))
    user = factories.make_user()
    client.force_login(user, "accounts.backends.PhoneOrNumberBackend")
    job = order_job(kind="test.page", arguments={}, by=acting(user), at=at_local(today(), 0))
    yield job
    del _kinds["test.page"]


def stranger(client):
    client.force_login(factories.make_user(), "accounts.backends.PhoneOrNumberBackend")
    return client


def test_the_page_asks_again_while_the_job_is_open_and_rests_afterwards(client, job):
    url = reverse("backstage:job", args=[job.pk])
    assert "every 2s" in client.get(url).content.decode()

    part = client.get(url, headers={"HX-Request": "true"}).content.decode()
    assert "every 2s" in part
    assert "<html" not in part

    Job.objects.update(state=JobState.DONE, ended_at=job.asked_at)
    page = client.get(url).content.decode()
    assert "every 2s" not in page
    assert "htmx" not in page.replace("htmx-config", "")


def test_a_job_is_stopped_from_its_page(client, job):
    assert client.post(reverse("backstage:stop_job", args=[job.pk])).status_code == 302

    job.refresh_from_db()
    assert job.state == JobState.STOPPED


def test_another_persons_job_and_file_are_not_found(client, job):
    stored = store_file(
        data=b"x", name="x.xlsx", media_type="text/csv", owner=job.asked_by, at=job.asked_at
    )
    stranger(client)

    assert client.get(reverse("backstage:job", args=[job.pk])).status_code == 404
    assert client.post(reverse("backstage:stop_job", args=[job.pk])).status_code == 404
    assert client.get(reverse("backstage:file", args=[stored.key])).status_code == 404
    assert "名册" not in client.get(reverse("backstage:jobs")).content.decode()


def test_a_file_comes_as_an_attachment_and_its_fetching_stands_in_the_trail(client, job):
    stored = store_file(
        data=b"abc", name="名册.csv", media_type="text/csv", owner=job.asked_by, at=job.asked_at
    )
    response = client.get(reverse("backstage:file", args=[stored.key]))

    assert response.content == b"abc"
    assert response.headers["Content-Disposition"].startswith("attachment")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert "sandbox" in response.headers["Content-Security-Policy"]
    assert AuditEntry.objects.get(act="download_file").object_id == str(stored.pk)


def test_too_large_a_request_is_refused_before_it_is_read(client):
    response = client.post(
        reverse("accounts:sign_in"),
        b"",
        content_type="multipart/form-data; boundary=x",
        headers={"Content-Length": str(settings.UPLOAD_MAX_BYTES + 1)},
    )

    assert response.status_code == 413
    assert "20 MB" in response.content.decode()


def test_a_job_of_a_kind_that_is_no_more_keeps_its_name_and_hands_out_nothing(client, job):
    stored = store_file(
        data=b"x", name="x.xlsx", media_type="text/csv", owner=job.asked_by, at=timezone.now()
    )
    over = {"state": JobState.DONE, "ended_at": job.asked_at}
    Job.objects.update(kind="test.gone", file=stored, **over)

    for url in (reverse("backstage:jobs"), reverse("backstage:job", args=[job.pk])):
        assert "test.gone" in client.get(url).text
    assert client.get(reverse("backstage:file", args=[stored.key])).status_code == 403


def test_a_waiting_job_of_a_kind_that_is_no_more_ends_in_words(job):
    Job.objects.update(kind="test.gone")

    run_job(job_id=job.pk, clock=timezone.now)

    job.refresh_from_db()
    assert job.state == JobState.FAILED
    assert "test.gone" in job.problem
