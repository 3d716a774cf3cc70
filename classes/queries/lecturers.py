"""Lecturers as the staff of schools and district see them: whom they may call, and how busy."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, overload

from django.db.models import Count, F, Prefetch, QuerySet, Sum

from classes.models import RatingAnswer
from config.lib.periods import day_before
from courses.models import Course, Session
from courses.queries.loads import MONTHS, Hours, Load, sum_loads
from instructors.enums import LetterStanding
from instructors.models import Instructor

# In a line of the list.
COURSES_NAMED = 3


@dataclass(frozen=True)
class LecturerLine:
    """A lecturer in the list, with the load of the year; `courses` are those offered today."""

    lecturer: Instructor
    load: Load

    @property
    def courses(self) -> list[Course]:
        """The courses offered today that they may teach, by code."""
        return self.lecturer.courses_offered  # type: ignore[attr-defined]

    @property
    def letter_standing(self) -> LetterStanding:
        """How they stand with letters of appointment."""
        return LetterStanding(self.lecturer.letter_standing)  # type: ignore[attr-defined]

    @property
    def letter_until(self) -> date | None:
        """The last day of the last letter that was not revoked."""
        end = self.lecturer.letter_end  # type: ignore[attr-defined]
        return day_before(end) if end else None

    @property
    def more_courses(self) -> int:
        """How many courses there are beyond those that the list names."""
        return max(0, len(self.courses) - COURSES_NAMED)


class LecturerLines(Sequence[LecturerLine]):
    """The lines of a list of lecturers: only those that are read cost anything.

    A slice takes three statements: lecturers, courses, loads.
    """

    def __init__(self, lecturers: QuerySet[Instructor], year: int) -> None:
        self._lecturers, self._year = lecturers, year

    def __len__(self) -> int:
        return self._lecturers.count()

    @overload
    def __getitem__(self, index: int) -> LecturerLine: ...
    @overload
    def __getitem__(self, index: slice) -> list[LecturerLine]: ...
    def __getitem__(self, index: int | slice) -> LecturerLine | list[LecturerLine]:
        if isinstance(index, slice):
            return self._read(self._lecturers[index])
        return self._read(self._lecturers[index : index + 1])[0]

    def __iter__(self) -> Iterator[LecturerLine]:
        return iter(self._read(self._lecturers))

    def _read(self, rows: QuerySet[Instructor]) -> list[LecturerLine]:
        lecturers = list(rows)
        loads = sum_loads([lecturer.pk for lecturer in lecturers], self._year)
        return [LecturerLine(lecturer, loads[lecturer.pk]) for lecturer in lecturers]


def with_courses(lecturers: QuerySet[Instructor], on: date) -> QuerySet[Instructor]:
    """Lecturers with `courses_offered`, those of the day `on` that they may teach."""
    offered = Course.objects.offered(on).select_related("module").order_by("code")
    return lecturers.prefetch_related(Prefetch("courses", offered, to_attr="courses_offered"))


@dataclass(frozen=True)
class LoadMonth:
    """The hours of a month, and `part`: its value in the filter by part of the year."""

    first: date
    part: str
    hours: Hours


def list_load_months(load: Load, year: int) -> list[LoadMonth]:
    """The months of a year with sessions, in order."""
    months = [LoadMonth(date(year, n, 1), f"m{n}", load.month(n)) for n in MONTHS]
    return [month for month in months if month.hours.sessions]


@dataclass(frozen=True)
class Feedback:
    """What trainees said of the lecturers of classes: the mean of `answers` from `classes`."""

    mean: Decimal
    answers: int
    classes: int


def find_feedback(instructor_id: int, on: date) -> Feedback | None:
    """The mean answer to how well the lecturers taught, in classes where this one taught.

    Only ratings that are closed by the day `on` and have the answers that their rule asks for, five
    at least, count: those are published by class and never change, so that no two views of the mean
    differ by fewer answers (ADR 14). The question is about all lecturers of a class together.
    None: no such rating. One statement.
    """
    taught = Session.objects.to_be_held().filter(instructor=instructor_id)
    return _mean_of(_rated(taught, on))


def list_feedback(instructor_ids: Collection[int], on: date) -> dict[int, Feedback]:
    """As `find_feedback`, for many lecturers; those without a rating are left out.

    Two statements.
    """
    taught = Session.objects.to_be_held().filter(instructor__in=instructor_ids)
    rated = {row["training_class"]: row for row in _rated(taught, on)}
    pairs = taught.filter(training_class__in=rated).order_by()
    by_lecturer: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for key, class_id in pairs.values_list("instructor_id", "training_class_id").distinct():
        by_lecturer[key or 0].append(rated[class_id])
    found = {key: _mean_of(rows) for key, rows in by_lecturer.items()}
    return {key: feedback for key, feedback in found.items() if feedback is not None}


def _rated(taught: QuerySet[Session], on: date) -> list[dict[str, Any]]:
    """The classes of these sessions with a closed rating that has its answers, and their sum."""
    rows = (
        RatingAnswer.objects.filter(
            training_class__in=taught.values("training_class"),
            training_class__rating_round__last_day__lt=on,
        )
        .values("training_class", least=F("training_class__rating_round__least"))
        .annotate(n=Count("pk"), total=Sum("teaching"))
        .filter(n__gte=F("least"))
        .order_by()
    )
    return [dict(row) for row in rows]


def _mean_of(rows: Sequence[dict[str, Any]]) -> Feedback | None:
    answers = sum(row["n"] for row in rows)
    if not answers:
        return None
    mean = Decimal(sum(row["total"] for row in rows)) / answers
    return Feedback(mean.quantize(Decimal("0.1"), ROUND_HALF_UP), answers, len(rows))
