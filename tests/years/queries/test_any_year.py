"""Whatever is on record of a member, the own page says of each year what the whole one says."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from config.lib.periods import period
from hours.enums import RequirementGroup
from hours.models import RequirementRule
from tests import factories
from tests.evidence import hold
from tests.properties import examples
from trainees.enums import ExemptionCategory, MembershipStatus, PostKind
from trainees.models import Exemption, Member, Membership, Post
from years.queries.hours import get_own_year, get_year_of

YEARS = (2024, 2025, 2026)
# Around the ends of years and months, where something begins or ends within a year or does not.
DAYS = [
    date(year, month, day)
    for year in range(2022, 2028)
    for month, day in ((1, 1), (1, 2), (2, 1), (5, 20), (12, 31))
]
days = st.sampled_from(DAYS)


def stretches(values: st.SearchStrategy[Any]) -> st.SearchStrategy[list[tuple[Any, Any]]]:
    """Periods one after the other, each with a value, or with None for a gap; the last is open."""
    bounds = st.lists(days, unique=True, max_size=3).map(sorted)
    return bounds.flatmap(
        lambda days: st.tuples(
            *(
                st.tuples(st.just(period(*pair)), st.none() | values)
                for pair in pairwise([date(2019, 1, 1), *days, None])
            )
        ).map(list)
    )


ORDINARY = {
    "memberships": [(period(date(2019, 1, 1)), MembershipStatus.NORMAL)],
    "exemptions": [],
    "posts": [],
    "member": {"joined_on": date(1995, 7, 1), "full_member_on": None},
    "rule": {"pro_rata": True, "concentrated_trainings": 1, "training_hours": None},
}
SPECIAL: dict[str, st.SearchStrategy[Any]] = {
    "memberships": stretches(st.sampled_from(MembershipStatus)),
    "exemptions": stretches(st.sampled_from(ExemptionCategory)),
    "posts": st.lists(stretches(st.sampled_from(PostKind)), min_size=1, max_size=2),
    "member": st.lists(days, min_size=2, max_size=2).map(
        lambda days: dict(zip(("joined_on", "full_member_on"), sorted(days), strict=True))
    )
    | days.map(lambda day: {"joined_on": day, "full_member_on": None}),
    "rule": st.fixed_dictionaries(
        {
            "pro_rata": st.booleans(),
            "concentrated_trainings": st.integers(0, 2),
            "training_hours": st.sampled_from([None, None, 8]),
        }
    ),
}


@st.composite
def records(draw: st.DrawFn) -> dict[str, Any]:
    """What is on record of one member, and the rule by which every member is judged.

    Few things are special about one of them, so that no other hides what one alone changes.
    """
    special = draw(st.lists(st.sampled_from(list(SPECIAL)), unique=True, max_size=2))
    return ORDINARY | {name: draw(SPECIAL[name]) for name in special}


def keep(member: Member, branches: list[Any], facts: dict[str, Any]) -> None:
    """Store what is on record, in the place of what was."""
    member.memberships.all().delete()
    for days_of, status in facts["memberships"]:
        if status:
            Membership.objects.create(
                member=member,
                organisation=branches[0],
                membership_status=status,
                period=days_of,
            )
    for days_of, category in facts["exemptions"]:
        if category:
            Exemption.objects.create(member=member, category=category, period=days_of)
    for branch, held in zip(branches, facts["posts"], strict=False):
        for days_of, kind in held:
            if kind:
                Post.objects.create(member=member, organisation=branch, kind=kind, period=days_of)
    Member.objects.filter(pk=member.pk).update(**facts["member"])
    RequirementRule.objects.filter(group=RequirementGroup.EVERY_MEMBER).update(**facts["rule"])


@pytest.fixture
def world(db) -> tuple[Member, list[Any]]:
    """A member of a school with two branches, each year at two trainings of four hours."""
    school = factories.make_school()
    branches = [factories.make_organisation(school) for _place in range(2)]
    member = factories.make_member(branches[0], user=factories.make_user())
    for year in YEARS:
        for month in (3, 5):
            hold(factories.make_class(school), {member: "present"}, on=date(year, month, 20))
    return member, branches


@given(facts=records(), asked=st.sampled_from(YEARS), on=days)
@settings(
    max_examples=examples(100, deep=500),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
def test_says_the_same_by_either_statement(world, facts, asked, on):
    member, branches = world
    with transaction.atomic():
        keep(member, branches, facts)
        own_year = get_own_year(member.user, asked, on)
        whole = get_year_of(member.user, member, asked, on)
        transaction.set_rollback(True)

    assert own_year == whole
