"""Acts that hold only once a second person has confirmed them: proposed by one, done by another.

Apps register their kinds. Neither of the two may be the person who gains by the act.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.audit import record_act
from accounts.enums import DERIVED_ROLES
from accounts.interests import own_accounts, refuse_own_accounts
from accounts.models import User
from accounts.origin import Actor, person_of
from accounts.roles import held_roles
from backstage.enums import PendingState
from backstage.models import PendingAct
from backstage.pending_kinds import pending_kind
from backstage.tasklist import Task
from config.lib.errors import PortalError
from config.lib.periods import local_date


class PendingError(PortalError):
    """The act cannot be proposed, confirmed or refused as requested; nothing was written."""


def propose_act(
    *, kind: str, account: User, facts: dict[str, Any], by: Actor, at: datetime
) -> PendingAct:
    """Propose an act on `account`; nothing holds before somebody else confirms it.

    Raises PendingError if the actor would gain by it, or it waits already.
    """
    user = person_of(by)
    refuse_own_accounts(by, [account.pk], PendingError)
    try:
        with transaction.atomic():
            act = PendingAct.objects.create(
                kind=kind, account=account, facts=facts, proposed_at=at, proposed_by=user
            )
            record_act(act="propose_act", obj=act, by=by, at=at)
    except IntegrityError as error:
        raise PendingError(_("This waits for a second person already.")) from error
    return act


def confirm_act(*, act_id: int, by: Actor, at: datetime) -> PendingAct:
    """Confirm and carry out what somebody else proposed.

    Raises PendingAct.DoesNotExist if the actor may not see it, PermissionDenied, PendingError, and
    the errors of the act itself.
    """
    user = person_of(by)
    with transaction.atomic():
        act = _lock(act_id, by)
        if act.proposed_by_id in own_accounts(user):
            raise PendingError(_("Somebody else confirms what you proposed."))
        if not pending_kind(act).decides(user, act, local_date(at)):
            raise PermissionDenied
        return _carry_out(act, by, at)


def confirm_at_server(*, act_id: int, witness: str, by: Actor, at: datetime) -> PendingAct:
    """Confirm an act at the server, where no second person in the portal can.

    `witness` names who stood by. Raises PendingAct.DoesNotExist and PendingError.
    """
    with transaction.atomic():
        act = _lock(act_id, by)
        if not witness.strip():
            raise PendingError(_("Say who stands by."))
        act.witness = witness.strip()
        return _carry_out(act, by, at)


def refuse_act(*, act_id: int, reason: str, by: Actor, at: datetime) -> PendingAct:
    """Refuse what somebody proposed, or take back what one proposed oneself, with a reason.

    Raises the errors of `confirm_act`.
    """
    user = person_of(by)
    with transaction.atomic():
        act = _lock(act_id, by)
        decides = pending_kind(act).decides(user, act, local_date(at))
        if not decides and act.proposed_by_id != user.pk:
            raise PermissionDenied
        if not reason.strip():
            raise PendingError(_("Say why."))
        act.reason = reason.strip()
        _decide(act, PendingState.REFUSED, by, at)
        record_act(act="refuse_act", obj=act, by=by, at=at, after={"reason": act.reason})
    return act


def list_acts(user: User, on: date) -> list[PendingAct]:
    """Waiting acts that `user` proposed or may decide on, and those decided lately, newest first.

    Nobody sees the acts by which they would gain.
    """
    gains = own_accounts(user)
    acts = PendingAct.objects.select_related("account", "proposed_by", "decided_by")
    shown = [*acts.filter(state=PendingState.WAITING), *_decided(acts)]
    return [
        act
        for act in shown
        if act.account_id not in gains
        and (act.proposed_by_id == user.pk or pending_kind(act).decides(user, act, on))
    ]


def may_confirm(user: User, act: PendingAct, on: date) -> bool:
    """Whether `user` may confirm this waiting act."""
    own = own_accounts(user)
    is_of_others = act.proposed_by_id not in own and act.account_id not in own
    return (
        act.state == PendingState.WAITING
        and is_of_others
        and pending_kind(act).decides(user, act, on)
    )


def pending_tasks(user: User, now: datetime) -> list[Task]:
    """What waits for the person's confirmation; none for those who only hold derived roles."""
    if held_roles(user) <= DERIVED_ROLES:
        return []
    waiting = PendingAct.objects.filter(state=PendingState.WAITING).select_related("account")
    n = sum(may_confirm(user, act, local_date(now)) for act in waiting)
    if not n:
        return []
    label = ngettext(
        "Confirm or refuse %(n)d act of somebody else",
        "Confirm or refuse %(n)d acts of somebody else",
        n,
    )
    detail = _("Roles and slips that hold only once a second person agrees.")
    return [Task(label % {"n": n}, reverse("backstage:pending_acts"), detail)]


_LATELY = 20


def _decided(acts: QuerySet[PendingAct]) -> QuerySet[PendingAct]:
    return acts.exclude(state=PendingState.WAITING).order_by("-decided_at")[:_LATELY]


def _lock(act_id: int, by: Actor) -> PendingAct:
    act = PendingAct.objects.select_for_update().get(pk=act_id)
    refuse_own_accounts(by, [act.account_id], PendingError)
    if act.state != PendingState.WAITING:
        raise PendingError(
            _("Somebody has decided on this meanwhile: %(state)s.")
            % {"state": act.get_state_display()}
        )
    return act


def _carry_out(act: PendingAct, by: Actor, at: datetime) -> PendingAct:
    pending_kind(act).carry_out(act, by, at)
    _decide(act, PendingState.DONE, by, at)
    after = {"witness": act.witness} if act.witness else None
    record_act(act="confirm_act", obj=act, by=by, at=at, after=after)
    return act


def _decide(act: PendingAct, state: PendingState, by: Actor, at: datetime) -> None:
    act.state, act.decided_at, act.decided_by = state, at, by.user
    act.save(update_fields=["state", "decided_at", "decided_by", "witness", "reason"])
