"""Notes of teaching supervisors of the district school about a session."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classes.querysets import SupervisionNoteQuerySet
from config.lib.append_only import AppendOnlyModel
from courses.models import Session

ACCOUNT = settings.AUTH_USER_MODEL
LONGEST_OBSERVATION = 2000
LONGEST_ADVICE = 1000
LONGEST_AMENDMENT = 200


class Observed(models.Model):
    """Fields that drafts and filed notes share.

    Observations are text: no rule names criteria for scores.
    """

    visited_at = models.DateTimeField(_("there from"))
    observed = models.TextField(_("what was observed"), max_length=LONGEST_OBSERVATION)
    advice = models.TextField(_("advice"), max_length=LONGEST_ADVICE, blank=True)

    class Meta:
        abstract = True


class SupervisionDraft(Observed):
    """A note, or an amendment, that its supervisor has not filed; nobody else sees it."""

    unchained_because = "A draft; filing the note is an act."

    session = models.ForeignKey(
        Session,
        on_delete=models.PROTECT,
        related_name="supervision_drafts",
        verbose_name=_("session"),
    )
    supervisor = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("supervisor")
    )
    reason = models.CharField(
        _("reason of the amendment"), max_length=LONGEST_AMENDMENT, blank=True
    )
    saved_at = models.DateTimeField(_("saved at"))

    class Meta:
        verbose_name = _("draft of a supervision note")
        verbose_name_plural = _("drafts of supervision notes")
        ordering = ["saved_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "supervisor"], name="supervision_draft_once_per_session"
            ),
        ]

    def __str__(self) -> str:
        return str(self.session)


class SupervisionNote(Observed, AppendOnlyModel):
    """A filed version of a note. It never changes: an amendment is a new version with a reason."""

    session = models.ForeignKey(
        Session,
        on_delete=models.PROTECT,
        related_name="supervision_notes",
        verbose_name=_("session"),
    )
    supervisor = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("supervisor")
    )
    version = models.PositiveSmallIntegerField(_("version"))
    reason = models.CharField(
        _("reason of the amendment"), max_length=LONGEST_AMENDMENT, blank=True
    )
    filed_at = models.DateTimeField(_("filed at"))

    objects = SupervisionNoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("supervision note")
        verbose_name_plural = _("supervision notes")
        ordering = ["session", "supervisor", "version"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "supervisor", "version"],
                name="supervision_note_version_once",
            ),
            models.CheckConstraint(
                condition=~Q(observed=""), name="supervision_note_says_something"
            ),
            models.CheckConstraint(
                condition=Q(version=1, reason="") | Q(version__gt=1) & ~Q(reason=""),
                name="supervision_note_amended_with_reason",
                violation_error_message=_("Say why the note is amended."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.version}"
