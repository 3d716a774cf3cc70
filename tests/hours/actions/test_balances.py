"""What lists read of a member's year is what the live statement says, settled or not."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from threading import Event, Thread

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.models import F, Sum

from config.lib.periods import period
from config.lib.years import day_of_judgement
from hours.actions import balances
from hours.actions.balances import rebuild_balances, settle_balances
from hours.models import (
    Balance,
    BalanceChange,
    BalanceCount,
    BalanceYear,
    CreditEntry,
    MonthTotal,
    RequirementRule,
)
from hours.queries.balances import (
    BALANCES_OF_ALL,
    MANY,
    find_unsettled,
)
from hours.queries.ledger_check import BALANCES, NUMBERS, TOTALS, list_findings
from hours.tasks import settle_balances as settle_by_task
from schools.models import Placement, SchoolArea
from tests import factories
from tests.evidence import TODAY, hold, study
from tests.hours.balances import (
    YEAR,
    as_counted,
    as_judged,
    as_judged_alike,
    as_read,
    kept,
    to_be_kept,
)
from trainees.enums import MembershipStatus, PostKind
from trainees.models import Exemption, Membership, Post

EVENING = date(YEAR, 12, 31)
# The changes that a roll writes down: its hours and its marks.
OF_A_ROLL = 2


class Town:
    """Two schools, each with members of several kinds; nothing is settled after this."""

    def __init__(self) -> None:
        self.school = factories.make_school()
        self.other = factories.make_school("120111005", "津门湖街道")
        self.branch = factories.make_organisation(self.school)
        self.elsewhere = factories.make_organisation(self.other)
        self.members = [factories.make_member(self.branch, name) for name in ("张伟", "王芳")]
        self.leader = factories.make_leader(self.branch)
        self.lost = factories.make_member(
            self.branch, "赵云", membership_status=MembershipStatus.LOST_CONTACT
        )
        self.exempt = factories.make_member(self.elsewhere, "李静")
        factories.exempt(self.exempt)
        self.training_class = factories.make_class(self.school)
        self.hold(date(YEAR, 5, 4))

    def hold(self, on: date, hours: str = "4") -> None:
        hold(
            self.training_class,
            {self.members[0]: "present", self.leader: "late"},
            on=on,
            hours=hours,
        )


@pytest.fixture
def town() -> Town:
    return Town()


@pytest.fixture
def settled(town) -> Town:
    settle_balances(on=TODAY)
    assert not BalanceChange.objects.exists()
    return town


def _transfer(town: Town, on: date) -> None:
    old = Membership.objects.get(member=town.members[0])
    old.period = period(factories.START, on)
    old.save()
    Membership.objects.create(
        member=town.members[0], organisation=town.elsewhere, period=period(on)
    )


def _appoint(town: Town, on: date, kind: PostKind = PostKind.SECRETARY) -> None:
    Post.objects.create(
        member=town.members[1], organisation=town.branch, kind=kind, period=period(on)
    )


def _move(town: Town) -> None:
    place = Placement.objects.get(organisation=town.branch)
    township = Placement.objects.get(organisation=town.elsewhere).township
    Placement.objects.filter(pk=place.pk).update(period=period(factories.START, date(YEAR, 12, 1)))
    Placement.objects.create(
        organisation=town.branch,
        parent=place.parent,
        township=township,
        period=period(date(YEAR, 12, 1)),
    )


def _take_over(town: Town) -> None:
    area = SchoolArea.objects.get(school=town.school)
    area.period = period(factories.START, date(YEAR, 12, 3))
    area.save()
    SchoolArea.objects.create(
        school=town.other, township=area.township, period=period(date(YEAR, 12, 3))
    )


def _rename(town: Town) -> None:
    member = town.members[0]
    member.name, member.name_pinyin = "阿伟", "a wei"
    member.save()


# What changes balances, and of how many members; None for everybody.
ACTS: dict[str, tuple[Callable[[Town], object], int | None]] = {
    "a roll": (lambda town: town.hold(date(YEAR, 6, 1)), 2),
    "a roll of last year": (lambda town: town.hold(date(YEAR - 1, 6, 1)), 0),
    "a study": (
        lambda town: study(town.branch, *town.members, on=date(YEAR, 6, 2), school=town.school),
        2,
    ),
    "a new member": (lambda town: factories.make_member(town.branch, "孙立"), 1),
    "a membership that ends": (
        lambda town: Membership.objects.filter(member=town.members[0]).update(
            period=period(factories.START, date(YEAR, 10, 1))
        ),
        1,
    ),
    "a transfer": (lambda town: _transfer(town, date(YEAR, 9, 1)), 1),
    "a transfer to come": (lambda town: _transfer(town, date(YEAR, 12, 10)), 1),
    "a membership deleted": (
        lambda town: Membership.objects.filter(member=town.members[0]).delete(),
        1,
    ),
    "a status": (
        lambda town: Membership.objects.filter(member=town.members[0]).update(
            membership_status=MembershipStatus.SUSPENDED
        ),
        1,
    ),
    "a post": (lambda town: _appoint(town, date(YEAR, 3, 1)), 1),
    "a post to come": (lambda town: _appoint(town, date(YEAR, 12, 24)), 1),
    "a post of a worker": (
        lambda town: _appoint(town, date(YEAR, 3, 1), PostKind.AFFAIRS_WORKER),
        1,
    ),
    "a post deleted": (lambda town: Post.objects.all().delete(), 1),
    "an exemption": (
        lambda town: Exemption.objects.create(
            member=town.members[1],
            category="elderly",
            period=period(date(YEAR, 2, 1), date(YEAR, 12, 5)),
        ),
        1,
    ),
    "an exemption deleted": (lambda town: Exemption.objects.all().delete(), 1),
    "a rule": (
        lambda town: RequirementRule.objects.filter(group="every_member").update(hours=4),
        None,
    ),
    "a place": (_move, 4),
    "an area": (_take_over, None),
    "a name": (_rename, 1),
    "a code": (
        lambda town: type(town.branch).objects.filter(pk=town.branch.pk).update(code="1209"),
        4,
    ),
}


@pytest.mark.django_db
class TestEveryChange:
    @pytest.mark.parametrize("name", ACTS)
    def test_is_read_before_it_is_settled_and_after(self, settled, name):
        act, concerned = ACTS[name]
        before = find_unsettled(YEAR, TODAY)

        act(settled)

        unsettled = find_unsettled(YEAR, TODAY)
        assert before.members == []
        assert unsettled.everybody is (concerned is None)
        assert len(unsettled.members) == (concerned or 0)
        assert as_read() == as_judged()
        assert as_counted() == as_judged_alike()
        settle_balances(on=TODAY)
        assert find_unsettled(YEAR, TODAY) == before
        assert as_read() == as_judged()
        assert as_counted() == as_judged_alike()
        assert kept() == to_be_kept()

    @pytest.mark.parametrize("name", ACTS)
    def test_is_read_on_each_day_that_follows(self, settled, name):
        ACTS[name][0](settled)
        settle_balances(on=TODAY)

        for days in range((date(YEAR + 1, 1, 3) - TODAY).days):
            on = TODAY + timedelta(days=days)
            assert as_read(on=on) == as_judged(on=on), on
            assert as_counted(on=on) == as_judged_alike(on=on), on
        for on in (date(YEAR, 12, 1), date(YEAR, 12, 10), EVENING, date(YEAR + 1, 1, 1)):
            settle_balances(on=on)
            assert not find_unsettled(YEAR, day_of_judgement(YEAR, on)).members
            assert kept() == to_be_kept(on=on)

    def test_of_what_a_balance_rests_on_writes_itself_down(self):
        """A table that the statement reads has triggers, or its rows come with one that has."""
        tables = set(re.findall(r"\b(?:schools|trainees|hours)_[a-z]+\b", BALANCES_OF_ALL))
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger "
                "WHERE tgname LIKE '%_changes_balances'"
            )
            written = {table for (table,) in cursor.fetchall()}

        # Both are append-only, and an entry comes with its assessment and its source.
        assert tables - written == {"hours_assessment", "hours_source"}

    def test_that_changes_no_row_writes_nothing(self, settled):
        Membership.objects.filter(pk=0).update(membership_status="normal")
        RequirementRule.objects.filter(pk=0).delete()

        assert not BalanceChange.objects.exists()

    def test_is_a_row_for_the_hours_of_a_whole_roll_and_one_for_its_marks(self, settled):
        settled.hold(date(YEAR, 6, 1))

        assert BalanceChange.objects.count() == OF_A_ROLL

    def test_is_taken_back_with_its_act(self, settled):
        with transaction.atomic():
            settled.hold(date(YEAR, 6, 1))
            transaction.set_rollback(True)

        assert not BalanceChange.objects.exists()


@pytest.mark.django_db
class TestYears:
    def test_that_are_not_kept_are_judged_live(self, town):
        assert find_unsettled(YEAR, TODAY).everybody
        assert as_read() == as_judged() != []

    def test_begin_to_be_kept_when_they_begin(self, settled):
        settle_balances(on=date(YEAR + 1, 1, 1))

        assert set(BalanceYear.objects.values_list("year", "judged_on")) == {
            (YEAR, EVENING),
            (YEAR + 1, date(YEAR + 1, 1, 1)),
        }
        assert kept(YEAR + 1) == to_be_kept(YEAR + 1, date(YEAR + 1, 1, 1)) != []

    def test_are_settled_by_the_task_which_tells_how_many_changes_waited(self, settled):
        settled.hold(date(YEAR, 6, 1))
        settled.hold(date(YEAR, 6, 2))

        assert settle_by_task() == 2 * OF_A_ROLL
        assert not BalanceChange.objects.exists()

    def test_take_hours_after_their_end(self, settled):
        new_year = date(YEAR + 1, 1, 1)
        settle_balances(on=new_year)
        settled.hold(date(YEAR, 6, 1))

        assert as_read(on=new_year) == as_judged(on=new_year)
        settle_balances(on=new_year)
        assert kept() == to_be_kept(on=new_year)

    def test_say_nothing_of_days_before_they_were_settled(self, settled):
        _transfer(settled, TODAY)
        settle_balances(on=TODAY)
        before = TODAY - timedelta(days=1)

        assert find_unsettled(YEAR, before).everybody
        assert as_read(on=before) == as_judged(on=before) != as_read()

    def test_are_all_rebuilt_by_the_command(self, town, capsys):
        town.hold(date(YEAR - 1, 6, 1))
        rebuild_balances([YEAR], on=TODAY)
        Balance.objects.update(hours=1, verdict="out")

        call_command("rebuild_balances", YEAR - 1, YEAR)

        assert capsys.readouterr().out == f"Computed again: {YEAR - 1}, {YEAR}.\n"
        assert [finding.check for finding in list_findings()] == []
        assert BalanceYear.objects.count() == 2

    def test_with_many_changes_are_computed_as_a_whole(self, settled, monkeypatch):
        monkeypatch.setattr("hours.queries.balances.MANY", 1)
        monkeypatch.setattr(balances, "MANY", 1)
        settled.hold(date(YEAR, 6, 1))

        assert MANY > 1
        assert find_unsettled(YEAR, TODAY).everybody
        assert as_read() == as_judged()
        assert as_counted() == as_judged_alike()
        settle_balances(on=TODAY)
        assert kept() == to_be_kept()


@pytest.mark.django_db
class TestCheck:
    def findings(self) -> dict[str, list[int]]:
        return {finding.check: finding.examples for finding in list_findings()}

    def test_finds_nothing_wrong_with_changes_that_wait(self, settled):
        settled.hold(date(YEAR, 6, 1))

        assert self.findings() == {}

    def test_names_members_whose_balance_is_wrong_missing_or_too_much(self, settled):
        wrong, missing, *_ = settled.members
        Balance.objects.filter(member=wrong).update(hours=1)
        Balance.objects.filter(member=missing).delete()

        assert self.findings() == {BALANCES: sorted([wrong.pk, missing.pk])}

    def test_names_organisations_of_which_the_sums_are_wrong(self, settled):
        BalanceCount.objects.filter(organisation=settled.branch).update(members=F("members") + 1)
        MonthTotal.objects.filter(organisation=settled.branch).update(hours=1)

        wrong = {NUMBERS: [settled.branch.pk], TOTALS: [settled.branch.pk]}
        assert self.findings() == wrong
        rebuild_balances([YEAR], on=TODAY)
        assert self.findings() == {}

    def test_names_balances_that_would_hold_too_long(self, settled):
        Balance.objects.filter(member=settled.leader).update(holds_until=date(YEAR + 2, 1, 1))

        assert self.findings() == {BALANCES: [settled.leader.pk]}


@pytest.mark.django_db
class TestMonthTotals:
    def test_add_up_to_the_ledger_before_they_are_settled_and_after(self, settled):
        for day in (date(YEAR, 6, 1), date(YEAR, 6, 8), date(YEAR - 1, 6, 1)):
            settled.hold(day)
        settled_once = MonthTotal.objects.filter(is_settled=True)

        assert MonthTotal.objects.filter(year=YEAR, month=6).count() == 2
        assert settled_once.filter(month=6).count() == 0
        assert self.total() == CreditEntry.objects.in_year(YEAR).sum_hours()
        settle_balances(on=TODAY)
        assert settled_once.filter(year=YEAR, month=6).count() == 1
        assert settled_once.count() == MonthTotal.objects.count()
        assert self.total() == CreditEntry.objects.in_year(YEAR).sum_hours()

    def total(self):
        return MonthTotal.objects.filter(year=YEAR).aggregate(total=Sum("hours"))["total"]


@pytest.mark.django_db(transaction=True)
class TestAtOnce:
    def test_what_is_committed_while_it_settles_stays_to_be_settled(self, town, monkeypatch):
        """The act commits after the changes were read, and before the balances are written."""
        settle_balances(on=TODAY)
        town.hold(date(YEAR, 6, 1))
        settle = balances._settle

        def act_meanwhile(*args):
            thread = Thread(target=lambda: (town.hold(date(YEAR, 6, 2)), connection.close()))
            thread.start()
            thread.join()
            settle(*args)

        monkeypatch.setattr(balances, "_settle", act_meanwhile)
        assert settle_balances(on=TODAY) == OF_A_ROLL

        assert BalanceChange.objects.count() == OF_A_ROLL
        assert as_read() == as_judged()
        assert as_counted() == as_judged_alike()

    def test_only_one_settles_and_acts_do_not_wait_for_it(self, town, monkeypatch):
        settle_balances(on=TODAY)
        town.hold(date(YEAR, 6, 1))
        reached, go_on = Event(), Event()
        settle = balances._settle

        def wait_in_between(*args):
            settle(*args)
            reached.set()
            assert go_on.wait(30)

        monkeypatch.setattr(balances, "_settle", wait_in_between)
        settled = []
        thread = Thread(
            target=lambda: (settled.append(settle_balances(on=TODAY)), connection.close())
        )
        thread.start()
        assert reached.wait(30)
        try:
            assert settle_balances(on=TODAY) == 0
            town.hold(date(YEAR, 6, 2))
            _transfer(town, date(YEAR, 9, 1))
            assert as_read() == as_judged()
            assert as_counted() == as_judged_alike()
        finally:
            go_on.set()
            thread.join()

        assert settled == [OF_A_ROLL]
        assert as_read() == as_judged()
        assert as_counted() == as_judged_alike()
        monkeypatch.undo()
        assert settle_balances(on=TODAY) == OF_A_ROLL + 2
        assert kept() == to_be_kept()
