"""Helpers for the pages of an action."""

from __future__ import annotations

from typing import Any

from django.http import QueryDict

from accounts.origin import Actor
from accounts.requests import PersonRequest


def sent(request: PersonRequest) -> QueryDict | None:
    """The submitted data; None if the form was only opened."""
    return request.POST if request.method == "POST" else None


def acting(request: PersonRequest) -> dict[str, Any]:
    """Who acts and when, as keyword arguments for an action."""
    return {"by": Actor.of_request(request), "at": request.now}
