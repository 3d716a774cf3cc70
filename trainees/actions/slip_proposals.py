"""Slips that two people issue: one proposes, another confirms."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from uuid import uuid4

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.activation import issue_codes
from accounts.enums import Role
from accounts.models import User
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.models import PendingAct
from backstage.pending_acts import propose_act
from backstage.pending_kinds import PendingKind
from schools.actions.grants import is_administrator
from trainees.models import Member


def propose_slip(*, user: User, by: Actor, at: datetime, is_staff: bool = False) -> PendingAct:
    """Propose a slip for an account, of staff or of a member. Raises PendingError."""
    kind = STAFF_SLIP if is_staff else MEMBER_SLIP
    return propose_act(kind=kind.key, account=user, facts={}, by=by, at=at)


def list_to_sign(members: Iterable[Member], user: User, on: date) -> list[Member]:
    """The members whose active account gets no new slip of `user` without another signature.

    A secretary or commissioner needs that of the school's clerk or of the department; these need
    none.
    """
    active = [m for m in members if m.user is not None and m.user.has_usable_password()]
    if not active or holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return []
    served = Member.objects.of_clerk(user, on).filter(pk__in=[member.pk for member in active])
    as_clerk = set(served.values_list("pk", flat=True))
    return [member for member in active if member.pk not in as_clerk]


def _issue(act: PendingAct, by: Actor, at: datetime) -> None:
    """Who proposed the slip prints it; the code of neither act is known to who confirms."""
    issue_codes(users=[act.account], key=uuid4(), by=by, at=at, issued_by=act.proposed_by)


def _describe(act: PendingAct) -> list[str]:
    who = {"name": act.account.display_name, "account": act.account.username}
    sentences = [_("%(name)s (%(account)s) would get a slip for a new password.") % who]
    if act.account.has_usable_password():
        sentences.append(
            _("The account is active: confirm it only if you know that the person asked for it.")
        )
    return sentences


def _signs(user: User, act: PendingAct, on: date) -> bool:
    """A clerk of the member's school, or the organisation department."""
    if holds_any(user, Role.ORGANISATION_DEPARTMENT):
        return True
    return Member.objects.of_clerk(user, on).filter(user=act.account_id).exists()


STAFF_SLIP = PendingKind(
    "staff_slip",
    gettext_lazy("Issue a slip to staff"),
    _describe,
    is_administrator,
    _issue,
)
MEMBER_SLIP = PendingKind(
    "member_slip", gettext_lazy("Issue a slip to a member"), _describe, _signs, _issue
)
