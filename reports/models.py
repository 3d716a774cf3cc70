"""Layouts of statistics sheets that offices uploaded."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from backstage.models import StoredFile
from reports.querysets import SheetLayoutQuerySet
from schools.models import School

ACCOUNT = settings.AUTH_USER_MODEL


class SheetLayout(models.Model):
    """An office's own layout of a statistics sheet: a workbook that figures are filled into.

    It is the district's, or one school's. `chosen` maps words of it to what an officer said that
    they mean. A layout that is withdrawn is no longer offered; its file stays as it came.
    """

    name = models.CharField(pgettext_lazy("of a thing", "name"), max_length=60)
    school = models.ForeignKey(
        School,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("school"),
        db_index=False,
    )
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    chosen = models.JSONField(_("words and their meaning"), default=dict)
    uploaded_at = models.DateTimeField(_("uploaded at"))
    uploaded_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("uploaded by"),
        db_index=False,
    )
    withdrawn_at = models.DateTimeField(_("withdrawn at"), null=True)
    withdrawn_by = models.ForeignKey(
        ACCOUNT,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("withdrawn by"),
        db_index=False,
    )

    objects = SheetLayoutQuerySet.as_manager()

    class Meta:
        verbose_name = _("layout of a statistics sheet")
        verbose_name_plural = _("layouts of statistics sheets")
        ordering = ["name", "-uploaded_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["name", "school"],
                condition=Q(withdrawn_at=None),
                nulls_distinct=False,
                name="sheet_layout_name_once",
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="sheet_layout_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name
