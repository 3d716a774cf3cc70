"""The register and the rules (organisation department); rolls and the ledger, to read."""

from datetime import date
from typing import Any

from django.contrib import admin
from django.db.models import Max, Min, OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import (
    AppendOnlyAdmin,
    DatedAdmin,
    InForceFilter,
    KeysFirstPaginator,
    PortalModelAdmin,
    ReadOnlyAdmin,
)
from accounts.admin_forms import PortalModelForm
from accounts.enums import DISTRICT_ROLES, Role
from config.lib.period_forms import describe_period
from config.lib.periods import in_force, today
from schools.models import School
from trainees.admin_forms import MemberForm
from trainees.models import (
    Assessment,
    Attendance,
    AttendanceCorrection,
    CreditEntry,
    CreditRule,
    CreditStep,
    Dispute,
    DisputeEntry,
    Enrolment,
    Exemption,
    LedgerCheck,
    Member,
    Membership,
    Post,
    RegisterHeader,
    RequirementRule,
    Roll,
    Study,
    StudyReview,
    StudySubmission,
)
from trainees.records import (
    delete_membership,
    delete_post,
    delete_step,
    save_exemption,
    save_member,
    save_membership,
    save_post,
    save_rule,
    save_step,
)

OFFICE = frozenset({Role.ORGANISATION_DEPARTMENT})


class MemberSearchAdmin(PortalModelAdmin):
    """Search by member: name, initials or number, never an ID number. `member_path` leads there."""

    member_path = "member"
    search_fields = ("member__number",)
    search_help_text = gettext_lazy("Name, initials in pinyin, or member number.")

    def get_search_results(
        self,
        request: HttpRequest,
        queryset: QuerySet,
        search_term: str,
    ) -> tuple[QuerySet, bool]:
        term = search_term.strip()
        if not term:
            return queryset, False
        found = Member.objects.named_like(term)
        if self.member_path == "pk":
            return queryset & found, False
        return queryset.filter(**{f"{self.member_path}__in": found.order_by()}), False


class ServingSchoolFilter(admin.SimpleListFilter):
    """Members whose organisation a school serves today."""

    title = gettext_lazy("school")
    parameter_name = "school"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(key), name) for key, name in School.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        if not value.isdecimal():
            return queryset
        return queryset.filter(pk__in=Member.objects.for_school(int(value), today()).order_by())


class CreditYearFilter(admin.SimpleListFilter):
    """Rows of one credit year; which years there are is read from the ends of the index."""

    title = gettext_lazy("year")
    parameter_name = "credit_year"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        years = CreditEntry.objects.aggregate(first=Min("credit_year"), last=Max("credit_year"))
        if years["first"] is None:
            return []
        return [(str(year), str(year)) for year in range(years["last"], years["first"] - 1, -1)]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        return queryset.filter(credit_year=int(value)) if value.isdecimal() else queryset


# --- The register


@admin.register(Member)
class MemberAdmin(MemberSearchAdmin):
    """Members. What they belong to and hold are rows of their own, linked from here."""

    form = MemberForm
    view_roles = DISTRICT_ROLES
    change_roles = OFFICE
    readonly_fields = ("resident_id_shown", "user", "memberships_shown", "posts_shown")
    fields = (
        "number",
        "name",
        "sex",
        "birth_date",
        "phone",
        "joined_on",
        "full_member_on",
        "resident_id_shown",
        "user",
        "memberships_shown",
        "posts_shown",
    )
    list_display = ("number", "name", "sex", "organisation_shown", "joined_on")
    list_filter = ("sex", ServingSchoolFilter)
    search_fields = ("number",)
    member_path = "pk"
    ordering = ("number",)
    sortable_by = ("number", "joined_on")
    paginator = KeysFirstPaginator

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        current = Membership.objects.filter(in_force(today()), member=OuterRef("pk"))
        return (
            super()
            .get_queryset(request)
            .annotate(organisation_today=Subquery(current.values("organisation__name")[:1]))
        )

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        names = super().get_fields(request, obj)
        return names if obj is not None else [*names, "resident_id"]

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_member(resident_id=form.cleaned_data.get("resident_id", ""), **how)

    @admin.display(description=gettext_lazy("Party organisation"))
    def organisation_shown(self, member: Any) -> str:
        return member.organisation_today or "–"

    @admin.display(description=gettext_lazy("resident ID number"))
    def resident_id_shown(self, member: Member) -> str:
        return member.masked_resident_id

    @admin.display(description=gettext_lazy("memberships"))
    def memberships_shown(self, member: Member) -> SafeString:
        rows = member.memberships.select_related("organisation").order_by("period")
        return _dated_links("membership", member, [(one, str(one.organisation)) for one in rows])

    @admin.display(description=gettext_lazy("posts"))
    def posts_shown(self, member: Member) -> SafeString:
        rows = member.posts.select_related("organisation").order_by("period")
        links = [(one, f"{one.organisation} · {one.get_kind_display()}") for one in rows]
        return _dated_links("post", member, links)


