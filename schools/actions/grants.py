"""Roles that two administrators grant: one proposes, another confirms, and neither gains."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.enums import ADMINISTRATOR_ROLES, Role
from accounts.models import User
from accounts.origin import Actor
from accounts.roles import holds_any
from backstage.models import PendingAct
from backstage.pending_acts import propose_act
from backstage.pending_kinds import PendingKind
from config.lib.dates import format_day
from config.lib.periods import first_day, last_day, period
from schools.models import RoleGrant
from schools.records import delete_role_grant, save_role_grant

_SCOPE = ("school_id", "organisation_id", "channel")


def propose_grant(*, obj: RoleGrant, by: Actor, at: datetime) -> PendingAct:
    """Propose to grant a role, or to change the period of a grant.

    Raises PendingError if it waits already, or the actor would gain by it.
    """
    days = [str(obj.period.lower), str(obj.period.upper or "")]
    facts = _facts(obj) | {"grant": obj.pk, "period": days}
    return propose_act(kind=GRANT.key, account=obj.user, facts=facts, by=by, at=at)


def propose_deletion(*, obj: RoleGrant, by: Actor, at: datetime) -> PendingAct:
    """Propose to delete a grant of an administrator's role. Raises what `propose_grant` raises."""
    facts = _facts(obj) | {"grant": obj.pk}
    return propose_act(kind=DELETION.key, account=obj.user, facts=facts, by=by, at=at)


def is_administrator(user: User, _act: PendingAct, _on: date) -> bool:
    """Any administrator confirms what another proposed: system, security or audit."""
    return holds_any(user, *ADMINISTRATOR_ROLES)


def _facts(obj: RoleGrant) -> dict[str, Any]:
    return {"role": obj.role} | {name: getattr(obj, name) for name in _SCOPE}


def _read(act: PendingAct) -> RoleGrant:
    """The grant as it would be; a stored one keeps its scope."""
    facts = act.facts
    if facts["grant"]:
        grant: RoleGrant = RoleGrant.objects.get(pk=facts["grant"])
    else:
        scope = {name: facts[name] for name in _SCOPE}
        grant = RoleGrant(user=act.account, role=facts["role"], **scope)
    grant.period = _read_period(facts["period"])
    return grant


def _grant(act: PendingAct, by: Actor, _at: datetime) -> None:
    grant = _read(act)
    fields = ["period"] if act.facts["grant"] else ["user", "role", "school", "organisation"]
    save_role_grant(
        obj=grant,
        by=by,
        fields=fields,
        is_confirmed=True,
        school_code=grant.school.code if grant.school else "",
    )


def _delete(act: PendingAct, by: Actor, _at: datetime) -> None:
    delete_role_grant(obj=RoleGrant.objects.get(pk=act.facts["grant"]), by=by, is_confirmed=True)


def _describe(act: PendingAct) -> list[str]:
    facts = act.facts
    grant = RoleGrant(role=facts["role"], **{name: facts[name] for name in _SCOPE})
    role = " · ".join([str(Role(facts["role"]).label), *grant.scope])
    who = {"name": act.account.display_name, "account": act.account.username, "role": role}
    if act.kind == DELETION.key:
        return [_("%(name)s (%(account)s) would lose the role: %(role)s.") % who]
    days = _read_period(facts["period"])
    who |= {"day": format_day(first_day(days))}
    sentences = [_("%(name)s (%(account)s) would hold the role %(role)s from %(day)s on.") % who]
    last = last_day(days)
    if last is not None:
        sentences.append(_("It would end with %(day)s.") % {"day": format_day(last)})
    return sentences


def _read_period(days: list[str]) -> Any:
    lower, upper = (date.fromisoformat(day) if day else None for day in days)
    return period(lower or date.min, upper)


GRANT = PendingKind("grant_role", gettext_lazy("Grant a role"), _describe, is_administrator, _grant)
DELETION = PendingKind(
    "delete_role", gettext_lazy("Delete a role"), _describe, is_administrator, _delete
)
