"""Evidence: written by the acts of the domain, read here."""

from datetime import date

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.admin_base import (
    AppendOnlyAdmin,
    KeysFirstPaginator,
    ReadOnlyAdmin,
)
from accounts.enums import DISTRICT_ROLES
from trainees.admin.base import EvidenceAdmin, MemberSearchAdmin
from trainees.models import (
    Attendance,
    AttendanceCorrection,
    Dispute,
    DisputeEntry,
    Enrolment,
    MarkDismissal,
    MarkReceipt,
    Roll,
    RollReopening,
    Study,
    StudyParticipantCorrection,
    StudyReview,
    StudySubmission,
    WaitingListEntry,
)


@admin.register(Enrolment)
class EnrolmentAdmin(EvidenceAdmin):
    fields = (
        *("training_class", "member", "organisation", "sessions"),
        *("phone_pocket", "seat", "study_group", "is_monitor"),
    )
    list_display = ("training_class", "phone_pocket", "member", "organisation")
    list_select_related = ("training_class", "member", "organisation")
    list_filter = ("training_class__school",)


@admin.register(WaitingListEntry)
class WaitingListEntryAdmin(EvidenceAdmin):
    fields = ("training_class", "member", "since")
    list_display = ("training_class", "member", "since")
    list_select_related = ("training_class", "member")
    list_filter = ("training_class__school",)


@admin.register(Roll)
class RollAdmin(ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("session", "state", "submitted_at", "submitted_by", "closed_at", "reopened_at")
    list_display = ("session", "held_on", "state", "submitted_at", "submitted_by", "closed_at")
    list_select_related = ("session__training_class", "submitted_by")
    list_filter = ("state", "session__training_class__school")
    search_fields = ("session__training_class__title", "session__training_class__code__startswith")
    ordering = ("-session__held_on", "-id")
    sortable_by = ()

    @admin.display(description=gettext_lazy("date"))
    def held_on(self, roll: Roll) -> date:
        return roll.session.held_on


@admin.register(RollReopening)
class RollReopeningAdmin(ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        *("roll", "reason", "asked_at", "asked_by"),
        *("answer", "word", "answered_at", "answered_by"),
    )
    list_display = ("asked_at", "roll", "reason", "asked_by", "answer", "answered_by")
    list_select_related = ("roll__session__training_class", "asked_by", "answered_by")
    list_filter = ("answer", "roll__session__training_class__school")
    sortable_by = ()


@admin.register(Attendance)
class AttendanceAdmin(EvidenceAdmin):
    fields = ("session", "member", "organisation", "status", "version", "marked_at", "marked_by")
    list_display = ("session", "member", "organisation", "status", "marked_at", "marked_by")
    list_select_related = ("session__training_class", "member", "organisation", "marked_by")
    list_filter = ("status", "session__training_class__school")


@admin.register(AttendanceCorrection)
class AttendanceCorrectionAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    member_path = "attendance__member"
    fields = (
        "attendance",
        "version",
        "old_status",
        "new_status",
        "reason",
        "corrected_at",
        "corrected_by",
    )
    list_display = (
        "corrected_at",
        "member",
        "old_status",
        "new_status",
        "reason",
        "corrected_by",
    )
    list_select_related = ("attendance__member", "corrected_by")
    list_filter = ("corrected_at",)
    sortable_by = ()

    @admin.display(description=gettext_lazy("member"))
    def member(self, correction: AttendanceCorrection) -> str:
        return str(correction.attendance.member)


@admin.register(MarkReceipt)
class MarkReceiptAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "session",
        "key",
        "member",
        "status",
        "seen",
        "device_at",
        "received_at",
        "received_from",
        "outcome",
        "refusal",
        "stood",
        "stood_by",
        "stood_at",
    )
    list_display = ("received_at", "session", "member", "status", "outcome", "received_from")
    list_select_related = ("session__training_class", "member", "received_from")
    list_filter = ("outcome", "received_at")
    sortable_by = ()


@admin.register(MarkDismissal)
class MarkDismissalAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    member_path = "receipt__member"
    search_fields = ("receipt__member__number",)
    view_roles = DISTRICT_ROLES
    fields = ("receipt", "reason", "dismissed_at", "dismissed_by")
    list_display = ("dismissed_at", "receipt", "reason", "dismissed_by")
    list_select_related = (
        "receipt__session__training_class",
        "receipt__member",
        "dismissed_by",
    )
    list_filter = ("dismissed_at",)
    sortable_by = ()


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "organisation",
        "kind",
        "topic",
        "place",
        "held_on",
        "days",
        "starts_at",
        "minutes",
        "state",
        "recorded_at",
        "recorded_by",
    )
    list_display = ("held_on", "organisation", "kind", "topic", "minutes", "state", "recorded_by")
    list_select_related = ("organisation", "recorded_by")
    list_filter = ("kind", "state")
    search_fields = ("organisation__name", "organisation__code__startswith", "topic")
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(StudyReview)
class StudyReviewAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "study",
        "round",
        "step",
        "verdict",
        "reason",
        "recorded_by",
        "reviewed_at",
        "reviewed_by",
    )
    list_display = ("reviewed_at", "study", "step", "verdict", "reason", "reviewed_by")
    list_select_related = ("study", "reviewed_by")
    list_filter = ("step", "verdict")
    sortable_by = ()


@admin.register(StudyParticipantCorrection)
class StudyParticipantCorrectionAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "study",
        "version",
        "member",
        "organisation",
        "change",
        "reason",
        "recorded_by",
        "corrected_at",
        "corrected_by",
    )
    list_display = ("corrected_at", "study", "member", "change", "reason", "corrected_by")
    list_select_related = ("study", "member", "corrected_by")
    list_filter = ("change",)
    sortable_by = ()


@admin.register(Dispute)
class DisputeAdmin(MemberSearchAdmin, ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("member", "assessment", "missing", "occurred_on", "school", "state", "opened_at")
    list_display = ("opened_at", "member", "occurred_on", "school", "state")
    list_select_related = ("member", "school")
    list_filter = ("state", "school")
    sortable_by = ()


@admin.register(DisputeEntry)
class DisputeEntryAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("dispute", "step", "verdict", "text", "written_at", "written_by")
    list_display = ("written_at", "dispute", "step", "verdict", "written_by")
    list_select_related = ("dispute__member", "written_by")
    list_filter = ("step", "verdict")
    sortable_by = ()


@admin.register(StudySubmission)
class StudySubmissionAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("study", "round", "submitted_at", "submitted_by")
    list_display = ("submitted_at", "study", "round", "submitted_by")
    list_select_related = ("study", "submitted_by")
    sortable_by = ()