def _dated_links(model: str, member: Member, rows: list[tuple[Any, str]]) -> SafeString:
    """The dated rows of a member as links, and one to all of them."""
    items = format_html_join(
        "",
        "<li><a href='{}'>{}</a> {}</li>",
        (
            (reverse(f"admin:trainees_{model}_change", args=[row.pk]), text, period)
            for row, text in rows
            for period in [describe_period(row.period)]
        ),
    )
    address = f"{reverse(f'admin:trainees_{model}_changelist')}?q={member.number}"
    return format_html("<ul>{}</ul><a href='{}'>{}</a>", items, address, _("Show as a list"))


class RegisterAdmin(MemberSearchAdmin, DatedAdmin):
    """A dated fact about a member: it is closed, and another one follows."""

    view_roles = DISTRICT_ROLES
    change_roles = OFFICE
    key_fields = {"member": "number", "organisation": "code"}
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator

    @admin.display(description=gettext_lazy("member number"))
    def member_number(self, row: Membership | Post | Exemption) -> str:
        return row.member.number


@admin.register(Membership)
class MembershipAdmin(RegisterAdmin):
    """A transfer ends one membership and begins another, each with its days."""

    fields = ("member", "organisation", "standing", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "organisation", "standing", "period_shown")
    list_select_related = ("member", "organisation")
    list_filter = ("standing", InForceFilter)

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_membership(at=timezone.now(), **how)

    def erase(self, **how: Any) -> None:
        delete_membership(at=timezone.now(), **how)


@admin.register(Post)
class PostAdmin(RegisterAdmin):
    fields = ("member", "organisation", "kind", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "organisation", "kind", "period_shown")
    list_select_related = ("member", "organisation")
    list_filter = ("kind", InForceFilter)

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_post(at=timezone.now(), **how)

    def erase(self, **how: Any) -> None:
        delete_post(at=timezone.now(), **how)


@admin.register(Exemption)
class ExemptionAdmin(RegisterAdmin):
    """A category and a period, never a diagnosis."""

    fields = ("member", "category", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "category", "period_shown")
    list_select_related = ("member",)
    list_filter = ("category", InForceFilter)

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_exemption(at=timezone.now(), **how)


@admin.register(RegisterHeader)
class RegisterHeaderAdmin(PortalModelAdmin):
    """What column headers of offices mean, as somebody once explained them: to put right."""

    view_roles = OFFICE
    change_roles = OFFICE
    deletable = True
    fixed_after_add = ("text",)
    fields = ("text", "field")
    list_display = ("text", "field")
    list_filter = ("field",)


# --- Rules


class RuleAdmin(DatedAdmin):
    """A change is a new version; of a stored one only the period, to close it, is edited.

    Nothing is deleted: verdicts name the version that produced them.
    """

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    change_roles = OFFICE
    deletable = False
    readonly_fields = ("version", "recorded_at")
    kind = ""

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_rule(kind=self.kind, **how)


