"""Admin form for requirement and credit rules."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from accounts.admin_forms import PortalModelForm


class RuleForm(PortalModelForm):
    """A new version of a rule may begin while another is open; saving it ends the open one."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance._state.adding and "period" in self.fields:
            self.left_to_action = frozenset({"period"})
            self.fields["period"].help_text = _(
                "The version that is open now ends on the day before the first day."
            )
