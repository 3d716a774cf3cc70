"""A township nominates, the organisation department decides: three people, one decision."""

from __future__ import annotations

import pytest
from django.utils import translation

from accounts.enums import Role
from accounts.interests import say_own
from accounts.models import ActivationCode, AuditEntry
from accounts.records import RecordError
from instructors.actions.nominations import appoint_nominee, decline_nomination
from instructors.enums import Corps, NominationState
from instructors.errors import NominationError
from instructors.models import Instructor, Nomination
from instructors.records import save_instructor
from schools.models import RoleGrant
from tests import factories
from tests.factories import NOON, acting, grant, make_nomination, make_user
from tests.refusals import refused
from tests.told import told
from trainees.actions.slips import issue_member_slips

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


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


def appoint(nomination, user):
    return appoint_nominee(nomination_id=nomination.pk, by=acting(user), at=NOON)


def decline(nomination, user, reason="名额已满"):
    return decline_nomination(nomination_id=nomination.pk, reason=reason, by=acting(user), at=NOON)


class TestNominating:
    def test_keeps_who_is_nominated_by_whom_and_why(self, school, clerk):
        nomination = make_nomination(school, clerk, "孙 立")

        assert (nomination.school, nomination.name) == (school, "孙立")
        assert (nomination.nominated_by, nomination.state) == (clerk, NominationState.WAITING)
        entry = AuditEntry.objects.get(act="nominate_lecturer")
        assert entry.school_code == school.code
        assert entry.after["reasons"] == "连续三年主持村民议事会"

    def test_is_for_clerk_and_leader_of_the_school(self, school):
        for role in (Role.SCHOOL_LEADER, Role.SCHOOL_CLERK):
            user = make_user()
            grant(user, role, school)
            make_nomination(school, user, f"孙{role}")
        assert Nomination.objects.count() == 2

        liaison = make_user()
        grant(liaison, Role.LIAISON_OFFICER, school)
        neighbour = factories.make_clerk(factories.make_school("120111005", "津门湖街道"))
        for user in (liaison, neighbour):
            with refused(NominationError, "may not nominate"):
                make_nomination(school, user)

    def test_the_department_is_told(self, school, clerk, officer):
        make_nomination(school, clerk, "孙立")

        assert told(officer) == [(f"{school} nominates 孙立 as a lecturer", "")]

    def test_the_school_is_told_what_is_decided_and_why(self, school, clerk, officer):
        other = factories.make_clerk(school)
        decline(make_nomination(school, clerk, "孙立"), officer)
        appoint(make_nomination(school, clerk, "钱进"), officer)

        for user in (clerk, other):
            assert told(user) == [
                (f"The nomination of 孙立 by {school} is declined", "名额已满"),
                (f"钱进, nominated by {school}, is appointed as a lecturer", ""),
            ]

    def test_waits_once(self, school, clerk, officer):
        first = make_nomination(school, clerk)
        with refused(NominationError, "nominated already"):
            make_nomination(school, clerk)

        decline(first, officer)
        make_nomination(school, clerk)

    def test_finds_the_account_by_sign_in_name_and_name_together(self, school, clerk):
        user = make_user(display_name="孙立")

        for name, username in (("孙力", user.username), ("孙立", "nobody")):
            with refused(NominationError, "Nobody of this name") as caught:
                make_nomination(school, clerk, name, username)
            assert caught.value.field == "username"
        assert make_nomination(school, clerk, "孙立", user.username).user == user

    def test_of_ones_own_name_wants_an_account(self, school, clerk):
        clerk.display_name = "孙立"
        clerk.save()
        namesake = make_user(display_name="孙立")

        with refused(NominationError, "your own name"):
            make_nomination(school, clerk, "孙立")
        with refused(NominationError) as caught:
            make_nomination(school, clerk, "孙立", clerk.username)
        assert str(caught.value) == say_own()
        assert make_nomination(school, clerk, "孙立", namesake.username).user == namesake

    def test_of_a_lecturer_is_refused(self, school, clerk):
        user = make_user(display_name="孙立")
        Instructor.objects.create(name="孙立", corps="professional", employer="党校", user=user)

        with refused(NominationError, "lecturer already"):
            make_nomination(school, clerk, "孙立", user.username)


