"""The rule of the door."""

from django.contrib import admin

from accounts.admin_base import DatedAdmin
from accounts.enums import DISTRICT_ROLES, Role
from rolls.models import DoorRule


@admin.register(DoorRule)
class DoorRuleAdmin(DatedAdmin):
    """When a door is open. A change adds a row, so sessions of past days keep their rule."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = ("opens_before", "present_until", "closes_after", "source", "period")
    list_display = ("opens_before", "present_until", "closes_after", "source", "period_shown")
