"""Disputes, read-only here: only the domain's actions write them."""

from django.contrib import admin

from accounts.admin_base import AppendOnlyAdmin, ReadOnlyAdmin
from accounts.enums import DISTRICT_ROLES
from hours.models import Dispute, DisputeEntry
from trainees.admin.base import MemberSearchAdmin


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
