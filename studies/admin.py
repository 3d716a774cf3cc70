"""Evidence, read-only here: only the domain's actions write it."""

from django.contrib import admin

from accounts.admin_base import AppendOnlyAdmin, KeysFirstPaginator, ReadOnlyAdmin
from accounts.enums import DISTRICT_ROLES
from studies.models import Study, StudyParticipantCorrection, StudyReview, StudySubmission
from trainees.admin.base import MemberSearchAdmin


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


@admin.register(StudySubmission)
class StudySubmissionAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("study", "round", "submitted_at", "submitted_by")
    list_display = ("submitted_at", "study", "round", "submitted_by")
    list_select_related = ("study", "submitted_by")
    sortable_by = ()
