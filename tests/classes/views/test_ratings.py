"""A trainee finds, rates and is thanked; school and district read figures when it is closed."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.urls import reverse

from accounts.enums import Role
from classes.models import RatingAnswer, RatingRound
from config.lib.periods import today
from tests import factories
from tests.browsers import browser_of

pytestmark = pytest.mark.django_db


class World:
    """Five members with accounts, and a class of theirs that is over."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.clerk = factories.make_clerk(self.school)
        branch = factories.make_organisation(self.school)
        self.members = [factories.make_member(branch, user=factories.make_user()) for _ in range(5)]
        self.training_class = factories.make_class_over(self.school, self.clerk, *self.members)

    @property
    def url(self) -> str:
        return reverse("classes:rate_class", args=[self.training_class.pk])

    def rate(self, n=0, **fields):
        body = {"content": 5, "teaching": 4, "usefulness": 5, "organisation": 3, "text": ""}
        return browser_of(self.members[n].user).post(self.url, body | fields, follow=True)

    def class_page(self, user) -> str:
        address = reverse("classes:training_class", args=[self.training_class.pk])
        return browser_of(user).get(address).text


@pytest.fixture
def world():
    return World()


def test_it_is_offered_at_home_and_on_the_timetable_until_it_is_done(world):
    member = browser_of(world.members[0].user)
    assert world.url in member.get("/").text
    assert world.url in member.get("/my/timetable/").text

    assert "Nobody sees that this answer is yours." in world.rate().text

    assert world.url not in member.get("/").text
    assert world.url not in member.get("/my/timetable/").text


def test_sent_twice_it_is_kept_once(world):
    world.rate()
    assert "You have rated this class already." in world.rate().text
    assert RatingAnswer.objects.count() == 1


def test_each_question_wants_an_answer_and_no_id_number(world):
    assert world.rate(teaching="").status_code == 422
    assert world.rate(teaching="6").status_code == 422
    assert world.rate(text="11010519491231002X").status_code == 422
    assert not RatingAnswer.objects.exists()


def test_the_school_reads_nothing_while_it_is_open(world):
    for n in range(5):
        world.rate(n, text="空调太冷")

    page = world.class_page(world.clerk)

    assert "Trainees can rate the class until" in page
    assert "空调太冷" not in page


def test_school_and_district_read_figures_once_it_is_closed(world):
    for n in range(5):
        world.rate(n, text="空调太冷")
    RatingRound.objects.update(last_day=today() - timedelta(days=1))
    officer = factories.make_user()
    factories.grant(officer, Role.DISTRICT_SCHOOL)

    for reader in (world.clerk, officer):
        page = world.class_page(reader)
        assert "5 answers, closed on" in page
        assert "空调太冷" in page


def test_fewer_than_five_show_nothing(world):
    for n in range(4):
        world.rate(n, text="空调太冷")
    RatingRound.objects.update(last_day=today() - timedelta(days=1))

    page = world.class_page(world.clerk)

    assert "Fewer than 5 trainees" in page
    assert "空调太冷" not in page
