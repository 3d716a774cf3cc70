"""The rule of warnings, kept by the organisation department."""

from django.contrib import admin

from accounts.admin_base import DatedAdmin
from accounts.enums import DISTRICT_ROLES, Role
from quotas.models import WarningRule


@admin.register(WarningRule)
class WarningRuleAdmin(DatedAdmin):
    """From when on warnings are given. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.ORGANISATION_DEPARTMENT})
    fields = ("members_from_month", "schools_from_month", "tolerance", "source", "period")
    list_display = ("source", "members_from_month", "schools_from_month", "period_shown")
