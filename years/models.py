"""Issued documents and their revocations. Rows of both never change."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import ExtractYear
from django.utils.translation import gettext_lazy as _

from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyModel
from config.lib.periods import SHANGHAI
from trainees.models import Member
from years.enums import DocumentKind
from years.querysets import IssuedDocumentQuerySet

ACCOUNT = settings.AUTH_USER_MODEL


class IssuedDocument(AppendOnlyModel):
    """A document that states a member's year as of the time of issue.

    For one member, year and kind the newest version replaces all earlier ones, so at most one is
    valid. `facts` is the stated content, `file` the PDF; `digest` is a keyed hash over both and the
    rest of the row (`years.documents`). The printed code is stored only as a keyed hash. Numbers
    have no gap within the year in which they were assigned.
    """

    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind)
    member = models.ForeignKey(
        Member, on_delete=models.PROTECT, related_name="documents", verbose_name=_("member")
    )
    credit_year = models.PositiveSmallIntegerField(_("year"))
    version = models.PositiveSmallIntegerField(_("version"))
    number_year = models.PositiveSmallIntegerField(_("year of the number"))
    serial = models.PositiveIntegerField(_("running number"))
    number = models.CharField(_("number"), max_length=24)
    code_fingerprint = models.CharField(max_length=64, editable=False)
    facts = models.JSONField(_("facts"))
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    file_hash = models.CharField(_("hash of the file"), max_length=64)
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("issued by")
    )
    digest = models.CharField(max_length=64, editable=False)

    objects = IssuedDocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("issued document")
        verbose_name_plural = _("issued documents")
        ordering = ["-issued_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["number"], name="issued_document_number_once"),
            models.UniqueConstraint(
                fields=["number_year", "serial"], name="issued_document_serial_once_a_year"
            ),
            models.UniqueConstraint(
                fields=["member", "credit_year", "kind", "version"],
                name="issued_document_version_once",
            ),
            models.UniqueConstraint(fields=["code_fingerprint"], name="issued_document_code_once"),
            models.CheckConstraint(
                condition=Q(serial__gte=1, version__gte=1), name="issued_document_counts_from_one"
            ),
            models.CheckConstraint(
                condition=Q(number_year=ExtractYear("issued_at", tzinfo=SHANGHAI)),
                name="issued_document_number_is_of_its_year",
            ),
            models.CheckConstraint(
                condition=Q(credit_year__lte=F("number_year")),
                name="issued_document_year_is_not_ahead",
            ),
        ]

    def __str__(self) -> str:
        return self.number


class DocumentRevocation(AppendOnlyModel):
    """A document that was revoked, without a replacement."""

    document = models.OneToOneField(
        IssuedDocument,
        on_delete=models.PROTECT,
        related_name="revocation",
        verbose_name=_("issued document"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    revoked_at = models.DateTimeField(_("revoked at"))
    revoked_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("revoked by")
    )

    class Meta:
        verbose_name = _("revocation of a document")
        verbose_name_plural = _("revocations of documents")
        constraints = [
            models.CheckConstraint(condition=~Q(reason=""), name="document_revocation_has_reason"),
        ]

    def __str__(self) -> str:
        return str(self.document)
