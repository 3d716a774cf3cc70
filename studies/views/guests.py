"""Looking up guests one by one while a form is filled in."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from accounts.requests import PersonRequest
from schools.views.acting import acting
from studies.actions.guests import look_up_guest
from studies.forms import retyped, sign_guest


def add_guest(request: PersonRequest, make: type[Any], kwargs: dict[str, Any]) -> tuple[Any, str]:
    """The typed form with the guest of that number and name ticked; or with an error message."""
    typed, day = retyped(request.POST), make(request.POST, **kwargs).day
    number, name = (
        request.POST.get(f"guest_{part}", "").replace("\0", "").strip()
        for part in ("number", "name")
    )
    guest = look_up_guest(number=number, name=name, on=day, **acting(request))
    if guest is None:
        return make(initial=typed, **kwargs), _(
            "Number and name fit no member of that day together."
        )
    typed["members"].append(str(guest.pk))
    typed["guest"].append(sign_guest(guest.pk))
    return make(initial=typed, **kwargs), ""


def guest_left(request: PersonRequest) -> str:
    """An error if a guest was typed but not added, e.g. by pressing Enter there; else ""."""
    typed = (request.POST.get(f"guest_{part}", "") for part in ("number", "name"))
    if not any(text.strip() for text in typed):
        return ""
    return _("This guest is not on the list yet: add the guest, or clear number and name.")


def guest_typed(request: PersonRequest, problem: str) -> dict[str, str]:
    """A problem with a guest, and the typed number and name, for the template."""
    typed = request.POST if problem else {}
    return {
        "guest_problem": problem,
        "guest_number": typed.get("guest_number", ""),
        "guest_name": typed.get("guest_name", ""),
    }
