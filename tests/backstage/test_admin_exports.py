"""Lists of the administration as files: the rows that the reader sees, and no secrets."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import DISTRICT_ROLES, Role
from accounts.models import ActivationCode, AuditEntry, NoticeReading, User
from backstage import exports
from backstage.enums import JobState
from backstage.jobs import run_job
from backstage.models import Job
from config.lib.spreadsheet_reading import read_table
from schools.models import RoleGrant
from tests import factories
from tests.admin_pages import make_officer, page_url, signed_in
from trainees.actions.slips import issue_member_slips

pytestmark = pytest.mark.django_db

LISTS = {
    "accounts": User,
    "role-grants": RoleGrant,
    "activation-codes": ActivationCode,
    "notice-readings": NoticeReading,
}
MAY = {
    "accounts": {Role.SECURITY_ADMINISTRATOR},
    "role-grants": {Role.SECURITY_ADMINISTRATOR} | DISTRICT_ROLES,
    "activation-codes": {Role.SECURITY_ADMINISTRATOR},
    "notice-readings": {Role.SECURITY_ADMINISTRATOR},
}


@pytest.fixture
def browser():
    browser = signed_in(make_officer(Role.SECURITY_ADMINISTRATOR, display_name="安全员"))
    browser.cookies["language"] = "en"
    return browser


def fetch(browser, name: str, **asked: str) -> list[list]:
    reply = browser.post(reverse("backstage:export", args=[name]), asked)
    assert reply.status_code == 200, reply.status_code
    rows = read_table(reply.content, "a.xlsx").rows
    head = next(n for n, row in enumerate(rows) if sum(cell is not None for cell in row) > 1)
    return rows[head + 1 :]


@pytest.fixture
def code() -> ActivationCode:
    """An open code of a member whose phone is known."""
    world = factories.ClassWorld(1)
    member = world.members[0]
    member.phone = "13800001111"
    member.save()
    by = factories.acting(world.clerk)
    issue_member_slips(member_ids=[member.pk], key=uuid4(), by=by, at=timezone.now())
    return ActivationCode.objects.get()


@pytest.mark.parametrize("name", LISTS)
@pytest.mark.parametrize("role", sorted(set(Role)))
def test_goes_to_the_person_who_opens_the_page(name, role):
    browser = signed_in(make_officer(role))

    status = browser.post(reverse("backstage:export", args=[name])).status_code

    assert status == (200 if role in MAY[name] else 403)


@pytest.mark.parametrize("name", LISTS)
def test_has_as_many_rows_as_the_page_and_its_button(browser, code, name):
    page = browser.get(page_url(LISTS[name], "changelist"))

    assert f'action="{reverse("backstage:export", args=[name])}"' in page.text
    assert len(fetch(browser, name)) == page.context["cl"].result_count > 0
    assert AuditEntry.objects.get(act="export_list").after["list"] == name


@pytest.mark.parametrize("name", LISTS)
def test_tells_no_code_and_no_whole_phone(browser, code, name):
    cells = "\n".join(str(cell) for row in fetch(browser, name) for cell in row)

    for secret in (code.code_fingerprint, code.code_encrypted, code.user.password, "13800001111"):
        assert secret not in cells


def test_is_narrowed_and_searched_as_the_page_is(browser, code):
    User.objects.filter(pk=code.user_id).update(is_active=False)

    assert len(fetch(browser, "accounts", is_active__exact="0")) == 1
    assert [row[1] for row in fetch(browser, "accounts", words="安全")] == ["安全员"]
    page = browser.get(page_url(User, "changelist"), {"q": "安全", "is_active__exact": "1"})
    assert '<input type="hidden" name="words" value="安全">' in page.text
    assert '<input type="hidden" name="is_active__exact" value="1">' in page.text


def test_is_written_by_a_job_when_it_is_long_as_narrowed_as_the_page(browser, code, monkeypatch):
    monkeypatch.setattr(exports, "AT_ONCE", 0)
    browser.post(reverse("backstage:export", args=["accounts"]), {"words": "安全", "o": "1"})
    job = Job.objects.get()

    run_job(job_id=job.pk, clock=timezone.now)

    job.refresh_from_db()
    assert job.state == JobState.DONE
    assert AuditEntry.objects.get(act="export_list").after["rows"] == 1
    assert "安全" not in str(job.arguments)


@pytest.mark.parametrize("asked", [{"is_active__exact": "9"}, {"user__id__exact": "1"}])
def test_is_refused_where_the_page_is_narrowed_by_what_the_file_cannot_tell(browser, asked):
    reply = browser.post(reverse("backstage:export", args=["accounts"]), asked, follow=True)

    assert "A filter could not be read, so nothing was exported" in reply.text
