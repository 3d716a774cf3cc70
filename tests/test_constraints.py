"""What the database forbids: every named constraint, with the least change that breaks it.

Each case first shows that the database accepts the row it starts from, so that the refusal is
of the change and of nothing else. The application's role does the writing.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.conf import settings
from django.db import IntegrityError, InternalError, ProgrammingError, connection, transaction
from django.db.models import Model

from accounts.enums import Role
from accounts.models import (
    ActivationCode,
    AuditEntry,
    NoticeReading,
    PrivacyNotice,
    SlipBatch,
    User,
)
from backstage.models import IdempotencyKey, Job, StoredFile
from config.lib.append_only import append_only_models
from config.lib.database_roles import as_owner, has_two_roles
from config.lib.periods import at_local, period
from courses.enums import Strand
from courses.models import (
    Course,
    DoorRule,
    Equipment,
    Module,
    PresetSession,
    Session,
    StrandShare,
    TrainingClass,
    Venue,
)
from funding.models import Allocation
from instructors.models import AppointmentLetter, Instructor
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
from tests import factories
from tests.factories import DAY, MORNING, NOON
from trainees.models import (
    Assessment,
    Attendance,
    AttendanceCorrection,
    ClassMaterial,
    ClassNotice,
    CreditEntry,
    CreditRule,
    CreditStep,
    Dispute,
    DisputeEntry,
    DocumentRevocation,
    Enrolment,
    Exemption,
    IssuedDocument,
    LeaveRequest,
    LedgerCheck,
    MarkDismissal,
    MarkReceipt,
    Member,
    MemberCard,
    MemberMerge,
    Membership,
    Post,
    RatingAnswer,
    RatingGiven,
    RatingRound,
    RatingRule,
    RegisterImport,
    RegisterRow,
    RequirementRule,
    Roll,
    RollReopening,
    SessionFile,
    Study,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
    SupervisionDraft,
    SupervisionNote,
    WaitingListEntry,
    WalkIn,
)

OUR_MODELS = [
    model
    for app in apps.get_app_configs()
    if app.path == str(settings.BASE_DIR / app.name)
    for model in app.get_models()
]
NAMED = {constraint.name for model in OUR_MODELS for constraint in model._meta.constraints}

KEY = UUID("6f9619ff-8b86-4d01-b42d-00cf4fc964ff")
FIRST_HALF = period(date(2026, 1, 1), date(2026, 7, 1))
SECOND_HALF = period(date(2026, 7, 1))
FROM_JUNE = period(date(2026, 6, 1))
# No migration fills these years with a rule.
LONG_AGO = period(date(2001, 1, 1), date(2002, 1, 1))
YEAR_AFTER = period(date(2002, 1, 1), date(2003, 1, 1))
LATE_IN_IT = period(date(2001, 12, 31), date(2002, 2, 1))


class World:
    """What the rows of the cases refer to; made as far as a case asks for it."""

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
    def batch(self) -> SlipBatch:
        return SlipBatch.objects.create(key=KEY, issued_at=NOON, issued_by=self.user)

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
        """An organisation whose place is still to be recorded."""
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
        """A member whose membership is still to be recorded."""
        return Member.objects.create(**member(self))

    @cached_property
    def attendance(self) -> Attendance:
        return Attendance.objects.create(**attendance(self))

    @cached_property
    def roll(self) -> Roll:
        return Roll.objects.create(**VALID[Roll](self))

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


def member(w: World) -> dict[str, Any]:
    return {
        "number": "70000001",
        "name": "王芳",
        "name_pinyin": "wang fang",
        "name_initials": "wf",
        "sex": "f",
        "birth_date": date(1970, 1, 1),
        "resident_id_sealed": "v1.sealed",
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
        "attendance": w.attendance,
        "version": 1,
        "credit_year": DAY.year,
        "occurred_on": DAY,
        "category": "concentrated",
        "gross_hours": Decimal(4),
        "rule": CreditRule.objects.get(category="concentrated"),
        "assessed_at": NOON,
        "assessed_by": w.user,
    }


def study_assessment(w: World) -> dict[str, Any]:
    return assessment(w) | {"attendance": None, "study": w.study, "category": "collective"}


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
        "source_key": "attendance:1:1",
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
        "seal": "0" * 64,
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
        "seal": "0" * 64,
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
    Job: lambda w: {"kind": "test.order", "asked_at": NOON, "done": 3, "total": 3},
    SlipBatch: lambda w: {"key": KEY, "issued_at": NOON, "issued_by": w.user},
    ActivationCode: lambda w: {
        "user": w.user,
        "batch": w.batch,
        "code_fingerprint": "0" * 64,
        "code_sealed": "v1.sealed",
        "expires_at": NOON,
    },
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
    Instructor: lambda w: {"name": "赵讲师", "corps": "professional", "employer": "区委党校"},
    AppointmentLetter: lambda w: {
        "number": "聘2026-001",
        "instructor": w.instructor,
        "period": FIRST_HALF,
        "signed_on": DAY,
    },
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
    Allocation: lambda w: {
        "school": w.school,
        "year": 2026,
        "channel": "fiscal",
        "amount": Decimal("0.01"),
        "document": "西财〔2026〕1号",
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
    RequirementRule: requirement_rule,
    CreditRule: credit_rule,
    CreditStep: lambda w: {
        "rule": CreditRule.objects.get(category="collective"),
        "from_minutes": 30,
        "hours": Decimal(1),
    },
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

# What tells a document from any other, but for what a case is about.
ANOTHER_DOCUMENT: dict[str, Any] = {
    "version": 2,
    "serial": 2,
    "number": "XQ-2026-000002",
    "code_fingerprint": "second",
    "file": lambda w: w.other_file,
}


@dataclass(frozen=True)
class Alone:
    """A row breaks the rule by itself: the valid one with `refused` changed."""

    model: type[Model]
    refused: dict[str, Any]
    row: Callable[[World], dict[str, Any]] | None = None

    def fields(self, w: World) -> dict[str, Any]:
        return (self.row or VALID[self.model])(w)

    def before(self, w: World) -> None:
        """Nothing has to be stored beforehand."""

    def accepted_fields(self, w: World) -> dict[str, Any] | None:
        return self.fields(w)

    def refused_fields(self, w: World) -> dict[str, Any]:
        return self.fields(w) | resolved(self.refused, w)


@dataclass(frozen=True)
class Beside(Alone):
    """A row breaks the rule beside another one; changed by `accepted` it may stand there.

    `accepted` is None where nothing may stand beside the first row.
    """

    accepted: dict[str, Any] | None = field(default_factory=dict)

    def before(self, w: World) -> None:
        self.model.objects.create(**self.fields(w))

    def accepted_fields(self, w: World) -> dict[str, Any] | None:
        if self.accepted is None:
            return None
        return self.fields(w) | resolved(self.accepted, w)


def resolved(changes: dict[str, Any], w: World) -> dict[str, Any]:
    """`changes` with what depends on the world looked up."""
    return {name: value(w) if callable(value) else value for name, value in changes.items()}


AT_ELEVEN = {"starts_at": at_local(DAY, 11), "ends_at": at_local(DAY, 12)}
CASES: dict[str, Alone] = {
    # accounts, backstage
    "user_name_is_no_id_number": Alone(User, {"username": "11010519491231002x"}),
    "user_name_is_no_phone": Alone(User, {"username": "13800000000"}),
    "user_phone_is_mobile": Alone(User, {"phone": "2380000000"}),
    "audit_entry_names_its_actor": Alone(AuditEntry, {"actor": None}),
    "slip_batch_key_once_per_issuer": Beside(
        SlipBatch, refused={"issued_at": MORNING}, accepted={"issued_by": lambda w: w.other_user}
    ),
    "activation_code_one_open_per_account": Beside(
        ActivationCode,
        refused={"code_fingerprint": "1" * 64},
        accepted={"ended_at": NOON, "ended_by": "used", "code_sealed": ""},
    ),
    "activation_code_end_has_reason": Alone(ActivationCode, {"ended_by": "used"}),
    "activation_code_is_erased_at_its_end": Alone(
        ActivationCode, {"ended_at": NOON, "ended_by": "used"}
    ),
    "activation_code_dies_of_wrong_tries": Alone(ActivationCode, {"wrong_tries": 5}),
    "notice_reading_once_per_account": Beside(
        NoticeReading, refused={"read_at": MORNING}, accepted={"user": lambda w: w.other_user}
    ),
    "idempotency_key_once_per_user": Beside(
        IdempotencyKey,
        refused={"act": "correct_attendance:1"},
        accepted={"user": lambda w: factories.make_user()},
    ),
    "stored_file_expires_later": Alone(StoredFile, {"expires_at": NOON}),
    "job_has_an_end_once_over": Alone(Job, {"ended_at": NOON}),
    "job_does_no_more_than_all": Alone(Job, {"done": 4}),
    "register_import_applied_at_a_time": Alone(RegisterImport, {"applied_at": NOON}),
    "register_row_once_per_import": Beside(
        RegisterRow, refused={"kind": "unchanged"}, accepted={"row_number": 5}
    ),
    "register_row_is_refused_for_a_reason": Alone(RegisterRow, {"kind": "refused"}),
    "register_row_stands_in_the_file": Alone(RegisterRow, {"row_number": None}),
    # schools
    "district_is_one": Beside(
        District, refused={"code": "120112", "name": "津南区"}, accepted=None
    ),
    "school_area_one_school_at_a_time": Beside(
        SchoolArea,
        refused={"school": lambda w: w.other_school, "period": FROM_JUNE},
        accepted={"school": lambda w: w.other_school, "period": SECOND_HALF},
    ),
    "placement_one_at_a_time": Beside(
        Placement,
        refused={"parent": lambda w: w.organisation, "period": FROM_JUNE},
        accepted={"parent": lambda w: w.organisation, "period": SECOND_HALF},
    ),
    "placement_one_top_at_a_time": Beside(
        Placement,
        refused={"organisation": lambda w: w.organisation_without_place, "period": FROM_JUNE},
        accepted={"organisation": lambda w: w.organisation_without_place, "period": SECOND_HALF},
        row=place_at_the_top,
    ),
    "placement_below_the_top_has_township": Alone(Placement, {"township": None}),
    "placement_is_not_below_itself": Alone(Placement, {"parent": lambda w: w.new_organisation}),
    "name_change_once_a_day": Beside(
        NameChange,
        refused={"name": "第八党支部"},
        accepted={"takes_effect_on": DAY + timedelta(days=1)},
    ),
    "organisationsuccession_joins_two": Alone(
        OrganisationSuccession, {"successor": lambda w: w.organisation}
    ),
    "organisationsuccession_merger_once": Beside(
        OrganisationSuccession,
        refused={"successor": lambda w: w.new_organisation},
        accepted={"successor": lambda w: w.new_organisation, "kind": "split"},
    ),
    "organisationsuccession_split_once": Beside(
        OrganisationSuccession,
        refused={"takes_effect_on": DAY + timedelta(days=1)},
        accepted={"successor": lambda w: w.new_organisation},
        row=organisation_split,
    ),
    "school_taken_over_has_ended": Alone(School, {"period": FROM_JUNE}),
    "schoolsuccession_joins_two": Alone(SchoolSuccession, {"successor": lambda w: w.school}),
    "schoolsuccession_merger_once": Beside(
        SchoolSuccession,
        refused={"successor": lambda w: w.third_school},
        accepted={"successor": lambda w: w.third_school, "kind": "split"},
    ),
    "schoolsuccession_split_once": Beside(
        SchoolSuccession,
        refused={"takes_effect_on": DAY + timedelta(days=1)},
        accepted={"successor": lambda w: w.third_school},
        row=school_split,
    ),
    "school_officer_one_at_a_time": Beside(
        SchoolOfficer,
        refused={"name": "李芳", "period": FROM_JUNE},
        accepted={"name": "李芳", "period": SECOND_HALF},
    ),
    "guidance_note_is_not_ahead": Alone(GuidanceNote, {"noted_on": DAY + timedelta(days=1)}),
    "role_grant_scope_fits_role": Alone(RoleGrant, {"school": None}),
    "role_grant_is_not_derived": Alone(RoleGrant, {"role": Role.MEMBER, "school": None}),
    "role_grant_one_administrator_role": Beside(
        RoleGrant,
        refused={"role": Role.AUDIT_ADMINISTRATOR, "period": FROM_JUNE},
        accepted={"role": Role.AUDIT_ADMINISTRATOR, "period": SECOND_HALF},
        row=lambda w: {
            "user": w.user,
            "role": Role.SYSTEM_ADMINISTRATOR,
            "period": FIRST_HALF,
        },
    ),
    "role_grant_one_money_role": Beside(
        RoleGrant,
        refused={"role": Role.AUDITOR, "school": None, "channel": "", "period": FROM_JUNE},
        accepted={"role": Role.CUSTODIAN, "channel": "dues"},
        row=lambda w: {
            "user": w.user,
            "role": Role.CUSTODIAN,
            "school": w.school,
            "channel": "fiscal",
            "period": FIRST_HALF,
        },
    ),
    "role_grant_once_at_a_time": Beside(
        RoleGrant, refused={"period": FROM_JUNE}, accepted={"period": SECOND_HALF}
    ),
    # instructors
    "instructor_backbone_is_nominated": Alone(Instructor, {"corps": "backbone"}),
    "appointment_letter_one_at_a_time": Beside(
        AppointmentLetter,
        refused={"number": "聘2026-002", "period": FROM_JUNE},
        accepted={"number": "聘2026-002", "period": SECOND_HALF},
    ),
    # courses
    "strand_share_one_at_a_time": Beside(
        StrandShare, refused={"period": FROM_JUNE}, accepted={"period": SECOND_HALF}
    ),
    "strand_share_is_percent": Alone(StrandShare, {"percent": Decimal("100.01")}),
    "course_hours_in_steps": Alone(Course, {"hours": Decimal("0.30")}),
    "venue_name_once_per_school": Beside(
        Venue, refused={"capacity": 9}, accepted={"school": lambda w: w.other_school}
    ),
    "venue_has_capacity": Alone(Venue, {"capacity": 0}),
    "equipment_once_per_venue": Beside(Equipment, refused={"count": 2}, accepted={"kind": "oath"}),
    "equipment_is_there": Alone(Equipment, {"count": 0}),
    "session_number_once_per_class": Beside(
        Session, refused=AT_ELEVEN, accepted=AT_ELEVEN | {"number": 8}
    ),
    "session_has_one_place": Alone(Session, {"place": "村口"}),
    "training_class_has_places": Alone(TrainingClass, {"capacity": 0}),
    "preset_session_number_once": Beside(
        PresetSession, refused={"minutes": 90}, accepted={"number": 8}
    ),
    "preset_session_counts_from_one": Alone(PresetSession, {"day": 0}),
    "preset_session_hours_in_steps": Alone(PresetSession, {"hours": Decimal("0.30")}),
    "preset_session_hours_within_a_day": Alone(PresetSession, {"hours": Decimal("24.25")}),
    "session_venue_once_at_a_time": Beside(
        Session,
        refused={"number": 8, "starts_at": at_local(DAY, 10), "ends_at": at_local(DAY, 12)},
        accepted=AT_ELEVEN | {"number": 8},
    ),
    "session_lecturer_once_at_a_time": Beside(
        Session,
        refused={"number": 8, "venue": lambda w: w.other_venue},
        accepted={"number": 8, "venue": lambda w: w.other_venue, "instructor": None},
        row=lambda w: session(w) | {"instructor": w.instructor},
    ),
    "session_called_off_with_a_reason": Alone(
        Session, {"called_off_at": at_local(DAY, 8), "called_off_by": lambda w: w.user}
    ),
    "session_called_off_before_it_begins": Alone(
        Session,
        {
            "called_off_at": at_local(DAY, 9),
            "called_off_by": lambda w: w.user,
            "called_off_because": "暴雪",
        },
    ),
    "session_ends_after_start": Alone(Session, {"ends_at": at_local(DAY, 9)}),
    # Nine in the morning in Asia/Shanghai is one at night in UTC; seven is the day before there.
    "session_date_is_local": Alone(
        Session, {"starts_at": at_local(DAY, 7), "held_on": DAY - timedelta(days=1)}
    ),
    "session_hours_in_steps": Alone(Session, {"hours": Decimal("2.20")}),
    "session_hours_within_a_day": Alone(Session, {"hours": Decimal("24.25")}),
    # funding
    "allocation_is_positive": Alone(Allocation, {"amount": Decimal(0)}),
    # trainees: people
    "member_is_full_after_joining": Alone(Member, {"full_member_on": date(1995, 6, 30)}),
    "member_resident_id_once": Beside(
        Member,
        refused={"number": "70000002"},
        accepted={"number": "70000002", "resident_id_fingerprint": "second"},
    ),
    "membership_one_at_a_time": Beside(
        Membership,
        refused={"organisation": lambda w: w.other_organisation, "period": FROM_JUNE},
        accepted={"organisation": lambda w: w.other_organisation, "period": SECOND_HALF},
    ),
    "post_once_at_a_time": Beside(
        Post, refused={"period": FROM_JUNE}, accepted={"period": SECOND_HALF}
    ),
    "exemption_one_at_a_time": Beside(
        Exemption,
        refused={"category": "elderly", "period": FROM_JUNE},
        accepted={"category": "elderly", "period": SECOND_HALF},
    ),
    # trainees: rolls
    "enrolment_numbers_from_1_to_999": Alone(Enrolment, {"phone_pocket": 1000}),
    "enrolment_one_monitor": Beside(
        Enrolment,
        refused={"member": lambda w: w.newcomer, "phone_pocket": 2},
        accepted={"member": lambda w: w.newcomer, "phone_pocket": 2, "is_monitor": False},
        row=lambda w: VALID[Enrolment](w) | {"is_monitor": True},
    ),
    "session_file_kind_known": Alone(SessionFile, {"kind": "certificate"}),
    "session_file_once_per_session": Beside(
        SessionFile,
        refused={"file": lambda w: w.other_file},
        accepted={"file": lambda w: w.other_file, "digest": "1" * 64},
    ),
    "walk_in_has_name": Alone(WalkIn, {"name": ""}),
    "walk_in_attended": Alone(WalkIn, {"status": "absent"}),
    "walk_in_match_is_signed": Alone(WalkIn, {"member": None}),
    "walk_in_member_once_per_session": Beside(
        WalkIn,
        refused={"name": "李秀兰"},
        accepted={"member": None, "matched_at": None, "matched_by": None},
    ),
    "waiting_list_once_per_class": Beside(
        WaitingListEntry, refused={}, accepted={"member": lambda w: w.newcomer}
    ),
    "leave_asked_once_per_session": Beside(
        LeaveRequest, refused={"reason": "家事"}, accepted={"withdrawn_at": NOON}
    ),
    "class_material_has_title": Alone(ClassMaterial, {"title": ""}),
    "class_material_places_from_one": Alone(ClassMaterial, {"position": 0}),
    "class_material_one_at_a_place": Beside(
        ClassMaterial,
        refused={"file": lambda w: w.other_file},
        accepted={"file": lambda w: w.other_file, "position": 2},
    ),
    "door_rule_one_at_a_time": Beside(
        DoorRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "door_rule_in_order": Alone(DoorRule, {"closes_after": 9}),
    "member_card_one_is_valid": Beside(
        MemberCard,
        refused={"code_fingerprint": "2"},
        accepted={"code_fingerprint": "2", "member": lambda w: w.newcomer},
    ),
    "member_card_end_is_signed": Alone(MemberCard, {"ended_at": NOON}),
    "rating_rule_one_at_a_time": Beside(
        RatingRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "rating_rule_of_five_answers": Alone(RatingRule, {"least": 4}),
    "rating_round_of_five_answers": Alone(RatingRound, {"least": 4}),
    "rating_given_once_per_class": Beside(
        RatingGiven, refused={}, accepted={"member": lambda w: w.newcomer}
    ),
    "rating_answer_from_one_to_five": Alone(RatingAnswer, {"teaching": 6}),
    "supervision_draft_once_per_session": Beside(
        SupervisionDraft, refused={}, accepted={"supervisor": lambda w: factories.make_user()}
    ),
    "supervision_note_version_once": Beside(
        SupervisionNote, refused={}, accepted={"version": 2, "reason": "补充"}
    ),
    "supervision_note_says_something": Alone(SupervisionNote, {"observed": ""}),
    "supervision_note_amended_with_reason": Alone(SupervisionNote, {"version": 2}),
    "class_notice_has_text": Alone(ClassNotice, {"text": ""}),
    "class_notice_end_is_signed": Alone(ClassNotice, {"taken_down_at": NOON}),
    "leave_has_reason": Alone(LeaveRequest, {"reason": ""}),
    "leave_answer_is_signed": Alone(LeaveRequest, {"answer": "accepted", "answered_at": NOON}),
    "leave_refused_with_a_word": Alone(
        LeaveRequest,
        {"word": ""},
        row=lambda w: (
            VALID[LeaveRequest](w)
            | {"answer": "refused", "word": "本课必到", "answered_at": NOON, "answered_by": w.user}
        ),
    ),
    "enrolment_once_per_class": Beside(
        Enrolment,
        refused={"phone_pocket": 2},
        accepted={"phone_pocket": 2, "member": lambda w: w.other_member},
    ),
    "enrolment_pocket_once_per_class": Beside(
        Enrolment,
        refused={"member": lambda w: w.other_member},
        accepted={"member": lambda w: w.other_member, "phone_pocket": None},
    ),
    "roll_submission_is_signed": Alone(Roll, {"submitted_by": None}),
    "roll_closed_is_submitted": Alone(
        Roll,
        {"closed_at": NOON},
        row=lambda w: {"session": w.session, "state": "draft"},
    ),
    "roll_closed_or_reopened": Alone(Roll, {"closed_at": NOON, "reopened_at": NOON}),
    "roll_reopening_one_waits": Beside(
        RollReopening,
        refused={"reason": "再次核对"},
        accepted={"answer": "granted", "answered_at": NOON, "answered_by": lambda w: w.other_user},
    ),
    "roll_reopening_has_reason": Alone(RollReopening, {"reason": ""}),
    "roll_reopening_answer_is_signed": Alone(
        RollReopening, {"answer": "granted", "answered_at": NOON}
    ),
    "roll_reopening_refused_with_a_word": Alone(
        RollReopening,
        {"answer": "refused", "answered_at": NOON, "answered_by": lambda w: w.other_user},
    ),
    "roll_reopening_answered_by_another": Alone(
        RollReopening,
        {"answer": "granted", "answered_at": NOON, "answered_by": lambda w: w.user},
    ),
    "attendance_once_per_session": Beside(
        Attendance,
        refused={"status": "absent"},
        accepted={"session": lambda w: w.other_session},
    ),
    "attendance_correction_version_once": Beside(
        AttendanceCorrection, refused={"reason": "再次核对"}, accepted={"version": 2}
    ),
    "attendance_correction_changes": Alone(AttendanceCorrection, {"new_status": "absent"}),
    "attendance_correction_has_reason": Alone(AttendanceCorrection, {"reason": ""}),
    "mark_receipt_once_per_session": Beside(
        MarkReceipt, refused={"status": "late"}, accepted={"key": UUID(int=1)}
    ),
    "mark_dismissal_has_reason": Alone(MarkDismissal, {"reason": ""}),
    "mark_receipt_refusal_has_reason": Alone(MarkReceipt, {"outcome": "refused"}),
    "mark_receipt_conflict_names_the_other_mark": Alone(MarkReceipt, {"outcome": "conflict"}),
    "member_merged_from_a_year": Alone(Member, {"merged_into": lambda w: w.other_member}),
    "member_merged_into_another": Alone(
        Member, {"pk": 10**9, "merged_into_id": 10**9, "merged_year": DAY.year}
    ),
    "member_merge_of_two": Alone(MemberMerge, {"given_up": lambda w: w.member}),
    "member_merge_once": Beside(
        MemberMerge,
        refused={"kept": lambda w: w.newcomer},
        accepted={"given_up": lambda w: w.newcomer},
    ),
    "member_merge_once_per_pair": Beside(
        MemberMerge,
        refused={"kept": lambda w: w.other_member, "given_up": lambda w: w.member},
        accepted={"given_up": lambda w: w.newcomer},
    ),
    "member_merge_by_two_people": Alone(
        MemberMerge, {"state": "done", "decided_at": NOON, "decided_by": lambda w: w.user}
    ),
    "member_merge_decision_is_dated": Alone(MemberMerge, {"state": "done"}),
    "member_merge_undoing_is_dated_and_reasoned": Alone(
        MemberMerge,
        {"state": "undone", "decided_at": NOON, "undone_at": NOON, "undo_reason": ""},
    ),
    "member_merge_has_reason": Alone(MemberMerge, {"reason": ""}),
    "study_once_at_a_time": Beside(
        Study, refused={"topic": "党课"}, accepted={"kind": "party_lesson"}
    ),
    "study_minutes_sane": Alone(Study, {"minutes": 4}),
    "study_days_sane": Alone(Study, {"days": 32}),
    "study_was_submitted": Alone(Study, {"state": "submitted"}),
    "study_participant_once_per_study": Beside(
        StudyParticipant,
        refused={"organisation": lambda w: w.other_organisation},
        accepted={"member": lambda w: w.other_member},
    ),
    "study_review_step_once": Beside(
        StudyReview,
        refused={"reviewed_by": lambda w: w.third_user},
        accepted={"step": "school", "reviewed_by": lambda w: w.third_user},
    ),
    "study_review_two_people": Beside(
        StudyReview, refused={"step": "school"}, accepted={"step": "school", "round": 2}
    ),
    "study_review_by_another": Alone(StudyReview, {"reviewed_by": lambda w: w.user}),
    "study_review_return_has_reason": Alone(StudyReview, {"verdict": "returned"}),
    "study_correction_once_per_version": Beside(
        StudyParticipantCorrection, refused={"change": "removed"}, accepted={"version": 4}
    ),
    "study_correction_by_another": Alone(
        StudyParticipantCorrection, {"corrected_by": lambda w: w.user}
    ),
    "study_correction_has_reason": Alone(StudyParticipantCorrection, {"reason": ""}),
    "study_submission_round_once": Beside(
        StudySubmission, refused={"submitted_at": MORNING}, accepted={"round": 2}
    ),
    # trainees: rules
    "requirement_rule_one_at_a_time": Beside(
        RequirementRule,
        refused={"version": 91, "period": LATE_IN_IT},
        accepted={"version": 91, "period": YEAR_AFTER},
    ),
    "requirement_rule_version_once": Beside(
        RequirementRule,
        refused={"period": YEAR_AFTER},
        accepted={"group": "leading_post", "period": YEAR_AFTER},
    ),
    "requirement_rule_hours_in_steps": Alone(RequirementRule, {"hours": Decimal("32.30")}),
    "requirement_rule_training_hours_in_steps": Alone(
        RequirementRule, {"training_hours": Decimal("4.10")}
    ),
    "requirement_rule_of_a_year_has_hours": Alone(RequirementRule, {"hours": Decimal(0)}),
    "requirement_rule_of_a_clock_has_months": Alone(
        RequirementRule, {"within_months": None}, clock_rule
    ),
    "credit_rule_one_at_a_time": Beside(
        CreditRule,
        refused={"version": 91, "period": LATE_IN_IT},
        accepted={"version": 91, "period": YEAR_AFTER},
    ),
    "credit_rule_version_once": Beside(
        CreditRule,
        refused={"period": YEAR_AFTER},
        accepted={"category": "concentrated", "period": YEAR_AFTER},
    ),
    "credit_rule_hours_in_steps": Alone(CreditRule, {"late_deduction": Decimal("0.10")}),
    "credit_rule_minutes_positive": Alone(CreditRule, {"minutes_per_hour": 0}),
    "credit_rule_caps_in_steps": Alone(CreditRule, {"half_day_cap": Decimal("4.10")}),
    "credit_rule_review_steps": Alone(CreditRule, {"review_steps": 3}),
    "credit_rule_roll_deadlines": Alone(CreditRule, {"roll_hours": 72}),
    "credit_rule_dispute_days_positive": Alone(CreditRule, {"dispute_days": 0}),
    "credit_step_once_per_rule": Beside(
        CreditStep, refused={"hours": Decimal(2)}, accepted={"from_minutes": 60}
    ),
    "credit_step_hours_in_steps": Alone(CreditStep, {"hours": Decimal(0)}),
    # trainees: the ledger
    "assessment_has_one_evidence": Alone(Assessment, {"study": lambda w: w.study}),
    "assessment_hours_in_steps": Alone(
        Assessment, {"own_cut": Decimal("0.10"), "own_reason": "late"}
    ),
    "assessment_cut_within_gross": Alone(
        Assessment, {"own_cut": Decimal("4.25"), "own_reason": "absent"}
    ),
    "assessment_cut_has_reason": Alone(Assessment, {"cap_cut": Decimal("0.25")}),
    "assessment_first_version_is_first": Alone(Assessment, {"cause": "settled"}),
    "assessment_change_has_reason": Alone(Assessment, {"version": 2, "cause": "corrected"}),
    "assessment_year_is_of_date": Alone(Assessment, {"credit_year": DAY.year + 1}),
    "assessment_attendance_version_once": Beside(
        Assessment,
        refused={"assessed_at": NOON + timedelta(hours=1)},
        accepted={"version": 2, "cause": "settled"},
    ),
    "assessment_study_version_once": Beside(
        Assessment,
        refused={"assessed_at": NOON + timedelta(hours=1)},
        accepted={"member": lambda w: w.other_member},
        row=study_assessment,
    ),
    # trainees: documents
    "issued_document_number_once": Beside(
        IssuedDocument,
        refused=ANOTHER_DOCUMENT | {"number": "XQ-2026-000001"},
        accepted=ANOTHER_DOCUMENT,
    ),
    "issued_document_serial_once_a_year": Beside(
        IssuedDocument, refused=ANOTHER_DOCUMENT | {"serial": 1}, accepted=ANOTHER_DOCUMENT
    ),
    "issued_document_version_once": Beside(
        IssuedDocument,
        refused=ANOTHER_DOCUMENT | {"version": 1},
        accepted=ANOTHER_DOCUMENT | {"version": 1, "kind": "year_record"},
    ),
    "issued_document_code_once": Beside(
        IssuedDocument,
        refused=ANOTHER_DOCUMENT | {"code_fingerprint": "first"},
        accepted=ANOTHER_DOCUMENT,
    ),
    "issued_document_counts_from_one": Alone(IssuedDocument, {"serial": 0}),
    "issued_document_number_is_of_its_year": Alone(IssuedDocument, {"number_year": DAY.year + 1}),
    "issued_document_year_is_not_ahead": Alone(IssuedDocument, {"credit_year": DAY.year + 1}),
    "document_revocation_has_reason": Alone(DocumentRevocation, {"reason": ""}),
    # trainees: entries
    "credit_entry_hours_in_steps": Alone(CreditEntry, {"hours": Decimal("0.30")}),
    "credit_entry_hours_not_zero": Alone(CreditEntry, {"hours": Decimal(0)}),
    "credit_entry_reversal_is_negative_and_reasoned": Alone(
        CreditEntry, {"reason": ""}, row=reversal
    ),
    "credit_entry_year_is_of_date": Alone(CreditEntry, {"credit_year": DAY.year - 1}),
    "credit_entry_reversed_once": Beside(
        CreditEntry,
        refused={"source_key": "attendance:1:1:again"},
        accepted={
            "source_key": "attendance:2:1:reversal",
            "reverses": lambda w: CreditEntry.objects.create(
                **entry(w) | {"source_key": "attendance:2:1"}
            ),
        },
        row=reversal,
    ),
    "credit_entry_source_once": Beside(
        CreditEntry, refused={"hours": Decimal(2)}, accepted={"source_key": "attendance:1:2"}
    ),
    # trainees: disputes
    "dispute_once_per_assessment": Beside(
        Dispute,
        refused={"state": "answered"},
        accepted={"state": "withdrawn"},
    ),
    "dispute_of_a_line_or_of_what_is_missing": Alone(Dispute, {"assessment": None}),
    "dispute_entry_step_once": Beside(
        DisputeEntry, refused={"text": "又一次"}, accepted={"step": "appealed"}
    ),
    "dispute_entry_answer_has_verdict": Alone(DisputeEntry, {"step": "answered"}),
    "dispute_entry_has_text": Alone(DisputeEntry, {"text": ""}),
}

# Its column holds 12 characters, so that no row can break it before the column grows.
OUT_OF_REACH = {"member_number_is_no_id_number"}


def refusal_of(model: type[Model], fields: dict[str, Any]) -> str | None:
    """The name of the constraint by which the database refuses a row; None if it accepts it.

    Either way nothing is kept.
    """
    try:
        with transaction.atomic():
            model.objects.create(**fields)
            transaction.set_rollback(True)
    except IntegrityError as error:
        return error.__cause__.diag.constraint_name
    return None


def test_every_named_constraint_has_its_case():
    assert CASES.keys() | OUT_OF_REACH == NAMED
    assert not CASES.keys() & OUT_OF_REACH


@pytest.mark.django_db
@pytest.mark.parametrize("name", CASES)
def test_the_database_refuses_what_breaks(name):
    case, world = CASES[name], World()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user")
        assert cursor.fetchone()[0] == settings.DATABASES["default"]["USER"]
    assert name in {constraint.name for constraint in case.model._meta.constraints}
    case.before(world)
    accepted, refused = case.accepted_fields(world), case.refused_fields(world)

    if accepted is not None:
        assert refusal_of(case.model, accepted) is None
    assert refusal_of(case.model, refused) == name


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_a_member_number_is_no_id_number_however_wide_its_column():
    with as_owner() as owner, transaction.atomic():
        with owner.cursor() as cursor:
            cursor.execute("ALTER TABLE trainees_member ALTER COLUMN number TYPE varchar(18)")
        wide = member(World()) | {"number": "700000000000000001"[:17]}

        assert refusal_of(Member, wide) is None
        broken = wide | {"number": "11010519491231002X"}
        assert refusal_of(Member, broken) == "member_number_is_no_id_number"
        transaction.set_rollback(True)


@pytest.mark.django_db
class TestAReversal:
    """`credit_entry_reversal_fits` is a trigger: a check cannot look at another row."""

    @pytest.mark.parametrize(
        ("column", "value"),
        [
            ("hours", Decimal("-3.75")),
            ("member", lambda w: w.other_member),
            ("school", lambda w: w.other_school),
            ("organisation", lambda w: w.other_organisation),
            ("category", "collective"),
            ("credit_year", DAY.year - 1),
            ("occurred_on", DAY - timedelta(days=1)),
            (
                "assessment",
                lambda w: Assessment.objects.create(
                    **assessment(w) | {"version": 2, "cause": "settled"}
                ),
            ),
        ],
        ids=lambda value: value if isinstance(value, str) else "",
    )
    def test_is_the_exact_negative_of_its_entry(self, column, value):
        world = World()
        fields = reversal(world)
        broken = fields | resolved({column: value}, world)

        assert refusal_of(CreditEntry, fields) is None
        assert refusal_of(CreditEntry, broken) == "credit_entry_reversal_fits"

    def test_is_not_reversed_in_turn(self):
        world = World()
        first = CreditEntry.objects.create(**reversal(world))
        again = reversal(world) | {"reverses": first, "hours": -first.hours, "source_key": "again"}

        assert refusal_of(CreditEntry, again) == "credit_entry_reversal_fits"

    def test_reverses_an_entry_that_exists(self):
        fields = reversal(World())
        missing = fields | {"reverses": None, "reverses_id": 10**9}

        assert refusal_of(CreditEntry, missing) == "credit_entry_reversal_fits"


def make_append_only_rows() -> None:
    """One row at least in every append-only table."""
    world = World()
    CreditEntry.objects.create(**entry(world))
    AttendanceCorrection.objects.create(**correction(world))
    AuditEntry.objects.create(**VALID[AuditEntry](world))
    GuidanceNote.objects.create(**guidance_note(world))
    NoticeReading.objects.create(**VALID[NoticeReading](world))
    StudyReview.objects.create(**review(world))
    DocumentRevocation.objects.create(**VALID[DocumentRevocation](world))
    DisputeEntry.objects.create(**said(world))
    LedgerCheck.objects.create(checked_at=NOON, entries=1, assessments=1, findings=0, details={})
    StudySubmission.objects.create(**VALID[StudySubmission](world))
    StudyParticipantCorrection.objects.create(**participant_correction(world))
    MarkDismissal.objects.create(**VALID[MarkDismissal](world))
    SupervisionNote.objects.create(**VALID[SupervisionNote](world))


def answers_to_changes(table: str) -> dict[str, str]:
    """What the database answers to each way of changing the rows of `table`; nothing is kept."""
    statements = {
        "UPDATE": f"UPDATE {table} SET id = id",
        "DELETE": f"DELETE FROM {table}",
        "TRUNCATE": f"TRUNCATE {table} CASCADE",
    }
    answers = {}
    for word, statement in statements.items():
        try:
            with transaction.atomic(), connection.cursor() as cursor:
                cursor.execute(statement)
                answers[word] = "done"
                transaction.set_rollback(True)
        except (IntegrityError, InternalError, ProgrammingError) as error:
            answers[word] = str(error).partition("\n")[0]
    return answers


TABLES = sorted(model._meta.db_table for model in append_only_models())


@pytest.mark.django_db
def test_the_application_may_not_change_append_only_rows():
    make_append_only_rows()

    for table in TABLES:
        assert answers_to_changes(table) == dict.fromkeys(
            ("UPDATE", "DELETE", "TRUNCATE"), f"permission denied for table {table}"
        )


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_nor_may_their_owner():
    make_append_only_rows()

    with as_owner():
        for table in TABLES:
            assert answers_to_changes(table) == {
                word: f"{word} on {table} is refused: its rows are append-only"
                for word in ("UPDATE", "DELETE", "TRUNCATE")
            }


@pytest.mark.django_db(transaction=True)
@pytest.mark.skipif(not has_two_roles(), reason="DATABASE_OWNER_URL is not set")
def test_the_refusal_counts_as_a_broken_constraint_and_not_as_a_fault():
    make_append_only_rows()

    with as_owner(), pytest.raises(IntegrityError) as caught, connection.cursor() as cursor:
        cursor.execute("DELETE FROM trainees_creditentry")

    assert caught.value.__cause__.pgcode == "23000"