class TestAppointing:
    def test_makes_a_backbone_lecturer_of_the_school(self, school, clerk, officer):
        user = make_user(display_name="孙立")
        decided = appoint(make_nomination(school, clerk, "孙立", user.username), officer)

        lecturer = Instructor.objects.get()
        assert (lecturer.name, lecturer.corps, lecturer.user) == ("孙立", Corps.BACKBONE, user)
        assert lecturer.nominated_by == school
        decided.refresh_from_db()
        assert (decided.state, decided.decided_by) == (NominationState.APPOINTED, officer)
        assert decided.instructor == lecturer
        entry = AuditEntry.objects.get(act="appoint_nominee")
        assert entry.after == {"state": "appointed", "reason": "", "instructor": lecturer.pk}

    def test_ends_the_open_slip_of_the_account(self, school, clerk, officer):
        member = factories.make_member(factories.make_organisation(school), "孙立")
        issue_member_slips(
            member_ids=[member.pk],
            key="6f9619ff-8b86-4d01-b42d-00cf4fc964ff",
            by=acting(clerk),
            at=NOON,
        )
        member.refresh_from_db()

        appoint(make_nomination(school, clerk, "孙立", member.user.username), officer)

        assert ActivationCode.objects.get(user=member.user).ended_by == "new_role"

    def test_is_for_the_department_alone(self, school, clerk):
        academic = make_user()
        grant(academic, Role.DISTRICT_SCHOOL)
        nomination = make_nomination(school, clerk)

        for user in (clerk, academic):
            with refused(NominationError, "organisation department decides"):
                appoint(nomination, user)

    def test_is_for_somebody_else_than_who_nominated(self, school, clerk, officer):
        nomination = make_nomination(school, clerk)
        grant(clerk, Role.ORGANISATION_DEPARTMENT)

        for act in (appoint, decline):
            with refused(NominationError, "somebody else decides"):
                act(nomination, clerk)
        appoint(nomination, officer)

    def test_is_for_nobody_of_the_name_without_an_account(self, school, clerk, officer):
        nomination = make_nomination(school, clerk, "孙立")
        officer.display_name = "孙立"
        officer.save()

        with refused(NominationError) as caught:
            appoint(nomination, officer)
        assert str(caught.value) == say_own()

    def test_happens_once(self, school, clerk, officer):
        nomination = make_nomination(school, clerk)
        appoint(nomination, officer)

        for act in (appoint, decline):
            with refused(NominationError, "already"):
                act(nomination, officer)
        assert Instructor.objects.count() == 1

    def test_an_account_becomes_one_lecturer(self, school, clerk, officer):
        user = make_user(display_name="孙立")
        other = factories.make_school("120111005", "津门湖街道")
        grant(clerk, Role.SCHOOL_LEADER, other)
        first, second = (
            make_nomination(of, clerk, "孙立", user.username) for of in (school, other)
        )
        appoint(first, officer)

        with refused(NominationError, "lecturer already"):
            appoint(second, officer)

    def test_whoever_had_a_part_is_never_that_lecturer(self, school, clerk, officer):
        lecturer = appoint(make_nomination(school, clerk), officer).instructor
        academic = make_user()
        grant(academic, Role.DISTRICT_SCHOOL)

        for user in (clerk, officer):
            lecturer.user = user
            with refused(RecordError, "two people"):
                save_instructor(obj=lecturer, by=acting(academic), fields=["user"])
        lecturer.user = make_user()
        assert save_instructor(obj=lecturer, by=acting(academic), fields=["user"])


class TestDeclining:
    def test_keeps_the_reason(self, school, clerk, officer):
        decided = decline(make_nomination(school, clerk), officer)

        decided.refresh_from_db()
        assert (decided.state, decided.reason) == (NominationState.DECLINED, "名额已满")
        assert not Instructor.objects.exists()

    def test_wants_a_reason(self, school, clerk, officer):
        with refused(NominationError) as caught:
            decline(make_nomination(school, clerk), officer, " ")
        assert caught.value.field == "reason"


def test_a_role_that_has_ended_nominates_nobody(school, clerk):
    RoleGrant.objects.all().delete()

    with refused(NominationError, "may not nominate"):
        make_nomination(school, clerk)
