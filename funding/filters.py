"""Filters of this app's lists."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from backstage.exports import NOT_NAMED
from config.lib.filters import Filter, Filters, ListRequest, choose
from courses.models import TrainingClass
from funding.enums import CommitmentState
from funding.forms import years_of
from funding.queries.funds import schools_with_seen_funds
from schools.enums import FundingChannel

# The value of the filter by state for whatever is not settled.
UNSETTLED = "open"


def commitment_filters(asked: ListRequest) -> Filters:
    """For commitments: what they wait for, year, school, channel, and the class if one is asked."""
    states = {value: str(label) for value, label in CommitmentState.choices}
    of_states = {value: Q(state=value) for value in states}
    states[UNSETTLED] = _("neither paid nor released")
    of_states[UNSETTLED] = ~Q(state=CommitmentState.SETTLED)
    channels = {value: str(label) for value, label in FundingChannel.choices}
    schools = {
        str(key): name
        for key, name in schools_with_seen_funds(asked.user, asked.today).values_list("pk", "name")
    }
    years = years_of(asked.today)
    return Filters(
        [
            choose(
                asked,
                "state",
                _("State"),
                states,
                conditions=of_states,
                any_label=_("all states"),
            ),
            choose(
                asked,
                "year",
                _("Year"),
                {str(year): str(year) for year in years},
                conditions={str(year): Q(year=year) for year in years},
                any_label=_("all years"),
            ),
            choose(
                asked,
                "school",
                _("School"),
                schools,
                conditions={key: Q(school=key) for key in schools},
                any_label=_("all schools"),
            ),
            choose(
                asked,
                "channel",
                _("Channel"),
                channels,
                conditions={value: Q(channel=value) for value in channels},
                any_label=_("both channels"),
            ),
            *_of_class(asked),
        ]
    )


def proposal_filters(asked: ListRequest) -> Filters:
    """For proposals of allocations: the year."""
    years = {str(year): str(year) for year in years_of(asked.today)}
    return Filters([choose(asked, "year", _("Year"), years, any_label=_("this year"))])


def _of_class(asked: ListRequest) -> list[Filter]:
    """The class that a link from its costs names, or that none is named; nothing to choose."""
    if asked.text("class") == NOT_NAMED:
        none = Q(training_class=None)
        return [Filter("class", _("Class"), NOT_NAMED, None, _("no class is named"), none)]
    found = TrainingClass.objects.filter(pk=asked.key("class")).first()
    if found is None:
        return []
    condition = Q(training_class=found)
    return [
        Filter(
            "class", _("Class"), str(found.pk), None, found.title, condition, audit_text=found.title
        )
    ]
