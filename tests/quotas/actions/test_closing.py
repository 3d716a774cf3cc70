"""After the close: two officers open a year again, and later facts stand beside its statement."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection

from accounts.enums import Role
from accounts.models import AuditEntry
from hours.models import CreditEntry
from quotas.actions.closing import (
    LaterFact,
    answer_reopening,
    ask_reopening,
    note_adjustment,
    take_adjustment_back,
    withdraw_reopening,
)
from quotas.errors import AdjustmentError, ReopeningError
from quotas.models import YearAdjustment, YearReopening, YearStatement
from quotas.queries.statements import find_closed
from schools.queries.open_years import is_open
from tests import factories
from tests.admin_pages import make_officer
from tests.evidence import study
from tests.factories import acting
from tests.quotas.actions.test_reconciliations import AFTER, YEAR
from tests.quotas.actions.test_statements import Signing
from tests.refusals import refused

LATER = AFTER + timedelta(days=30)
FOUND = LaterFact(words="补到一份签到表", reason="结账后才找到", evidence="签到表原件，校办档案")


class Closed(Signing):
    """The network with its year closed, and a second officer."""

    def __init__(self) -> None:
        super().__init__()
        self.first = self.reconcile()
        self.statements = self.close(self.first)
        self.second_officer = acting(make_officer(Role.ORGANISATION_DEPARTMENT))

    def ask(self) -> YearReopening:
        return ask_reopening(year=YEAR, reason="漏了一次课", by=self.office, at=LATER)

    def reopen(self) -> YearReopening:
        asked = self.ask()
        return answer_reopening(
            reopening_id=asked.pk, is_granted=True, by=self.second_officer, at=LATER
        )


@pytest.fixture
def world(db) -> Closed:
    return Closed()


class TestReopening:
    def test_opens_nothing_before_another_officer_grants_it(self, world):
        asked = world.ask()
        assert not is_open(YEAR, LATER.date())
        with refused(ReopeningError, match="另一人"):
            answer_reopening(reopening_id=asked.pk, is_granted=True, by=world.office, at=LATER)

        answer_reopening(reopening_id=asked.pk, is_granted=True, by=world.second_officer, at=LATER)

        assert is_open(YEAR, LATER.date())
        assert find_closed(YEAR) is None
        acts = AuditEntry.objects.filter(act__contains="reopening").order_by("id")
        assert [entry.act for entry in acts] == ["ask_year_reopening", "answer_year_reopening"]

    def test_is_the_organisation_departments_with_a_reason(self, world):
        academic = acting(make_officer(Role.DISTRICT_SCHOOL))
        with refused(PermissionDenied):
            ask_reopening(year=YEAR, reason="漏课", by=academic, at=LATER)
        with refused(ReopeningError, match="原因"):
            ask_reopening(year=YEAR, reason=" ", by=world.office, at=LATER)
        with refused(ReopeningError, match="尚未结账"):
            ask_reopening(year=YEAR - 1, reason="漏课", by=world.office, at=LATER)

    def test_waits_once_and_is_asked_again_after_a_refusal(self, world):
        asked = world.ask()
        with refused(ReopeningError, match="等"):
            world.ask()
        with refused(ReopeningError, match="原因"):
            answer_reopening(
                reopening_id=asked.pk, is_granted=False, by=world.second_officer, at=LATER
            )
        answer_reopening(
            reopening_id=asked.pk,
            is_granted=False,
            words="登记为事后事项即可",
            by=world.second_officer,
            at=LATER,
        )

        assert not is_open(YEAR, LATER.date())
        with refused(ReopeningError, match="答复"):
            answer_reopening(
                reopening_id=asked.pk, is_granted=True, by=world.second_officer, at=LATER
            )
        assert world.ask().state == "asked"

    def test_is_withdrawn_by_who_asked_and_asked_for_anew(self, world):
        asked = world.ask()
        with refused(PermissionDenied):
            withdraw_reopening(reopening_id=asked.pk, by=world.second_officer, at=LATER)

        done = withdraw_reopening(reopening_id=asked.pk, by=world.office, at=LATER)

        assert (done.state, done.answered_by) == ("withdrawn", world.office.user)
        assert not is_open(YEAR, LATER.date())
        entry = AuditEntry.objects.get(act="withdraw_year_reopening")
        assert entry.after == {"year": YEAR, "reason": "漏了一次课"}
        with refused(ReopeningError, match="答复|撤回"):
            answer_reopening(
                reopening_id=asked.pk, is_granted=True, by=world.second_officer, at=LATER
            )
        with refused(ReopeningError, match="答复|撤回"):
            withdraw_reopening(reopening_id=asked.pk, by=world.office, at=LATER)
        assert world.ask().state == "asked"

    def test_that_was_withdrawn_opens_nothing_in_the_database(self, world):
        withdraw_reopening(reopening_id=world.ask().pk, by=world.office, at=LATER)
        with refused(IntegrityError), connection.cursor() as cursor:
            cursor.execute(
                "UPDATE schools_yearlock SET released_at = now(), reason = '漏', "
                f"released_by_id = {world.office.user.pk}"
            )

    def test_is_kept_as_it_was_answered(self, world):
        world.reopen()
        for statement in (
            "UPDATE quotas_yearreopening SET state = 'refused'",
            "DELETE FROM quotas_yearreopening",
        ):
            with refused(IntegrityError), connection.cursor() as cursor:
                cursor.execute(statement)


class TestTheNextRevision:
    def test_stands_beside_the_first_which_says_so(self, world):
        world.reopen()
        study(world.branch, world.member, on=factories.DAY.replace(year=YEAR), school=world.school)
        again = world.reconcile()
        statement = world.countersign(world.sign(again, world.school))

        first = YearStatement.objects.with_state().get(revision=1, signature__school=world.school)
        assert statement.revision == 2
        assert (first.state, first.replaced_at) == ("replaced", statement.issued_at)
        other = YearStatement.objects.with_state().get(revision=1, signature__school=world.other)
        assert other.state == "valid"


class TestALaterFact:
    def test_is_listed_and_never_counted(self, world):
        hours = CreditEntry.objects.sum_hours()
        fact = LaterFact(
            FOUND.words, FOUND.reason, FOUND.evidence, None, world.member.pk, Decimal(4)
        )
        row = note_adjustment(year=YEAR, fact=fact, by=world.office, at=LATER)

        assert (row.school, row.hours) == (world.school, Decimal(4))
        assert CreditEntry.objects.sum_hours() == hours
        assert world.first.results.get(member=world.member).done < hours
        leader = world.leaders[world.school.pk]
        assert list(YearAdjustment.objects.visible_to(leader, LATER.date())) == [row]
        other = world.leaders[world.other.pk]
        assert not YearAdjustment.objects.visible_to(other, LATER.date()).exists()

    def test_is_of_a_closed_year(self, world):
        with refused(AdjustmentError, match="尚未结账"):
            note_adjustment(year=YEAR + 1, fact=FOUND, by=world.office, at=LATER)
        with refused(IntegrityError):
            YearAdjustment.objects.create(
                year=YEAR + 1,
                words="补",
                reason="补",
                evidence="补",
                recorded_at=LATER,
                recorded_by=world.office.user,
            )

    def test_says_what_why_and_by_which_evidence(self, world):
        fact = LaterFact("补到一份签到表", "结账后才找到", " ")
        with refused(AdjustmentError, match="依据"):
            note_adjustment(year=YEAR, fact=fact, by=world.office, at=LATER)

    def test_is_not_noted_of_oneself(self, world):
        world.member.user = world.office.user
        world.member.save()
        fact = LaterFact(FOUND.words, FOUND.reason, FOUND.evidence, member_id=world.member.pk)
        with refused(AdjustmentError, match="本人"):
            note_adjustment(year=YEAR, fact=fact, by=world.office, at=LATER)

    def test_is_taken_back_by_a_further_row_once(self, world):
        row = note_adjustment(year=YEAR, fact=FOUND, by=world.office, at=LATER)
        back = take_adjustment_back(
            adjustment_id=row.pk, reason="与原件不符", by=world.office, at=LATER
        )

        assert (back.takes_back, back.reason, back.words) == (row, "与原件不符", row.words)
        for adjustment in (row, back):
            with refused(AdjustmentError, match="撤回"):
                take_adjustment_back(
                    adjustment_id=adjustment.pk, reason="再撤", by=world.office, at=LATER
                )
