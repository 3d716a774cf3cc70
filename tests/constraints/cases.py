"""Every named constraint, with the smallest change of a valid row that breaks it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from uuid import UUID

from django.db.models import Model

from accounts.enums import Role
from accounts.models import (
    ActivationCode,
    AuditEntry,
    NoticeReading,
    RecoveryCode,
    Seal,
    SecondFactor,
    SlipBatch,
    User,
    WrittenRows,
)
from backstage.models import (
    Delivery,
    EmailAddress,
    FolderMark,
    IdempotencyKey,
    Job,
    JobPart,
    Message,
    PendingAct,
    StoredFile,
    TrailFeedPosition,
)
from classes.models import (
    CalendarFeed,
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
from courses.models import (
    Course,
    CourseMaterial,
    Equipment,
    JoiningSchool,
    PlannedCourse,
    PresetSession,
    Session,
    StrandShare,
    TrainingClass,
    Venue,
)
from dispatch.models import (
    BookingItem,
    BookingLetter,
    BookingRule,
    BookingStep,
    Engagement,
    EngagementOverride,
    JointSchool,
    PlanLine,
    PlanVersion,
    WishedDate,
)
from hours.models import (
    Assessment,
    CreditEntry,
    CreditRule,
    CreditStep,
    Dispute,
    DisputeEntry,
    RequirementRule,
    Source,
)
from instructors.models import (
    AppointmentLetter,
    AvailabilityException,
    Instructor,
    IssuedLetter,
    LecturerLeave,
    LetterRule,
    Nomination,
    WeeklySlot,
)
from quotas.models import (
    AnnualTask,
    ClaimLine,
    QuotaClaim,
    ShortfallWarning,
    TaskLine,
    WarningRule,
)
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
from schools.models import (
    District,
    GuidanceNote,
    NameChange,
    OrganisationSuccession,
    Placement,
    RoleGrant,
    School,
    SchoolArea,
    SchoolOfficer,
    SchoolSuccession,
    YearEndRule,
)
from studies.models import (
    Study,
    StudyParticipant,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
)
from tests import factories
from tests.constraints.rows import (
    ANOTHER_DOCUMENT,
    FIRST_HALF,
    FROM_JUNE,
    LATE_IN_IT,
    SECOND_HALF,
    VALID,
    YEAR_AFTER,
    World,
    clock_rule,
    entry,
    organisation_split,
    place_at_the_top,
    resolved,
    reversal,
    school_split,
    session,
)
from tests.constraints.rows_of_dispatch import lost_engagement
from tests.constraints.rows_of_quotas import DECIDED, OF_MEMBER, PUBLISHED, SUBMITTED
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


@dataclass(frozen=True)
class Alone:
    """A row that breaks the rule by itself: the valid row changed by `refused`."""

    model: type[Model]
    refused: dict[str, Any]
    row: Callable[[World], dict[str, Any]] | None = None

    def fields(self, w: World) -> dict[str, Any]:
        return (self.row or VALID[self.model])(w)

    def before(self, w: World) -> None:
        """Nothing needs to be stored first."""

    def accepted_fields(self, w: World) -> dict[str, Any] | None:
        return self.fields(w)

    def refused_fields(self, w: World) -> dict[str, Any]:
        return self.fields(w) | resolved(self.refused, w)


@dataclass(frozen=True)
class Beside(Alone):
    """A row that breaks the rule beside the valid row; changed by `accepted` it is allowed.

    `accepted` is None if no second row is allowed at all.
    """

    accepted: dict[str, Any] | None = field(default_factory=dict)

    def before(self, w: World) -> None:
        self.model.objects.create(**self.fields(w))

    def accepted_fields(self, w: World) -> dict[str, Any] | None:
        if self.accepted is None:
            return None
        return self.fields(w) | resolved(self.accepted, w)


AT_TEN = {"starts_at": at_local(DAY, 10), "ends_at": at_local(DAY, 12)}
AT_ELEVEN = {"starts_at": at_local(DAY, 11), "ends_at": at_local(DAY, 12)}
# A session of another class in another venue.
ELSEWHERE = {"training_class": lambda w: w.other_class, "venue": lambda w: w.other_venue}
ENGAGED_LATER = {
    "number": 2,
    "starts_at": at_local(DAY, 14),
    "ends_at": at_local(DAY, 17),
}
ANOTHER_PAPER = {
    "version": 2,
    "code_fingerprint": "second",
    "file": lambda w: w.other_file,
}
DECLINED_AT_NOON = {"state": "declined", "reason": "名额已满", "decided_at": NOON}
CASES: dict[str, Alone] = {
    # accounts, backstage
    "user_name_is_no_id_number": Alone(User, {"username": "11010519491231002x"}),
    "user_name_is_no_phone": Alone(User, {"username": "13800000000"}),
    "user_phone_is_mobile": Alone(User, {"phone": "2380000000"}),
    "written_rows_change": Alone(WrittenRows, {"change": "T"}),
    "seal_follows_the_one_before": Alone(Seal, {"previous": ""}),
    "seal_follows_once": Beside(
        Seal, refused={"number": 1_000_001}, accepted={"number": 1_000_001, "previous": "3" * 64}
    ),
    "seal_of_acts": Alone(Seal, {"acts": []}),
    "audit_entry_names_who_acted": Alone(AuditEntry, {"actor": None}),
    "slip_batch_key_once_per_issuer": Beside(
        SlipBatch, refused={"issued_at": MORNING}, accepted={"issued_by": lambda w: w.other_user}
    ),
    "activation_code_one_open_per_account": Beside(
        ActivationCode,
        refused={"code_fingerprint": "1" * 64},
        accepted={"ended_at": NOON, "ended_by": "used", "code_encrypted": ""},
    ),
    "activation_code_end_has_reason": Alone(ActivationCode, {"ended_by": "used"}),
    "activation_code_is_erased_at_its_end": Alone(
        ActivationCode, {"ended_at": NOON, "ended_by": "used"}
    ),
    "activation_code_dies_of_wrong_tries": Alone(ActivationCode, {"wrong_tries": 5}),
    "second_factor_one_open_per_account": Beside(
        SecondFactor,
        refused={"enrolled_at": MORNING},
        accepted={"ended_at": NOON, "end": "reset", "secret_encrypted": ""},
    ),
    "second_factor_end_has_reason": Alone(SecondFactor, {"end": "reset"}),
    "second_factor_is_erased_at_its_end": Alone(SecondFactor, {"ended_at": NOON, "end": "reset"}),
    "recovery_code_once_per_factor": Beside(
        RecoveryCode, refused={"used_at": NOON}, accepted={"code_fingerprint": "1" * 64}
    ),
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
    "job_part_has_an_end_once_over": Alone(JobPart, {"ended_at": NOON}),
    "job_part_once_per_key": Beside(
        JobPart, refused={"label": "another"}, accepted={"key": "another"}
    ),
    "pending_act_waits_once": Beside(
        PendingAct, refused={"proposed_at": MORNING}, accepted={"facts": {"role": "auditor"}}
    ),
    "pending_act_by_two_people": Alone(
        PendingAct, {"state": "done", "decided_at": NOON, "decided_by": lambda w: w.user}
    ),
    "pending_act_by_nobody_who_gains": Alone(
        PendingAct, {"state": "done", "decided_at": NOON, "decided_by": lambda w: w.other_user}
    ),
    "pending_act_decision_is_signed": Alone(PendingAct, {"state": "done", "decided_at": NOON}),
    "pending_act_refused_with_reason": Alone(
        PendingAct, {"state": "refused", "decided_at": NOON, "decided_by": lambda w: w.third_user}
    ),
    "folder_mark_is_the_only_one": Alone(FolderMark, {"id": 2}),
    "trail_feed_position_once_per_target": Beside(
        TrailFeedPosition, refused={"sent_id": 8}, accepted={"target": "/other.log"}
    ),
    "message_is_written_once": Beside(
        Message, refused={"address": "/"}, accepted={"recipient": lambda w: w.other_user}
    ),
    "message_leads_into_the_portal": Alone(Message, {"address": "//example.cn/"}),
    "delivery_once_per_channel": Beside(
        Delivery, refused={"due_at": MORNING}, accepted={"channel": "sms"}
    ),
    "delivery_sent_at_a_moment": Alone(Delivery, {"state": "sent"}),
    "email_address_is_given": Alone(EmailAddress, {"address": ""}),
    "register_import_applied_at_a_time": Alone(RegisterImport, {"applied_at": NOON}),
    "proposed_organisation_once_per_import": Beside(
        ProposedOrganisation, refused={"rows": 9}, accepted={"name": "二街村党支部"}
    ),
    "proposed_organisation_ticked_with_its_place": Alone(ProposedOrganisation, {"is_ticked": True}),
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
    "nomination_gives_reasons": Alone(Nomination, {"reasons": ""}),
    "nomination_waits_once": Beside(
        Nomination, refused={"title": "professor"}, accepted={"employer": "镇卫生院"}
    ),
    "nomination_by_two_people": Alone(
        Nomination, DECLINED_AT_NOON | {"decided_by": lambda w: w.user}
    ),
    "nomination_by_nobody_who_is_nominated": Alone(Nomination, {"user": lambda w: w.user}),
    "nomination_decision_is_signed": Alone(Nomination, DECLINED_AT_NOON),
    "nomination_declined_with_reason": Alone(Nomination, {"reason": "名额已满"}),
    "nomination_appointed_is_a_lecturer": Alone(Nomination, {"instructor": lambda w: w.instructor}),
    "appointment_letter_one_at_a_time": Beside(
        AppointmentLetter,
        refused={"number": "聘2026-002", "period": FROM_JUNE},
        accepted={"number": "聘2026-002", "period": SECOND_HALF},
    ),
    "appointment_letter_revoked_with_reason": Alone(
        AppointmentLetter, {"revoked_at": NOON, "revoked_by": lambda w: w.user}
    ),
    "weekly_slot_once_at_a_time": Beside(
        WeeklySlot, refused={"period": FROM_JUNE}, accepted={"period": SECOND_HALF}
    ),
    "weekly_slot_of_a_weekday": Alone(WeeklySlot, {"weekday": 8}),
    "lecturer_leave_one_at_a_time": Beside(
        LecturerLeave,
        refused={"period": period(date(2026, 6, 1), date(2026, 8, 1))},
        accepted={"period": period(date(2026, 7, 1), date(2026, 8, 1))},
    ),
    "lecturer_leave_has_an_end": Alone(LecturerLeave, {"period": period(DAY)}),
    "availability_exception_once_a_part": Beside(
        AvailabilityException, refused={"is_free": True}, accepted={"part": "evening"}
    ),
    "letter_rule_one_at_a_time": Beside(
        LetterRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "letter_rule_numbers_by_year": Alone(LetterRule, {"number_form": "聘字第{serial}号"}),
    "letter_rule_within_reach": Alone(LetterRule, {"term_years": 11}),
    "issued_letter_version_once": Beside(
        IssuedLetter, refused=ANOTHER_PAPER | {"version": 1}, accepted=ANOTHER_PAPER
    ),
    "issued_letter_code_once": Beside(
        IssuedLetter,
        refused=ANOTHER_PAPER | {"code_fingerprint": "first"},
        accepted=ANOTHER_PAPER,
    ),
    "issued_letter_counts_from_one": Alone(IssuedLetter, {"version": 0}),
    # dispatch
    "booking_rule_one_at_a_time": Beside(
        BookingRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "booking_rule_within_reach": Alone(BookingRule, {"answer_days": 0}),
    "booking_rule_allows_teaching": Alone(BookingRule, {"month_hours": Decimal(0)}),
    "booking_letter_is_for_somebody": Alone(BookingLetter, {"headcount": 0}),
    "booking_letter_has_one_place": Alone(BookingLetter, {"venue": lambda w: w.venue}),
    "booking_letter_submitted_at_a_moment": Alone(BookingLetter, {"stage": "submitted"}),
    "booking_letter_confirmed_has_a_class": Alone(
        BookingLetter, {"stage": "confirmed", "submitted_at": NOON}
    ),
    "joint_school_once_a_letter": Beside(
        JointSchool, refused={}, accepted={"letter": lambda w: w.other_booking_letter}
    ),
    "booking_item_position_once_a_letter": Beside(
        BookingItem, refused={}, accepted={"position": 2}
    ),
    "booking_item_is_a_course_or_a_wish": Alone(BookingItem, {"wish": "一堂调解课"}),
    "wished_date_rank_once": Beside(
        WishedDate,
        refused={"day": DAY + timedelta(days=1)},
        accepted={"rank": 2, "day": DAY + timedelta(days=1)},
    ),
    "wished_date_day_once": Beside(
        WishedDate, refused={"rank": 2}, accepted={"rank": 2, "day": DAY + timedelta(days=1)}
    ),
    "wished_date_of_three": Alone(WishedDate, {"rank": 4}),
    "booking_step_says_why": Alone(BookingStep, {"stage": "declined"}),
    "booking_step_rates_an_evaluation": Alone(BookingStep, {"rating": 5}),
    "booking_step_is_signed": Alone(BookingStep, {"taken_by": None}),
    "engagement_ends_after_start": Alone(Engagement, {"ends_at": at_local(DAY, 9)}),
    "engagement_hours_in_steps": Alone(Engagement, {"hours": Decimal("0.30")}),
    "engagement_live_once_a_session": Beside(
        Engagement, refused=ENGAGED_LATER | {"number": 1}, accepted=ENGAGED_LATER
    ),
    "engagement_live_once_a_class_session": Beside(
        Engagement,
        refused=ENGAGED_LATER,
        accepted=ENGAGED_LATER | {"session": None},
        row=lambda w: VALID[Engagement](w) | {"session": w.session},
    ),
    "engagement_lecturer_once_at_a_time": Beside(
        Engagement,
        refused={"number": 2, "venue": None},
        accepted={"number": 2, "venue": None, "instructor": None},
    ),
    "engagement_venue_once_at_a_time": Beside(
        Engagement,
        refused={"number": 2, "instructor": None},
        accepted={"number": 2, "instructor": None, "venue": None},
    ),
    "engagement_venue_kept_for_its_letter": Beside(
        Engagement,
        refused={"letter": lambda w: w.other_booking_letter},
        row=lost_engagement,
    ),
    "engagement_holds_venue_while_lost": Alone(Engagement, {"holds_venue": True}),
    "engagement_proposed_to_somebody": Alone(Engagement, {"state": "proposed"}),
    "engagement_answer_is_signed": Alone(Engagement, {"answered_at": NOON}),
    "engagement_ends_with_a_reason": Alone(Engagement, {"reason": "出差"}),
    "engagement_override_has_a_reason": Alone(EngagementOverride, {"reason": ""}),
    "plan_version_counts_from_one": Alone(PlanVersion, {"number": 0}),
    "plan_line_once_a_session": Beside(PlanLine, refused={}, accepted={"number": 2}),
    # quotas
    "annual_task_version_once_a_year": Beside(
        AnnualTask,
        refused={"version": 1} | PUBLISHED,
        accepted={"version": 2, "reason": "增加场次"} | PUBLISHED,
    ),
    "annual_task_one_draft_a_year": Beside(
        AnnualTask,
        refused={"version": 2, "reason": "增加场次"},
        accepted={"year": 2033},
    ),
    "annual_task_of_a_year": Alone(AnnualTask, {"year": 1918}),
    "annual_task_amended_for_a_reason": Alone(AnnualTask, {"version": 2}),
    "annual_task_published_by_somebody": Alone(AnnualTask, {"published_at": NOON}),
    "task_line_once_a_task": Beside(
        TaskLine, refused={"amount": Decimal(500)}, accepted={"module": None}
    ),
    "task_line_asks_for_something": Alone(TaskLine, {"amount": Decimal(0)}),
    "task_line_counts_in_whole_numbers": Alone(TaskLine, {"amount": Decimal("4.5")}),
    "task_line_amount_in_steps": Alone(
        TaskLine, {"measure": "training_hours", "amount": Decimal("4.30")}
    ),
    "task_line_module_of_training": Alone(TaskLine, {"measure": "hours"}),
    "quota_claim_version_once": Beside(
        QuotaClaim,
        row=lambda w: VALID[QuotaClaim](w) | resolved(DECIDED | {"state": "accepted"}, w),
        refused={},
        accepted={"version": 2, "reason": "增加场次"},
    ),
    "quota_claim_one_undecided": Beside(
        QuotaClaim, refused={"version": 2}, accepted={"school": lambda w: w.other_school}
    ),
    "quota_claim_amended_for_a_reason": Alone(QuotaClaim, SUBMITTED | {"version": 2}),
    "quota_claim_submitted_by_somebody": Alone(QuotaClaim, {"submitted_at": NOON}),
    "quota_claim_decided_by_somebody": Alone(QuotaClaim, {"decided_at": NOON}),
    "quota_claim_decided_by_the_other_side": Alone(
        QuotaClaim, DECIDED | {"state": "accepted", "decided_by": lambda w: w.user}
    ),
    "quota_claim_asked_again_in_words": Alone(QuotaClaim, {"words": "请多认领"}),
    "claim_line_once_a_claim": Beside(
        ClaimLine,
        refused={"amount": Decimal(5)},
        accepted={"task_line": lambda w: w.published_task.lines.get(measure="person_times")},
    ),
    "claim_line_is_an_amount": Alone(ClaimLine, {"amount": Decimal(-1)}),
    "warning_rule_one_at_a_time": Beside(
        WarningRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "warning_rule_within_a_year": Alone(WarningRule, {"members_from_month": 13}),
    "shortfall_warning_once_a_member": Beside(
        ShortfallWarning,
        row=lambda w: VALID[ShortfallWarning](w) | resolved(OF_MEMBER, w),
        refused=OF_MEMBER,
        accepted=OF_MEMBER | {"year": 2027},
    ),
    "shortfall_warning_once_a_line": Beside(
        ShortfallWarning, refused={"told": 2}, accepted={"audience": "ordinary"}
    ),
    "shortfall_warning_of_somebody": Alone(ShortfallWarning, {"school": None}),
    "shortfall_warning_falls_short": Alone(ShortfallWarning, {"expected": Decimal(8)}),
    # courses
    "strand_share_one_at_a_time": Beside(
        StrandShare, refused={"period": FROM_JUNE}, accepted={"period": SECOND_HALF}
    ),
    "strand_share_is_percent": Alone(StrandShare, {"percent": Decimal("100.01")}),
    "course_hours_in_steps": Alone(Course, {"hours": Decimal("0.30")}),
    "course_audiences_are_known": Alone(Course, {"audiences": ["children"]}),
    "course_tasks_are_known": Alone(Course, {"tasks": ["eighth"]}),
    "joining_school_once_a_class": Beside(
        JoiningSchool, refused={}, accepted={"training_class": lambda w: w.other_class}
    ),
    "planned_course_once_a_month": Beside(
        PlannedCourse, refused={"times": 3}, accepted={"audience": "secretaries"}
    ),
    "planned_course_in_a_month": Alone(PlannedCourse, {"month": 13}),
    "planned_course_some_times": Alone(PlannedCourse, {"times": 0}),
    "course_material_has_title": Alone(CourseMaterial, {"title": ""}),
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
    "session_class_once_at_a_time": Beside(
        Session,
        refused=AT_TEN | {"number": 8, "venue": lambda w: w.other_venue},
        accepted=AT_ELEVEN | {"number": 8},
    ),
    "session_venue_once_at_a_time": Beside(
        Session,
        refused=AT_TEN | {"training_class": lambda w: w.other_class},
        accepted=AT_ELEVEN | {"training_class": lambda w: w.other_class},
    ),
    "session_lecturer_once_at_a_time": Beside(
        Session,
        refused=ELSEWHERE,
        accepted=ELSEWHERE | {"instructor": None},
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
    # 09:00 in Asia/Shanghai is 01:00 UTC of the same day; 07:00 is still the day before in UTC.
    "session_date_is_local": Alone(
        Session, {"starts_at": at_local(DAY, 7), "held_on": DAY - timedelta(days=1)}
    ),
    "session_hours_in_steps": Alone(Session, {"hours": Decimal("2.20")}),
    "session_hours_within_a_day": Alone(Session, {"hours": Decimal("24.25")}),
    # trainees
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
    # classes, rolls, mergers of members, studies
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
    "year_end_rule_one_at_a_time": Beside(
        YearEndRule, refused={}, accepted={"period": period(date(2018, 1, 1), date(2019, 1, 1))}
    ),
    "year_end_rule_within_a_year": Alone(YearEndRule, {"days": 181}),
    "door_rule_in_order": Alone(DoorRule, {"closes_after": 9}),
    "door_rule_within_a_day": Alone(DoorRule, {"opens_before": 1441}),
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
    "calendar_feed_of_a_member_or_a_lecturer": Alone(CalendarFeed, {"member": lambda w: w.member}),
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
    "enrolment_seat_once_per_class": Beside(
        Enrolment,
        refused={"member": lambda w: w.other_member, "phone_pocket": 2},
        accepted={"member": lambda w: w.other_member, "phone_pocket": 2, "seat": 6},
        row=lambda w: VALID[Enrolment](w) | {"seat": 5},
    ),
    "roll_submission_is_signed": Alone(Roll, {"submitted_by": None}),
    "roll_submitted_has_source": Alone(Roll, {"source": None}),
    "roll_closed_is_submitted": Alone(
        Roll,
        {"closed_at": NOON},
        row=lambda w: {"session": w.session, "state": "draft"},
    ),
    "roll_closed_or_reopened": Alone(Roll, {"closed_at": NOON, "reopened_at": NOON}),
    "roll_reminder_once_a_day": Beside(
        RollReminder,
        refused={"sent_by": lambda w: w.other_user},
        accepted={"sent_on": DAY - timedelta(days=1)},
    ),
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
    "attendance_taken_off_is_absent": Alone(Attendance, {"taken_off": True}),
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
    "member_merge_ends_after_its_first_year": Alone(
        MemberMerge, {"first_year": 2026, "until_year": 2025}
    ),
    "departure_once_a_day": Beside(
        Departure,
        refused={"kind": "removal"},
        accepted={"left_on": date(2026, 3, 2)},
    ),
    "departure_taking_back_is_dated_and_reasoned": Alone(Departure, {"taken_back_at": NOON}),
    "study_once_at_a_time": Beside(
        Study, refused={"topic": "党课"}, accepted={"kind": "party_lesson"}
    ),
    "study_minutes_sane": Alone(Study, {"minutes": 4}),
    "study_days_sane": Alone(Study, {"days": 32}),
    "study_was_submitted": Alone(Study, {"state": "submitted"}),
    "study_approved_has_source": Alone(Study, {"state": "approved", "round": 1}),
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
    # hours: rules
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
    "credit_rule_piece_cap_in_steps": Alone(CreditRule, {"piece_cap": Decimal("0.10")}),
    "credit_rule_review_steps": Alone(CreditRule, {"review_steps": 3}),
    "credit_rule_roll_deadlines": Alone(CreditRule, {"roll_hours": 72}),
    "credit_rule_dispute_days_positive": Alone(CreditRule, {"dispute_days": 0}),
    "credit_step_once_per_rule": Beside(
        CreditStep, refused={"hours": Decimal(2)}, accepted={"from_minutes": 60}
    ),
    "credit_step_hours_in_steps": Alone(CreditStep, {"hours": Decimal(0)}),
    # hours: sources and assessments
    "source_has_kind_and_training": Alone(Source, {"training": ""}),
    "assessment_ends_not_before_it_begins": Alone(Assessment, {"begins": 540, "ends": 539}),
    "assessment_hours_in_steps": Alone(
        Assessment, {"own_cut": Decimal("0.10"), "own_reason": "late"}
    ),
    "assessment_cut_within_gross": Alone(
        Assessment, {"own_cut": Decimal("4.25"), "own_reason": "absent"}
    ),
    "assessment_cut_has_reason": Alone(Assessment, {"cap_cut": Decimal("0.25")}),
    "assessment_first_version_is_first": Alone(Assessment, {"cause": "reassessed"}),
    "assessment_change_has_reason": Alone(Assessment, {"version": 2, "cause": "corrected"}),
    "assessment_year_is_of_date": Alone(Assessment, {"credit_year": DAY.year + 1}),
    "assessment_version_once": Beside(
        Assessment,
        refused={"member": lambda w: w.other_member},
        accepted={"version": 2, "cause": "reassessed"},
    ),
    # years: documents
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
    # hours: entries
    "credit_entry_hours_in_steps": Alone(CreditEntry, {"hours": Decimal("0.30")}),
    "credit_entry_hours_not_zero": Alone(CreditEntry, {"hours": Decimal(0)}),
    "credit_entry_reversal_is_negative_and_reasoned": Alone(
        CreditEntry, {"reason": ""}, row=reversal
    ),
    "credit_entry_year_is_of_date": Alone(CreditEntry, {"credit_year": DAY.year - 1}),
    "credit_entry_reversed_once": Beside(
        CreditEntry,
        refused={"source_key": "1:1:20260513:1:again"},
        accepted={
            "source_key": "2:1:20260513:1:reversal",
            "reverses": lambda w: CreditEntry.objects.create(
                **entry(w) | {"source_key": "2:1:20260513:1"}
            ),
        },
        row=reversal,
    ),
    "credit_entry_source_once": Beside(
        CreditEntry, refused={"hours": Decimal(2)}, accepted={"source_key": "1:1:20260513:2"}
    ),
    # hours: disputes
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

# The column has 12 characters, so no row can break this constraint unless the column is widened.
