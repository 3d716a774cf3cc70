"""Evidence, read-only here: only the domain's actions write it."""

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.admin_base import AppendOnlyAdmin, ReadOnlyAdmin
from accounts.enums import DISTRICT_ROLES
from classes.admin.base import EvidenceAdmin
from rolls.models import Attendance, AttendanceCorrection, MarkDismissal, MarkReceipt, RollReopening
from trainees.admin.base import MemberSearchAdmin


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
