"""Two rows that are one person owe what one row would; apart again, each owes its own."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.enums import Role
from config.lib.periods import at_local, days_without, period
from hours.models import CreditEntry
from hours.queries.clocks import list_clocks
from hours.queries.debts import find_debt
from hours.queries.ledger_check import list_findings
from hours.queries.requirements import Verdict
from schools.models import YearEndRule
from studies.actions.study_reviews import withdraw_study
from tests import factories
from tests.admin_pages import make_officer
from tests.evidence import hold, study
from tests.factories import START
from tests.hours.queries.test_requirements import verdict_of, year_of
from tests.properties import examples
from trainees.actions.member_merges import merge_members, propose_merge, undo_merge
from trainees.enums import PostKind
from trainees.models import Exemption, Member, Membership, Post

pytestmark = pytest.mark.django_db

YEAR = 2026
SPRING, TEN_DAYS_ON = at_local(date(YEAR, 5, 4), 9), at_local(date(YEAR, 5, 14), 9)
DECEMBER = at_local(date(YEAR, 12, 10), 9)
JANUARY, FEBRUARY = at_local(date(YEAR + 1, 1, 5), 9), at_local(date(YEAR + 1, 2, 10), 9)
FACTS = (Membership, Post, Exemption)


class Rows:
    """Two rows in two branches of one school, and the officers who make them one."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.branch = factories.make_organisation(self.school)
        self.other_branch = factories.make_organisation(self.school, "第二党支部")
        self.kept = factories.make_member(self.branch)
        self.given_up = factories.make_member(self.other_branch)
        self.officers = [
            factories.acting(make_officer(Role.ORGANISATION_DEPARTMENT)) for _ in range(2)
        ]

    def belongs(self, member: Member, since: date, until: date | None = None) -> None:
        member.memberships.update(period=period(since, until))

    def leads(self, member: Member, since: date = START, until: date | None = None) -> None:
        organisation = member.memberships.get().organisation
        member.posts.create(
            organisation=organisation, kind=PostKind.SECRETARY, period=period(since, until)
        )

    def merge(self, at: datetime = SPRING):
        self.proposal = propose_merge(
            kept_id=self.kept.pk,
            given_up_id=self.given_up.pk,
            reason="同一人",
            by=self.officers[0],
            at=at,
        )
        return merge_members(merge_id=self.proposal.pk, by=self.officers[1], at=at)

    def undo(self, at: datetime = TEN_DAYS_ON):
        return undo_merge(merge_id=self.proposal.pk, reason="两个人", by=self.officers[0], at=at)

    def verdicts(self, year: int = YEAR, on: date = date(YEAR, 12, 31)) -> list[Verdict | None]:
        """What the page, the list and the check page say of both rows."""
        said = [verdict_of(member, year, on) for member in (self.kept, self.given_up)]
        assert said == [find_debt(member.pk, year, on) for member in (self.kept, self.given_up)]
        return said

    def owed(self, year: int = YEAR, on: date = date(YEAR, 12, 31)) -> list[Decimal | None]:
        return [verdict and verdict.owed for verdict in self.verdicts(year, on)]

    def facts(self) -> dict[str, list[tuple]]:
        """Every dated fact of both rows."""
        columns = ("member", "period")
        of = {
            "Membership": ("organisation", "membership_status"),
            "Post": ("organisation", "kind"),
            "Exemption": ("category",),
        }
        return {
            model.__name__: sorted(model.objects.values_list(*columns, *of[model.__name__]))
            for model in FACTS
        }


@pytest.fixture
def rows() -> Rows:
    return Rows()


