"""Read-only admin pages of rosters. Domain actions write the rows."""

from django.contrib import admin

from classes.admin.base import EvidenceAdmin
from classes.models import Enrolment, WaitingListEntry


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
