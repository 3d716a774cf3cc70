"""What this app tells people: nominations that wait for the department, and what came of them."""

from __future__ import annotations

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.enums import Role
from accounts.models import User
from backstage.notices import Facts, NoticeText, register_notice, write_notices
from config.lib.periods import local_date
from instructors.enums import NominationState
from instructors.models import Nomination
from schools.models import RoleGrant
from schools.queries.clerks import list_clerk_accounts

_NOMINATED, _DECIDED = "lecturer_nominated", "nomination_decided"


def register_notices() -> None:
    """Register the kinds."""
    register_notice(_NOMINATED, _describe_nomination)
    register_notice(_DECIDED, _describe_decision)


def tell_of_nomination(nomination: Nomination, *, at: datetime) -> int:
    """Tell the organisation department whom a school nominates."""
    roles = RoleGrant.objects.in_force(local_date(at)).filter(role=Role.ORGANISATION_DEPARTMENT)
    officers = User.objects.filter(pk__in=roles.values("user"), is_active=True)
    return _tell(_NOMINATED, list(officers), nomination, at)


def tell_of_decision(nomination: Nomination, *, at: datetime) -> int:
    """Tell the school, and who nominated, what the department decided, with its reason."""
    clerks = list_clerk_accounts(nomination.school_id, local_date(at))
    return _tell(_DECIDED, [*clerks, nomination.nominated_by], nomination, at)


def _tell(kind: str, to: list[User], nomination: Nomination, at: datetime) -> int:
    return write_notices(
        kind=kind,
        to=to,
        facts={
            "name": nomination.name,
            "school": nomination.school.name,
            "state": nomination.state,
            "reason": nomination.reason,
        },
        address=reverse("instructors:nomination", args=[nomination.pk]),
        once=str(nomination.pk),
        at=at,
    )


def _describe_nomination(facts: Facts) -> NoticeText:
    return NoticeText(_("%(school)s nominates %(name)s as a lecturer") % facts)


def _describe_decision(facts: Facts) -> NoticeText:
    if facts["state"] == NominationState.APPOINTED:
        return NoticeText(
            _("%(name)s, nominated by %(school)s, is appointed as a lecturer") % facts
        )
    title = _("The nomination of %(name)s by %(school)s is declined") % facts
    return NoticeText(title, facts["reason"])
