"""Every choice that a list offers is answered."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Role
from backstage.exports import find_export
from config.lib.filters import Filters, ListRequest
from tests.years.test_exports import ALL
from years.filters import OUTCOME_LABELS, member_filters
from years.lists import members


def choices_of(filters: Filters) -> Iterator[tuple[str, str]]:
    for item in filters.items:
        for value, _label in getattr(item.field, "choices", ()):
            yield item.name, str(value)


DESK = (
    "tree",
    "slips",
    "menu",
    "lecturers",
    "report-sessions",
    "report-members",
    "statistics-sessions",
)


@pytest.mark.parametrize(
    "export",
    [*ALL, *map(find_export, DESK)],
    ids=lambda export: export.name,
)
def test_every_choice_is_answered(two_schools, export):
    role = next(role for role in Role if export.may(two_schools.people[role]))
    person, browser = two_schools.people[role], two_schools.client(role)
    offered = list(choices_of(export.filters(ListRequest(person, {}, timezone.now()))))
    last_year = str(timezone.now().year - 1)

    assert offered
    for name, value in offered:
        for query in ({name: value}, {"year": last_year, name: value}):
            reply = browser.get(reverse(export.page), query)
            assert reply.status_code == 200, query


@pytest.mark.parametrize("years_ago", [0, 1])
def test_members_are_offered_the_verdicts_that_their_lines_can_say(two_schools, years_ago):
    now = timezone.now()
    year = {"year": str(now.year - years_ago)}
    person = two_schools.people[Role.ORGANISATION_DEPARTMENT]
    filters = member_filters(ListRequest(person, year, now))
    offered = dict(filters["outcome"].field.choices)

    assert ("short" in offered) is bool(years_ago)
    assert ("not_yet_due" in offered) is not bool(years_ago)
    for outcome in set(offered) - {"", "counted", "trained"}:
        asked = ListRequest(person, {**year, "outcome": outcome}, now)
        lines = members(asked, member_filters(asked))
        words = {str(OUTCOME_LABELS[line.verdict.outcome]) for line in lines.iterator()}
        assert words <= {offered[outcome]}


@pytest.mark.parametrize("asked_for", ["short", "not_yet_due"])
def test_who_has_not_reached_the_target_is_found_by_either_name(two_schools, asked_for):
    now = timezone.now()
    person = two_schools.people[Role.ORGANISATION_DEPARTMENT]
    for year, name in ((now.year, "not_yet_due"), (now.year - 1, "short")):
        asked = ListRequest(person, {"year": str(year), "outcome": asked_for}, now)
        assert member_filters(asked).value("outcome") == name
