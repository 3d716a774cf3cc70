"""What was taught in a closed year, session by session, as its final reconciliation found it."""

from __future__ import annotations

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel
from config.lib.hours import HoursField, is_quarter_multiple
from courses.enums import Format, Mode, RegulationTask, Strand
from courses.models import Module, Programme, Session, TrainingClass
from instructors.enums import Corps
from quotas.models.reconciliations import Reconciliation
from schools.enums import Audience
from schools.models import School


class DeliveredSession(AppendOnlyModel):
    """One session held in the year: what it was, who attended it, and the hours that it gave.

    A final reconciliation stores these rows once, so the annual report never moves when a course,
    a class or a member is changed later. `members` are the keys of those present or late, and
    `hours` what the ledger holds of its roll, for whichever school they belong to.
    """

    unchained_because = "It is computed from rows that are in the chain, and can be recomputed."

    reconciliation = models.ForeignKey(
        Reconciliation,
        on_delete=models.PROTECT,
        related_name="delivered",
        verbose_name=_("reconciliation"),
        db_index=False,
    )
    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="+", verbose_name=_("session")
    )
    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("training class"),
        db_index=False,
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    held_on = models.DateField(_("date"))
    audience = models.CharField(_("audience"), max_length=20, choices=Audience)
    module = models.ForeignKey(
        Module,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("module"),
        db_index=False,
    )
    strand = models.CharField(_("strand"), max_length=20, choices=Strand)
    tasks = ArrayField(
        models.CharField(max_length=20, choices=RegulationTask),
        verbose_name=_("tasks of the regulation"),
    )
    format = models.CharField(_("format"), max_length=20, choices=Format)
    mode = models.CharField(_("mode"), max_length=20, choices=Mode)
    corps = models.CharField(_("corps"), max_length=20, choices=Corps, blank=True)
    programme = models.ForeignKey(
        Programme,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("programme"),
        db_index=False,
    )
    taught = HoursField(_("credit hours taught"))
    hours = HoursField(_("credit hours posted"), max_digits=9)
    members = ArrayField(models.BigIntegerField(), verbose_name=_("members who attended"))

    class Meta:
        verbose_name = _("session delivered")
        verbose_name_plural = _("sessions delivered")
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "session"], name="delivered_session_once"
            ),
            models.CheckConstraint(
                condition=Q(hours__gte=0), name="delivered_session_hours_not_negative"
            ),
            models.CheckConstraint(
                condition=is_quarter_multiple("taught", "hours"),
                name="delivered_session_hours_in_quarters",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reconciliation} · {self.session_id}"
