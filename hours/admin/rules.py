"""Admin pages for rules: what is owed, and how many hours study is worth."""

from typing import Any

from django.contrib import admin
from django.utils import timezone

from accounts.admin_base import DatedAdmin, InForceFilter, PortalModelAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DEPARTMENT_ROLES, DISTRICT_ROLES, Role
from hours.admin_forms import RuleForm
from hours.models import CreditRule, CreditStep, RequirementRule
from hours.records import delete_step, save_rule, save_step


class RuleAdmin(DatedAdmin):
    """A change is a new version, which ends the open one. The period of a stored version is
    editable.

    Nothing is deleted: verdicts name the version that produced them.
    """

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    change_roles = DEPARTMENT_ROLES
    deletable = False
    form = RuleForm
    readonly_fields = ("version", "recorded_at")
    kind = ""

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_rule(kind=self.kind, at=timezone.now(), **kwargs)


@admin.register(RequirementRule)
class RequirementRuleAdmin(RuleAdmin):
    kind = "group"
    open_fields = ("period", "to_be_verified")
    fields = (
        "group",
        "version",
        "hours",
        "concentrated_trainings",
        "training_hours",
        "pro_rata",
        "within_months",
        "source",
        "to_be_verified",
        "period",
        "recorded_at",
    )
    list_display = (
        "group",
        "version",
        "hours",
        "within_months",
        "source",
        "to_be_verified",
        "period_shown",
    )
    list_filter = ("group", "to_be_verified", InForceFilter)


@admin.register(CreditRule)
class CreditRuleAdmin(RuleAdmin):
    kind = "category"
    fields = (
        "category",
        "version",
        "daily_cap",
        "half_day_cap",
        "yearly_cap",
        "piece_cap",
        "late_deduction",
        "minutes_per_hour",
        "review_steps",
        "dispute_days",
        "evidence_required",
        "roll_hours",
        "roll_days",
        "source",
        "period",
        "recorded_at",
    )
    list_display = (
        "category",
        "version",
        "daily_cap",
        "late_deduction",
        "minutes_per_hour",
        "period_shown",
    )
    list_filter = ("category", InForceFilter)


@admin.register(CreditStep)
class CreditStepAdmin(PortalModelAdmin):
    """Hours that a rule gives for a number of minutes. Fixed once the rule was used."""

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    change_roles = DEPARTMENT_ROLES
    deletable = True
    fields = ("rule", "from_minutes", "hours")
    list_display = ("rule", "from_minutes", "hours")
    list_select_related = ("rule",)
    list_filter = ("rule__category",)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_step(**kwargs)

    def erase(self, **kwargs: Any) -> None:
        delete_step(**kwargs)
