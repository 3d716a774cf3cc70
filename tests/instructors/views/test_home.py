"""The home township of a lecturer: entered by themselves or the academic officer."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.enums import Role
from accounts.models import AuditEntry
from config.lib.names import pinyin_forms
from instructors.models import Instructor
from schools.models import Township
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def school():
    return factories.make_school()


@pytest.fixture
def officer():
    user = factories.make_user()
    factories.grant(user, Role.DISTRICT_SCHOOL)
    return user


def address(lecturer):
    return reverse("instructors:home_township", args=[lecturer.pk])


def save(browser, lecturer, township):
    page = browser.get(address(lecturer))
    seen = page.context["form"].initial["seen"]
    return browser.post(address(lecturer), {"home_township": township, "seen": seen})


@pytest.mark.parametrize("who", ["officer", "oneself"])
def test_is_entered_by_the_officer_and_by_oneself(school, officer, who):
    user = factories.make_user()
    lecturer = factories.make_lecturer(school, user=user)
    township = Township.objects.get()
    browser = browser_of(officer if who == "officer" else user)

    answer = save(browser, lecturer, township.pk)

    assert answer.status_code == 302
    assert answer.url == reverse("classes:lecturer", args=[lecturer.pk])
    lecturer.refresh_from_db()
    assert lecturer.home_township == township
    entry = AuditEntry.objects.filter(object_type="instructors.instructor").latest("pk")
    assert entry.after == {"home_township_id": township.pk}
    assert township.name in browser.get(answer.url).text


def test_may_be_unknown(school, officer):
    lecturer = factories.make_lecturer(school, home_township=Township.objects.get())

    save(browser_of(officer), lecturer, "")

    lecturer.refresh_from_db()
    assert lecturer.home_township is None


def test_is_not_entered_by_others(school):
    lecturer = factories.make_lecturer(school)
    other = factories.make_lecturer(school, "钱进", user=factories.make_user())

    for user in (factories.make_clerk(school), factories.make_department_officer(), other.user):
        assert browser_of(user).get(address(lecturer)).status_code == 404
    lecturer.refresh_from_db()
    assert lecturer.home_township is None


def test_of_two_who_enter_it_at_once_the_second_reads_of_the_first(school, officer):
    lecturer = factories.make_lecturer(school)
    factories.make_school("120111005", "津门湖街道")
    first, second = Township.objects.order_by("code")
    browser = browser_of(officer)
    seen = browser.get(address(lecturer)).context["form"].initial["seen"]
    Instructor.objects.update(home_township=first)

    answer = browser.post(address(lecturer), {"home_township": second.pk, "seen": seen})

    assert answer.status_code == 422
    assert "Stored now: Home township: 津门湖街道" in answer.text.replace("&nbsp;", " ")
    lecturer.refresh_from_db()
    assert lecturer.home_township == first


def test_the_initials_follow_the_name(school):
    lecturer = factories.make_lecturer(school, "赵敏")
    assert (lecturer.name_pinyin, lecturer.name_initials) == pinyin_forms("赵敏")

    lecturer.name = "钱进"
    lecturer.save(update_fields=["name"])

    lecturer.refresh_from_db()
    assert lecturer.name_initials == "qj"
