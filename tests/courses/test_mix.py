"""The mix and its changes, against plain counting of every small change."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from itertools import combinations
from random import Random

import pytest

from courses.enums import Strand
from courses.mix import Step, Target, Verdict, find_changes, judge, judge_strand

THEORY, PRACTICE, ROLE_MODELS = Strand
RULE = {
    THEORY: Target(Decimal(40), Decimal(5)),
    PRACTICE: Target(Decimal(40), Decimal(5)),
    ROLE_MODELS: Target(Decimal(20), Decimal(5)),
}


def hours(theory, practice, role_models):
    parts = zip(Strand, (theory, practice, role_models), strict=True)
    return {strand: Decimal(part) for strand, part in parts}


class TestVerdicts:
    @pytest.mark.parametrize(
        ("given", "expected"),
        [
            ((40, 40, 20), Verdict.INSIDE),
            ((45, 35, 20), Verdict.INSIDE),
            (("45.25", "34.75", 20), Verdict.OUTSIDE),
            ((35, 40, 25), Verdict.INSIDE),
            ((35, 39, 26), Verdict.OUTSIDE),
            ((4, 4, 0), Verdict.OUTSIDE),
            ((0, 0, 0), Verdict.NONE),
        ],
    )
    def test_the_border_is_inside_and_what_is_past_it_is_not(self, given, expected):
        assert judge(hours(*given), RULE) is expected

    def test_a_strand_is_too_little_or_too_much(self):
        given = hours(60, 30, 10)

        assert [judge_strand(strand, given, RULE) for strand in Strand] == [
            Verdict.TOO_MUCH,
            Verdict.TOO_LITTLE,
            Verdict.TOO_LITTLE,
        ]

    def test_without_a_rule_there_is_nothing_to_judge(self):
        assert judge(hours(1, 0, 0), {}) is Verdict.NONE

    def test_a_share_is_not_rounded_on_its_way(self):
        # A third is 33.333…%, which no rounded figure equals.
        rule = {THEORY: Target(Decimal("33.33"), Decimal(0))}

        assert judge(hours(1, 1, 1), rule) is Verdict.OUTSIDE


def every_change(given, menu, coming, *, may_take_out=False, most=12) -> Iterator[tuple]:
    """Size and outcome of every change of one or two kinds of step, counted step by step."""
    steps = [Step(strand, size) for strand, sizes in menu.items() for size in sizes]
    steps += [
        Step(other, size, strand, count)
        for (strand, size), count in coming.items()
        for other in Strand
        if other != strand and size in menu[other]
    ]
    if may_take_out:
        steps += [Step(None, size, strand, count) for (strand, size), count in coming.items()]
    one = [((step, n),) for step in steps for n in range(1, min(step.limit, most) + 1)]
    two = [
        ((first, n), (second, m))
        for first, second in combinations(steps, 2)
        for n in range(1, min(first.limit, most) + 1)
        for m in range(1, min(second.limit, most) + 1)
    ]
    for change in (*one, *two):
        after, used = dict(given), {}
        for step, count in change:
            if step.strand is not None:
                after[step.strand] += step.hours * count
            if step.instead_of is not None:
                after[step.instead_of] -= step.hours * count
                kind = (step.instead_of, step.hours)
                used[kind] = used.get(kind, 0) + count
        if all(count <= coming[kind] for kind, count in used.items()):
            acts = sum(count for _step, count in change)
            yield (acts, sum(step.hours * count for step, count in change)), after


class TestChanges:
    menu = {strand: (Decimal(4), Decimal(2)) for strand in Strand}

    def find(self, given, **fields):
        return find_changes(given, RULE, **{"menu": self.menu, "coming": {}} | fields)

    def test_nothing_is_advised_where_nothing_is_wrong_or_planned(self):
        assert self.find(hours(40, 40, 20)) == []
        assert self.find(hours(0, 0, 0)) == []

    def test_one_strand_that_lacks_is_added(self):
        first, *_others = self.find(hours(8, 8, 2))

        assert [(step.strand, step.hours, count) for step, count in first.steps] == [
            (ROLE_MODELS, Decimal(2), 1)
        ]

    def test_a_session_to_come_teaches_another_course_where_that_is_smaller(self):
        given = hours(24, 16, 10)

        first, *others = self.find(given, coming={(THEORY, Decimal(2)): 3})

        ((step, count),) = first.steps
        assert (step.instead_of, step.strand, step.hours, count) == (THEORY, PRACTICE, 2, 1)
        assert all(first.size <= other.size for other in others)

    def test_fewer_acts_come_before_fewer_hours(self):
        menu = {THEORY: [], PRACTICE: [], ROLE_MODELS: [Decimal("0.25"), Decimal(4)]}

        first, *others = self.find(hours(16, 16, 3), menu=menu)

        assert [(step.hours, count) for step, count in first.steps] == [(Decimal(4), 1)]
        assert all(other.courses > 1 for other in others)

    def test_what_is_too_much_may_be_taken_out(self):
        given, coming = hours(20, 16, 8), {(THEORY, Decimal(4)): 5}
        nothing = dict.fromkeys(Strand, ())

        assert self.find(given, menu=nothing, coming=coming) == []
        (change,) = self.find(given, menu=nothing, coming=coming, may_take_out=True)

        ((step, count),) = change.steps
        assert (step.strand, step.instead_of, step.hours, count) == (None, THEORY, 4, 1)

    def test_all_that_is_planned_is_never_taken_out(self):
        coming = {(THEORY, Decimal(4)): 2}
        nothing = dict.fromkeys(Strand, ())

        assert self.find(hours(8, 0, 0), menu=nothing, coming=coming, may_take_out=True) == []

    def test_no_more_sessions_change_than_are_to_come(self):
        given = hours(40, 0, 0)

        for change in self.find(given, coming={(THEORY, Decimal(4)): 1}):
            assert sum(n for step, n in change.steps if step.instead_of is not None) <= 1

    def test_what_the_menu_lacks_is_not_advised(self):
        menu = {THEORY: (Decimal(4),), PRACTICE: (Decimal(4),), ROLE_MODELS: ()}

        assert self.find(hours(8, 8, 0), menu=menu) == []

    @pytest.mark.parametrize("may_take_out", [False, True])
    @pytest.mark.parametrize("seed", range(40))
    def test_the_first_is_the_smallest_that_counting_finds(self, seed, may_take_out):
        rng = Random(seed)
        given = {strand: Decimal(rng.randrange(0, 80)) / 4 for strand in Strand}
        sizes = [Decimal("0.25"), Decimal(2), Decimal(4)]
        menu = {strand: rng.sample(sizes, rng.randrange(1, 3)) for strand in Strand}
        coming = {
            (strand, size): rng.randrange(1, 4)
            for strand in Strand
            for size in menu[strand]
            if given[strand] >= size * 3 and rng.random() < 0.5
        }

        found = find_changes(given, RULE, menu=menu, coming=coming, may_take_out=may_take_out)

        if judge(given, RULE) is not Verdict.OUTSIDE:
            assert found == []
            return
        helping = [
            size
            for size, after in every_change(given, menu, coming, may_take_out=may_take_out)
            if judge(after, RULE) is Verdict.INSIDE
        ]
        for change in found:
            assert judge(change.after(given), RULE) is Verdict.INSIDE
        assert [change.size for change in found] == sorted(change.size for change in found)
        if helping:
            assert found[0].size <= min(helping)
        if found and all(count <= 12 for _step, count in found[0].steps):
            assert found[0].size == min(helping)
