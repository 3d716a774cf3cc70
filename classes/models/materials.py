"""Files for the trainees and lecturers of a class."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backstage.material_files import LONGEST_MATERIAL_TITLE
from backstage.models import StoredFile
from courses.models import TrainingClass

ACCOUNT = settings.AUTH_USER_MODEL


class ClassMaterial(models.Model):
    """A file that trainees and lecturers of a class can download until it is removed.

    `position` is its place in the list; removals leave gaps. A removal deletes file and row, and
    the audit trail stores what it was and why.
    """

    training_class = models.ForeignKey(
        TrainingClass,
        on_delete=models.PROTECT,
        related_name="materials",
        verbose_name=_("training class"),
    )
    title = models.CharField(_("title"), max_length=LONGEST_MATERIAL_TITLE)
    file = models.OneToOneField(
        StoredFile, on_delete=models.PROTECT, related_name="+", verbose_name=_("file")
    )
    position = models.PositiveSmallIntegerField(_("place in the list"))
    added_at = models.DateTimeField(_("added at"))
    added_by = models.ForeignKey(
        ACCOUNT, on_delete=models.PROTECT, related_name="+", verbose_name=_("added by")
    )

    class Meta:
        verbose_name = _("material of a class")
        verbose_name_plural = _("materials of classes")
        ordering = ["position", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(title=""), name="class_material_has_title"),
            models.UniqueConstraint(
                fields=["training_class", "position"],
                name="class_material_one_at_a_place",
            ),
            models.CheckConstraint(
                condition=Q(position__gte=1), name="class_material_places_from_one"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def ending(self) -> str:
        """The kind of file, by its extension: pdf, docx, pptx, jpg."""
        return self.file.name.rpartition(".")[2]