@admin.register(RequirementRule)
class RequirementRuleAdmin(RuleAdmin):
    kind = "group"
    open_fields = ("period", "to_be_verified")
    fields = (
        "group",
        "version",
        "hours",
        "concentrated_trainings",
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
        "late_deduction",
        "minutes_per_hour",
        "review_steps",
        "dispute_days",
        "evidence_required",
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
    """What a rule gives for so many minutes: fixed once something was assessed by the rule."""

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    change_roles = OFFICE
    deletable = True
    fields = ("rule", "from_minutes", "hours")
    list_display = ("rule", "from_minutes", "hours")
    list_select_related = ("rule",)
    list_filter = ("rule__category",)

    def write(self, form: PortalModelForm, **how: Any) -> None:
        save_step(**how)

    def erase(self, **how: Any) -> None:
        delete_step(**how)


# --- Evidence: written by the acts of the rolls, read here


class EvidenceAdmin(MemberSearchAdmin, ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(Enrolment)
class EnrolmentAdmin(EvidenceAdmin):
    fields = ("training_class", "member", "organisation", "phone_pocket")
    list_display = ("training_class", "phone_pocket", "member", "organisation")
    list_select_related = ("training_class", "member", "organisation")
    list_filter = ("training_class__school",)


@admin.register(Roll)
class RollAdmin(ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("session", "state", "submitted_at", "submitted_by")
    list_display = ("session", "held_on", "state", "submitted_at", "submitted_by")
    list_select_related = ("session__training_class", "submitted_by")
    list_filter = ("state", "session__training_class__school")
    search_fields = ("session__training_class__title", "session__training_class__code__startswith")
    ordering = ("-session__held_on", "-id")
    sortable_by = ()

    @admin.display(description=gettext_lazy("date"))
    def held_on(self, roll: Roll) -> date:
        return roll.session.held_on


@admin.register(Attendance)
class AttendanceAdmin(EvidenceAdmin):
    fields = ("session", "member", "organisation", "status", "version", "marked_at", "marked_by")
    list_display = ("session", "member", "organisation", "status", "marked_at", "marked_by")
    list_select_related = ("session__training_class", "member", "organisation", "marked_by")
    list_filter = ("status", "session__training_class__school")


@admin.register(AttendanceCorrection)
class AttendanceCorrectionAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    member_path = "attendance__member"
    fields = (
        "attendance",
        "version",
        "old_status",
        "new_status",
        "reason",
        "corrected_at",
        "corrected_by",
    )
    list_display = (
        "corrected_at",
        "member",
        "old_status",
        "new_status",
        "reason",
        "corrected_by",
    )
    list_select_related = ("attendance__member", "corrected_by")
    list_filter = ("corrected_at",)
    sortable_by = ()

    @admin.display(description=gettext_lazy("member"))
    def member(self, correction: AttendanceCorrection) -> str:
        return str(correction.attendance.member)


@admin.register(Study)
class StudyAdmin(ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "organisation",
        "kind",
        "topic",
        "place",
        "held_on",
        "days",
        "starts_at",
        "minutes",
        "state",
        "recorded_at",
        "recorded_by",
    )
    list_display = ("held_on", "organisation", "kind", "topic", "minutes", "state", "recorded_by")
    list_select_related = ("organisation", "recorded_by")
    list_filter = ("kind", "state")
    search_fields = ("organisation__name", "organisation__code__startswith", "topic")
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(StudyReview)
class StudyReviewAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = (
        "study",
        "round",
        "step",
        "verdict",
        "reason",
        "recorded_by",
        "reviewed_at",
        "reviewed_by",
    )
    list_display = ("reviewed_at", "study", "step", "verdict", "reason", "reviewed_by")
    list_select_related = ("study", "reviewed_by")
    list_filter = ("step", "verdict")
    sortable_by = ()


@admin.register(Dispute)
class DisputeAdmin(MemberSearchAdmin, ReadOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("member", "assessment", "missing", "occurred_on", "school", "state", "opened_at")
    list_display = ("opened_at", "member", "occurred_on", "school", "state")
    list_select_related = ("member", "school")
    list_filter = ("state", "school")
    sortable_by = ()


@admin.register(DisputeEntry)
class DisputeEntryAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("dispute", "step", "verdict", "text", "written_at", "written_by")
    list_display = ("written_at", "dispute", "step", "verdict", "written_by")
    list_select_related = ("dispute__member", "written_by")
    list_filter = ("step", "verdict")
    sortable_by = ()


@admin.register(StudySubmission)
class StudySubmissionAdmin(AppendOnlyAdmin):
    view_roles = DISTRICT_ROLES
    fields = ("study", "round", "submitted_at", "submitted_by")
    list_display = ("submitted_at", "study", "round", "submitted_by")
    list_select_related = ("study", "submitted_by")
    sortable_by = ()


# --- The ledger


class LedgerAdmin(MemberSearchAdmin, AppendOnlyAdmin):
    """Posted and reversed by the acts of the domain, newest first."""

    view_roles = DISTRICT_ROLES
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator


@admin.register(Assessment)
class AssessmentAdmin(LedgerAdmin):
    fields = (
        "member",
        "attendance",
        "study",
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
    list_select_related = ("member", "rule")
    list_filter = (CreditYearFilter, "category", "own_reason", "cap_reason")


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
    """What each run of `verify_ledger` found."""

    view_roles = DISTRICT_ROLES | {Role.SYSTEM_ADMINISTRATOR}
    fields = ("checked_at", "entries", "assessments", "findings", "details")
    list_display = ("checked_at", "entries", "assessments", "findings")
    sortable_by = ()
