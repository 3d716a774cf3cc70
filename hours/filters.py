"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filters, ListRequest, choose
from config.lib.year_filters import part_filter, year_filter
from hours.enums import MAIN_CATEGORIES, CreditCategory
from schools.filters import organisation_filter, school_filter
from trainees.filters import audience_filter

OTHER_CATEGORIES = "other"  # all categories except the main ones
CATEGORY_LABELS: dict[str, str | Promise] = {
    **dict(CreditCategory.choices),
    OTHER_CATEGORIES: gettext_lazy("besides concentrated training and collective study"),
}


def entry_filters(asked: ListRequest) -> Filters:
    """Filters for ledger entries: school and organisation then, period, audience, category."""
    year = year_filter(asked, "credit_year")
    conditions = {value: Q(category=value) for value in CreditCategory.values}
    others = {OTHER_CATEGORIES: ~Q(category__in=MAIN_CATEGORIES)}
    category = choose(
        asked,
        "category",
        _("Category"),
        {value: str(label) for value, label in CATEGORY_LABELS.items()},
        conditions=conditions | others,
        any_label=_("all categories"),
    )
    return Filters(
        [
            school_filter(asked, "school"),
            organisation_filter(asked, year, "organisation"),
            year,
            part_filter(asked, year, "occurred_on"),
            audience_filter(asked, year, "member"),
            category,
        ]
    )
