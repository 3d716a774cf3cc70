"""Two schools with the same things in each, and a person for every role."""

from __future__ import annotations

import pytest
from django.test import Client

from accounts.enums import SCHOOL_ROLES, Role
from accounts.models import User
from schools.models import School
from tests import factories
from tests.factories import NOON
from trainees.actions.attendance import submit_roll
from trainees.models import Attendance


class TwoSchools:
    """`own` is the school of everyone with a school role; `other` is the neighbour."""

    def __init__(self) -> None:
        self.own = self._fill(factories.make_school("120111101", "杨柳青镇"))
        self.other = self._fill(factories.make_school("120111005", "津门湖街道"))
        self.people = {role: self._person(role) for role in Role}

    def _fill(self, school: School) -> dict[str, object]:
        clerk = factories.make_clerk(school)
        organisation = factories.make_organisation(school)
        member = factories.make_member(organisation)
        training_class = factories.make_class(school)
        factories.enrol(training_class, member)
        session = factories.make_session(training_class)
        submit_roll(
            session_id=session.pk,
            marks={member.pk: "present"},
            seen={},
            by=factories.acting(clerk),
            at=NOON,
        )
        return {
            "school": school,
            "session": session,
            "organisation": organisation,
            "venue": session.venue,
            "member": member,
            "attendance": Attendance.objects.get(session=session),
        }

    def _person(self, role: Role) -> User:
        user = factories.make_user(f"the.{role.value.replace('_', '.')}"[:32])
        if role == Role.MEMBER:
            member = self.own["member"]
            member.user = user
            member.save(update_fields=["user"])
        else:
            school = self.own["school"] if role in SCHOOL_ROLES else None
            factories.grant(user, role, school)
        return user

    def client(self, role: Role | None) -> Client:
        """A browser in which the person of `role` is signed in; None is a stranger's."""
        client = Client()
        if role is not None:
            client.force_login(self.people[role], "accounts.backends.PhoneOrNumberBackend")
        return client


@pytest.fixture
def two_schools(db) -> TwoSchools:
    return TwoSchools()