class TestMerged:
    def test_a_row_since_2019_makes_up_for_one_since_july(self, rows):
        rows.belongs(rows.kept, date(YEAR, 7, 1))
        assert rows.owed() == [16, 32]

        rows.merge(at_local(date(YEAR, 9, 1), 9))

        assert rows.owed() == [32, None]

    def test_the_post_of_the_other_row_is_owed_for_the_whole_year(self, rows):
        rows.leads(rows.given_up)

        rows.merge()

        assert rows.owed() == [56, None]
        assert list_clocks(rows.kept.pk, date(YEAR, 12, 31)) == []

    def test_an_exemption_of_the_other_row_counts_its_months(self, rows):
        rows.given_up.exemptions.create(
            category="frail", period=period(date(YEAR, 2, 1), date(YEAR, 8, 1))
        )

        rows.merge(at_local(date(YEAR, 9, 1), 9))

        assert rows.owed() == [16, None]

    def test_what_both_say_of_a_day_holds_as_the_kept_row_says_it(self, rows):
        rows.kept.exemptions.create(category="frail", period=period(date(YEAR, 3, 1)))
        rows.given_up.exemptions.create(category="serious_illness", period=period(date(YEAR, 1, 1)))

        rows.merge()

        said = rows.kept.exemptions.order_by("period").values_list("category", "period")
        assert list(said) == [
            ("serious_illness", period(date(YEAR, 1, 1), date(YEAR, 3, 1))),
            ("frail", period(date(YEAR, 3, 1))),
        ]

    def test_closed_years_stay(self, rows):
        rows.leads(rows.given_up)
        rows.belongs(rows.kept, date(2025, 7, 1))
        before = rows.verdicts(2025)

        rows.merge()

        assert rows.verdicts(2025) == before
        assert [verdict.owed for verdict in before] == [16, 56]

    def test_the_appointment_is_the_one_of_either_row(self, rows):
        rows.leads(rows.given_up, since=date(2025, 11, 3))
        hold(factories.make_class(rows.school), {rows.given_up: "present"}, on=date(2025, 12, 2))

        rows.merge()

        (clock,) = list_clocks(rows.kept.pk, date(YEAR, 12, 31))
        assert (clock.began, clock.met_on) == (date(2025, 11, 3), date(2025, 12, 2))
        assert year_of(rows.kept, YEAR, date(YEAR, 12, 31)).clocks == [clock]
        assert list_clocks(rows.given_up.pk, date(YEAR, 12, 31)) == []

    def test_the_check_page_says_what_is_owed_then(self, rows):
        rows.belongs(rows.kept, date(YEAR, 4, 1))

        moved = rows.merge()

        (debt,) = [text for text in moved.sentences if rows.kept.number in text]
        assert debt.startswith(str(YEAR))
        assert "32" in debt


class TestTakenApart:
    def test_after_ten_days_each_owes_what_it_owed(self, rows):
        rows.leads(rows.given_up)
        rows.leads(rows.kept, until=date(YEAR, 3, 1))
        rows.kept.exemptions.create(
            category="frail", period=period(date(YEAR, 4, 1), date(YEAR, 5, 1))
        )
        verdicts, facts = rows.verdicts(), rows.facts()

        rows.merge()
        moved = rows.undo()

        assert (rows.verdicts(), rows.facts()) == (verdicts, facts)
        assert list_clocks(rows.given_up.pk, date(YEAR, 12, 31)) == []
        assert [member.number in "".join(moved.sentences) for member in (rows.kept, rows.given_up)]

    def test_what_was_recorded_of_the_person_meanwhile_stays(self, rows):
        rows.belongs(rows.kept, date(YEAR, 3, 1))
        rows.merge()
        rows.kept.exemptions.create(category="frail", period=period(date(YEAR, 5, 10)))

        rows.undo()

        assert rows.kept.exemptions.get().period == period(date(YEAR, 5, 10))
        assert rows.kept.memberships.get().period == period(date(YEAR, 3, 1))
        assert rows.given_up.memberships.get().period == period(START)

    def test_as_it_was_recorded_before_facts_were_united(self, rows):
        """Merges of an earlier version ended the facts of one row on the day of the merge."""
        facts = rows.facts()
        rows.merge()
        rows.kept.memberships.exclude(organisation=rows.branch).delete()
        rows.given_up.memberships.update(period=period(START, SPRING.date()))
        merge = rows.proposal
        merge.refresh_from_db()
        old = {name: merge.ended["moved"].pop(name) for name in ("Membership", "Post", "Exemption")}
        del merge.ended["moved"]["taken"]
        merge.ended |= old
        merge.save()

        rows.undo()

        assert rows.facts() == facts


