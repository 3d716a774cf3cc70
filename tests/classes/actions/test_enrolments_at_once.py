"""Two people set classes up and fill them at the same time: on real connections."""

from datetime import timedelta
from functools import partial

import pytest

from accounts.enums import Role
from accounts.records import RecordError
from classes.actions.calling_off import change_session
from classes.actions.enrolments import LetIn, enrol_members, leave_waiting_list
from config.lib.periods import at_local
from courses.actions import ClassPlan, plan_class
from courses.enums import Mode, Preset
from courses.errors import CoursesError
from courses.models import Course, Session, TrainingClass, Venue
from courses.records import save_session
from instructors.models import Instructor
from schools.enums import Audience
from tests import factories
from tests.connections import overlapping, together
from tests.factories import DAY, NOON

pytestmark = pytest.mark.django_db(transaction=True)


class TestARoomForTwo:
    """Fault 8: one of two wins, the other reads a clear message."""

    def test_two_classes_at_once_at_one_venue(self):
        school = factories.make_school()
        factories.make_session(factories.make_class(school), starts_at=at_local(DAY, 19))
        clerks = [factories.make_clerk(school) for _ in range(2)]
        plan = ClassPlan(
            school=school,
            preset=Preset.PACK,
            title="冬季加油包",
            audience=Audience.ORDINARY,
            mode=Mode.ON_SITE,
            courses=[Course.objects.get()],
            first_day=DAY,
            venue=Venue.objects.get(),
        )

        def set_up(clerk):
            try:
                return plan_class(plan=plan, by=factories.acting(clerk), at=at_local(DAY, 7))
            except CoursesError as error:
                return error

        done = together(*(partial(set_up, clerk) for clerk in clerks))

        [refusal] = [result for result in done if isinstance(result, CoursesError)]
        assert refusal.field == "venue"
        assert Session.objects.filter(starts_at=at_local(DAY, 8, 30)).count() == 1
        assert TrainingClass.objects.filter(title="冬季加油包").count() == 1

    def test_one_lecturer_at_two_schools(self):
        lecturer = Instructor.objects.create(name="王", corps="professional", employer="区委党校")
        schools = [factories.make_school(), factories.make_school("120111005", "津门湖街道")]
        sessions = [
            factories.make_session(factories.make_class(school), starts_at=at_local(DAY, 9))
            for school in schools
        ]
        officer = factories.make_user()
        factories.grant(officer, Role.DISTRICT_SCHOOL)

        def give(session):
            session.instructor = lecturer
            try:
                return save_session(
                    obj=session, by=factories.acting(officer), at=NOON, fields=["instructor_id"]
                )
            except RecordError as error:
                return error

        done = together(*(partial(give, session) for session in sessions))

        [refusal] = [result for result in done if isinstance(result, RecordError)]
        assert "lecturer" in str(refusal) or "讲师" in str(refusal)
        assert lecturer.sessions.count() == 1


def test_two_clerks_give_the_last_place_once():
    school = factories.make_school()
    members = [factories.make_member(factories.make_organisation(school)) for _ in range(1)]
    members.append(factories.make_member(members[0].memberships.get().organisation))
    training_class = factories.make_class(school)
    factories.make_session(training_class)
    TrainingClass.objects.update(capacity=1)
    clerks = [factories.make_clerk(school) for _ in range(2)]

    def enrol(clerk, member):
        return enrol_members(
            training_class_id=training_class.pk,
            member_ids=[member.pk],
            by=factories.acting(clerk),
            at=at_local(DAY, 7),
        )

    done = together(*(partial(enrol, *pair) for pair in zip(clerks, members, strict=True)))

    assert sorted(len(result.placed) for result in done) == [0, 1]
    assert training_class.enrolments.count() == training_class.waiting_list.count() == 1


def test_a_moved_session_names_nobody_who_left_the_waiting_list_meanwhile():
    """The person who moves it waits for the class, which somebody else has locked."""
    school = factories.make_school()
    branch = factories.make_organisation(school)
    training_class = factories.make_class(school)
    session = factories.make_session(training_class)
    TrainingClass.objects.update(capacity=1)
    by = factories.acting(factories.make_clerk(school))
    members = [factories.make_member(branch) for _ in range(2)]
    keys = [member.pk for member in members]
    at = at_local(DAY, 7)
    enrol_members(training_class_id=training_class.pk, member_ids=keys, by=by, at=at)
    leave = partial(
        leave_waiting_list, training_class_id=training_class.pk, member_id=keys[1], by=by, at=at
    )

    def move():
        moved = Session.objects.get(pk=session.pk)
        moved.starts_at += timedelta(minutes=10)
        return change_session(obj=moved, by=by, at=at, fields=["starts_at"])

    _left, done = overlapping(leave, move)

    assert done == LetIn([], [])
