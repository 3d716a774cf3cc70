"""Cards that members show at the door instead of a telephone."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from rolls.enums import CardEnd
from trainees.models import Member

ACCOUNT = settings.AUTH_USER_MODEL


class MemberCard(models.Model):
    """A printed card with its own code, valid until it is replaced or revoked.

    A keyed hash of the code is stored. For a day the encrypted code is stored too, so that the card
    can be printed again. The cards of one `batch` were issued together.
    """

    unchained_columns = ("code_encrypted",)

    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="cards", verbose_name=_("member")
    )
    batch = models.UUIDField(_("batch"), db_index=True)
    code_fingerprint = models.CharField(max_length=64, unique=True, editable=False)
    code_encrypted = models.CharField(max_length=120, blank=True, editable=False)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    ended_at = models.DateTimeField(_("ended at"), null=True)
    ended_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("ended by")
    )
    ended_because = models.CharField(_("ended because"), max_length=10, choices=CardEnd, blank=True)

    class Meta:
        verbose_name = _("member card")
        verbose_name_plural = _("member cards")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"], condition=Q(ended_at=None), name="member_card_one_is_valid"
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_by=None, ended_because="")
                | Q(ended_at__isnull=False, ended_by__isnull=False, code_encrypted="")
                & ~Q(ended_because=""),
                name="member_card_end_is_signed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.member)
