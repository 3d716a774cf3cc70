"""Statements of a reconciled year: signed by each school, countersigned, and issued for good."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.models import StoredFile
from config.lib.append_only import AppendOnlyModel
from quotas.enums import StatementState
from quotas.models.reconciliations import Reconciliation
from quotas.querysets import StatementSignatureQuerySet, YearStatementQuerySet
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL


class StatementSignature(AppendOnlyModel):
    """A leader of a school has read its results of a final reconciliation and signs them.

    Without a school it is the signature of the whole district, by the district Party school. Of a
    running, rehearsed or discarded reconciliation nothing is signed, which a trigger holds.
    `signed_hash` is the SHA-256 over what they read (`quotas.queries.signing`); what was signed
    before that was kept has none.
    """

    reconciliation = models.ForeignKey(
        Reconciliation,
        on_delete=models.PROTECT,
        related_name="signatures",
        verbose_name=_("reconciliation"),
    )
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("school"),
    )
    signed_at = models.DateTimeField(_("signed at"))
    signed_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("signed by"),
        db_index=False,
    )
    signed_hash = models.CharField(
        _("SHA-256 of what was signed"), max_length=64, default="", db_default="", editable=False
    )

    objects = StatementSignatureQuerySet.as_manager()

    class Meta:
        verbose_name = _("signature of a statement")
        verbose_name_plural = _("signatures of statements")
        constraints = [
            models.UniqueConstraint(
                fields=["reconciliation", "school"],
                nulls_distinct=False,
                name="statement_signature_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.reconciliation} · {self.school or '–'}"


class YearStatement(AppendOnlyModel):
    """The statement of a school's year, or the district's: issued with the countersignature.

    `facts` is what it states; PDF and XLSX are written from it. `seal_number` and `chain_head` name
    the newest seal of the trail when it was issued; without any, both are empty. `digest` is a
    keyed hash over the row (`quotas.statements`). The printed code is stored only as a keyed hash.
    """

    signature = models.OneToOneField(
        StatementSignature,
        on_delete=models.PROTECT,
        related_name="statement",
        verbose_name=pgettext_lazy("of a statement", "signature"),
    )
    year = models.PositiveSmallIntegerField(_("year"))
    serial = models.PositiveIntegerField(_("serial number"))
    number = models.CharField(_("number"), max_length=40)
    revision = models.PositiveSmallIntegerField(_("revision"))
    code_fingerprint = models.CharField(max_length=64, editable=False)
    facts = models.JSONField(_("facts"))
    pdf = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("PDF file")
    )
    pdf_hash = models.CharField(_("SHA-256 of the PDF"), max_length=64)
    sheet = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("XLSX file")
    )
    sheet_hash = models.CharField(_("SHA-256 of the XLSX"), max_length=64)
    seal_number = models.BigIntegerField(_("seal of the trail"), null=True)
    chain_head = models.CharField(_("head of the chain"), max_length=64, blank=True)
    signed_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("signed by"),
        db_index=False,
    )
    issued_at = models.DateTimeField(_("issued at"))
    issued_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("countersigned by"),
        db_index=False,
    )
    digest = models.CharField(max_length=64, editable=False)

    objects = YearStatementQuerySet.as_manager()

    class Meta:
        verbose_name = _("statement of a year")
        verbose_name_plural = _("statements of years")
        ordering = ["-year", "-serial"]
        constraints = [
            models.UniqueConstraint(fields=["year", "serial"], name="year_statement_serial_once"),
            models.UniqueConstraint(fields=["number"], name="year_statement_number_once"),
            models.UniqueConstraint(fields=["code_fingerprint"], name="year_statement_code_once"),
            models.CheckConstraint(
                condition=Q(serial__gte=1, revision__gte=1),
                name="year_statement_counts_from_one",
            ),
            models.CheckConstraint(
                condition=~Q(issued_by=F("signed_by")), name="year_statement_of_two_people"
            ),
            models.CheckConstraint(
                condition=Q(seal_number=None, chain_head="")
                | Q(seal_number__isnull=False) & ~Q(chain_head=""),
                name="year_statement_head_with_its_seal",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def state_label(self) -> str:
        """The word for `state`, where the row was read `with_state`."""
        return str(StatementState(getattr(self, "state")).label)  # noqa: B009 - an annotation
