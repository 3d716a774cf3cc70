"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from config.lib.filters import Filters, ListRequest, choose, search
from instructors.enums import Corps, NominationState
from instructors.queries.rules import warned_until
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


LETTER_STATES = {
    "in_force": gettext_lazy("in force"),
    "ending": gettext_lazy("ends soon"),
    "to_come": gettext_lazy("not yet in force"),
    "expired": gettext_lazy("expired"),
    "revoked": gettext_lazy("revoked"),
}


def letter_filters(asked: ListRequest) -> Filters:
    """Filters for letters: the nominating school, the corps, the state, and a search."""
    on = asked.today
    lasting = Q(revoked_at=None)
    conditions = {
        "in_force": lasting & Q(period__contains=on),
        "ending": lasting & Q(period__contains=on, period__endswith__lte=warned_until(on)),
        "to_come": lasting & Q(period__startswith__gt=on),
        "expired": lasting & Q(period__endswith__lte=on),
        "revoked": Q(revoked_at__isnull=False),
    }
    corps = {value: str(label) for value, label in Corps.choices}
    text = asked.text("q")
    found = Q(number__contains=text) | Q(instructor__name__contains=text)
    return Filters(
        [
            search(asked, _("Number or name"), found),
            school_filter(asked, "instructor__nominated_by"),
            choose(
                asked,
                "corps",
                _("Corps"),
                corps,
                conditions={value: Q(instructor__corps=value) for value in corps},
                any_label=_("all corps"),
            ),
            choose(
                asked,
                "letter_state",
                _("State"),
                {value: str(label) for value, label in LETTER_STATES.items()},
                conditions=conditions,
                any_label=_("all states"),
            ),
        ]
    )
