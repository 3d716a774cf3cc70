"""A school's plan of a year: courses by month, set one by one or copied from the year before."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.audit import record_act
from accounts.origin import Actor
from accounts.records import delete_record, lock_row, save_record
from config.lib.periods import local_date, months_of, shared_days
from config.lib.years import first_month_left
from courses.errors import CoursesError
from courses.models import MOST_TIMES, Course, PlannedCourse, Session
from courses.permissions import plans_classes
from courses.queries.year_plans import list_plan_lines, list_year_mixes
from schools.models import School

type _Kind = tuple[int, int, str]  # month, course, audience


@dataclass(frozen=True)
class Wish:
    """A course to be taught in a month, for whom, and how many times."""

    month: int
    course: Course
    audience: str
    times: int = 1


def plan_course(*, school: School, year: int, wish: Wish, by: Actor, at: datetime) -> PlannedCourse:
    """Put a course into the plan; one that is there for this month and audience gains the times.

    Raises PermissionDenied, and CoursesError for a year that is not planned now, a month that is
    over, a course that is offered on no day of the month, or one taught too often.
    """
    with transaction.atomic():
        _lock_plan(school, year, by, at)
        _require_offered(wish.course, year, wish.month, at)
        facts = {"school": school, "year": year, "month": wish.month}
        facts |= {"course": wish.course, "audience": wish.audience}
        planned = PlannedCourse.objects.filter(**facts).first()
        if planned is None:
            planned = PlannedCourse(**facts, times=wish.times)
        else:
            planned.times = _refuse_too_many(planned.times + wish.times, "times")
        save_record(obj=planned, by=by, fields=["times"], school_code=school.code)
    return planned


def change_planned_course(
    *, planned: PlannedCourse, month: int, times: int | None = None, by: Actor, at: datetime
) -> PlannedCourse:
    """Move a course of the plan to a month, and say how many `times` it is taught; None keeps them.

    What stands in the month already gains its times. Raises like `plan_course`, and CoursesError if
    it was taken out meanwhile. In a month that is over it may be taught less often, never more.
    """
    with transaction.atomic():
        _lock_plan(planned.school, planned.year, by, at)
        row = PlannedCourse.objects.select_related("course").filter(pk=planned.pk).first()
        if row is None:
            raise CoursesError(_("This course was taken out of the plan meanwhile."))
        code = planned.school.code
        times = row.times if times is None else times
        if (row.month, row.times) == (month, times):
            return row
        if row.month != month or times > row.times:
            _require_offered(row.course, row.year, month, at)
        same = {"course": row.course_id, "audience": row.audience}
        rows = PlannedCourse.objects.filter(school=row.school_id, year=row.year, month=month)
        there = rows.filter(**same).exclude(pk=row.pk).first()
        if there is None:
            row.month, row.times = month, times
            save_record(obj=row, by=by, fields=["month", "times"], school_code=code)
            return row
        there.times = _refuse_too_many(there.times + times, "month")
        save_record(obj=there, by=by, fields=["times"], school_code=code)
        delete_record(obj=row, by=by, school_code=code)
    return there


def _refuse_too_many(times: int, field: str) -> int:
    """The times. Raises CoursesError where they are more than one plans in a month."""
    if times > MOST_TIMES:
        text = _("It would be taught %(n)d times in this month; %(most)d is the most.")
        raise CoursesError(text % {"n": times, "most": MOST_TIMES}, field)
    return times


def drop_planned_course(*, planned: PlannedCourse, by: Actor, at: datetime) -> None:
    """Take a course out of a plan. Raises like `plan_course`."""
    with transaction.atomic():
        _lock_plan(planned.school, planned.year, by, at)
        if PlannedCourse.objects.filter(pk=planned.pk).exists():
            delete_record(obj=planned, by=by, school_code=planned.school.code)


def follow_advice(*, school: School, year: int, advice: str, by: Actor, at: datetime) -> None:
    """Carry out the change of the plan with the token `advice`, which brings a module inside.

    Raises like `plan_course`, and CoursesError where something else is advised by now.
    """
    with transaction.atomic():
        _lock_plan(school, year, by, at)
        lines = list_plan_lines(school, year)
        mixes = list_year_mixes(school, lines, year, today=local_date(at))
        advised = {change.token: change for mix in mixes for change in mix.changes}
        if advice not in advised:
            raise CoursesError(_("The plan has changed meanwhile. Look at what is advised now."))
        for act in advised[advice].acts:
            if act.times > 0:
                wish = Wish(act.month, act.course, act.audience, act.times)
                plan_course(school=school, year=year, wish=wish, by=by, at=at)
                continue
            row = school.planned_courses.get(
                year=year, month=act.month, course=act.course, audience=act.audience
            )
            if row.times + act.times:
                change_planned_course(
                    planned=row, month=row.month, times=row.times + act.times, by=by, at=at
                )
            else:
                drop_planned_course(planned=row, by=by, at=at)


def copy_year_plan(*, school: School, year: int, by: Actor, at: datetime) -> int:
    """Copy last year's plan, or without one its sessions; return how many courses were added.

    What is in the plan already stays as it is; what is not offered in its month any more is left
    out, and so are months that are over. Raises like `plan_course`.
    """
    first = first_month_left(year, local_date(at))
    with transaction.atomic():
        _lock_plan(school, year, by, at)
        wanted = _plan_of(school, year - 1) or _sessions_of(school, year - 1)
        there = _plan_of(school, year)
        courses = Course.objects.in_bulk({course for _month, course, _audience in wanted})
        added = [
            PlannedCourse(
                school=school,
                year=year,
                month=month,
                course=courses[course],
                audience=audience,
                times=min(times, MOST_TIMES),
            )
            for (month, course, audience), times in sorted(wanted.items())
            if (month, course, audience) not in there
            and month >= first
            and shared_days(courses[course].period, months_of(year, month, month))
        ]
        if added:
            PlannedCourse.objects.bulk_create(added)
            facts = {"year": year, "copied": len(added)}
            record_act(
                act="copy_year_plan",
                obj=school,
                by=by,
                at=at,
                after=facts,
                school_code=school.code,
            )
    return len(added)


def _require_offered(course: Course, year: int, month: int, at: datetime) -> None:
    """Raise CoursesError for a month that is over, or in which the course is not offered."""
    if month < first_month_left(year, local_date(at)):
        raise CoursesError(_("This month is over: choose a later one."), "month")
    if shared_days(course.period, months_of(year, month, month)) is None:
        raise CoursesError(_("This course is not offered in this month."), "month")


def _lock_plan(school: School, year: int, by: Actor, at: datetime) -> None:
    """Lock the school, so that one person changes its plan at a time."""
    on = local_date(at)
    if by.user is None or not plans_classes(by.user, school.pk, on):
        raise PermissionDenied
    if not on.year <= year <= on.year + 1:
        raise CoursesError(_("This year and the next are planned; an earlier plan stays."))
    lock_row(school, no_key=True)


def _plan_of(school: School, year: int) -> Counter[_Kind]:
    """How often each course is planned, by month and audience."""
    rows = school.planned_courses.filter(year=year)
    return Counter({(row.month, row.course_id, row.audience): row.times for row in rows})


def _sessions_of(school: School, year: int) -> Counter[_Kind]:
    """How many sessions taught each course, by month and audience."""
    sessions = Session.objects.to_be_held().in_year(year).for_school(school)
    return Counter(
        (held_on.month, course, audience)
        for held_on, course, audience in sessions.values_list(
            "held_on", "course_id", "training_class__audience"
        )
    )
