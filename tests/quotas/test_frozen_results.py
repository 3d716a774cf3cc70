"""Frozen results never move, whatever is posted, transferred, merged or taken apart afterwards.

The acts before and after are those of the ledger's random sequences.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import date
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from config.lib.periods import at_local, local_date
from hours.models import CreditEntry
from hours.queries.balances import balance_source
from quotas.actions.reconciliations import (
    discard_reconciliation,
    finish_reconciliation,
    reconcile_part,
    start_reconciliation,
)
from quotas.models import MemberResult, Reconciliation
from quotas.queries.results import COLUMNS, list_moved, sum_all, sum_results
from quotas.reconciliation_job import compute_all
from rolls.actions.attendance import submit_roll
from rolls.models import Attendance
from tests.chains import explained
from tests.factories import DAY, acting
from tests.hours.actions.test_ledger_properties import (
    GIVEN_UP,
    KEPT,
    SECRETARY,
    AnySequence,
    people,
)
from tests.hours.balances import read
from tests.properties import examples
from trainees.models import Member

JANUARY = at_local(date(DAY.year + 1, 1, 10), 9)
FIELDS = [name.strip().removesuffix("_id") for name in COLUMNS.split(",")]
# What results and balances both have, and where the former call it otherwise.
BALANCE = (
    *("member_id", "organisation_id", "school_id", "membership_status", "exemption", "audience"),
    *("rule_group", "owed", "hours", "concentrated", "trainings", "trained"),
)
RESULT = {"hours": "done"}
SUMS = ("members", "counted", "met", "exempt", "out", "owed", "done", "concentrated", "collective")


class FrozenYear(AnySequence):
    """The sequences of the ledger, in which the year is reconciled, opened and reconciled again."""

    def __init__(self) -> None:
        super().__init__()
        self.final: Reconciliation | None = None
        self.frozen: dict[int, list[tuple[Any, ...]]] = {}

    def results(self, run_id: int) -> list[tuple[Any, ...]]:
        rows = MemberResult.objects.filter(reconciliation=run_id)
        return list(rows.order_by("member").values_list(*FIELDS))

    # --- the year ends, and is opened again

    @precondition(lambda self: self.final is None)
    @rule(by_parts=st.booleans())
    def reconcile(self, by_parts: bool) -> None:
        """Once nothing blocks it: rolls are submitted, and nobody looks like somebody else."""
        self.go_to_january()
        self.finish_what_is_open()
        for place, session in enumerate(self.sessions):
            if not self.is_submitted(place):
                seen = Attendance.objects.filter(session=session).values_list("member", "status")
                statuses = dict(seen)
                marks = [statuses.get(member.pk, "absent") for member in self.members]
                self.submit(place=place, marks=tuple(marks))
        self.final = self.compute(is_rehearsal=False, by_parts=by_parts)
        self.frozen[self.final.pk] = self.results(self.final.pk)
        self.is_closed = True

        other = self.compute(is_rehearsal=True, by_parts=not by_parts)
        assert self.results(other.pk) == self.frozen[self.final.pk]

    def finish_what_is_open(self) -> None:
        if not Attendance.objects.filter(session=self.world.session).exists():
            submit_roll(
                session_id=self.world.session.pk,
                marks=self.world.marks("absent"),
                seen={},
                by=self.world.by,
                at=self.tick(),
            )
        with explained():
            for n, member in enumerate(self.members):
                Member.objects.filter(pk=member.pk).update(birth_date=date(1980 + n, 5, 1))

    @precondition(lambda self: not self.is_over)
    @rule()
    def new_year(self) -> None:  # type: ignore[override]
        """In February rolls that are missing can be submitted no more, which blocks the year."""
        self.go_to_january()

    def go_to_january(self) -> None:
        self.is_over = True
        self.at = max(self.at, JANUARY)

    def compute(self, *, is_rehearsal: bool, by_parts: bool) -> Reconciliation:
        by, at = acting(self.officers[0]), self.tick()
        run = start_reconciliation(
            year=DAY.year, is_rehearsal=is_rehearsal, by=by, at=at, in_background=False
        )
        if by_parts:
            for school_id in run.parts.order_by("-pk").values_list("school", flat=True):
                reconcile_part(reconciliation_id=run.pk, school_id=school_id, by=by, at=at)
            finish_reconciliation(reconciliation_id=run.pk, by=by, at=at)
        else:
            compute_all(run.pk, by, lambda: at)
        run.refresh_from_db()
        assert run.state == "computed"
        return run

    @precondition(lambda self: self.final is not None and len(self.frozen) < 3)
    @rule()
    def discard(self) -> None:
        discard_reconciliation(
            reconciliation_id=self.final.pk,
            reason="漏了一次课",
            by=acting(self.officers[0]),
            at=self.tick(),
        )
        self.final, self.is_closed = None, False

    # --- what happens afterwards

    @precondition(lambda self: self.frozen)
    @rule(begins=st.integers(7, 19), days=st.integers(1, 3), there=st.sets(people, min_size=1))
    def study_late(self, begins: int, days: int, there: set[int]) -> None:
        """Of the year that is over: refused while it is closed."""
        before = len(self.studies), CreditEntry.objects.count()
        with suppress(PermissionDenied):  # the secretary has gone to another branch
            self.approve(kind="themed_day", begins=begins, minutes=100, days=days, there=there)
        if self.is_closed:
            assert (len(self.studies), CreditEntry.objects.count()) == before

    # --- what holds at any time

    @invariant()
    def frozen_results_stay(self) -> None:
        for run_id, results in self.frozen.items():
            assert self.results(run_id) == results

    @invariant()
    def levels_have_the_same_sums(self) -> None:
        for run_id in self.frozen:
            results = MemberResult.objects.filter(reconciliation=run_id)
            whole = sum_all(results)
            for level in ("organisation", "school"):
                lines = sum_results(results, level)
                for name in SUMS:
                    assert sum(getattr(line, name) for line in lines) == getattr(whole, name)

    @invariant()
    def a_closed_year_is_what_was_frozen(self) -> None:
        """By the facts anew, and by what is kept of members."""
        if self.final is None:
            return
        assert list_moved(self.final) == []
        entries = CreditEntry.objects.filter(credit_year=DAY.year)
        assert sum_all(self.final.results.all()).done == entries.sum_hours()
        source = balance_source(DAY.year, local_date(self.at))
        parts = [f"SELECT {', '.join(BALANCE)} FROM {part}" for part in source.parts]
        results = self.final.results.values_list(*(RESULT.get(name, name) for name in BALANCE))
        assert read(" UNION ALL ".join(parts), source.values) == sorted(results, key=str)

    @invariant()
    def the_ledger_says_what_the_recount_says(self) -> None:
        """Until hours stay where they were because their year is closed."""
        if not self.frozen:
            super().the_ledger_says_what_the_recount_says()


@pytest.mark.django_db
def test_frozen_results_never_move():
    run_state_machine_as_test(
        FrozenYear,
        settings=settings(
            max_examples=examples(3, deep=15),
            stateful_step_count=14,
            deadline=None,
            phases=[Phase.explicit, Phase.reuse, Phase.generate],
            suppress_health_check=list(HealthCheck),
        ),
    )


@pytest.mark.django_db
def test_a_merge_after_the_close_moves_nothing_of_either_revision():
    machine = FrozenYear()
    machine.begin()
    machine.approve(kind="themed_day", begins=15, minutes=100, days=2, there={GIVEN_UP, SECRETARY})
    machine.reconcile(by_parts=True)
    machine.merge()
    machine.transfer(member=SECRETARY)
    machine.study_late(begins=9, days=1, there={KEPT})
    machine.discard()
    machine.study_late(begins=9, days=1, there={KEPT})
    machine.take_apart()
    machine.reconcile(by_parts=False)
    machine.merge()

    machine.frozen_results_stay()
    machine.a_closed_year_is_what_was_frozen()
    first, second = machine.frozen.values()
    assert first != second
    machine.teardown()
