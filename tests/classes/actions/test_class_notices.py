"""Notices of a class reach its trainees until they are taken down."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import AuditEntry
from classes.actions.class_notices import post_notice, take_notice_down
from classes.errors import RosterError
from classes.models import ClassNotice
from classes.queries.timetable import get_timetable
from config.lib.periods import at_local
from tests import factories
from tests.factories import ClassWorld

pytestmark = pytest.mark.django_db
BEFORE = at_local(date(2026, 5, 18), 10)


@pytest.fixture
def world():
    return ClassWorld(size=1)


def post(world, text="请带笔记本", by=None):
    key = world.training_class.pk
    return post_notice(training_class_id=key, text=text, by=by or world.by, at=BEFORE)


def notices_shown(world):
    rows = get_timetable(world.members[0], BEFORE).ahead
    return [[notice.text for notice in row.notices] for row in rows]


def test_trainees_read_it_at_the_next_session_until_it_is_taken_down(world):
    factories.make_session(world.training_class, starts_at=at_local(date(2026, 5, 21), 9))
    notice = post(world)
    assert notices_shown(world) == [["请带笔记本"], []]

    take_notice_down(
        training_class_id=world.training_class.pk, notice_id=notice.pk, by=world.by, at=BEFORE
    )

    assert notices_shown(world) == [[], []]
    acts = AuditEntry.objects.filter(object_type="classes.classnotice").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == ["post_notice", "take_notice_down"]


def test_it_says_something(world):
    with pytest.raises(RosterError):
        post(world, "  ")


def test_by_those_who_plan_the_class_alone(world):
    leader = factories.make_user()
    factories.grant(leader, "school_leader", world.school)

    with pytest.raises(PermissionDenied):
        post(world, by=factories.acting(leader))


def test_one_of_another_class_is_not_taken_down_through_this(world):
    other = factories.make_class(world.school)
    notice = ClassNotice.objects.create(
        training_class=other, text="改期", posted_at=BEFORE, posted_by=world.clerk
    )

    with pytest.raises(ClassNotice.DoesNotExist):
        take_notice_down(
            training_class_id=world.training_class.pk, notice_id=notice.pk, by=world.by, at=BEFORE
        )
