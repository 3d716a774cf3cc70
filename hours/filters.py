"""What lists are filtered by, with labels: categories of hours, and states of disputes."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from hours.enums import CreditCategory, DisputeState

OTHER_CATEGORIES = "other"  # all categories except the main ones
CATEGORY_LABELS: dict[str, str | Promise] = {
    **dict(CreditCategory.choices),
    OTHER_CATEGORIES: gettext_lazy("besides concentrated training and collective study"),
}

UNFINISHED = "unfinished"  # open disputes and appeals
DISPUTE_STAGES: dict[str, str | Promise] = {
    **dict(DisputeState.choices),
    UNFINISHED: gettext_lazy("waits for an answer"),
}
