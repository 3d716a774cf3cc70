from django.db import models
from django.utils.translation import gettext_lazy as _


class DocumentKind(models.TextChoices):
    """Kinds of documents about a member's year."""

    YEAR_RECORD = "year_record", _("year record")
    CERTIFICATE = "certificate", _("certificate of credit hours")


class DocumentState(models.TextChoices):
    """Whether an issued document is still valid."""

    VALID = "valid", _("valid")
    REPLACED = "replaced", _("replaced")
    REVOKED = "revoked", _("revoked")
