"""What evidence is worth: own cuts, times that overlap, and caps, in the order of seniority."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.lib.hours import format_hours
from hours.caps_and_overlaps import Cuts, Evidence, assess

DAY = date(2026, 5, 20)
NONE = Cuts(Decimal(0), Decimal(0), "none")


def evidence(
    gross="4", *, begins=None, ends=None, own_cut="0", on=DAY, category="concentrated", **caps
):
    """A piece of evidence; `begins` and `ends` are hours of the day."""
    return Evidence(
        on,
        category,
        Decimal(gross),
        Decimal(own_cut),
        Decimal(own_cut) < Decimal(gross),
        None if begins is None else int(begins * 60),
        None if ends is None else int(ends * 60),
        Decimal(caps.get("day", 8)),
        caps.get("half_day"),
        caps.get("year"),
    )


def worths(*pieces):
    """What of each piece counts, in credit hours."""
    return [
        format_hours(piece.gross - piece.own_cut - worth.overlap_cut - worth.cap_cut)
        for piece, worth in zip(pieces, assess(pieces), strict=True)
    ]


def test_one_piece_counts_in_full():
    assert assess([evidence()]) == [NONE]


def test_own_cuts_come_before_caps():
    assert assess([evidence("10", own_cut="0.25")]) == [Cuts(Decimal(0), Decimal("1.75"), "day")]


class TestTheDailyCap:
    def test_leaves_room_to_the_person_who_was_first(self):
        assert worths(evidence("6"), evidence("4")) == ["6", "2"]

    def test_counts_all_categories_of_a_day_together(self):
        assert worths(evidence("6"), evidence("4", category="collective")) == ["6", "2"]

    def test_counts_each_day_apart(self):
        assert worths(evidence("6"), evidence("6", on=date(2026, 5, 21))) == ["6", "6"]

    def test_gives_back_what_is_withdrawn(self):
        assert worths(evidence("6", own_cut="6"), evidence("6")) == ["0", "6"]

    def test_that_is_overdrawn_already_gives_nothing(self):
        """A later rule may be stricter than the one by which the first hours were assessed."""
        assert worths(evidence("8"), evidence("1", day=6)) == ["8", "0"]


class TestTheCapOfAHalfDay:
    HALF = {"half_day": Decimal(4)}

    def test_bounds_a_morning_an_afternoon_and_an_evening_apart(self):
        pieces = [
            evidence("3", begins=hour, ends=hour + 1.5, **self.HALF) for hour in (8, 10, 14, 16, 18)
        ]
        assert worths(*pieces) == ["3", "1", "3", "1", "0"]

    def test_does_not_bound_what_lasts_all_day_or_has_no_hour(self):
        assert worths(evidence("6", begins=9, ends=16, **self.HALF)) == ["6"]
        assert worths(evidence("6", **self.HALF)) == ["6"]

    def test_names_the_tighter_cap(self):
        day = evidence("6", begins=9, ends=16)
        assert assess([day, evidence("5", begins=18, ends=20, **self.HALF)])[1] == Cuts(
            Decimal(0), Decimal(3), "day"
        )
        assert assess([evidence("5", begins=18, ends=20, **self.HALF)])[0].cap_reason == "half_day"


class TestTheYearlyCap:
    def test_bounds_its_category_over_all_days(self):
        online = [
            evidence("3", category="online", on=date(2026, 3, n), year=Decimal(7))
            for n in (1, 2, 3)
        ]
        assert worths(*online, evidence("3")) == ["3", "3", "1", "3"]

    def test_of_another_year_is_another_one(self):
        years = [
            evidence("5", category="online", on=date(year, 3, 1), year=Decimal(7))
            for year in (2025, 2026)
        ]
        assert worths(*years) == ["5", "5"]

    def test_gives_the_room_that_the_day_took_to_others(self):
        full = evidence("8")
        online = [
            evidence("4", category="online", on=day, year=Decimal(4))
            for day in (DAY, date(2026, 6, 1))
        ]
        assert worths(full, *online) == ["8", "0", "4"]


class TestOverlappingTimes:
    def test_count_once(self):
        assert worths(evidence(begins=9, ends=12), evidence(begins=9, ends=12)) == ["4", "0"]

    def test_take_their_share_rounded_up_to_a_quarter(self):
        assert worths(evidence(begins=9, ends=12), evidence("3", begins=11.5, ends=14.5)) == [
            "4",
            "2.5",
        ]
        assert worths(evidence(begins=9, ends=12), evidence("1", begins=11.9, ends=13)) == [
            "4",
            "0.75",
        ]

    def test_that_only_touch_take_nothing(self):
        assert worths(evidence(begins=9, ends=12), evidence(begins=12, ends=15)) == ["4", "4"]

    def test_take_nothing_from_the_person_who_was_absent_elsewhere(self):
        absent = evidence(own_cut="4", begins=9, ends=12)
        assert worths(absent, evidence(begins=9, ends=12)) == ["0", "4"]

    def test_count_once_across_midnight(self):
        night = evidence("4", begins=22, ends=26)
        after = evidence("2", begins=0, ends=2, on=date(2026, 5, 21))
        assert worths(night, after) == ["4", "0"]
        assert worths(after, night) == ["2", "2"]
        assert worths(night, evidence("2", begins=2, ends=4, on=date(2026, 5, 21))) == ["4", "2"]
        assert worths(night, evidence("2", begins=0, ends=2, on=date(2026, 5, 22))) == ["4", "2"]

    def test_of_two_others_are_not_taken_twice(self):
        first, second = evidence("1", begins=9, ends=11), evidence("1", begins=10, ends=11)
        assert worths(first, second, evidence("2", begins=9, ends=13))[2] == "1"


quarters = st.integers(1, 40).map(lambda n: Decimal(n) / 4)
pieces = st.lists(
    st.builds(
        lambda gross, hour, lasts, known, category, day: evidence(
            gross,
            begins=hour if known else None,
            ends=hour + lasts if known else None,
            category=category,
            on=date(2026, 5, day),
            half_day=Decimal(4),
            year=Decimal(10) if category == "online" else None,
        ),
        quarters,
        st.integers(6, 20),
        st.integers(1, 4),
        st.booleans(),
        st.sampled_from(["concentrated", "collective", "online"]),
        st.integers(1, 3),
    ),
    max_size=12,
)


@given(pieces)
def test_no_cap_is_ever_exceeded_and_hours_stay_in_quarters(given_pieces):
    counted = [
        (piece, piece.gross - piece.own_cut - worth.overlap_cut - worth.cap_cut)
        for piece, worth in zip(given_pieces, assess(given_pieces), strict=True)
    ]

    assert all(hours >= 0 and hours % Decimal("0.25") == 0 for _, hours in counted)
    assert sum(h for p, h in counted if p.category == "online") <= 10
    for day in (1, 2, 3):
        of_day = [(p, h) for p, h in counted if p.occurred_on.day == day]
        assert sum(h for _, h in of_day) <= 8
        for half in {p.half_day for p, _ in of_day} - {None}:
            assert sum(h for p, h in of_day if p.half_day is half) <= 4


@given(pieces, st.data())
def test_what_comes_later_takes_nothing_from_what_was_there(given_pieces, data):
    first = data.draw(st.integers(0, len(given_pieces)))

    assert assess(given_pieces)[:first] == assess(given_pieces[:first])


@pytest.mark.parametrize(
    ("begins", "ends", "half"),
    [(8, 12, "MORNING"), (12, 13, "MORNING"), (13, 18, "AFTERNOON"), (19, 21, "EVENING")],
)
def test_a_half_day_is_told_by_the_clock(begins, ends, half):
    assert evidence(begins=begins, ends=ends).half_day.name == half
