"""Printed slips: what they say, for members and for staff."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import SlipBatch
from accounts.origin import site_address
from config.lib.dates import format_day
from config.lib.periods import local_date


@dataclass(frozen=True)
class Slip:
    """One printed slip, for a member (by member number) or for a staff account."""

    name: str
    organisation: str
    is_staff: bool
    number: str
    has_phone: bool
    code: str
    valid_until: str


def print_slip(slip: Slip) -> dict[str, Any]:
    """The text of one slip; members and staff get different labels."""
    if slip.is_staff:
        label, ask = _("Sign-in name"), _("Questions: the district's account administrator.")
        type_both = _("2. Type the sign-in name and the code, read the notice, choose a password.")
        ways = _("3. From then on sign in with the sign-in name and this password.")
        if slip.has_phone:
            ways = _("3. From then on sign in with phone number or sign-in name and this password.")
    else:
        label = _("Member number")
        ask = _("Questions: your branch secretary or the clerk of your township Party school.")
        type_both = _("2. Type the member number and the code, read the notice, choose a password.")
        ways = _("3. From then on sign in with the member number and this password.")
        if slip.has_phone:
            ways = _(
                "3. From then on sign in with phone number or member number and this password."
            )
    return {
        "name": slip.name,
        "organisation": slip.organisation,
        "label": label,
        "number": slip.number,
        "code": slip.code,
        "valid_until": slip.valid_until,
        "steps": [_("1. On a phone or computer open:"), type_both, ways],
        "once": _("The code works once. Keep it to yourself."),
        "ask": ask,
    }


def head_sheet(batch: SlipBatch, place: str, request: HttpRequest) -> dict[str, Any]:
    """The text that all slips of a batch share; `place` is where they are issued."""
    return {
        "heading": _("%(place)s: slip for the Xuetang portal") % {"place": place},
        "labels": {"code": _("Activation code"), "valid_until": _("Valid until")},
        "address": site_address(request) + reverse("accounts:activate"),
        "issued": _("Issued by %(name)s on %(day)s")
        % {"name": batch.issued_by.display_name, "day": format_day(local_date(batch.issued_at))},
    }
