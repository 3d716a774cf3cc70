"""Pure validators of sign-in names and phones."""

import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from config.lib.resident_ids import holds_resident_id


def validate_login_name(text: str) -> None:
    """Letters, digits, dot, hyphen or underscore; no resident ID number and no phone."""
    if holds_resident_id(text):
        raise ValidationError(_("An ID number is never a sign-in name."), code="id_number")
    if re.fullmatch(r"1\d{10}", text):
        raise ValidationError(
            _("A phone goes into its own field; the sign-in name is another one."), code="phone"
        )
    if not re.fullmatch(r"[a-z0-9][a-z0-9._-]{2,31}", text):
        raise ValidationError(
            _("Use 3 to 32 lower-case letters, digits, dots, hyphens or underscores."),
            code="login_name",
        )


def validate_phone(text: str) -> None:
    """A mainland mobile number: 1 and ten digits."""
    if not re.fullmatch(r"1\d{10}", text):
        raise ValidationError(_("A mobile number has 11 digits and begins with 1."), code="phone")
