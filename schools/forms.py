"""Forms of the network."""

from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.admin_forms import PortalModelForm
from accounts.enums import DERIVED_ROLES, MONEY_ROLES, SCHOOL_ROLES, Role
from schools.models import RoleGrant
from schools.records import find_held_apart


class RoleGrantForm(PortalModelForm):
    """Offers only roles that can be granted; being a member, for example, is not granted."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            field = self.fields["role"]
            offered = [choice for choice in field.choices if choice[0] not in DERIVED_ROLES]  # type: ignore[attr-defined]
            field.choices = offered  # type: ignore[attr-defined]
            field.help_text = _("A printed slip of this person that is still open ends with it.")
            for name, hint in _HINTS.items():
                self.fields[name].help_text = hint

    def clean(self) -> dict[str, Any]:
        """Report a conflict with another role at the role field before anything is stored."""
        cleaned = super().clean()
        if {"user", "role", "period"} <= cleaned.keys():
            grant = RoleGrant(user=cleaned["user"], role=cleaned["role"], period=cleaned["period"])
            refusal = find_held_apart(grant)
            if refusal:
                self.add_error("role", refusal)
        if cleaned.get("role"):
            self._check_scope(cleaned)
        return cleaned

    def _check_scope(self, cleaned: dict[str, Any]) -> None:
        """Report violations of `role_grant_scope_fits_role` at the fields concerned."""
        role = cleaned["role"]
        given = {name for name in _HINTS if cleaned.get(name)}
        needed = _scope_of(role, given)
        for name in _HINTS:
            if name in self.errors or (name in needed) == (name in given):
                continue
            if name in given:
                self.add_error(name, _("Leave this empty: the role has nothing to do with it."))
            else:
                self.add_error(name, _MISSING[name])


# For each scope field: which roles need it, and the message if it is missing.
_HINTS = {
    "school": gettext_lazy(
        "For liaison officer, school leader and school clerk. Custodian, approver, payer and "
        "auditor of funds: the school with its channel, or neither for the whole district."
    ),
    "organisation": gettext_lazy("For a community organisation commissioner only: the code."),
    "channel": gettext_lazy("For roles of money at one school only."),
}
_MISSING = {
    "school": gettext_lazy("Choose the school at which the role is held."),
    "organisation": gettext_lazy("Enter the code of the organisation that the person serves."),
    "channel": gettext_lazy("Choose the channel of the school's money."),
}


def _scope_of(role: str, given: set[str]) -> set[str]:
    """The scope fields that the role needs; for roles of money both fields or neither."""
    if role in SCHOOL_ROLES:
        return {"school"}
    if role == Role.ORGANISATION_COMMISSIONER:
        return {"organisation"}
    money = {"school", "channel"}
    return money if role in MONEY_ROLES and given & money else set()
