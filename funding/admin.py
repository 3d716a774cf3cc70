"""Admin page of the allocations to schools."""

from django.contrib import admin

from accounts.admin_base import PortalModelAdmin
from accounts.enums import DEPARTMENT_ROLES, DISTRICT_ROLES
from funding.models import Allocation


@admin.register(Allocation)
class AllocationAdmin(PortalModelAdmin):
    """One row per document; a mistake is corrected in the row, and the audit trail stores both."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("document", "school", "year", "channel", "amount")
    list_display = ("document", "school", "year", "channel", "amount")
    list_select_related = ("school",)
    list_filter = ("school", "year", "channel")
    search_fields = ("document",)
