"""Two schools with the same things in each, and a person for every role."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.conf import settings as portal_settings
from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from accounts.enums import Role
from accounts.models import AuditEntry, User
from backstage.enums import FileKind
from backstage.files import store_file
from backstage.jobs import JobKind, order_job, register_kind
from backstage.models import Message, PendingAct
from classes.actions.calendar_feeds import make_calendar_feed
from classes.actions.materials import add_material
from classes.models import LeaveRequest
from config.lib.periods import at_local
from courses.models import CourseMaterial, PlannedCourse, Session
from dispatch.enums import EngagementState, LetterStage
from dispatch.links import token_of
from dispatch.models import Engagement, PlanVersion
from rolls.actions.attendance import submit_roll
from rolls.actions.cards import issue_cards
from rolls.actions.session_files import add_session_file
from rolls.actions.walk_ins import WalkInFacts, record_walk_in
from rolls.models import Attendance
from schools.enums import TableKind
from schools.models import School
from schools.views.founding_tables import media_type_of
from tests import factories
from tests.browsers import browser_of
from tests.constraints.rows_of_audits import audit_things
from tests.constraints.rows_of_funding import fund_things
from tests.constraints.rows_of_quotas import quota_things
from tests.factories import NOON
from trainees.actions.departures import record_departure
from trainees.actions.slip_proposals import MEMBER_SLIP
from trainees.actions.slips import issue_member_slips
from trainees.enums import DepartureKind
from trainees.models import MemberMerge, RegisterImport
from years.actions.documents import issue_document
from years.enums import DocumentKind
from years.models import IssuedDocument


class TwoSchools:
    """`own` is the school of everyone with a school role; `other` is the neighbour."""

    def __init__(self) -> None:
        self.own = self._fill(factories.make_school("120111101", "杨柳青镇"))
        self.other = self._fill(factories.make_school("120111005", "津门湖街道"))
        self.people = {role: self._person(role) for role in Role}
        self.sessions: dict[Role, str] = {}
        for things, owner in (
            (self.own, self.people[Role.SCHOOL_CLERK]),
            (self.other, factories.make_user()),
        ):
            things.update(self._orders(owner))
        self.own |= self._slips(self.people[Role.SCHOOL_CLERK], self.own)
        self.other |= self._slips(factories.make_clerk(self.other["school"]), self.other)
        for things in (self.own, self.other):
            things["calendar"] = self._calendar(things)
            things["document"] = self._document(things)
        self.own |= self._table(self.people[Role.ORGANISATION_DEPARTMENT])
        self.other |= self._table(factories.make_user())
        lecturer = self.people[Role.LECTURER].instructor
        Session.objects.filter(pk=self.own["session"].pk).update(instructor=lecturer)
        Engagement.objects.filter(pk=self.own["engagement"].pk).update(instructor=lecturer)
        PlanVersion.objects.create(
            number=1, released_at=NOON, released_by=self.people[Role.DISTRICT_SCHOOL]
        )
        self.own["account"] = self.people[Role.SCHOOL_CLERK]
        self.other["account"] = self.other["slip_member"].user

    def _fill(self, school: School) -> dict[str, Any]:
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
        kwargs: dict[str, Any] = {"by": factories.acting(clerk), "at": NOON}
        photograph = add_session_file(
            session_id=session.pk,
            kind=FileKind.PHOTO,
            data=factories.make_picture(),
            name="现场.png",
            **kwargs,
        )
        walk_in = record_walk_in(session_id=session.pk, facts=WalkInFacts("李秀英"), **kwargs)
        leader = factories.make_leader(organisation)
        mark = Attendance.objects.get(session=session)
        study = factories.make_study(organisation, [member], by=clerk)
        nomination = factories.make_nomination(school, clerk)
        paper = factories.make_letter(factories.make_lecturer(school))
        exempt = factories.make_member(organisation)
        merge = MemberMerge.objects.create(
            kept=exempt,
            given_up=leader,
            reason="同一人",
            proposed_at=NOON,
            proposed_by=clerk,
        )
        booking = factories.make_booking_letter(school, stage=LetterStage.SCHEDULED)
        engagement = factories.make_engagement(
            booking,
            paper.letter.instructor,
            state=EngagementState.PROPOSED,
            starts_at=at_local(date(2099, 3, 2), 9),
        )
        unaccounted = factories.make_engagement(
            booking,
            factories.make_lecturer(school),
            state=EngagementState.PROPOSED,
            starts_at=at_local(date(2099, 3, 3), 9),
        )
        gone = factories.make_member(organisation, "已转出")
        departure = record_departure(
            member_id=gone.pk,
            kind=DepartureKind.TRANSFER_OUT,
            on=timezone.localdate(),
            document="",
            **kwargs | {"at": timezone.now()},
        ).departure
        return {
            "departure": departure,
            "layout": factories.make_layout(school, clerk),
            "class_over": factories.make_class_over(school, clerk, member),
            "merge": merge,
            "nomination": nomination,
            "letter": paper.letter,
            "lecturer": paper.letter.instructor,
            "lecturer_leave": paper.letter.instructor.leaves.create(
                kind="duty", period=(date(2099, 1, 1), date(2099, 1, 8))
            ),
            "lecturer_exception": paper.letter.instructor.availability_exceptions.create(
                day=date(2099, 2, 1), part="morning", is_free=False
            ),
            "letter_paper": paper,
            "letter_sheets": paper.sheets,
            "study": study,
            "study_file": study.files.get(),
            "school": school,
            "exempt": exempt,
            "exemption": factories.exempt(exempt),
            "leader": leader,
            "post": leader.posts.get(),
            "slip_member": factories.make_member(organisation),
            "organisation": organisation,
            "name_change": organisation.name_changes.create(
                takes_effect_on=date(2099, 1, 1), former_name=organisation.name, name="新名"
            ),
            "class": training_class,
            "session": session,
            "session_file": photograph,
            "walk_in": walk_in,
            "mark_receipt": factories.make_refused_mark(session, member, clerk),
            "material": add_material(
                training_class_id=training_class.pk,
                title="",
                data=factories.make_picture(),
                name="提纲.png",
                **kwargs,
            ),
            "supervision_note": factories.make_supervision_note(session),
            "booking_letter": booking,
            **quota_things(school, clerk),
            **(money := fund_things(school, clerk)),
            **audit_things(school, clerk, money),
            "booking_session": 1,
            "engagement": engagement,
            "proposal": token_of(unaccounted),
            "plan_version": 1,
            "venue": session.venue,
            "course": session.course,
            "planned_course": PlannedCourse.objects.create(
                school=school,
                year=timezone.localdate().year,
                month=5,
                course=session.course,
                audience=training_class.audience,
            ),
            "course_material": CourseMaterial.objects.create(
                course=session.course,
                title="讲义",
                file=store_file(
                    data=b"x", name="讲义.pdf", media_type="application/pdf", owner=clerk, at=NOON
                ),
                added_at=NOON,
                added_by=clerk,
            ),
            "module": session.course.module,
            "member": member,
            "export": "members",
            "entry": AuditEntry.objects.first(),
            "attendance": mark,
            "assessment": mark.assessments.get(),
            "leave": LeaveRequest.objects.create(
                session=session, member=member, reason="值班", asked_at=NOON
            ),
            "dispute": factories.make_dispute(mark),
        }

    @staticmethod
    def _orders(owner: User) -> dict[str, object]:
        """A job, a file and a message of their owner alone, and an import of the register."""
        now = timezone.now()
        register_kind(JobKind("test.order", lambda job: "order", lambda progress: None))
        order = order_job(kind="test.order", arguments={}, by=factories.acting(owner), at=now)
        register = RegisterImport.objects.create(
            file_name="名册.csv", file_hash="", as_of=now.date(), uploaded_at=now
        )
        stored = store_file(data=b"x", name="x.csv", media_type="text/csv", owner=owner, at=now)
        message = Message.objects.create(
            recipient=owner, kind="test", address="/", once="1", written_at=now
        )
        return {"job": order, "file": stored.key, "register": register, "message": message}

    @staticmethod
    def _table(owner: User) -> dict[str, object]:
        """A table of organisations, of which one is new and one refused."""
        rows = "代码,名称,级别,上级代码\n1,甲党委,党委,120111\n2,乙党支部,党支部,9"
        stored = store_file(
            data=rows.encode(),
            name="党组织.csv",
            media_type=media_type_of(TableKind.TREE),
            owner=owner,
            at=timezone.now(),
        )
        return {"table_kind": TableKind.TREE, "table": stored.key}

    def _slips(self, clerk: User, things: dict[str, Any]) -> dict[str, Any]:
        member, key = things["slip_member"], uuid4()
        by, at = factories.acting(clerk), timezone.now()
        issue_member_slips(member_ids=[member.pk], key=key, by=by, at=at)
        member.refresh_from_db()
        issue_cards(member_ids=[member.pk], key=key, by=by, at=at)
        signing = PendingAct.objects.create(
            kind=MEMBER_SLIP.key,
            account=member.user,
            proposed_at=at,
            proposed_by=factories.make_user(),
        )
        return {"batch_key": key, "card": member.cards.get(), "pending_act": signing}

    @staticmethod
    def _calendar(things: dict[str, Any]) -> str:
        """The token of a timetable's address."""
        member = things["member"]
        if member.user is None:
            member.user = factories.make_user()
            member.save(update_fields=["user"])
        return make_calendar_feed(by=factories.acting(member.user), at=NOON)

    @staticmethod
    def _document(things: dict[str, Any]) -> IssuedDocument:
        return issue_document(
            member_id=things["member"].pk,
            kind=DocumentKind.YEAR_RECORD,
            year=NOON.year,
            check_address="https://xuetang.example/check/",
            by=factories.acting(factories.make_clerk(things["school"])),
            at=NOON,
        )

    def _person(self, role: Role) -> User:
        user = factories.make_user(f"the.{role.value.replace('_', '.')}"[:32])
        if role == Role.MEMBER:
            member = self.own["member"]
            member.user = user
            member.save(update_fields=["user"])
        else:
            factories.give_role(user, role, self.own["organisation"])
        return user

    def client(self, role: Role | None) -> Client:
        """A browser in which the person of `role` is signed in; None is a stranger's."""
        if role is None:
            return Client()
        if role not in self.sessions:
            return browser_of(self.people[role], None)
        client = Client()
        client.cookies[portal_settings.SESSION_COOKIE_NAME] = self.sessions[role]
        return client

    def sign_everybody_in(self) -> None:
        """Begin a session for each person, which every later client goes on with."""
        for role, person in self.people.items():
            cookie = browser_of(person, None).cookies[portal_settings.SESSION_COOKIE_NAME]
            self.sessions[role] = cookie.value


@pytest.fixture(scope="module")
def _filled(
    django_db_setup: None,
    django_db_blocker: DjangoDbBlocker,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[tuple[TwoSchools, Path]]:
    """Both schools and the folder of their files, made once for the tests of a module.

    They take longer to make than most of these tests. Each test works in a savepoint.
    """
    folder = tmp_path_factory.mktemp("two-schools")
    with django_db_blocker.unblock(), transaction.atomic():
        with override_settings(MEDIA_ROOT=folder):
            schools = TwoSchools()
            schools.sign_everybody_in()
        yield schools, folder
        transaction.set_rollback(True)


@pytest.fixture
def two_schools(_filled: tuple[TwoSchools, Path], db: None, settings: Any) -> TwoSchools:
    schools, settings.MEDIA_ROOT = _filled
    return deepcopy(schools)
