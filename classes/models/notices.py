"""Notices of a class."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from courses.models import TrainingClass

ACCOUNT = settings.AUTH_USER_MODEL

LONGEST_NOTICE = 500


class ClassNotice(models.Model):
    """A notice from the clerk to the trainees of a class, until it is taken down."""

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="notices",
        verbose_name=_("training class"),
    )
    text = models.CharField(_("text"), max_length=LONGEST_NOTICE)
    posted_at = models.DateTimeField(_("posted at"))
    posted_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("posted by")
    )
    taken_down_at = models.DateTimeField(_("taken down at"), null=True, blank=True)
    taken_down_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("taken down by"),
    )

    class Meta:
        verbose_name = _("notice of a class")
        verbose_name_plural = _("notices of classes")
        ordering = ["-posted_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="class_notice_has_text"),
            models.CheckConstraint(
                condition=Q(taken_down_at=None, taken_down_by=None)
                | Q(taken_down_at__isnull=False, taken_down_by__isnull=False),
                name="class_notice_end_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.training_class)
