"""Leave from a session."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from classes.enums import LeaveAnswer, LeaveState
from classes.querysets import LeaveRequestQuerySet
from courses.models import Session
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL

LONGEST_LEAVE_TEXT = 200


class LeaveRequest(models.Model):
    """A trainee requests leave from one upcoming session; the school's clerk accepts or refuses.

    The reason is a few words, never about a person's health. Hours do not depend on it: only the
    roll says who was on leave.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("session")
    )
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="leaves", verbose_name=_("member")
    )
    reason = models.CharField(_("reason"), max_length=LONGEST_LEAVE_TEXT)
    asked_at = models.DateTimeField(_("asked at"))
    withdrawn_at = models.DateTimeField(_("taken back at"), null=True, blank=True)
    answer = models.CharField(_("answer"), max_length=10, choices=LeaveAnswer, blank=True)
    word = models.CharField(_("word to the member"), max_length=LONGEST_LEAVE_TEXT, blank=True)
    answered_at = models.DateTimeField(_("answered at"), null=True, blank=True)
    answered_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("answered by"),
    )

    objects = LeaveRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request for leave")
        verbose_name_plural = _("requests for leave")
        ordering = ["asked_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["session", "member"],
                condition=Q(withdrawn_at=None),
                name="leave_asked_once_per_session",
                violation_error_message=_("Leave of this session was asked for already."),
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="leave_has_reason"),
            models.CheckConstraint(
                condition=Q(answer="", answered_at=None, answered_by=None)
                | ~Q(answer="") & Q(answered_at__isnull=False, answered_by__isnull=False),
                name="leave_answer_is_signed",
            ),
            models.CheckConstraint(
                condition=~Q(answer=LeaveAnswer.REFUSED, word=""),
                name="leave_refused_with_a_word",
                violation_error_message=_("Say why leave is refused."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.member} · {self.session}"

    @property
    def state(self) -> LeaveState:
        """The current state: a withdrawn request is withdrawn, even if it was answered."""
        if self.withdrawn_at is not None:
            return LeaveState.WITHDRAWN
        return LeaveState(self.answer) if self.answer else LeaveState.WAITING
