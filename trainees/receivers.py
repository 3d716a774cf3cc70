"""What this app answers to the acts of the apps below."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from schools.actions.tree import settled_error
from schools.signals import past_founding
from trainees.models import Member


@receiver(past_founding)
def keep_settled_years(**_kwargs: Any) -> None:
    """Figures of past years are settled from the first member on. Raises SchoolsError."""
    if Member.objects.exists():
        raise settled_error()
