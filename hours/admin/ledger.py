"""Read-only admin pages of the ledger. Domain actions post and reverse its rows."""

from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import AppendOnlyAdmin, KeysFirstPaginator
from accounts.enums import DISTRICT_ROLES, Role
from hours.admin.base import CreditYearFilter
from hours.models import Assessment, CreditEntry, LedgerCheck, Source
from hours.source_kinds import source_title
from trainees.admin.base import MemberSearchAdmin


class LedgerAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    """Rows that domain actions post and reverse, newest first."""

    view_roles = DISTRICT_ROLES
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(Assessment)
class AssessmentAdmin(LedgerAdmin):
    fields = (
        "member",
        "source_shown",
        "owner",
        "organisation",
        "school",
        "version",
        "credit_year",
        "occurred_on",
        "category",
        "gross_hours",
        "own_cut",
        "own_reason",
        "overlap_cut",
        "cap_cut",
        "cap_reason",
        "hours",
        "rule",
        "cause",
        "reason",
        "assessed_at",
        "assessed_by",
    )
    list_display = (
        "occurred_on",
        "member",
        "category",
        "gross_hours",
        "hours",
        "own_reason",
        "cap_reason",
        "rule",
        "assessed_at",
    )
    readonly_fields = ("source_shown",)
    list_select_related = ("member", "rule")
    list_filter = (CreditYearFilter, "category", "own_reason", "cap_reason")

    @admin.display(description=gettext_lazy("source of hours"))
    def source_shown(self, assessment: Assessment) -> str:
        titled = Source.objects.annotate(title=source_title("pk"))
        title: str = titled.values_list("title", flat=True).get(pk=assessment.source_id)
        return title


@admin.register(CreditEntry)
class CreditEntryAdmin(LedgerAdmin):
    fields = (
        "member",
        "school",
        "organisation",
        "credit_year",
        "category",
        "occurred_on",
        "hours",
        "assessment",
        "reverses",
        "reason",
        "source_key",
        "posted_at",
        "posted_by",
    )
    list_display = (
        "occurred_on",
        "member",
        "organisation",
        "school",
        "category",
        "hours",
        "kind_shown",
        "posted_at",
    )
    list_select_related = ("member", "organisation", "school")
    list_filter = (CreditYearFilter, "category", "school")

    @admin.display(description=gettext_lazy("kind"))
    def kind_shown(self, entry: CreditEntry) -> str:
        return capfirst(_("posted") if entry.reverses_id is None else _("reversal"))


@admin.register(LedgerCheck)
class LedgerCheckAdmin(AppendOnlyAdmin):
    """Results of each run of `verify_ledger`."""

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    fields = ("checked_at", "entries", "assessments", "findings", "details")
    list_display = ("checked_at", "entries", "assessments", "findings")
    sortable_by = ()
