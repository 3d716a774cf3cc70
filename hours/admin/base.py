"""Shared parts of this app's admin pages: the filter by credit year."""

from typing import Any

from django.contrib import admin
from django.db.models import Max, Min, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy

from hours.models import CreditEntry


class CreditYearFilter(admin.SimpleListFilter):
    """Rows of one credit year. The first and last year are read from the two ends of the index."""

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
