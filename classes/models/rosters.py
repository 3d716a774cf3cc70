"""Rosters of training classes: enrolments and waiting lists."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import IntegerRangeField
from django.db import models
from django.db.backends.postgresql.psycopg_any import NumericRange
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classes.querysets import EnrolmentQuerySet
from config.lib.periods import OVERLAPS, SAME
from courses.models import TrainingClass
from schools.models import Organisation
from trainees.models import Member

# All sessions of a class, including those added later.
ALL_SESSIONS = NumericRange(1, None, "[)")
# Pockets, seats and study groups are numbered from 1 to this.
HIGHEST_NUMBER = 999
_AT_ONCE = [("training_class", SAME), ("sessions", OVERLAPS)]


def _numbered(field: str) -> Q:
    return Q(**{field: None}) | Q(**{f"{field}__gte": 1, f"{field}__lte": HIGHEST_NUMBER})


class Enrolment(models.Model):
    """A member is on the roster of a class, with their organisation of that day.

    `sessions` is the range of session numbers for which the member is on the roster: a late joiner
    is not on the first ones, a member who withdrew is not on the last ones, and no roll changes for
    it. An empty range means that the member withdrew before the first session.
    """

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="enrolments",
        verbose_name=_("training class"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="enrolments", verbose_name=_("member")
    )
    organisation = models.ForeignKey(
        Organisation,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("Party organisation"),
    )
    sessions = IntegerRangeField(_("sessions"), default=ALL_SESSIONS, db_default=ALL_SESSIONS)
    phone_pocket = models.PositiveSmallIntegerField(_("phone pocket number"), null=True, blank=True)
    seat = models.PositiveSmallIntegerField(_("seat number"), null=True, blank=True)
    study_group = models.PositiveSmallIntegerField(_("study group"), null=True, blank=True)
    is_monitor = models.BooleanField(_("monitor"), default=False, db_default=False)

    objects = EnrolmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("enrolment")
        verbose_name_plural = _("enrolments")
        ordering = ["phone_pocket", "id"]
        constraints = [
            ExclusionConstraint(
                name="enrolment_once_per_class",
                violation_error_message=_("This member is on the roster already."),
                expressions=[*_AT_ONCE, ("member", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_pocket_once_per_class",
                violation_error_message=_("Somebody else has this pocket number."),
                expressions=[*_AT_ONCE, ("phone_pocket", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_seat_once_per_class",
                violation_error_message=_("Somebody else has this seat number."),
                expressions=[*_AT_ONCE, ("seat", SAME)],
            ),
            ExclusionConstraint(
                name="enrolment_one_monitor",
                violation_error_message=_("A class has one monitor."),
                expressions=_AT_ONCE,
                condition=Q(is_monitor=True),
            ),
            models.CheckConstraint(
                condition=_numbered("phone_pocket") & _numbered("seat") & _numbered("study_group"),
                name="enrolment_numbers_from_1_to_999",
                violation_error_message=_("Pockets, seats and groups are numbered from 1 to 999."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.training_class}"


class WaitingListEntry(models.Model):
    """A member waits for a place in a class; the earliest is promoted first."""

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="waiting_list",
        verbose_name=_("training class"),
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="+", verbose_name=_("member")
    )
    since = models.DateTimeField(_("since"))

    class Meta:
        verbose_name = _("place on a waiting list")
        verbose_name_plural = _("waiting lists")
        ordering = ["since", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["training_class", "member"], name="waiting_list_once_per_class"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.training_class}"
