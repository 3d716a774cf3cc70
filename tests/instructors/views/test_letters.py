"""The pages of letters: issued together, opened, found at the check, warned of before the end."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone, translation

from accounts.models import AuditEntry
from backstage.tasklist import list_tasks
from config.lib.periods import inclusive_period, today
from instructors.actions import letters
from instructors.models import AppointmentLetter, IssuedLetter, LetterRule
from tests import factories
from tests.browsers import browser_of
from tests.factories import make_department_officer, make_lecturer, make_letter, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    school = factories.make_school()
    factories.make_top()
    return school


@pytest.fixture
def officer():
    return make_department_officer()


def until(lecturer, days):
    """The paper of a letter that ends in so many days."""
    term = inclusive_period(today(), today() + timedelta(days=days))
    return make_letter(lecturer, term=term, at=timezone.now())


def tasks_of(user):
    with translation.override("en"):
        tasks = list_tasks(user, timezone.now())
    return [task.label for task in tasks if "letter" in task.label and not task.is_lookup]


class TestIssuing:
    def test_goes_through_a_check_page_and_is_printed_together(self, school, officer):
        lecturers = [make_lecturer(school, name) for name in ("赵敏", "钱进")]
        page, address = browser_of(officer), reverse("instructors:issue_letters")
        assert "赵敏" in page.get(address).text
        sent = {
            "idempotency_key": str(uuid4()),
            "first_day": today().isoformat(),
            "last_day": (today() + timedelta(days=700)).isoformat(),
            "instructors": [lecturer.pk for lecturer in lecturers],
        }

        check = page.post(address, sent)
        assert "Letters issued: 2, numbers" in check.text
        # The check page hands on what was entered.
        for name in ("first_day", "last_day"):
            assert f'<input type="hidden" name="{name}" value="{sent[name]}"' in check.text
        assert check.text.count('type="hidden" name="instructors"') == 2
        assert not AppointmentLetter.objects.exists()
        done = page.post(address, sent | {"step": "do"}, follow=True)

        paper = IssuedLetter.objects.first()
        assert done.redirect_chain[-1][0] == reverse(
            "instructors:letter_batch", args=[paper.sheets_id]
        )
        file = page.get(reverse("instructors:letter_batch_file", args=[paper.sheets_id]))
        assert file.headers["Content-Type"] == "application/pdf"
        assert AuditEntry.objects.filter(act="open_letter").count() == 2

    def test_offers_only_whose_letter_ends_soon(self, school, officer):
        until(make_lecturer(school, "长期"), 300)
        until(make_lecturer(school, "将满"), 30)
        make_lecturer(school, "新聘")

        text = browser_of(officer).get(reverse("instructors:issue_letters")).text

        assert "将满" in text
        assert "新聘" in text
        assert "长期" not in text

    def test_says_at_the_field_what_is_wrong(self, school, officer):
        lecturer = make_lecturer(school)
        sent = {
            "idempotency_key": str(uuid4()),
            "first_day": today().isoformat(),
            "last_day": (today() + timedelta(days=3000)).isoformat(),
            "instructors": [lecturer.pk],
        }

        answer = browser_of(officer).post(reverse("instructors:issue_letters"), sent)

        assert answer.status_code == 422
        assert "A term lasts 3 years at most" in answer.text


class TestTheLecturer:
    def test_opens_the_own_letter_without_a_trace(self, school):
        user = make_user()
        paper = until(make_lecturer(school, user=user), 300)
        page = browser_of(user)

        assert (
            paper.letter.number
            in page.get(reverse("instructors:letter", args=[paper.letter_id])).text
        )
        file = page.get(reverse("instructors:letter_file", args=[paper.pk]))
        assert file.content.startswith(b"%PDF-")
        assert not AuditEntry.objects.filter(act="open_letter").exists()

    def test_does_not_see_that_of_another(self, school):
        paper = until(make_lecturer(school), 300)
        make_lecturer(school, "钱进", user=(user := make_user()))

        assert (
            browser_of(user).get(reverse("instructors:letter", args=[paper.letter_id])).status_code
            == 404
        )


class TestActs:
    def test_a_paper_is_replaced_and_a_letter_revoked(self, school, officer):
        paper = until(make_lecturer(school), 300)
        page = browser_of(officer)
        address = reverse("instructors:letter", args=[paper.letter_id])
        body = {"idempotency_key": str(uuid4()), "step": "do"}

        page.post(reverse("instructors:reissue_letter", args=[paper.letter_id]), body)
        assert "replaced" in page.get(address).text
        body = {"idempotency_key": str(uuid4()), "reason": "调离本区", "step": "do"}
        page.post(reverse("instructors:revoke_letter", args=[paper.letter_id]), body)

        text = page.get(address).text
        assert "调离本区" in text
        assert reverse("instructors:revoke_letter", args=[paper.letter_id]) not in text


class TestTheWarning:
    def test_comes_by_the_days_of_the_rule(self, school, officer):
        user = make_user()
        until(make_lecturer(school, user=user), 59)
        assert tasks_of(officer) == ["Renew 1 letter of appointment"]
        assert tasks_of(user) == ["Have your letter of appointment renewed"]

        LetterRule.objects.update(warning_days=58)
        assert tasks_of(officer) == []
        assert tasks_of(user) == []

    def test_ends_with_the_next_letter(self, school, officer):
        paper = until(make_lecturer(school), 30)
        after = paper.letter.period.upper

        make_letter(
            paper.letter.instructor,
            term=inclusive_period(after, after + timedelta(days=300)),
            at=timezone.now(),
        )

        assert tasks_of(officer) == []

    def test_new_lecturers_wait_for_their_first(self, school, officer):
        make_lecturer(school)

        assert tasks_of(officer) == ["Issue 1 first letter of appointment"]


def test_the_check_page_tells_of_a_letter(school, monkeypatch):
    monkeypatch.setattr(letters, "draw_code", lambda shape: "CDEFGHJKMNPQRTW3")
    paper = until(make_lecturer(school), 300)
    sent = {"code": "CDEF-GHJK-MNPQ-RTW3", "name": "赵敏"}

    text = browser_of(make_user()).post(reverse("years:check_document"), sent).text

    assert "Code and name fit a document that is valid." in text
    assert paper.letter.number in text
    assert "Letter of appointment" in text
    assert "赵敏" not in text.partition("<form")[0]


def test_the_check_page_says_when_a_term_begins(school, monkeypatch):
    monkeypatch.setattr(letters, "draw_code", lambda shape: "CDEFGHJKMNPQRTW3")
    term = inclusive_period(today() + timedelta(days=10), today() + timedelta(days=300))
    make_letter(make_lecturer(school), term=term, at=timezone.now())
    sent = {"code": "CDEF-GHJK-MNPQ-RTW3", "name": "赵敏"}

    text = browser_of(make_user()).post(reverse("years:check_document"), sent).text

    assert "not yet in force" in text
    assert "Code and name fit a document that is valid." not in text


def test_the_paper_of_a_letter_that_begins_later_is_not_called_valid(school, officer):
    term = inclusive_period(today() + timedelta(days=10), today() + timedelta(days=300))
    paper = make_letter(make_lecturer(school), term=term, at=timezone.now())
    address = reverse("instructors:letter", args=[paper.letter_id])

    text = browser_of(officer, "en").get(address).text

    assert text.count("not yet in force") == 2


def test_the_list_costs_the_same_for_one_and_for_many(school, officer):
    page, address = browser_of(officer), reverse("instructors:letters")
    page.get(address)
    counts = []
    for number in (1, 12):
        for place in range(number):
            AppointmentLetter.objects.create(
                number=f"{number}-{place}",
                instructor=make_lecturer(school, f"赵{number}之{place}"),
                period=inclusive_period(today(), today()),
                signed_on=today(),
            )
        with CaptureQueriesContext(connection) as caught:
            page.get(address)
        counts.append(len(caught))

    assert counts[0] == counts[1]


@pytest.mark.parametrize(
    ("state", "shown"),
    [("in_force", True), ("ending", True), ("expired", False), ("revoked", False)],
)
def test_the_list_is_narrowed_by_state(school, officer, state, shown):
    until(make_lecturer(school), 30)

    text = browser_of(officer).get(reverse("instructors:letters"), {"letter_state": state}).text

    assert ("赵敏" in text) == shown
