"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from config.lib.filters import Filters, ListRequest, choose
from instructors.enums import NominationState
from schools.filters import school_filter


def nomination_filters(asked: ListRequest) -> Filters:
    """Filters for nominations: the school, and what became of them."""
    states = {value: str(label) for value, label in NominationState.choices}
    state = choose(
        asked,
        "nomination_state",
        _("State"),
        states,
        conditions={value: Q(state=value) for value in states},
        any_label=_("all states"),
    )
    return Filters([school_filter(asked, "school"), state])
