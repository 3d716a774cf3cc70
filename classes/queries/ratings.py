"""Classes that a trainee may rate, and the results of the ratings of a class.

Figures appear once the rating is closed and never change after that, so that no two views of them
differ by one answer.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal

from django.db.models import Max, Q, QuerySet

from classes.models import RatingAnswer, RatingGiven, RatingRound, RatingRule
from classes.models.ratings import BEST, QUESTIONS
from classes.signals import attendance_asked
from config.lib.asking import ask
from config.lib.periods import local_date
from courses.models import TrainingClass
from trainees.models import Member


@dataclass(frozen=True)
class Window:
    """The last day to rate a class, and the fewest answers for figures."""

    last_day: date
    least: int


@dataclass(frozen=True)
class ToRate:
    """A class that waits for a trainee's rating."""

    training_class: TrainingClass
    last_day: date


@dataclass(frozen=True)
class QuestionFigures:
    """The answers to one question: their mean to one decimal, and the count of each score."""

    question: str
    mean: Decimal
    counts: list[tuple[int, int]]


@dataclass(frozen=True)
class ClassRating:
    """The state of a rating, as the class page shows it.

    While it is open, only that; once closed, either that there were too few answers, or the
    figures. Remarks are sorted by themselves, apart from the scores.
    """

    last_day: date
    is_open: bool
    least: int
    answers: int = 0
    figures: tuple[QuestionFigures, ...] = ()
    remarks: tuple[str, ...] = ()


def list_to_rate(member: Member, now: datetime) -> list[ToRate]:
    """Classes that are over, which the member attended and may still rate. Three statements."""
    rules = list(RatingRule.objects.all())
    longest = timedelta(days=max((rule.days for rule in rules), default=0))
    today = local_date(now)
    recent = Q(last_on__gte=today - longest) | Q(rating_round__last_day__gte=today)
    windows = []
    for training_class in _rateable(member, now).filter(recent):
        window = _window(
            training_class.last_on, getattr(training_class, "rating_round", None), rules
        )
        if window and today <= window.last_day:
            windows.append(ToRate(training_class, window.last_day))
    return windows


def find_open_window(training_class: TrainingClass, member: Member, now: datetime) -> Window | None:
    """The window in which the member may rate this class; None if they may not, or it is closed."""
    rateable = _rateable(member, now).filter(pk=training_class.pk).first()
    if rateable is None:
        return None
    window = _window(
        rateable.last_on, getattr(rateable, "rating_round", None), RatingRule.objects.all()
    )
    return window if window and local_date(now) <= window.last_day else None


def has_rated(training_class_id: int, member: Member) -> bool:
    """Whether the member has rated the class, under any of their merged rows."""
    given = RatingGiven.objects.filter(training_class=training_class_id)
    return given.filter(member__in=_rows_of(member)).exists()


def _rows_of(member: Member) -> list[int]:
    """The keys of a member and of the rows merged into that member."""
    return [member.pk, *Member.objects.filter(merged_into=member).values_list("pk", flat=True)]


def _rateable(member: Member, now: datetime) -> QuerySet:
    """Classes that are over, which the member attended and has not rated; with `last_on`."""
    rows = _rows_of(member)
    attended = Q(pk__in=[])
    for classes in ask(attendance_asked, TrainingClass, member_ids=rows):
        attended |= Q(pk__in=classes)
    given = RatingGiven.objects.filter(member__in=rows).values("training_class")
    return (
        TrainingClass.objects.filter(attended)
        .exclude(pk__in=given)
        .select_related("school", "rating_round")
        .annotate(last_on=Max("sessions__held_on"), last_at=Max("sessions__ends_at"))
        .filter(last_at__lte=now)
        .order_by("last_on", "pk")
    )


def _window(last_on: date, fixed: RatingRound | None, rules: Iterable[RatingRule]) -> Window | None:
    """The window fixed by the first answer; before it, by the rule of the last session's day."""
    if fixed is not None:
        return Window(fixed.last_day, fixed.least)
    rule = next((rule for rule in rules if last_on in rule.period), None)
    return Window(last_on + timedelta(days=rule.days), rule.least) if rule else None


def get_class_rating(training_class: TrainingClass, now: datetime) -> ClassRating | None:
    """The state of the rating of a class; None before the class is over, or without a rule."""
    fixed = RatingRound.objects.filter(training_class=training_class).first()
    last = training_class.sessions.aggregate(on=Max("held_on"), at=Max("ends_at"))
    if fixed is None and (last["at"] is None or last["at"] > now):
        return None
    window = _window(last["on"], fixed, [] if fixed else RatingRule.objects.all())
    if window is None:
        return None
    if local_date(now) <= window.last_day:
        return ClassRating(window.last_day, is_open=True, least=window.least)
    answers = list(RatingAnswer.objects.filter(training_class=training_class).order_by("id"))
    if len(answers) < window.least:
        return ClassRating(window.last_day, is_open=False, least=window.least)
    return ClassRating(
        window.last_day,
        is_open=False,
        least=window.least,
        answers=len(answers),
        figures=tuple(_figures(name, answers) for name in QUESTIONS),
        remarks=tuple(sorted(rating.text for rating in answers if rating.text)),
    )


def _figures(name: str, answers: list[RatingAnswer]) -> QuestionFigures:
    counted = Counter(getattr(rating, name) for rating in answers)
    mean = Decimal(sum(score * n for score, n in counted.items())) / len(answers)
    return QuestionFigures(
        str(RatingAnswer._meta.get_field(name).verbose_name),  # type: ignore[union-attr]
        mean.quantize(Decimal("0.1"), ROUND_HALF_UP),
        [(score, counted[score]) for score in range(BEST, 0, -1)],
    )
