"""The rule of booking, kept by the district school."""

from django.contrib import admin

from accounts.admin_base import DatedAdmin
from accounts.enums import DISTRICT_ROLES, Role
from dispatch.models import BookingRule


@admin.register(BookingRule)
class BookingRuleAdmin(DatedAdmin):
    """Deadlines and loads. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = (
        *("lead_days", "answer_days", "confirm_days", "evaluate_days"),
        *("half_day_hours", "month_hours", "year_hours", "travel_minutes"),
        *("telephone", "source", "period"),
    )
    list_display = ("source", "lead_days", "answer_days", "confirm_days", "period_shown")
