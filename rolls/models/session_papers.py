"""Records of a session other than its roll: photographs, the signed sheet, and walk-ins."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.enums import FileKind
from backstage.models import StoredFile
from courses.models import Session
from rolls.enums import ATTENDED, AttendanceStatus
from rolls.querysets import WalkInQuerySet
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL
SESSION_FILE_KINDS = (FileKind.PHOTO, FileKind.SHEET)


class SessionFile(models.Model):
    """Evidence of a session, retained as long as its roll: photographs, the signed sheet.

    `digest` is the SHA-256 of the file as uploaded; "" if it is not known.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="files", verbose_name=_("session")
    )
    kind = models.CharField(pgettext_lazy("of a thing", "kind"), max_length=12, choices=FileKind)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    digest = models.CharField(_("digest"), max_length=64, blank=True, default="", db_default="")
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )

    class Meta:
        verbose_name = _("evidence of a session")
        verbose_name_plural = _("evidence of sessions")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=SESSION_FILE_KINDS), name="session_file_kind_known"
            ),
            models.UniqueConstraint(
                fields=["session", "digest"],
                condition=~Q(digest=""),
                name="session_file_once_per_session",
                violation_error_message=_("This file is there already."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.get_kind_display()}"

    @property
    def is_picture(self) -> bool:
        """Whether the file is our re-encoded copy of a picture, which a page may show."""
        return self.file.media_type == "image/jpeg"


class WalkIn(models.Model):
    """A person who came to a session without being on its roster, as written on the sheet.

    Once the person is identified, the walk-in is matched to the member, who then is on the roster
    of that session with an ordinary mark.
    """

    session = models.ForeignKey(
        Session, on_delete=models.PROTECT, related_name="walk_ins", verbose_name=_("session")
    )
    name = models.CharField(_("name as written"), max_length=40)
    organisation_name = models.CharField(_("organisation as written"), max_length=80, blank=True)
    status = models.CharField(_("attendance"), max_length=10, choices=AttendanceStatus)
    note = models.CharField(_("note"), max_length=200, blank=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    recorded_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("recorded by")
    )
    member = models.ForeignKey(
        Member,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="walk_ins",
        verbose_name=_("member"),
    )
    matched_at = models.DateTimeField(_("matched at"), null=True, blank=True)
    matched_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("matched by"),
    )

    objects = WalkInQuerySet.as_manager()

    class Meta:
        verbose_name = _("walk-in")
        verbose_name_plural = _("walk-ins")
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=~Q(name=""), name="walk_in_has_name"),
            models.CheckConstraint(condition=Q(status__in=ATTENDED), name="walk_in_attended"),
            models.CheckConstraint(
                condition=Q(member=None, matched_at=None, matched_by=None)
                | Q(member__isnull=False, matched_at__isnull=False, matched_by__isnull=False),
                name="walk_in_match_is_signed",
            ),
            models.UniqueConstraint(
                fields=["session", "member"],
                name="walk_in_member_once_per_session",
                violation_error_message=_("This member is a walk-in of this session already."),
            ),
        ]
        indexes = [
            models.Index(fields=["session"], name="walk_in_unmatched", condition=Q(member=None)),
        ]

    def __str__(self) -> str:
        return f"{self.session} · {self.name}"
