"""Admin pages of the money: allocations to read, and the dated rules."""

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext as _

from accounts.admin_base import AppendOnlyAdmin, DatedAdmin, InForceFilter
from accounts.enums import DEPARTMENT_ROLES, DISTRICT_ROLES
from accounts.records import RecordError
from config.lib.periods import today
from funding.models import (
    Allocation,
    CostRate,
    FeeRule,
    LimitRule,
    UseRule,
    VoucherRule,
    WeightRule,
)


@admin.register(Allocation)
class AllocationAdmin(AppendOnlyAdmin):
    """What documents allocated. The pages of the funds allocate, adjust and reverse."""

    view_roles = DISTRICT_ROLES
    fields = ("document", "school", "year", "channel", "purpose", "amount", "decision")
    list_display = ("document", "school", "year", "channel", "purpose", "amount")
    list_select_related = ("school",)
    list_filter = ("school", "year", "channel", "purpose")
    search_fields = ("document",)


@admin.register(UseRule)
class UseRuleAdmin(DatedAdmin):
    """What each channel may pay for. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("channel", "use", "source", "period")
    list_display = ("use", "channel", "source", "period_shown")
    list_filter = ("channel", InForceFilter)


@admin.register(FeeRule)
class FeeRuleAdmin(DatedAdmin):
    """Ceilings of lecturer fees. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("title", "ceiling", "on_breach", "source", "period")
    list_display = ("title", "ceiling", "on_breach", "source", "period_shown")
    list_filter = (InForceFilter,)


@admin.register(VoucherRule)
class VoucherRuleAdmin(DatedAdmin):
    """Which vouchers a payment needs. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("use", "kind", "source", "period")
    list_display = ("use", "kind", "source", "period_shown")
    list_filter = ("use", InForceFilter)


@admin.register(CostRate)
class CostRateAdmin(DatedAdmin):
    """What units of a class cost. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("use", "title", "channel", "amount", "source", "period")
    list_display = ("use", "title", "channel", "amount", "source", "period_shown")
    list_filter = ("use", InForceFilter)


@admin.register(LimitRule)
class LimitRuleAdmin(DatedAdmin):
    """Limits of costs, and what is beyond them. A change is a new row.

    None ends on a former day: costs and fee sheets go by what was in force then.
    """

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    fields = ("kind", "most", "on_breach", "source", "period")
    list_display = ("kind", "most", "on_breach", "source", "period_shown")
    list_filter = ("kind", InForceFilter)

    def refuse_change(self, obj: Any) -> None:
        super().refuse_change(obj)
        ends = (LimitRule.objects.get(pk=obj.pk).period.upper, obj.period.upper)
        if any(end is not None and end < today() for end in ends):
            raise RecordError(
                _("The limits of former days stay as they were: choose a day from yesterday on."),
                field="period",
            )


@admin.register(WeightRule)
class WeightRuleAdmin(DatedAdmin):
    """By what the calculator proposes allocations. A change is a new row."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    _weights = ("base", "per_venue", "per_member", "per_hour", "total")
    fields = ("channel", "purpose", *_weights, "source", "period")
    list_display = ("channel", "purpose", *_weights, "period_shown")
    list_filter = ("channel", InForceFilter)
