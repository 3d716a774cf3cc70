"""Admin pages of the register: members and their dated facts (organisation department)."""

from typing import Any

from django.contrib import admin
from django.db.models import OuterRef, QuerySet, Subquery
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_base import DatedAdmin, InForceFilter, KeysFirstPaginator, PortalModelAdmin
from accounts.admin_forms import PortalModelForm
from accounts.enums import DEPARTMENT_ROLES, DISTRICT_ROLES
from config.lib.period_forms import describe_period
from config.lib.periods import in_force, today
from trainees.admin.base import MemberSearchAdmin, ServingSchoolFilter
from trainees.admin_forms import MemberForm
from trainees.models import Exemption, Member, Membership, Post, RegisterHeader
from trainees.records import (
    delete_fact,
    delete_post,
    save_exemption,
    save_member,
    save_membership,
    save_post,
)


@admin.register(Member)
class MemberAdmin(MemberSearchAdmin):
    """Members. Their memberships and posts are separate rows, linked from here."""

    form = MemberForm
    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
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

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_member(resident_id=form.cleaned_data.get("resident_id", ""), **kwargs)

    @admin.display(description=gettext_lazy("Party organisation"))
    def organisation_shown(self, member: Any) -> str:
        return member.organisation_today or "–"

    @admin.display(description=gettext_lazy("resident ID number"))
    def resident_id_shown(self, member: Member) -> str:
        return member.masked_resident_id

    @admin.display(description=gettext_lazy("memberships"))
    def memberships_shown(self, member: Member) -> SafeString:
        rows = member.memberships.select_related("organisation").order_by("period")
        return _dated_links(
            "membership",
            member,
            [(membership, str(membership.organisation)) for membership in rows],
        )

    @admin.display(description=gettext_lazy("posts"))
    def posts_shown(self, member: Member) -> SafeString:
        rows = member.posts.select_related("organisation").order_by("period")
        links = [(post, f"{post.organisation} · {post.get_kind_display()}") for post in rows]
        return _dated_links("post", member, links)


def _dated_links(model: str, member: Member, rows: list[tuple[Any, str]]) -> SafeString:
    """The dated rows of a member as links, and a link to all of them."""
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
    """A dated fact about a member: one row ends and another follows."""

    view_roles = DISTRICT_ROLES
    change_roles = DEPARTMENT_ROLES
    key_fields = {"member": "number", "organisation": "code"}
    ordering = ("-id",)
    sortable_by = ()
    paginator = KeysFirstPaginator

    def erase(self, **kwargs: Any) -> None:
        delete_fact(at=timezone.now(), **kwargs)

    @admin.display(description=gettext_lazy("member number"))
    def member_number(self, row: Membership | Post | Exemption) -> str:
        return row.member.number


@admin.register(Membership)
class MembershipAdmin(RegisterAdmin):
    """A transfer ends one membership and begins another, each with its days."""

    fields = ("member", "organisation", "membership_status", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "organisation", "membership_status", "period_shown")
    list_select_related = ("member", "organisation")
    list_filter = ("membership_status", InForceFilter)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_membership(at=timezone.now(), **kwargs)


@admin.register(Post)
class PostAdmin(RegisterAdmin):
    fields = ("member", "organisation", "kind", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "organisation", "kind", "period_shown")
    list_select_related = ("member", "organisation")
    list_filter = ("kind", InForceFilter)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_post(at=timezone.now(), **kwargs)

    def erase(self, **kwargs: Any) -> None:
        delete_post(at=timezone.now(), **kwargs)


@admin.register(Exemption)
class ExemptionAdmin(RegisterAdmin):
    """A category and a period, never a diagnosis."""

    fields = ("member", "category", "period", "recorded_at")
    readonly_fields = ("recorded_at",)
    list_display = ("member_number", "member", "category", "period_shown")
    list_select_related = ("member",)
    list_filter = ("category", InForceFilter)

    def write(self, form: PortalModelForm, **kwargs: Any) -> None:
        save_exemption(at=timezone.now(), **kwargs)


@admin.register(RegisterHeader)
class RegisterHeaderAdmin(PortalModelAdmin):
    """The meanings that were given to the column headers of offices; editable to correct them."""

    view_roles = DEPARTMENT_ROLES
    change_roles = DEPARTMENT_ROLES
    deletable = True
    fixed_after_add = ("text",)
    fields = ("text", "field")
    list_display = ("text", "field")
    list_filter = ("field",)
