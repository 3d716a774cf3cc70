"""Rolls, read-only here: only the domain's actions write them."""

from datetime import date

from django.contrib import admin
from django.utils.translation import gettext_lazy

from accounts.admin_base import ReadOnlyAdmin
from accounts.enums import DISTRICT_ROLES
from classes.models import Roll


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
