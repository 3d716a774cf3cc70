"""Every check of dispatch: that it blocks or warns, and that it lets pass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import translation

from config.lib.periods import at_local, inclusive_period, period
from courses.enums import Strand
from courses.mix import Target
from dispatch import checks
from dispatch.checks import (
    Code,
    CourseFacts,
    Finding,
    LecturerFacts,
    LetterFacts,
    Level,
    MixFacts,
    Named,
    Room,
    Slot,
    Taken,
)
from dispatch.models import BookingRule, EngagementOverride
from instructors.enums import DayPart
from instructors.queries.availability import Busy

DAY = date(2026, 5, 20)
HERE, THERE = Named(1, "杨柳青镇党校"), Named(2, "津门湖街道党校")
HALL = Room(7, "党群服务中心", 60)
RULE = BookingRule(
    lead_days=14,
    half_day_hours=Decimal(4),
    month_hours=Decimal(24),
    year_hours=Decimal(120),
    travel_minutes=60,
)
COURSE = CourseFacts("网格化治理")


def at(hour: int, minute: int = 0, day: date = DAY) -> datetime:
    return at_local(day, hour, minute)


def slot(**fields: Any) -> Slot:
    """Four hours of a morning at the first school, until 11:30."""
    kwargs: dict[str, Any] = {
        "starts_at": at(8),
        "ends_at": at(11, 30),
        "hours": Decimal(4),
        "school": HERE,
        "course": COURSE,
        "room": HALL,
    }
    return Slot(**kwargs | fields)


def taken(starts_at: datetime, ends_at: datetime, hours: str = "2", **fields: Any) -> Taken:
    fields = {"school": HERE, "title": "支部书记班"} | fields
    return Taken(starts_at, ends_at, Decimal(hours), **fields)


def lecturer(**fields: Any) -> LecturerFacts:
    """A lecturer with a letter, free, without any load."""
    return LecturerFacts(**{"key": 5, "letters": (period(date(2024, 1, 1)),)} | fields)


def judge(
    lecturer: LecturerFacts, slot: Slot | None = None, rule: BookingRule | None = RULE
) -> tuple[Finding, ...]:
    with translation.override("en"):
        return checks.check_candidate(slot or SLOT, lecturer, rule)


def the_only(findings: tuple[Finding, ...]) -> tuple[Code, Level, str]:
    assert len(findings) == 1, findings
    return findings[0].code, findings[0].level, findings[0].text


SLOT = slot()


class TestALecturer:
    def test_who_is_free_and_appointed_passes_every_check(self):
        assert judge(lecturer()) == ()

    def test_is_not_in_two_places(self):
        elsewhere = taken(at(11), at(12), "0", school=THERE)

        found = the_only(judge(lecturer(taken=(elsewhere,))))

        says = "“支部书记班” at 津门湖街道党校, Wed 20 May 2026, 11:00 to 12:00."
        assert found == (Code.LECTURER_TAKEN, Level.BLOCK, f"This lecturer teaches {says}")

    def test_may_teach_right_after_something_else(self):
        before = taken(at(7), at(8), "0")

        assert judge(lecturer(taken=(before,))) == ()

    @pytest.mark.parametrize(
        ("letters", "says"),
        [
            ((), "Holds no letter of appointment."),
            (
                (period(date(2020, 1, 1), date(2022, 1, 1)), period(date(2023, 1, 1), DAY)),
                "The letter of appointment ran until Tue 19 May 2026.",
            ),
            (
                (period(DAY + timedelta(days=1)),),
                "The letter of appointment begins on Thu 21 May 2026 only.",
            ),
        ],
    )
    def test_holds_a_letter_of_appointment_on_the_day(self, letters, says):
        found = the_only(judge(lecturer(letters=letters)))

        assert found == (Code.NO_LETTER, Level.BLOCK, says)

    def test_may_teach_on_the_last_day_of_the_letter(self):
        held = inclusive_period(date(2023, 1, 1), DAY)

        assert judge(lecturer(letters=(held,))) == ()

    def test_keeps_leave(self):
        found = the_only(judge(lecturer(busy={DayPart.MORNING: Busy.LEAVE})))

        assert found == (Code.NOT_FREE, Level.BLOCK, "Is on leave on Wed 20 May 2026.")

    def test_keeps_what_was_said_of_the_day(self):
        found = the_only(judge(lecturer(busy={DayPart.MORNING: Busy.DAY})))

        assert found == (Code.NOT_FREE, Level.BLOCK, "Cannot teach on Wed 20 May 2026, morning.")

    def test_may_be_asked_outside_the_weekly_pattern(self):
        found = the_only(judge(lecturer(busy={DayPart.MORNING: Busy.WEEK})))

        says = "Does not usually teach at this time of the week: Wed 20 May 2026, morning."
        assert found == (Code.OUTSIDE_WEEK, Level.WARN, says)

    @pytest.mark.parametrize("why", Busy)
    def test_may_be_away_in_another_part_of_the_day(self, why):
        assert judge(lecturer(busy={DayPart.AFTERNOON: why})) == ()


class TestTravel:
    def test_from_another_school_takes_its_time(self):
        before = taken(at(7), at(7, 15), "0.25", school=THERE)
        rule = BookingRule(half_day_hours=8, month_hours=99, year_hours=99, travel_minutes=60)

        found = the_only(judge(lecturer(taken=(before,)), rule=rule))

        says = "Teaches at 津门湖街道党校 until 07:15: 45 minutes to travel, 60 are needed."
        assert found == (Code.TRAVEL, Level.WARN, says)

    def test_to_another_school_takes_its_time(self):
        after = taken(at(12, 29), at(14), school=THERE)

        found = the_only(judge(lecturer(taken=(after,))))

        says = "Teaches at 津门湖街道党校 from 12:29: 59 minutes to travel, 60 are needed."
        assert found == (Code.TRAVEL, Level.WARN, says)

    def test_is_possible_in_the_minutes_of_the_rule(self):
        before = taken(at(6, 45), at(7), "0", school=THERE)
        after = taken(at(12, 30), at(14), school=THERE)

        assert judge(lecturer(taken=(before, after))) == ()

    def test_within_a_school_takes_none(self):
        assert judge(lecturer(taken=(taken(at(12), at(14)),))) == ()

    def test_is_from_the_place_where_they_were_last(self):
        """They come from this school, however early they were at the other one."""
        early = taken(at(5), at(7, 30), "0", school=THERE)
        late = taken(at(7, 35), at(7, 55), "0")

        assert judge(lecturer(taken=(late, early))) == ()


class TestLoads:
    def test_more_paid_hours_in_a_half_day_are_warned_of(self):
        before = taken(at(7), at(7, 45), "0.25")

        found = the_only(judge(lecturer(taken=(before,))))

        says = "With this, 4.25 credit hours on Wed 20 May 2026, morning; at most 4 are paid."
        assert found == (Code.HALF_DAY, Level.WARN, says)

    def test_half_a_day_may_be_full(self):
        morning = slot(hours=Decimal(2), ends_at=at(10))

        assert judge(lecturer(taken=(taken(at(10), at(11, 45)),)), morning) == ()

    def test_the_other_half_and_the_day_before_are_others(self):
        afternoon = taken(at(13), at(16), "4")
        yesterday = taken(at(8, day=DAY - timedelta(days=1)), at(11, day=DAY - timedelta(days=1)))

        assert judge(lecturer(taken=(afternoon, yesterday))) == ()

    def test_a_whole_day_is_two_halves(self):
        whole = slot(ends_at=at(16, 30), hours=Decimal(8))

        assert judge(lecturer(), whole) == ()

        more = replace(whole, hours=Decimal("8.5"))
        assert [f.code for f in judge(lecturer(), more)] == [Code.HALF_DAY] * 2

    def test_a_month_above_the_rule_is_warned_of(self):
        found = the_only(judge(lecturer(month_hours=Decimal("20.25"))))

        says = "With this, 24.25 credit hours in May 2026, of at most 24."
        assert found == (Code.MONTH_LOAD, Level.WARN, says)

    def test_a_year_above_the_rule_is_warned_of(self):
        found = the_only(judge(lecturer(year_hours=Decimal("116.25"))))

        says = "With this, 120.25 credit hours in 2026, of at most 120."
        assert found == (Code.YEAR_LOAD, Level.WARN, says)

    def test_month_and_year_may_be_full(self):
        assert judge(lecturer(month_hours=Decimal(20), year_hours=Decimal(116))) == ()

    def test_without_a_rule_nothing_is_too_much(self):
        full = lecturer(
            month_hours=Decimal(900),
            year_hours=Decimal(900),
            taken=(taken(at(7), at(7, 59), "9", school=THERE),),
        )

        assert judge(full, rule=None) == ()


class TestTheTeachersOfACourse:
    def test_are_asked_first(self):
        named = slot(course=CourseFacts("网格化治理", teachers=frozenset({6})))

        found = the_only(judge(lecturer(), named))

        says = "Is not among those who teach “网格化治理”."
        assert found == (Code.TEACHES_OTHERS, Level.WARN, says)

    def test_pass(self):
        named = slot(course=CourseFacts("网格化治理", teachers=frozenset({5, 6})))

        assert judge(lecturer(), named) == ()


class TestAnEarlierAnswer:
    @pytest.mark.parametrize(
        ("reason", "says"),
        [("外出", "Declined this session: 外出"), ("", "Did not answer in time for this session.")],
    )
    def test_is_said(self, reason, says):
        found = the_only(judge(lecturer(declined=reason)))

        assert found == (Code.DECLINED, Level.WARN, says)

    def test_without_one_nothing_is(self):
        assert judge(lecturer(declined=None)) == ()


def letter(**fields: Any) -> LetterFacts:
    """A letter for 40 ordinary members, submitted in time and scheduled as wished."""
    kwargs: dict[str, Any] = {
        "audience": "ordinary",
        "headcount": 40,
        "courses": (COURSE,),
        "wishes": (DAY, DAY + timedelta(days=7)),
        "submitted_on": date(2026, 5, 1),
        "slots": (SLOT,),
        "rooms": (HALL,),
    }
    return LetterFacts(**kwargs | fields)


def judge_letter(rule: BookingRule | None = RULE, **fields: Any) -> tuple[Finding, ...]:
    with translation.override("en"):
        return checks.check_booking(letter(**fields), rule)


class TestALetter:
    def test_as_it_should_be_passes_every_check(self):
        assert judge_letter() == ()

    def test_finds_its_venue_free(self):
        others = taken(at(11), at(12), venue_id=7)

        assert the_only(judge_letter(taken=(others,))) == (
            Code.VENUE_TAKEN,
            Level.BLOCK,
            "This venue is taken by “支部书记班” of 杨柳青镇党校, Wed 20 May 2026, 11:00 to 12:00.",
        )

    def test_may_follow_another_class_or_use_another_venue(self):
        after = taken(at(11, 30), at(13), venue_id=7)
        beside = taken(at(8), at(12), venue_id=8)

        assert judge_letter(taken=(after, beside)) == ()

    def test_without_a_venue_takes_none(self):
        elsewhere = (slot(room=None),)
        others = taken(at(8), at(12))

        assert judge_letter(taken=(others,), slots=elsewhere, rooms=()) == ()

    def test_fits_into_its_venue(self):
        found = the_only(judge_letter(headcount=61))

        says = "党群服务中心 holds 60 people; 61 are expected."
        assert found == (Code.VENUE_FULL, Level.BLOCK, says)
        assert judge_letter(headcount=60) == ()

    def test_takes_courses_for_its_audience(self):
        course = CourseFacts("支部工作法", ("secretaries", "affairs_workers"))

        found = the_only(judge_letter(courses=(COURSE, course)))

        says = (
            "“支部工作法” is meant for: secretary, Party-affairs worker. "
            "The class is for: ordinary member."
        )
        assert found == (Code.AUDIENCE, Level.WARN, says)
        assert judge_letter(courses=(course,), audience="secretaries") == ()

    def test_takes_courses_of_its_length(self):
        course = CourseFacts("十五分钟微党课", format="micro_lecture")

        found = the_only(judge_letter(courses=(COURSE, course), format="intensive"))

        says = "“十五分钟微党课” is taught as: micro-lecture. The class is: intensive class."
        assert found == (Code.FORMAT, Level.WARN, says)
        assert judge_letter(courses=(COURSE, course), format="micro_lecture") == ()

    def test_begins_on_a_wished_day(self):
        other = (date(2026, 6, 1), date(2026, 6, 2))

        found = the_only(judge_letter(wishes=other))

        says = "Begins on Wed 20 May 2026; the school wished for: Mon 1 Jun 2026, Tue 2 Jun 2026."
        assert found == (Code.OTHER_DATE, Level.WARN, says)

    def test_may_go_on_after_the_wished_day_and_begin_on_any_of_them(self):
        later = slot(starts_at=at(8, day=date(2026, 5, 28)), ends_at=at(11, day=date(2026, 5, 28)))
        second = slot(starts_at=at(8, day=date(2026, 5, 27)), ends_at=at(11, day=date(2026, 5, 27)))

        assert judge_letter(slots=(later, second)) == ()
        assert judge_letter(slots=()) == ()
        assert judge_letter(wishes=()) == ()

    def test_comes_early_enough(self):
        found = the_only(judge_letter(submitted_on=date(2026, 5, 7)))

        says = (
            "Submitted on Thu 7 May 2026, 13 days before the earliest wished day, of at least 14."
        )
        assert found == (Code.SUBMITTED_LATE, Level.WARN, says)
        assert judge_letter(submitted_on=date(2026, 5, 6)) == ()
        assert judge_letter(submitted_on=None) == ()
        assert judge_letter(rule=None, submitted_on=DAY) == ()


class TestTheMix:
    TARGETS = {
        Strand.THEORY: Target(Decimal(40), Decimal(5)),
        Strand.PRACTICE: Target(Decimal(40), Decimal(5)),
        Strand.ROLE_MODELS: Target(Decimal(20), Decimal(5)),
    }

    def mix(self, *hours: str) -> MixFacts:
        by_strand = dict(zip(Strand, map(Decimal, hours), strict=True))
        return MixFacts("基层治理", by_strand, self.TARGETS)

    def test_outside_is_warned_of_with_the_strands(self):
        found = the_only(judge_letter(mixes=(self.mix("40", "40", "20"), self.mix("8", "8", "2"))))

        says = "With this letter, 基层治理 would be outside its mix: role models 11.1% (15–25%)."
        assert found == (Code.MIX, Level.WARN, says)

    def test_on_the_border_passes(self):
        assert judge_letter(mixes=(self.mix("9", "7", "4"),)) == ()

    def test_without_a_rule_passes(self):
        ruleless = MixFacts("基层治理", {Strand.THEORY: Decimal(4)}, {})

        assert judge_letter(mixes=(ruleless,)) == ()


class TestFindings:
    def test_come_with_the_blocks_first(self):
        found = judge(lecturer(month_hours=Decimal(99), letters=()))
        of_letter = judge_letter(headcount=99, submitted_on=DAY, mixes=())

        assert [f.level for f in found] == [Level.BLOCK, Level.WARN]
        assert [f.level for f in of_letter] == [Level.BLOCK, Level.WARN]

    def test_have_codes_that_an_override_keeps(self):
        longest = EngagementOverride._meta.get_field("warning").max_length

        assert max(len(code) for code in Code) <= longest

    def test_speak_chinese(self):
        with translation.override("zh-hans"):
            [found] = checks.check_candidate(SLOT, lecturer(letters=()), RULE)

        assert found.text == "没有聘任书。"


class TestPartsOfTheDay:
    @pytest.mark.parametrize(
        ("begins", "ends", "parts"),
        [
            (at(8), at(12), ["morning"]),
            (at(8), at(12, 1), ["morning", "afternoon"]),
            (at(12), at(18), ["afternoon"]),
            (at(18), at(20), ["evening"]),
            (at(8), at(20), ["morning", "afternoon", "evening"]),
            (at(22), at(1, day=DAY + timedelta(days=1)), ["evening"]),
        ],
    )
    def test_are_those_that_a_time_touches(self, begins, ends, parts):
        assert checks.list_parts(begins, ends) == parts

    @pytest.mark.parametrize(
        ("begins", "ends", "shares"),
        [
            (at(8, 30), at(12, 30), {"morning": "4"}),
            (at(9), at(17), {"morning": "2", "afternoon": "2"}),
            (at(8), at(20), {"morning": "1.33", "afternoon": "1.33", "evening": "1.33"}),
            (at(22), at(1, day=DAY + timedelta(days=1)), {"evening": "4"}),
        ],
    )
    def test_share_hours_that_fit_into_none(self, begins, ends, shares):
        found = checks.share_by_half_day(begins, ends, Decimal(4))

        assert found == {part: Decimal(hours) for part, hours in shares.items()}
