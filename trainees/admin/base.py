"""Shared parts of admin pages about members: search and filter."""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from accounts.admin_base import PortalModelAdmin
from config.lib.periods import today
from schools.models import School
from trainees.models import Member


class MemberSearchAdmin(PortalModelAdmin):
    """Search by member: name, initials or number, never ID number. `member_path` leads to the
    member.
    """

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
        members = Member.objects.named_like(term)
        if self.member_path == "pk":
            return queryset & members, False
        return queryset.filter(**{f"{self.member_path}__in": members.order_by()}), False


class ServingSchoolFilter(admin.SimpleListFilter):
    """Members of an organisation that a school serves today."""

    title = gettext_lazy("school")
    parameter_name = "school"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [(str(key), name) for key, name in School.objects.values_list("pk", "name")]

    def queryset(self, request: HttpRequest, queryset: QuerySet) -> QuerySet:
        value = self.value() or ""
        if not value.isdecimal():
            return queryset
        return queryset.filter(pk__in=Member.objects.for_school(int(value), today()).order_by())
