"""Filters of this app's lists."""

from __future__ import annotations

from django.db.models import Q
from django.utils.translation import gettext as _

from config.lib.filters import Filters, ListRequest, choose
from funding.enums import CommitmentState
from funding.forms import years_of
from funding.queries.funds import schools_with_seen_funds
from schools.enums import FundingChannel


def commitment_filters(asked: ListRequest) -> Filters:
    """For commitments: what they wait for, the year, the school, the channel."""
    states = {value: str(label) for value, label in CommitmentState.choices}
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
                conditions={value: Q(state=value) for value in states},
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
        ]
    )


def proposal_filters(asked: ListRequest) -> Filters:
    """For proposals of allocations: the year."""
    years = {str(year): str(year) for year in years_of(asked.today)}
    return Filters([choose(asked, "year", _("Year"), years, any_label=_("this year"))])
