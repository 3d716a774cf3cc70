"""Sources of hours: what hours are claimed for, whatever kind it is of."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from config.lib.append_only import AppendOnlyModel


class Source(AppendOnlyModel):
    """What hours are claimed for: the roll of a session, a record of study, or another kind.

    `kind` is the key of a `hours.sources.SourceKind`, whose own row points to this one. It is
    made at the latest when its first hours are claimed. Hours of sources with the same `training`
    (`class:17`, `study:5`) are those of one training.
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
