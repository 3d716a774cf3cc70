"""The pages of nominations: the school writes, the organisation department decides."""

from __future__ import annotations

from uuid import uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from backstage.tasklist import list_tasks
from instructors.models import Instructor, Nomination
from tests import factories
from tests.browsers import browser_of
from tests.factories import grant, make_nomination, make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def clerk(school):
    return factories.make_clerk(school)


@pytest.fixture
def officer():
    user = make_user()
    grant(user, Role.ORGANISATION_DEPARTMENT)
    return user


def body(**more):
    return {
        "idempotency_key": str(uuid4()),
        "name": "孙立",
        "employer": "二街村",
        "title": "none",
        "reasons": "连续三年主持村民议事会",
        "username": "",
        **more,
    }


def test_a_clerk_nominates_after_a_check_page(school, clerk, officer):
    page, sent = browser_of(clerk), body(school=school.pk)
    check = page.post(reverse("instructors:nominate"), sent)
    assert "nominates 孙立 (二街村) for the backbone corps" in check.text
    assert not Nomination.objects.exists()

    done = page.post(reverse("instructors:nominate"), sent | {"step": "do"}, follow=True)

    assert "连续三年主持村民议事会" in done.text
    assert Nomination.objects.get().nominated_by == clerk
    # Sent once more it stays one.
    page.post(reverse("instructors:nominate"), sent | {"step": "do"})
    assert Nomination.objects.count() == 1


def test_another_school_is_not_offered_or_taken(school, clerk):
    other = factories.make_school("120111005", "津门湖街道")

    refused = browser_of(clerk).post(reverse("instructors:nominate"), body(school=other.pk))

    assert refused.status_code == 422
    assert not Nomination.objects.exists()


def test_an_id_number_is_refused(school, clerk):
    sent = body(school=school.pk, reasons="身份证 11010519491231002X")

    assert browser_of(clerk).post(reverse("instructors:nominate"), sent).status_code == 422


def test_the_department_is_told_and_appoints(school, clerk, officer):
    nomination = make_nomination(school, clerk)
    page = browser_of(officer)
    assert "Decide 1 nomination of a lecturer" in page.get("/").text
    detail = page.get(reverse("instructors:nomination", args=[nomination.pk])).text
    address = reverse("instructors:appoint_nominee", args=[nomination.pk])
    assert address in detail
    sent = {"idempotency_key": str(uuid4())}
    assert "becomes a lecturer of the backbone corps" in page.post(address, sent).text

    page.post(address, sent | {"step": "do"})

    assert Instructor.objects.get().name == "孙立"
    assert "Decide 1 nomination" not in page.get("/").text
    assert page.get(address).status_code == 302


def test_from_an_appointed_nominee_the_letter_is_issued(school, clerk, officer):
    nomination = make_nomination(school, clerk)
    address = reverse("instructors:nomination", args=[nomination.pk])
    issue = reverse("instructors:issue_letters")
    page = browser_of(officer)
    assert issue not in page.get(address).text
    sent = {"idempotency_key": str(uuid4()), "step": "do"}
    page.post(reverse("instructors:appoint_nominee", args=[nomination.pk]), sent)

    lecturer = Instructor.objects.get()
    assert f"{issue}?lecturer={lecturer.pk}" in page.get(address).text
    assert issue not in browser_of(clerk).get(address).text
    form = page.get(issue, {"lecturer": lecturer.pk}).context["form"]
    assert form["instructors"].value() == [lecturer.pk]

    factories.make_letter(lecturer, by=officer, at=timezone.now())
    assert issue not in page.get(address).text


def test_the_school_reads_why_it_was_declined(school, clerk, officer):
    nomination = make_nomination(school, clerk)
    address = reverse("instructors:decline_nomination", args=[nomination.pk])
    sent = {"idempotency_key": str(uuid4()), "reason": "名额已满", "step": "do"}

    browser_of(officer).post(address, sent)

    page = browser_of(clerk).get(reverse("instructors:nomination", args=[nomination.pk])).text
    assert "名额已满" in page
    assert address not in page


def test_a_nomination_of_ones_own_is_no_task(school, clerk):
    make_nomination(school, clerk)
    grant(clerk, Role.ORGANISATION_DEPARTMENT)

    assert not [
        task for task in list_tasks(clerk, timezone.now()) if "nomination_state" in task.url
    ]


def test_the_list_is_narrowed_by_state(school, clerk, officer):
    make_nomination(school, clerk)
    page = browser_of(officer)

    waiting = page.get(reverse("instructors:nominations"), {"nomination_state": "waiting"}).text
    declined = page.get(reverse("instructors:nominations"), {"nomination_state": "declined"}).text

    assert "孙立" in waiting
    assert "孙立" not in declined


def test_the_list_costs_the_same_for_one_and_for_many(school, clerk, officer):
    page, address = browser_of(officer), reverse("instructors:nominations")
    page.get(address)
    counts = []
    for number in (1, 12):
        for place in range(number):
            make_nomination(school, clerk, f"孙{number}之{place}")
        with CaptureQueriesContext(connection) as caught:
            page.get(address)
        counts.append(len(caught))

    assert counts[0] == counts[1]
