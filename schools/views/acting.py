"""What the pages of an act have in common."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict
from django.utils import timezone

from accounts.origin import Actor
from accounts.requests import PersonRequest


def sent(request: PersonRequest) -> QueryDict | None:
    """What the person sent; None while the form is only looked at."""
    return request.POST if request.method == "POST" else None


def acting(request: PersonRequest) -> dict[str, Any]:
    """Who acts and when, as every action wants it."""
    return {"by": Actor.of_request(request), "at": timezone.now()}
