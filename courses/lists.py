"""Lists of this app: the rows that a user may see, narrowed by filters.

A page shows them in parts, an export shows all of them.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, QuerySet

from config.lib.filters import Filters, ListRequest
from courses.models import Course


def menu(asked: ListRequest, filters: Filters) -> QuerySet[Any]:
    """Courses of the menu by module and code, annotated with `lecturers`, who may teach them."""
    rows = filters.apply(Course.objects.visible_to(asked.user, asked.today))
    return (
        rows.select_related("module")
        .annotate(lecturers=Count("instructors"))
        .order_by("module__code", "code")
    )
