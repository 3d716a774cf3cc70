"""The categories of hours that lists are filtered by, with their labels."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hours.enums import CreditCategory

OTHER_CATEGORIES = "other"  # all categories except the main ones
CATEGORY_LABELS: dict[str, str | Promise] = {
    **dict(CreditCategory.choices),
    OTHER_CATEGORIES: gettext_lazy("besides concentrated training and collective study"),
}
