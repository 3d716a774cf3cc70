"""Admin page for rating rules."""

from django.contrib import admin

from accounts.admin_base import DatedAdmin
from accounts.enums import DISTRICT_ROLES, Role
from classes.models import RatingRule


@admin.register(RatingRule)
class RatingRuleAdmin(DatedAdmin):
    """How long a class can be rated. A change is a new row; classes rated before keep theirs."""

    view_roles = DISTRICT_ROLES
    change_roles = frozenset({Role.DISTRICT_SCHOOL})
    fields = ("days", "least", "source", "period")
    list_display = ("days", "least", "source", "period_shown")
