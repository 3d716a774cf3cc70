"""What this app answers to the acts of the apps below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver
from django.utils.translation import gettext as _

from schools.errors import SchoolsError
from schools.signals import past_founding
from trainees.models import Member


@receiver(past_founding)
def end_founding(**_kwargs: Any) -> None:
    """From the first member on there are figures, which can be settled. Raises SchoolsError."""
    if Member.objects.exists():
        raise SchoolsError(_("Members are registered already."))
