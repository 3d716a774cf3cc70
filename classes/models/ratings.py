"""Class ratings: anonymous answers that nobody can trace to their authors.

docs/adr/0014-ratings-are-anonymous.md explains why they cannot be traced.
"""

from __future__ import annotations

import uuid

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.periods import OVERLAPS, PeriodField
from courses.models import TrainingClass
from trainees.models import Member

LONGEST_RATING_TEXT = 300
BEST = 5
# Figures need at least this many answers; a district may require more, never fewer.
FEWEST = 5


class RatingRule(models.Model):
    """How long a class can be rated, and the fewest answers for figures. A local rule.

    `days` counts from the day of the last session. The rule of that day applies to the class.
    """

    days = models.PositiveSmallIntegerField(
        _("days to rate a class"),
        validators=[MinValueValidator(1)],
        help_text=_("Counted from the day of its last session."),
    )
    least = models.PositiveSmallIntegerField(
        _("least number of answers"),
        default=FEWEST,
        validators=[MinValueValidator(FEWEST)],
        help_text=_("With fewer answers no figure of the class is shown. Five at least."),
    )
    source = models.CharField(_("source"), max_length=200)
    period = PeriodField(_("period"))

    class Meta:
        verbose_name = _("rule of ratings")
        verbose_name_plural = _("rules of ratings")
        ordering = ["period"]
        constraints = [
            ExclusionConstraint(
                name="rating_rule_one_at_a_time",
                violation_error_message=_(
                    "A version is in force on some of these days: end its period first."
                ),
                expressions=[("period", OVERLAPS)],
            ),
            models.CheckConstraint(
                condition=Q(days__gte=1, least__gte=FEWEST),
                name="rating_rule_of_five_answers",
                violation_error_message=_("A day at least, and five answers at least."),
            ),
        ]

    def __str__(self) -> str:
        return str(self.source)


class RatingRound(models.Model):
    """The last day to rate a class. The first answer fixes it: published figures never change."""

    unchained_because = "Ratings are anonymous (ADR 14), and an act has an actor."

    training_class = models.OneToOneField(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="rating_round",
        verbose_name=_("training class"),
    )
    last_day = models.DateField(_("last day"))
    least = models.PositiveSmallIntegerField(_("least number of answers"))

    class Meta:
        verbose_name = _("rating of a class")
        verbose_name_plural = _("ratings of classes")
        constraints = [
            models.CheckConstraint(
                condition=Q(least__gte=FEWEST), name="rating_round_of_five_answers"
            ),
        ]

    def __str__(self) -> str:
        return str(self.training_class)


class RatingGiven(models.Model):
    """Records that a trainee has rated a class, not how. Nothing leads from here to an answer."""

    unchained_because = "Ratings are anonymous (ADR 14), and an act has an actor."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("training class")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )

    class Meta:
        verbose_name = _("note that a trainee has rated a class")
        verbose_name_plural = _("notes that trainees have rated a class")
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "member"], name="rating_given_once_per_class"
            ),
        ]

    def __str__(self) -> str:
        return str(self.training_class)


def _scored(name: str) -> Q:
    return Q(**{f"{name}__gte": 1, f"{name}__lte": BEST})


class RatingAnswer(models.Model):
    """One trainee's opinion of a class: no person, no time, no order.

    Only `classes.actions.ratings` writes it; that mixes all answers of the class each time.
    """

    unchained_because = "Ratings are anonymous (ADR 14), and an act has an actor."

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    training_class = models.ForeignKey(
        TrainingClass, on_delete=models.PROTECT, related_name="+", verbose_name=_("training class")
    )
    content = models.PositiveSmallIntegerField(_("The content was clear and to the point"))
    teaching = models.PositiveSmallIntegerField(_("The lecturers taught well"))
    usefulness = models.PositiveSmallIntegerField(_("It helps me in my work"))
    organisation = models.PositiveSmallIntegerField(
        _("The class was well organised (time, place, equipment)")
    )
    text = models.CharField(_("remark"), max_length=LONGEST_RATING_TEXT, blank=True)

    class Meta:
        verbose_name = _("answer to the rating of a class")
        verbose_name_plural = _("answers to ratings of classes")
        constraints = [
            models.CheckConstraint(
                condition=_scored("content")
                & _scored("teaching")
                & _scored("usefulness")
                & _scored("organisation"),
                name="rating_answer_from_one_to_five",
            ),
        ]

    def __str__(self) -> str:
        return str(self.training_class)


QUESTIONS = ("content", "teaching", "usefulness", "organisation")
