"""Forms of the network."""

from typing import Any

from accounts.admin_forms import PortalModelForm
from accounts.enums import Role


class RoleGrantForm(PortalModelForm):
    """Offers the roles that can be granted: to be a member is not one of them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "role" in self.fields:
            field = self.fields["role"]
            field.choices = [one for one in field.choices if one[0] != Role.MEMBER]  # type: ignore[attr-defined]