class TestAcrossNewYear:
    @pytest.fixture
    def december(self, rows):
        """Merged in December: the year of both rows is judged as one."""
        rows.leads(rows.given_up)
        rows.studied = study(
            rows.other_branch, rows.given_up, on=date(YEAR, 3, 3), school=rows.school
        )
        rows.apart = rows.verdicts()
        rows.merge(DECEMBER)
        rows.together = rows.verdicts()
        assert [verdict and verdict.owed for verdict in rows.together] == [56, None]
        return rows

    def test_a_closed_year_stays_as_it_was_closed(self, december):
        december.undo(FEBRUARY)

        assert december.verdicts() == december.together
        assert december.owed(YEAR + 1, FEBRUARY.date()) == [32, 56]
        for member in (december.kept, december.given_up):
            assert list_clocks(member.pk, FEBRUARY.date()) == []
        assert list_clocks(december.kept.pk, date(YEAR, 12, 31)) == []
        assert not list_findings()

    def test_until_it_is_closed_it_comes_apart_as_well(self, december):
        december.undo(JANUARY)

        assert december.verdicts() == december.apart
        assert CreditEntry.objects.filter(member=december.given_up).sum_hours() == 2
        assert not list_findings()

    def test_a_merge_in_january_unites_the_year_that_is_still_open(self, rows):
        rows.belongs(rows.kept, date(YEAR, 7, 1))

        rows.merge(JANUARY)

        assert rows.owed() == [32, None]
        assert rows.owed(YEAR - 1) == [None, 32]

    def test_what_is_taken_back_later_is_taken_from_the_row_that_holds_it(self, december):
        """As when the district opens the year once more by its rule."""
        december.undo(FEBRUARY)
        YearEndRule.objects.update(days=60)
        clerk = factories.make_clerk(december.school)

        withdraw_study(
            study_id=december.studied.pk,
            seen_version=december.studied.version,
            reason="误报",
            by=factories.acting(clerk),
            at=FEBRUARY,
        )

        assert CreditEntry.objects.filter(member=december.kept).sum_hours() == 0
        assert not list_findings()


days = st.dates(date(2025, 10, 1), date(2027, 3, 1))
cuts = st.lists(days, min_size=1, max_size=3, unique=True).map(sorted)


@given(data=st.data(), merged=st.dates(date(YEAR, 2, 1), date(YEAR, 12, 31)))
@settings(
    max_examples=examples(15, deep=40),
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
def test_one_row_all_along_and_back(rows, data, merged):
    """Against the days themselves: each day of either row's, and the kept row's word of both."""
    with transaction.atomic():
        check_one_row_and_back(rows, data, merged)
        transaction.set_rollback(True)


def check_one_row_and_back(rows: Rows, data: st.DataObject, merged: date) -> None:
    for model in FACTS:
        model.objects.all().delete()
    for member, branch in ((rows.kept, rows.branch), (rows.given_up, rows.other_branch)):
        edges = data.draw(cuts)
        # On record on the day of the merge, as a proposal asks for.
        Membership.objects.create(
            member=member, organisation=branch, period=period(min(edges[0], merged))
        )
        for start, end in zip(edges[::2], edges[1::2], strict=False):
            Exemption.objects.create(member=member, category="frail", period=period(start, end))
            Post.objects.create(
                member=member, organisation=branch, kind="secretary", period=period(start, end)
            )
    facts = rows.facts()
    mine, theirs = (
        {model: [row.period for row in model.objects.filter(member=member)] for model in FACTS}
        for member in (rows.kept, rows.given_up)
    )

    rows.merge(at_local(merged, 9))
    for model in FACTS:
        united = [row.period for row in model.objects.filter(member=rows.kept)]
        for held in mine[model]:
            assert not days_without(held, united)
        for held in theirs[model]:
            since = days_without(held, [period(date(1900, 1, 1), date(YEAR, 1, 1))])
            assert all(not days_without(part, united) for part in since)
    rows.undo(at_local(merged, 10))

    assert rows.facts() == facts
