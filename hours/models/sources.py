"""Sources that hours are claimed for, of any kind."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel


class Source(AppendOnlyModel):
    """What hours are claimed for: the roll of a session, a record of study, or another kind.

    `kind` is the key of a `hours.source_kinds.SourceKind`; the row of that kind points to this
    one. A source is created at the latest when its first hours are claimed. Sources with the same
    `training` (`class:17`, `study:5`) belong to one training.
    """

    kind = models.CharField(_("kind"), max_length=20)
    training = models.CharField(_("training"), max_length=40)

    class Meta:
        verbose_name = _("source of hours")
        verbose_name_plural = _("sources of hours")
        constraints = [
            models.CheckConstraint(
                condition=~Q(kind="") & ~Q(training=""), name="source_has_kind_and_training"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.training}"
