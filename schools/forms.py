"""Forms of the network."""

from typing import Any

from accounts.admin_forms import PortalModelForm
from accounts.enums import DERIVED_ROLES
from schools.models import RoleGrant
from schools.records import find_held_apart


class RoleGrantForm(PortalModelForm):
    """Offers the roles that can be granted: to be a member, for one, is not."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            field = self.fields["role"]
            offered = [one for one in field.choices if one[0] not in DERIVED_ROLES]  # type: ignore[attr-defined]
            field.choices = offered  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Say at the role, before anything is stored, which others it is held apart from."""
        cleaned = super().clean()
        if {"user", "role", "period"} <= cleaned.keys():
            grant = RoleGrant(user=cleaned["user"], role=cleaned["role"], period=cleaned["period"])
            refusal = find_held_apart(grant)
            if refusal:
                self.add_error("role", refusal)
        return cleaned
