"""A valid row of every model, and the rows that it references."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

from django.db.models import Model

from accounts.enums import Role
from accounts.models import (
    ActivationCode,
    AuditEntry,
    NoticeReading,
    PrivacyNotice,
    RecoveryCode,
    Seal,
    SecondFactor,
    SignedAct,
    SlipBatch,
    User,
    WrittenRows,
)
from backstage.models import (
    Delivery,
    EmailAddress,
    FolderMark,
    IdempotencyKey,
    Message,
    PendingAct,
    StoredFile,
    TrailFeedPosition,
)
from classes.models import (
    ClassMaterial,
    ClassNotice,
    Enrolment,
    LeaveRequest,
    RatingAnswer,
    RatingGiven,
    RatingRound,
    RatingRule,
    Roll,
    SupervisionDraft,
    SupervisionNote,
    WaitingListEntry,
)
from config.lib.periods import at_local, period
from courses.enums import Strand
from courses.models import (
    Course,
    CourseMaterial,
    Equipment,
    Module,
    PlannedCourse,
    PresetSession,
    Session,
    StrandShare,
    TrainingClass,
    Venue,
)
from hours.models import (
    Assessment,
    CreditEntry,
    CreditRule,
    Dispute,
    DisputeEntry,
    RequirementRule,
    Source,
)
from instructors.models import AppointmentLetter, Instructor
from rolls.models import (
    Attendance,
    AttendanceCorrection,
    DoorRule,
    MarkDismissal,
    MarkReceipt,
    MemberCard,
    RollReminder,
    RollReopening,
    SessionFile,
    WalkIn,
)
from schools.enums import OrganisationKind
from schools.models import (
    District,
    GuidanceNote,
    NameChange,
    Organisation,
    OrganisationSuccession,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    SchoolOfficer,
    SchoolSuccession,
    Township,
)
from studies.models import (
    Study,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
)
from tests import factories
from tests.constraints.rows_of_audits import AUDITS, AuditRows
from tests.constraints.rows_of_dispatch import DISPATCH, DispatchRows
from tests.constraints.rows_of_funding import FUNDING
from tests.constraints.rows_of_hours import HOURS
from tests.constraints.rows_of_jobs import JOBS
from tests.constraints.rows_of_lecturers import LECTURERS
from tests.constraints.rows_of_quotas import QUOTAS, QuotaRows
from tests.constraints.rows_of_reconciliations import RECONCILIATIONS
from tests.constraints.rows_of_statements import STATEMENTS
from tests.constraints.rows_of_years import YEARS
from tests.factories import DAY, MORNING, NOON
from trainees.models import (
    Departure,
    Exemption,
    Member,
    MemberMerge,
    Membership,
    Post,
    ProposedOrganisation,
    RegisterImport,
    RegisterRow,
)
from years.models import DocumentRevocation, IssuedDocument

KEY = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
FIRST_HALF = period(date(2026, 1, 1), date(2026, 7, 1))
SECOND_HALF = period(date(2026, 7, 1))
FROM_JUNE = period(date(2026, 6, 1))
# No migration creates a rule for these years.
LONG_AGO = period(date(2001, 1, 1), date(2002, 1, 1))
YEAR_AFTER = period(date(2002, 1, 1), date(2003, 1, 1))
LATE_IN_IT = period(date(2001, 12, 31), date(2002, 2, 1))


class World(DispatchRows, QuotaRows, AuditRows):
    """The rows that the cases reference; each is created on first use."""

    @cached_property
    def user(self) -> User:
        return factories.make_user(has_read=False)

    @cached_property
    def other_user(self) -> User:
        return factories.make_user(has_read=False)

    @cached_property
    def third_user(self) -> User:
        return factories.make_user(has_read=False)

    @cached_property
    def second_factor(self) -> SecondFactor:
        return SecondFactor.objects.create(user=self.user, enrolled_at=NOON)

    @cached_property
    def batch(self) -> SlipBatch:
        return SlipBatch.objects.create(key=KEY, issued_at=NOON, issued_by=self.user)

    @cached_property
    def message(self) -> Message:
        return Message.objects.create(
            recipient=self.user, kind="class_notice", address="/", once="8", written_at=NOON
        )

    @cached_property
    def school(self):
        return factories.make_school()

    @cached_property
    def other_school(self):
        return factories.make_school("120111005", "津门湖街道")

    @cached_property
    def third_school(self):
        return factories.make_school("120111006", "李七庄街道")

    @cached_property
    def new_township(self) -> Township:
        return Township.objects.create(code="120111004", name="赤龙北街道")

    @cached_property
    def organisation(self) -> Organisation:
        return factories.make_organisation(self.school)

    @cached_property
    def other_organisation(self) -> Organisation:
        return factories.make_organisation(self.school, "第二党支部")

    @cached_property
    def new_organisation(self) -> Organisation:
        """An organisation without a placement yet."""
        return Organisation.objects.create(**branch(self))

    @cached_property
    def organisation_without_place(self) -> Organisation:
        return Organisation.objects.create(**branch(self) | {"code": "1201119990002"})

    @cached_property
    def district_committee(self) -> Organisation:
        return factories.make_top()

    @cached_property
    def instructor(self) -> Instructor:
        return Instructor.objects.create(name="王教授", corps="professional", employer="区委党校")

    @cached_property
    def letter(self) -> AppointmentLetter:
        return AppointmentLetter.objects.create(**VALID[AppointmentLetter](self))

    @cached_property
    def module(self) -> Module:
        return Module.objects.create(code="law", name="法治")

    @cached_property
    def venue(self) -> Venue:
        return Venue.objects.create(
            school=self.school, name="活动中心", capacity=40, period=FIRST_HALF
        )

    @cached_property
    def other_venue(self) -> Venue:
        return Venue.objects.create(
            school=self.school, name="多功能厅", capacity=40, period=FIRST_HALF
        )

    @cached_property
    def course(self) -> Course:
        return Course.objects.create(
            code="L-00", title="民法典", module=self.module, strand=Strand.THEORY, hours=4
        )

    @cached_property
    def training_class(self) -> TrainingClass:
        return factories.make_class(self.school)

    @cached_property
    def other_class(self) -> TrainingClass:
        return factories.make_class(self.school)

    @cached_property
    def session(self) -> Session:
        return factories.make_session(self.training_class)

    @cached_property
    def other_session(self) -> Session:
        return factories.make_session(self.training_class, starts_at=at_local(DAY, 14))

    @cached_property
    def member(self) -> Member:
        return factories.make_member(self.organisation)

    @cached_property
    def other_member(self) -> Member:
        return factories.make_member(self.organisation)

    @cached_property
    def newcomer(self) -> Member:
        """A member without a membership yet."""
        return Member.objects.create(**member(self))

    @cached_property
    def attendance(self) -> Attendance:
        return Attendance.objects.create(**attendance(self))

    @cached_property
    def roll(self) -> Roll:
        return Roll.objects.create(**VALID[Roll](self))

    @cached_property
    def source(self) -> Source:
        return Source.objects.create(**VALID[Source](self))

    @cached_property
    def other_source(self) -> Source:
        return Source.objects.create(**VALID[Source](self))

    @cached_property
    def register(self) -> RegisterImport:
        return RegisterImport.objects.create(**resolved(VALID[RegisterImport](self), self))

    @cached_property
    def study(self) -> Study:
        return Study.objects.create(**study(self))

    @cached_property
    def assessment(self) -> Assessment:
        return Assessment.objects.create(**assessment(self))

    @cached_property
    def stored_file(self) -> StoredFile:
        return StoredFile.objects.create(**stored_file(self))

    @cached_property
    def other_file(self) -> StoredFile:
        key = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964fe")
        return StoredFile.objects.create(**stored_file(self) | {"key": key})

    @cached_property
    def mark_receipt(self) -> MarkReceipt:
        return MarkReceipt.objects.create(**VALID[MarkReceipt](self))

    @cached_property
    def document(self) -> IssuedDocument:
        return IssuedDocument.objects.create(**document(self))

    @cached_property
    def dispute(self) -> Dispute:
        return Dispute.objects.create(**dispute(self))

    @cached_property
    def entry(self) -> CreditEntry:
        return CreditEntry.objects.create(**entry(self))


def resolved(changes: dict[str, Any], w: World) -> dict[str, Any]:
    """`changes` with its callables evaluated on the world."""
    return {name: value(w) if callable(value) else value for name, value in changes.items()}


def member(w: World) -> dict[str, Any]:
    return {
        "number": "70000001",
        "name": "王芳",
        "name_pinyin": "wang fang",
        "name_initials": "wf",
        "sex": "f",
        "birth_date": date(1970, 1, 1),
        "resident_id_encrypted": "v1.sealed",
        "resident_id_fingerprint": "first",
        "joined_on": date(1995, 7, 1),
    }


def session(w: World) -> dict[str, Any]:
    return {
        "training_class": w.training_class,
        "number": 7,
        "course": w.course,
        "venue": w.venue,
        "starts_at": at_local(DAY, 9),
        "ends_at": at_local(DAY, 11),
        "held_on": DAY,
        "hours": Decimal("2.25"),
    }


def attendance(w: World) -> dict[str, Any]:
    return {
        "session": w.session,
        "member": w.member,
        "organisation": w.organisation,
        "status": "present",
        "marked_at": NOON,
        "marked_by": w.user,
    }


def study(w: World) -> dict[str, Any]:
    return {
        "organisation": w.organisation,
        "kind": "themed_day",
        "topic": "主题党日",
        "place": "党员活动室",
        "held_on": DAY,
        "minutes": 15,
        "recorded_at": NOON,
        "recorded_by": w.user,
    }


def review(w: World) -> dict[str, Any]:
    return {
        "study": w.study,
        "round": 1,
        "step": "community",
        "verdict": "passed",
        "recorded_by": w.user,
        "reviewed_at": NOON,
        "reviewed_by": w.other_user,
    }


def participant_correction(w: World) -> dict[str, Any]:
    return {
        "study": w.study,
        "version": 3,
        "member": w.member,
        "organisation": w.organisation,
        "change": "added",
        "reason": "签到表上有他",
        "recorded_by": w.user,
        "corrected_at": NOON,
        "corrected_by": w.other_user,
    }


def dispute(w: World) -> dict[str, Any]:
    return {
        "member": w.member,
        "assessment": w.assessment,
        "occurred_on": DAY,
        "school": w.school,
        "opened_at": NOON,
    }


def said(w: World) -> dict[str, Any]:
    return {
        "dispute": w.dispute,
        "step": "opened",
        "text": "我当天到课",
        "written_at": NOON,
        "written_by": w.user,
    }


def assessment(w: World) -> dict[str, Any]:
    return {
        "member": w.member,
        "source": w.source,
        "owner": w.member,
        "organisation": w.organisation,
        "school": w.school,
        "version": 1,
        "credit_year": DAY.year,
        "occurred_on": DAY,
        "category": "concentrated",
        "gross_hours": Decimal(4),
        "rule": CreditRule.objects.get(category="concentrated"),
        "assessed_at": NOON,
        "assessed_by": w.user,
    }


def entry(w: World) -> dict[str, Any]:
    return {
        "member": w.member,
        "school": w.school,
        "organisation": w.organisation,
        "credit_year": DAY.year,
        "category": "concentrated",
        "occurred_on": DAY,
        "hours": Decimal(4),
        "assessment": w.assessment,
        "source_key": "1:1:20260513:1",
        "posted_at": NOON,
        "posted_by": w.user,
    }


def reversal(w: World) -> dict[str, Any]:
    """The exact negative of `w.entry`."""
    return entry(w) | {
        "hours": -w.entry.hours,
        "reverses": w.entry,
        "reason": "点名册核对",
        "source_key": f"{w.entry.source_key}:reversal",
    }


def stored_file(w: World) -> dict[str, Any]:
    return {
        "key": KEY,
        "name": "名册.xlsx",
        "media_type": "text/csv",
        "size": 1,
        "created_at": NOON,
        "expires_at": NOON + timedelta(seconds=1),
    }


def document(w: World) -> dict[str, Any]:
    return {
        "kind": "certificate",
        "member": w.member,
        "credit_year": DAY.year,
        "version": 1,
        "number_year": DAY.year,
        "serial": 1,
        "number": "XQ-2026-000001",
        "code_fingerprint": "first",
        "facts": {},
        "file": w.stored_file,
        "file_hash": "0" * 64,
        "issued_at": NOON,
        "issued_by": w.user,
        "digest": "0" * 64,
    }


def correction(w: World) -> dict[str, Any]:
    return {
        "attendance": w.attendance,
        "version": 1,
        "old_status": "absent",
        "new_status": "present",
        "reason": "点名册核对",
        "corrected_at": NOON,
        "corrected_by": w.user,
    }


def branch(w: World) -> dict[str, Any]:
    return {
        "code": "1201119990001",
        "name": "第九党支部",
        "kind": OrganisationKind.BRANCH,
        "period": FIRST_HALF,
    }


def guidance_note(w: World) -> dict[str, Any]:
    return {
        "school": w.school,
        "noted_on": DAY,
        "topic": "教学计划",
        "text": "比例合理",
        "written_at": NOON,
        "written_by": w.user,
    }


def place(w: World) -> dict[str, Any]:
    return {
        "organisation": w.new_organisation,
        "parent": w.district_committee,
        "township": w.new_township,
        "period": FIRST_HALF,
    }


def place_at_the_top(w: World) -> dict[str, Any]:
    return {"organisation": w.new_organisation, "period": FIRST_HALF}


def organisation_merger(w: World) -> dict[str, Any]:
    return {
        "former": w.organisation,
        "successor": w.other_organisation,
        "kind": "merger",
        "takes_effect_on": DAY,
    }


def organisation_split(w: World) -> dict[str, Any]:
    return organisation_merger(w) | {"kind": "split"}


def school_merger(w: World) -> dict[str, Any]:
    return organisation_merger(w) | {"former": w.school, "successor": w.other_school}


def school_split(w: World) -> dict[str, Any]:
    return school_merger(w) | {"kind": "split"}


def requirement_rule(w: World) -> dict[str, Any]:
    return {
        "group": "every_member",
        "version": 90,
        "hours": Decimal("32.25"),
        "source": "条例",
        "period": LONG_AGO,
    }


def clock_rule(w: World) -> dict[str, Any]:
    return requirement_rule(w) | {
        "group": "new_secretary",
        "hours": Decimal(0),
        "concentrated_trainings": 1,
        "within_months": 6,
    }


def credit_rule(w: World) -> dict[str, Any]:
    return {
        "category": "collective",
        "version": 90,
        "daily_cap": Decimal("8.25"),
        "late_deduction": Decimal(0),
        "source": "本区规则",
        "period": LONG_AGO,
    }


VALID: dict[type[Model], Callable[[World], dict[str, Any]]] = {
    User: lambda w: {"username": "wang.fang", "display_name": "王芳", "phone": "13800000000"},
    AuditEntry: lambda w: {
        "at": NOON,
        "actor": w.user,
        "actor_name": "王芳",
        "channel": "web",
        "act": "change_record",
        "object_type": "schools.school",
        "object_id": "1",
        "object_label": "杨柳青镇党校",
        "digest": "0" * 64,
    },
    WrittenRows: lambda w: {
        "act": 1,
        "in_table": "schools_school",
        "change": "U",
        "columns": "id,code,name",
        "keys": [1],
        "digests": [b"\0" * 32],
    },
    SignedAct: lambda w: {
        "number": 1_000_000,
        "kind": "act",
        "signed_at": NOON,
        "statements": 1,
        "digest": "0" * 64,
        "signature": "0" * 64,
    },
    Seal: lambda w: {
        "number": 1_000_000,
        "sealed_at": NOON,
        "last_signed_at": NOON,
        "acts": [1_000_000],
        "root": "0" * 64,
        "previous": "1" * 64,
        "head": "2" * 64,
    },
    IdempotencyKey: lambda w: {
        "key": KEY,
        "user": w.user,
        "act": "submit_roll:1",
        "body_hash": "0" * 64,
        "location": "/",
        "created_at": NOON,
    },
    StoredFile: stored_file,
    **JOBS,
    PendingAct: lambda w: {
        "kind": "staff_slip",
        "account": w.other_user,
        "proposed_at": NOON,
        "proposed_by": w.user,
    },
    FolderMark: lambda w: {"folder_id": KEY},
    Message: lambda w: {
        "recipient": w.user,
        "kind": "class_notice",
        "address": "/my/timetable/",
        "once": "7",
        "written_at": NOON,
    },
    Delivery: lambda w: {"message": w.message, "channel": "email", "due_at": NOON},
    EmailAddress: lambda w: {"user": w.user, "address": "zhang@example.cn"},
    TrailFeedPosition: lambda w: {"target": "/trail.log", "sent_id": 7},
    SlipBatch: lambda w: {"key": KEY, "issued_at": NOON, "issued_by": w.user},
    ActivationCode: lambda w: {
        "user": w.user,
        "batch": w.batch,
        "code_fingerprint": "0" * 64,
        "code_encrypted": "v1.sealed",
        "expires_at": NOON,
    },
    SecondFactor: lambda w: {
        "user": w.user,
        "secret_encrypted": "v1.sealed",
        "enrolled_at": NOON,
    },
    RecoveryCode: lambda w: {"factor": w.second_factor, "code_fingerprint": "0" * 64},
    NoticeReading: lambda w: {
        "user": w.user,
        "notice": PrivacyNotice.objects.get(version=1),
        "read_at": NOON,
    },
    District: lambda w: {"code": "120111", "name": "西青区"},
    School: lambda w: {
        "code": "120111099",
        "name": "第十二所党校",
        "period": FIRST_HALF,
        "taken_over_by": w.other_school,
    },
    SchoolArea: lambda w: {
        "school": w.school,
        "township": w.new_township,
        "period": FIRST_HALF,
    },
    SchoolOfficer: lambda w: {
        "school": w.school,
        "office": "vice_principal",
        "name": "王芳",
        "period": FIRST_HALF,
    },
    GuidanceNote: guidance_note,
    Organisation: branch,
    OrganisationSuccession: organisation_merger,
    SchoolSuccession: school_merger,
    NameChange: lambda w: {
        "organisation": w.organisation,
        "takes_effect_on": DAY,
        "former_name": "第一党支部",
        "name": "第九党支部",
    },
    Placement: place,
    RoleGrant: lambda w: {
        "user": w.user,
        "role": Role.SCHOOL_CLERK,
        "school": w.school,
        "period": FIRST_HALF,
    },
    **LECTURERS,
    **YEARS,
    **RECONCILIATIONS,
    **STATEMENTS,
    **HOURS,
    **DISPATCH,
    **QUOTAS,
    **FUNDING,
    **AUDITS,
    StrandShare: lambda w: {
        "module": w.module,
        "strand": Strand.THEORY,
        "percent": Decimal(100),
        "period": FIRST_HALF,
    },
    Course: lambda w: {
        "code": "L-01",
        "title": "宪法",
        "module": w.module,
        "strand": Strand.THEORY,
        "hours": Decimal("0.25"),
    },
    Venue: lambda w: {
        "school": w.school,
        "name": "党群服务中心",
        "capacity": 1,
        "period": FIRST_HALF,
    },
    Equipment: lambda w: {"venue": w.venue, "kind": "flag", "count": 1},
    Session: session,
    TrainingClass: lambda w: {
        "code": "120111102-2026-001",
        "title": "冬季加油包",
        "school": w.school,
        "module": w.module,
        "format": "pack",
        "audience": "ordinary",
    },
    PresetSession: lambda w: {
        "preset": "pack",
        "number": 7,
        "day": 2,
        "starts": time(8, 30),
        "minutes": 120,
        "hours": Decimal(2),
    },
    Member: member,
    Membership: lambda w: {
        "member": w.newcomer,
        "organisation": w.organisation,
        "period": FIRST_HALF,
    },
    Post: lambda w: {
        "member": w.member,
        "organisation": w.organisation,
        "kind": "secretary",
        "period": FIRST_HALF,
    },
    Exemption: lambda w: {"member": w.member, "category": "frail", "period": FIRST_HALF},
    SessionFile: lambda w: {
        "session": w.session,
        "kind": "photo",
        "file": w.stored_file,
        "digest": "0" * 64,
        "added_at": NOON,
        "added_by": w.user,
    },
    WalkIn: lambda w: {
        "session": w.session,
        "name": "李秀英",
        "status": "present",
        "recorded_at": NOON,
        "recorded_by": w.user,
        "member": w.member,
        "matched_at": NOON,
        "matched_by": w.user,
    },
    WaitingListEntry: lambda w: {
        "training_class": w.training_class,
        "member": w.member,
        "since": NOON,
    },
    ClassNotice: lambda w: {
        "training_class": w.training_class,
        "text": "请带笔记本",
        "posted_at": NOON,
        "posted_by": w.user,
    },
    PlannedCourse: lambda w: {
        "school": w.school,
        "year": 2026,
        "month": 5,
        "course": w.course,
        "audience": "ordinary",
    },
    CourseMaterial: lambda w: {
        "course": w.course,
        "title": "讲义",
        "file": w.stored_file,
        "added_at": NOON,
        "added_by": w.user,
    },
    ClassMaterial: lambda w: {
        "training_class": w.training_class,
        "title": "课程提纲",
        "file": w.stored_file,
        "position": 1,
        "added_at": NOON,
        "added_by": w.user,
    },
    DoorRule: lambda w: {
        "opens_before": 60,
        "present_until": 10,
        "closes_after": 60,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    MemberCard: lambda w: {
        "member": w.member,
        "batch": UUID(int=1),
        "code_fingerprint": "1",
        "issued_at": NOON,
        "issued_by": w.user,
    },
    RatingRule: lambda w: {
        "days": 14,
        "source": "本区规定",
        "period": period(date(2017, 1, 1), date(2018, 1, 1)),
    },
    RatingRound: lambda w: {"training_class": w.training_class, "last_day": DAY, "least": 5},
    RatingGiven: lambda w: {"training_class": w.training_class, "member": w.member},
    RatingAnswer: lambda w: {
        "training_class": w.training_class,
        "content": 5,
        "teaching": 1,
        "usefulness": 3,
        "organisation": 4,
    },
    SupervisionDraft: lambda w: {
        "session": w.session,
        "supervisor": w.user,
        "visited_at": MORNING,
        "observed": "",
        "saved_at": NOON,
    },
    SupervisionNote: lambda w: {
        "session": w.session,
        "supervisor": w.user,
        "version": 1,
        "visited_at": MORNING,
        "observed": "课堂秩序良好",
        "filed_at": NOON,
    },
    LeaveRequest: lambda w: {
        "session": w.session,
        "member": w.member,
        "reason": "值班",
        "asked_at": NOON,
    },
    Enrolment: lambda w: {
        "training_class": w.training_class,
        "member": w.member,
        "organisation": w.organisation,
        "phone_pocket": 1,
    },
    Roll: lambda w: {
        "session": w.session,
        "state": "submitted",
        "submitted_at": NOON,
        "submitted_by": w.user,
        "source": w.source,
    },
    Source: lambda w: {"kind": "roll", "training": "class:1"},
    RollReminder: lambda w: {
        "session": w.session,
        "sent_on": DAY,
        "sent_at": NOON,
        "sent_by": w.user,
    },
    RollReopening: lambda w: {
        "roll": w.roll,
        "reason": "点错一人",
        "asked_at": NOON,
        "asked_by": w.user,
    },
    RegisterImport: lambda w: {
        "file_name": "名册.csv",
        "file_hash": "",
        "as_of": DAY,
        "uploaded_at": NOON,
    },
    ProposedOrganisation: lambda w: {"register": w.register, "name": "一街村党支部", "rows": 3},
    RegisterRow: lambda w: {"register": w.register, "row_number": 4, "kind": "new"},
    Attendance: attendance,
    AttendanceCorrection: correction,
    MarkReceipt: lambda w: {
        "session": w.session,
        "key": KEY,
        "member": w.member,
        "status": "present",
        "device_at": NOON,
        "received_at": NOON,
        "received_from": w.user,
        "outcome": "applied",
    },
    MarkDismissal: lambda w: {
        "receipt": w.mark_receipt,
        "reason": "另有更正",
        "dismissed_at": NOON,
        "dismissed_by": w.user,
    },
    Study: study,
    StudyParticipant: lambda w: {
        "study": w.study,
        "member": w.member,
        "organisation": w.organisation,
    },
    StudyReview: review,
    StudyParticipantCorrection: participant_correction,
    Dispute: dispute,
    DisputeEntry: said,
    StudySubmission: lambda w: {
        "study": w.study,
        "round": 1,
        "submitted_at": NOON,
        "submitted_by": w.user,
    },
    MemberMerge: lambda w: {
        "kept": w.member,
        "given_up": w.other_member,
        "reason": "同一人",
        "proposed_at": NOON,
        "proposed_by": w.user,
    },
    Departure: lambda w: {
        "member": w.member,
        "organisation": w.organisation,
        "kind": "death",
        "left_on": date(2026, 3, 1),
        "recorded_at": NOON,
        "recorded_by": w.user,
    },
    RequirementRule: requirement_rule,
    CreditRule: credit_rule,
    Assessment: assessment,
    CreditEntry: entry,
    IssuedDocument: document,
    DocumentRevocation: lambda w: {
        "document": w.document,
        "reason": "姓名有误",
        "revoked_at": NOON,
        "revoked_by": w.user,
    },
}

# The values that make a second document distinct, except for the field that a case is about.
ANOTHER_DOCUMENT: dict[str, Any] = {
    "version": 2,
    "serial": 2,
    "number": "XQ-2026-000002",
    "code_fingerprint": "second",
    "file": lambda w: w.other_file,
}
