"""Filters of this app's lists: the choices, and the condition each puts on a row."""

from __future__ import annotations

from django.utils.translation import gettext as _

from config.lib.filters import Filters, ListRequest, choose, search
from config.lib.year_filters import current_year, part_filter, year_filter
from courses.models import TrainingClass
from hours.queries.requirements import COUNTED, Outcome
from schools.enums import Audience
from schools.filters import organisation_filter, school_filter


def supervision_filters(asked: ListRequest) -> Filters:
    """Filters for supervision notes: the school visited, and the time of the session."""
    year = year_filter(asked, "session__held_on__year")
    part = part_filter(asked, year, "session__held_on")
    return Filters([school_filter(asked, "session__training_class__school"), year, part])


def roster_filters(asked: ListRequest, training_class: TrainingClass) -> Filters:
    """Filters for candidates of a class: organisation, audience, shortfall, and a search.

    The defaults are the audience of the class, and members short of hours.
    """
    audiences = {value: str(label) for value, label in Audience.choices}
    outcomes = {Outcome.SHORT.value: _("short of hours"), COUNTED: _("owes hours")}
    year = current_year(asked)
    return Filters(
        [
            organisation_filter(asked, year),
            choose(
                asked,
                "audience",
                _("Audience"),
                audiences,
                any_label=_("all audiences"),
                default=training_class.audience,
            ),
            choose(
                asked,
                "outcome",
                _("Shortfall"),
                outcomes,
                any_label=_("everybody"),
                default=Outcome.SHORT.value,
            ),
            search(asked, _("Name, pinyin initials or member number")),
        ]
    )
