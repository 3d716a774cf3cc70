from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class IdempotencyKey(models.Model):
    """A form that was answered once: the same form again gets the same answer.

    Kept with a hash of the body, so that another body under the same key is refused (409).
    Swept after `backstage.idempotency.KEEP_DAYS`.
    """

    key = models.UUIDField(_("key"))
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    act = models.CharField(_("act"), max_length=120)
    body_hash = models.CharField(_("hash of the body"), max_length=64)
    location = models.CharField(_("address answered with"), max_length=300)
    created_at = models.DateTimeField(_("created at"), db_index=True)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [
            models.UniqueConstraint(fields=["user", "key"], name="idempotency_key_once_per_user"),
        ]

    def __str__(self) -> str:
        return str(self.key)
