"""People who will fall short are told once a year, and the log says so."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import translation

from accounts.enums import ActorChannel
from accounts.models import AuditEntry
from accounts.origin import Actor
from config.lib.periods import at_local, period
from quotas.actions.tasks import Target
from quotas.actions.warnings import warn_of_shortfalls
from quotas.models import ShortfallWarning, WarningRule
from schools.models import SchoolArea
from tests import factories
from tests.browsers import browser_of
from tests.factories import make_user
from tests.quotas.world import QuotaWorld
from tests.told import addresses, told

pytestmark = pytest.mark.django_db

PORTAL = Actor(None, ActorChannel.TASK)
AUTUMN = at_local(date(2026, 9, 14), 6)


@pytest.fixture
def w() -> QuotaWorld:
    return QuotaWorld()


def warn(at=AUTUMN) -> int:
    return warn_of_shortfalls(by=PORTAL, at=at)


def warned(user) -> list[tuple[str, str]]:
    with translation.override("en"):
        return [words for words in told(user) if "will" in words[0]]


def test_a_school_is_warned_once_for_each_line(w):
    w.publish(Target("events", Decimal(20)), Target("trained", Decimal(90)))
    w.accept(12, 90)

    assert warn() == 1
    assert warn() == warn(AUTUMN + timedelta(days=1)) == 0

    title, text = warned(w.clerk)[0]
    assert title == "杨柳青镇党校 will miss parts of its claim for 2026"
    assert text == "classes held: 0 expected, 12 claimed"
    assert len(warned(w.clerk)) == len(warned(w.leader)) == 1
    given = ShortfallWarning.objects.get()
    assert (given.school, given.measure, given.expected, given.due) == (w.school, "events", 0, 12)
    assert given.told == 2
    assert AuditEntry.objects.get(act="warn_of_shortfalls").after["schools_warned"] == 1


def test_a_member_is_warned_once_a_year(w):
    branch = factories.make_organisation(w.school)
    member = factories.make_member(branch, "王芳", user=make_user())
    factories.make_member(branch, "没有账号")
    factories.exempt(factories.make_member(branch, "免学", user=make_user()))

    assert warn() == 1
    assert warn() == 0
    assert warned(member.user) == [
        (
            "At this pace you will not reach your credit hours of 2026",
            "Your hours show what is missing, and classes that could help.",
        )
    ]
    assert addresses(member.user) == ["/my/hours/"]
    given = ShortfallWarning.objects.get()
    assert (given.member, given.expected, given.due) == (member, 0, 32)


def test_members_outside_every_area_are_shown_to_the_district(w):
    branch = factories.make_organisation(w.school)
    factories.make_member(branch, "王芳", user=make_user())
    SchoolArea.objects.filter(school=w.school).update(
        period=period(date(2019, 1, 1), date(2020, 1, 1))
    )
    assert warn() == 1

    page = browser_of(w.officer).get(reverse("quotas:warnings"), {"year": "all"})

    [row] = page.context["page_obj"]
    assert (row.member.name, row.school) == ("王芳", None)
    assert not ShortfallWarning.objects.visible_to(w.clerk, date(2026, 9, 14)).exists()


def test_the_rule_says_from_when_and_what_is_tolerated(w):
    factories.make_member(factories.make_organisation(w.school), "王芳", user=make_user())
    w.publish(Target("events", Decimal(20)))
    w.accept(12)

    assert warn(at_local(date(2026, 6, 30), 6)) == 0
    assert warn(at_local(date(2026, 7, 1), 6)) == 1
    assert ShortfallWarning.objects.get().school == w.school
    WarningRule.objects.update(members_from_month=12)
    assert warn() == 0


def test_a_claim_that_will_be_reached_warns_nobody(w):
    w.publish(Target("events", Decimal(20)))
    w.accept(1)
    w.accept(1, school=w.other)
    training_class = factories.make_class(w.school)
    factories.make_session(training_class, starts_at=at_local(date(2026, 3, 3), 9))

    assert warn() == 1
    assert ShortfallWarning.objects.get().school == w.other
